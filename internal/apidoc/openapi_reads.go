package apidoc

import (
	"slices"
	"strings"

	"github.com/esgen/esgen/internal/contract"
	"github.com/esgen/esgen/internal/names"
	"github.com/esgen/esgen/internal/naming"
	"github.com/esgen/esgen/internal/quote"
	"github.com/esgen/esgen/model"
)

func (b *openAPI) state(op *PathOperation, o *contract.Operation) {
	op.Parameters = append(op.Parameters, b.parameter("minVersion"), b.parameter("If-None-Match"))
	node := &o.Aggregate.Node
	s := b.shapes.object(o.Reply, given)
	b.member(s, "id", &Schema{Ref: b.shapes.builtin(contract.ID, given).Ref, Title: "The instance"})
	b.member(s, "version", version("How many events it has had."))
	b.member(s, "meta", b.stamps())
	b.member(s, "_links", b.links())
	s.Title, s.Description = node.Title, quote.Block(node.Description)
	ref := b.shapes.define(names.Of(node).Go, "State", s)
	b.one(op, ref, extended(b.examples.Reply(o), o.Reply, b.self(o), Member[any]{"meta", exampleStamps()}))
}

// one answers with a single thing, which who asks may have already.
func (b *openAPI) one(op *PathOperation, ref *Schema, example []byte) {
	tags := []string{"ETag", "X-Trace-Id"}
	if !b.public {
		tags = tags[1:]
	}
	headers := b.headers(tags...)
	op.Responses.Set("200", &Response{Description: "It is there.", Headers: headers, Content: asMedia(ref, example)})
	if b.public {
		op.Responses.Set("304", &Response{Description: "It is what If-None-Match says.", Headers: headers})
	}
}

func (b *openAPI) row(op *PathOperation, o *contract.Operation) {
	op.Parameters = append(op.Parameters, b.parameter("minVersion"))
	if b.public {
		op.Parameters = append(op.Parameters, b.parameter("If-None-Match"))
	}
	b.one(op, b.rowShape(o), b.linked(o))
}

// rowShape is the schema of a row, which all operations of a view share.
func (b *openAPI) rowShape(o *contract.Operation) *Schema {
	key := shapeKey{view: o.View}
	name, ok := b.shapes.known[key]
	if !ok {
		s := b.shapes.object(o.Reply, given)
		s.Title, s.Description = o.View.Title, quote.Block(o.View.Description)
		if b.public {
			if _, theirs := s.Properties.Get("meta"); !theirs {
				s.Properties.Set("meta", b.stamps())
			}
			b.member(s, "_links", b.links())
		}
		name = strings.TrimPrefix(b.shapes.define(names.Of(&o.View.Node).Go, "Row", s).Ref, b.shapes.at)
		b.shapes.known[key] = name
	}
	return &Schema{Ref: b.shapes.at + name}
}

// linked is an example of a row as this document has it.
func (b *openAPI) linked(o *contract.Operation) []byte {
	row := b.examples.Reply(o)
	if !b.public {
		return row
	}
	row = withMembers(row, Member[any]{"meta", exampleStamps()})
	if o.Reply.Field("_links") != nil {
		return row
	}
	self := b.below(naming.ViewPath(o.View))
	for _, k := range o.View.Key {
		self += "/" + memberText(row, contract.JSON(k.Field))
	}
	return withMembers(row, Member[any]{"_links", halSelf(self)})
}

func (b *openAPI) list(op *PathOperation, o *contract.Operation) {
	paging := []string{"limit", "cursor", "sort"}
	if slices.ContainsFunc(o.View.Queries, func(q *model.Query) bool { return len(q.Search) > 0 }) {
		paging = append(paging, "q")
	}
	switch {
	case o.Query == nil:
		b.filters(op, o)
	case b.public:
		b.inputParameters(op, o)
	default:
		op.Body = b.body(o, nil)
	}
	for _, name := range paging {
		if name == "sort" {
			op.Parameters = append(op.Parameters, sortParameter(o))
			continue
		}
		op.Parameters = append(op.Parameters, b.parameter(name))
	}
	page := &Schema{
		Title: "A page: " + o.View.Called(), Type: "object",
		Properties: Map[*Schema]{
			{"items", &Schema{Type: "array", Items: b.rowShape(o), MaxItems: number(200)}},
			{"next", &Schema{Type: "string", Description: "The cursor of the next page. Not there: this is the last one."}},
		},
		Required: []string{"items"},
	}
	headers := b.headers("X-Trace-Id")
	example := Map[any]{{"items", []any{rawJSON(b.linked(o))}}}
	if b.public {
		b.member(page, "_links", b.links())
		headers = b.headers("Link", "X-Trace-Id")
		example.Set("_links", halSelf(b.below(b.route(o).Path)))
	}
	key := shapeKey{view: o.View, page: true}
	name, ok := b.shapes.known[key]
	if !ok {
		name = strings.TrimPrefix(b.shapes.define(names.Of(&o.View.Node).Go+"Page", "OfRows", page).Ref, b.shapes.at)
		b.shapes.known[key] = name
	}
	op.Responses.Set("200", &Response{Description: "A page.", Headers: headers, Content: asMedia(&Schema{Ref: b.shapes.at + name}, mustEncode(example))})
}

// filters are the parameters that a list is narrowed by: its simple fields. One
// with the name of a parameter of the page has another name there.
func (b *openAPI) filters(op *PathOperation, o *contract.Operation) {
	for _, f := range o.Reply.Fields {
		if !isSimple(f.Schema) {
			continue
		}
		op.Parameters = append(op.Parameters, &Parameter{
			Name: names.Filter(f.Name), In: "query", Description: "Rows with this only: " + called(f), Schema: b.filterSchema(f),
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

// sortParameter lists what rows can be sorted by.
func sortParameter(o *contract.Operation) *Parameter {
	by := &Schema{Type: "string"}
	for _, f := range o.Reply.Fields {
		if isSimple(f.Schema) {
			by.Enum = append(by.Enum, f.Name, "-"+f.Name)
		}
	}
	explode := false
	return &Parameter{
		Name: "sort", In: "query", Description: "Fields to sort by, each once; with a - before it, downwards.",
		Style: "form", Explode: &explode, Schema: &Schema{Type: "array", Items: by, MaxItems: number(8)},
	}
}

func isSimple(s *contract.Schema) bool {
	return s.Kind != contract.Object && s.Kind != contract.List && s.Kind != contract.Map
}
