package apidoc

import (
	"slices"

	"github.com/esgen/esgen/internal/contract"
	"github.com/esgen/esgen/internal/names"
	"github.com/esgen/esgen/internal/naming"
	"github.com/esgen/esgen/internal/quote"
	"github.com/esgen/esgen/model"
)

func (b *openAPI) command(op *PathOperation, o *contract.Operation, route *naming.Path) {
	if b.public {
		op.Parameters = append(op.Parameters, b.parameter("Idempotency-Key"), b.parameter("If-Match"))
	} else {
		for _, name := range internalHeaders {
			op.Parameters = append(op.Parameters, b.parameter(name))
		}
	}
	op.Body = b.body(o, naming.Wildcards(route.Path))
	reply := b.commandReply(o)
	var example []byte // what is sent shows it, or else what is answered
	if op.Body == nil {
		example = extended(b.examples.Reply(o), o.Reply, b.self(o))
	}
	if o.Command.Creates != model.Existing {
		made := []string{"ETag", "Idempotency-Replayed"}
		if o.Read() != nil {
			made = append([]string{"Location"}, made...)
		}
		op.Responses.Set("201", &Response{
			Description: "It is made.",
			Headers:     b.headers(made...),
			Content:     asMedia(reply, example),
		})
	}
	done := o.Command.Creates != model.New || maybeNothing(o.Command)
	if !b.public {
		// What undoes something is content when that never happened.
		undone := b.undone()
		if done {
			reply = &Schema{AnyOf: []*Schema{reply, undone}}
		} else {
			reply, example, done = undone, nil, true
		}
	}
	if done {
		op.Responses.Set("200", &Response{
			Description: "It is done.",
			Headers:     b.headers("ETag", "Idempotency-Replayed"),
			Content:     asMedia(reply, example),
		})
	}
}

// undone is the schema of the answer to a command with Esgen-Compensates, of
// which the command to be undone never came.
func (b *openAPI) undone() *Schema {
	return b.once("Undone", func() *Schema {
		return &Schema{
			Title: "There was nothing to undo", Type: "object",
			Properties: Map[*Schema]{
				{"id", &Schema{Ref: b.shapes.builtin(contract.ID, given).Ref}},
				{"version", &Schema{Type: "integer", Const: 0}},
				{"_links", b.links()},
			},
			Required: []string{"version"}, Additional: false,
		}
	})
}

// maybeNothing reports whether a command may end without an event: then nothing
// is made, either.
func maybeNothing(m *model.Command) bool {
	sure := func(list []*model.Emit) bool {
		return slices.ContainsFunc(list, func(e *model.Emit) bool { return e.If == nil && e.Each == nil })
	}
	if !sure(m.Emits) || m.Custom {
		return true
	}
	return slices.ContainsFunc(m.Calls, func(c *model.Call) bool {
		return c.Fallback != nil && len(c.Fallback.Emits) > 0 && !sure(c.Fallback.Emits)
	})
}

// body is what is sent with an operation: the fields of its input but for those
// in its path. nil: nothing is.
func (b *openAPI) body(o *contract.Operation, inPath []string) *RequestBody {
	input := *o.Input
	input.Fields = slices.DeleteFunc(slices.Clone(input.Fields), func(f *contract.Field) bool { return slices.Contains(inPath, f.Name) })
	if o.Command != nil {
		sayKept(&input, o.Command.Kept())
	}
	if len(input.Fields) == 0 {
		return nil
	}
	node := nodeOf(o)
	name := names.Of(node).Go
	if o.View != nil {
		name = names.Of(&o.View.Node).Go + name
	}
	s := b.shapes.object(&input, taken)
	ref := b.shapes.once(shapeKey{operation: o, way: taken, fields: len(input.Fields)}, name, "Input", func() *Schema {
		s.Title, s.Description = node.Title, quote.Block(node.Description)
		return s
	})
	return &RequestBody{
		Required: len(s.Required) > 0,
		Content:  asMedia(ref, without(b.examples.Input(o), inPath)),
	}
}

// sayKept says of the fields that stay as they are when they are left out that
// they do.
func sayKept(input *contract.Schema, kept []*model.Field) {
	for i, f := range input.Fields {
		if !slices.Contains(kept, f.Model) {
			continue
		}
		said := *f
		if said.Description != "" {
			said.Description += "\n\n"
		}
		said.Description += "Left out, it stays as it is; null clears it."
		input.Fields[i] = &said
	}
}

// answered is what a command's reply holds. A command that may end without an
// event says nothing then.
func answered(o *contract.Operation) *contract.Schema {
	if !maybeNothing(o.Command) {
		return o.Reply
	}
	reply := *o.Reply
	reply.Fields = make([]*contract.Field, len(o.Reply.Fields))
	for i, f := range o.Reply.Fields {
		maybe := *f
		maybe.Optional = true
		reply.Fields[i] = &maybe
	}
	return &reply
}

// self is the path at which an instance of the example is read; "": nowhere.
func (b *openAPI) self(o *contract.Operation) string {
	if o.Read() == nil {
		return ""
	}
	id := memberText(b.examples.Reply(o), o.Reply.Fields[0].Name)
	return naming.ResourcePath(o.Aggregate) + "/" + id
}

func (b *openAPI) commandReply(o *contract.Operation) *Schema {
	return b.shapes.once(shapeKey{operation: o}, names.Of(&o.Command.Node).Go+"Reply", names.Of(&o.Aggregate.Node).Go, func() *Schema {
		s := b.shapes.object(answered(o), given)
		s.Title = "What came of it: " + o.Command.Called()
		always := b.done()
		if slices.ContainsFunc(always.Properties, func(p Member[*Schema]) bool { return o.Reply.Field(p.Name) != nil }) {
			for _, p := range always.Properties { // but for what the model has of its own
				b.member(s, p.Name, p.Value)
			}
			return s
		}
		s.AllOf = []*Schema{b.once("Done", b.done)}
		return s
	})
}

// done is what every answer to a command says.
func (b *openAPI) done() *Schema {
	s := &Schema{Title: "What every command answers", Type: "object"}
	b.member(s, "id", &Schema{Ref: b.shapes.builtin(contract.ID, given).Ref, Title: "The instance"})
	b.member(s, "version", version("The version it has now; of nothing that happened, 0 or the one it had."))
	b.member(s, "_links", b.links())
	return s
}
