package apidoc

import (
	"slices"

	"github.com/esgen/esgen/internal/contract"
	"github.com/esgen/esgen/internal/names"
	"github.com/esgen/esgen/internal/naming"
	"github.com/esgen/esgen/internal/quote"
	"github.com/esgen/esgen/model"
)

func (b *openAPI) state(op *PathOperation, o *contract.Operation) {
	op.Parameters = append(op.Parameters, b.parameter("minVersion"), b.parameter("If-None-Match"))
	node := &o.Aggregate.Node
	b.one(op, b.shapes.once(shapeKey{operation: o}, names.Of(node).Go, "State", func() *Schema {
		s := b.shapes.object(o.Reply, given)
		b.member(s, "id", &Schema{Ref: b.shapes.builtin(contract.ID, given).Ref, Title: "The instance"})
		b.member(s, "version", version("How many events it has had."))
		b.member(s, "meta", b.stamps())
		b.member(s, "_links", b.links())
		s.Title, s.Description = node.Title, quote.Block(node.Description)
		s.Examples = examples(extended(b.examples.Reply(o), o.Reply, b.self(o), Member[any]{"meta", exampleStamps()}))
		return s
	}))
}

// one answers with a single thing, which who asks may have already. Its schema
// has an example.
func (b *openAPI) one(op *PathOperation, ref *Schema) {
	there := &Response{Description: "It is there.", Content: asMedia(ref, nil)}
	op.Responses.Set("200", there)
	if b.public {
		there.Headers = b.headers("ETag")
		op.Responses.Set("304", &Response{Description: "It is what If-None-Match says.", Headers: there.Headers})
	}
}

func (b *openAPI) row(op *PathOperation, o *contract.Operation) {
	op.Parameters = append(op.Parameters, b.parameter("minVersion"))
	if b.public {
		op.Parameters = append(op.Parameters, b.parameter("If-None-Match"))
	}
	b.one(op, b.rowShape(o))
}

// rowShape is the schema of a row, with an example, which all operations of a
// view share.
func (b *openAPI) rowShape(o *contract.Operation) *Schema {
	return b.shapes.once(shapeKey{view: o.View, linked: b.public}, names.Of(&o.View.Node).Go, "Row", func() *Schema {
		s := b.shapes.object(o.Reply, given)
		s.Title, s.Description = o.View.Title, quote.Block(o.View.Description)
		if b.public {
			if _, theirs := s.Properties.Get("meta"); !theirs {
				s.Properties.Set("meta", b.stamps())
			}
			b.member(s, "_links", b.linksOf(o))
		}
		s.Examples = examples(b.linked(o))
		return s
	})
}

// linked is an example of a row as this document has it; nil: there is none.
func (b *openAPI) linked(o *contract.Operation) []byte {
	row := b.examples.Reply(o)
	if row == nil || !b.public {
		return row
	}
	if o.Reply.Field("meta") == nil {
		row = withMembers(row, Member[any]{"meta", exampleStamps()})
	}
	if o.Reply.Field("_links") != nil {
		return row
	}
	self := naming.ViewPath(o.View)
	for _, k := range o.View.Key {
		self += "/" + memberText(row, contract.JSON(k.Field))
	}
	return withMembers(row, Member[any]{"_links", halSelf(self)})
}

func (b *openAPI) list(op *PathOperation, o *contract.Operation) {
	switch {
	case o.Query == nil:
		op.Description += " A parameter that is called as a field is leaves the rows that have this value."
		b.filters(op, o)
	case b.public:
		b.inputParameters(op, o)
	default:
		op.Body = b.body(o, nil)
	}
	op.Parameters = append(op.Parameters, b.parameter("limit"), b.parameter("cursor"), b.sortParameter(o))
	if slices.ContainsFunc(o.View.Queries, func(q *model.Query) bool { return len(q.Search) > 0 }) {
		op.Parameters = append(op.Parameters, b.parameter("q"))
	}
	b.page(op, &o.View.Node, "Page", "OfRows", shapeKey{view: o.View, page: true, linked: b.public}, func() *Schema { return b.rowShape(o) })
}

// page answers with a page of what is about a note.
func (b *openAPI) page(op *PathOperation, of *model.Node, name, suffix string, key shapeKey, item func() *Schema) {
	page := b.shapes.once(key, names.Of(of).Go+name, suffix, func() *Schema {
		s := &Schema{
			Title: "A page: " + of.Called(), Type: "object",
			Properties: Map[*Schema]{
				{"items", &Schema{Type: "array", Items: item(), MaxItems: number(200)}},
				{"next", &Schema{Type: "string", Description: "The cursor of the next page. Not there: this is the last one."}},
			},
			Required: []string{"items"},
		}
		if b.public {
			b.member(s, "_links", b.links())
		}
		return s
	})
	answer := &Response{Description: "A page.", Content: asMedia(page, nil)}
	if b.public {
		answer.Headers = b.headers("Link")
	}
	op.Responses.Set("200", answer)
}

// filters are the parameters that a list is narrowed by: its simple fields. One
// with the name of a parameter of the page has another name there.
func (b *openAPI) filters(op *PathOperation, o *contract.Operation) {
	for _, f := range o.Reply.Fields {
		if !isSimple(f.Schema) {
			continue
		}
		op.Parameters = append(op.Parameters, &Parameter{
			Name: names.Filter(f.Name), In: "query", Description: called(f), Schema: b.filterSchema(f),
		})
	}
}

// filterSchema is that of a value to compare with: it need not be one that a
// row could have by default.
func (b *openAPI) filterSchema(f *contract.Field) *Schema {
	there := *f
	there.Defaulted = false
	s := b.parameterSchema(&there)
	s.Default, s.PII = nil, false
	return s
}

func (b *openAPI) inputParameters(op *PathOperation, o *contract.Operation) {
	for _, f := range o.Input.Fields {
		op.Parameters = append(op.Parameters, &Parameter{
			Name: f.Name, In: "query", Description: called(f), Required: !f.MayMiss(true), Schema: b.parameterSchema(f),
		})
	}
}

// sortParameter refers to the one that lists what rows can be sorted by.
func (b *openAPI) sortParameter(o *contract.Operation) *Parameter {
	return b.sharedParameter(o.View, names.Of(&o.View.Node).Go+"Sort", "sort", func() *Parameter {
		by := &Schema{Type: "string"}
		for _, f := range o.Reply.Fields {
			if isSimple(f.Schema) {
				by.Enum = append(by.Enum, f.Name, "-"+f.Name)
			}
		}
		explode := false
		return &Parameter{
			Name: "sort", In: "query", Description: "Fields to sort by, each once; with a - before it, downwards.",
			Style: "form", Explode: &explode, Schema: &Schema{Type: "array", MaxItems: number(8), Items: by},
		}
	})
}

func isSimple(s *contract.Schema) bool {
	return s.Kind != contract.Object && s.Kind != contract.List && s.Kind != contract.Map
}
