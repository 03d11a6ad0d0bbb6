package apidoc

import (
	"slices"
	"strings"

	"github.com/esgen/esgen/internal/check"
	"github.com/esgen/esgen/internal/contract"
	"github.com/esgen/esgen/internal/names"
	"github.com/esgen/esgen/internal/naming"
	"github.com/esgen/esgen/internal/quote"
	"github.com/esgen/esgen/model"
)

// Tolerance is what readers of answers and events have to be prepared for.
const Tolerance = `Later versions may add members to what they say, and values to enums: readers ignore members they do not know,
and take a value they do not know for one that has no meaning to them. What is sent is read strictly: unknown
members, wrong types and missing ones are refused, all at once, with JSON pointers.`

// traced is what is true of all answers.
const traced = "Every answer has a header X-Trace-Id, the id of its trace, to ask for.\n\n"

// publicFile is where an internal document finds the public one of its service.
const publicFile = "openapi.yaml"

// openAPI writes one document.
type openAPI struct {
	doc      *OpenAPI
	shapes   *shapes
	examples *Examples
	public   bool
	prefix   string   // of the ids of operations, and of tags
	beside   *openAPI // a finished document in the same directory, which this one refers to; nil: none

	ids            names.Unique
	parameters     map[any]string // where shared ones are
	parameterNames names.Unique
	answers        refused
	problem        string // where the schema of refusals is
	closing        func() // adds it
}

// Public describes what a service answers to actors. It is nil for a service
// that has no public routes.
func Public(s *contract.Service, x *Examples) *OpenAPI { return public(s, x).document() }

func public(s *contract.Service, x *Examples) *openAPI {
	b := newOpenAPI(s.System.Model, x, nil)
	b.public, b.prefix = true, s.Name.Kebab
	b.doc.Info = info(&s.Context.Node, s.Context.Team, "\n\n"+traced+Tolerance)
	// Through the gateway there is more to know: that has a document of its own.
	b.doc.Servers = []Server{{"http://localhost:8080", "the service itself"}}
	for _, o := range s.Operations {
		if o.Public != nil {
			b.operation(o, o.Public)
		}
	}
	for _, h := range s.Hooks {
		b.webhook(h)
	}
	b.finish()
	return b
}

// Internal describes what the other services of the system ask of a service, on
// a listener that only they reach. It is a document of its own: whoever is given
// the public one shall not take these routes for theirs. It is nil for a service
// of which nobody asks anything.
func Internal(s *contract.Service, x *Examples) *OpenAPI {
	var beside *openAPI
	if s.Public() {
		beside = public(s, x)
	}
	b := newOpenAPI(s.System.Model, x, beside)
	b.prefix = s.Name.Kebab
	b.doc.Info = info(&s.Context.Node, s.Context.Team, "\n\nWhat other services of the system ask, on INTERNAL_ADDR. Who reaches it is believed.")
	b.doc.Info.Title += " (internal)"
	b.doc.Servers = []Server{{"http://localhost:8081", "the internal listener"}}
	for _, o := range s.Operations {
		if o.Asked() {
			b.operation(o, o.Internal)
		}
	}
	b.finish()
	return b.document()
}

func newOpenAPI(m *check.Model, x *Examples, beside *openAPI) *openAPI {
	b := &openAPI{
		doc: &OpenAPI{Version: "3.1.1"}, shapes: newShapes(m, "#/components/schemas/"), examples: x, beside: beside,
		ids: names.Unique{}, parameters: map[any]string{}, parameterNames: names.Unique{},
		answers: refused{by: map[string]*refusal{}, names: names.Unique{}},
	}
	if beside != nil {
		b.shapes.beside, b.shapes.besideAt = beside.shapes, publicFile
	}
	b.problemDetails()
	return b
}

// info is about a node of the model: documents of one model are of one version,
// which is that of the tree they lie in.
func info(n *model.Node, team quote.Text, more quote.Markdown) Info {
	out := Info{Title: n.Called(), Version: "1.0.0", Description: sentence(n) + more}
	if team == "" {
		team = n.Called()
	}
	out.Contact = &Contact{team}
	return out
}

// sentence is what a node says of itself: its description, or else its title
// and name.
func sentence(n *model.Node) quote.Markdown {
	if n.Description != "" {
		return quote.Block(n.Description)
	}
	return quote.Inline(summary(n))
}

// summary is sentence where there is no Markdown.
func summary(n *model.Node) quote.Text {
	switch {
	case n.Description != "":
		return n.Description
	case n.Called() != quote.Text(n.Name):
		return n.Title + quote.Text(" ("+n.Name+").")
	}
	return quote.Text(n.Name + ".")
}

// finish adds what all operations refer to.
func (b *openAPI) finish() {
	b.shareRefusals()
	b.closing()
	b.doc.Components.Schemas = b.shapes.defs
	if b.public {
		b.doc.Security = []map[string][]string{{"token": {}}}
		b.doc.Components.Security = Map[*SecurityScheme]{{"token", &SecurityScheme{
			Type: "http", Scheme: "bearer", Format: "JWT",
			Description: "A token of the system's issuer (OpenID Connect). It carries one of the roles that the operation lists as x-roles.",
		}}}
	}
}

// document is what was written; nil: nothing.
func (b *openAPI) document() *OpenAPI {
	if len(b.doc.Paths) == 0 {
		return nil
	}
	return b.doc
}

func (b *openAPI) operation(o *contract.Operation, route *naming.Path) {
	b.described(o, route, b.tag(o))
	b.changes(o)
	b.events(o)
	if !b.public {
		return
	}
	for _, was := range o.Before {
		b.described(o, was, b.tag(o)).Deprecated = true
	}
}

// described adds what is answered at a route.
func (b *openAPI) described(o *contract.Operation, route *naming.Path, tag string) *PathOperation {
	node := nodeOf(o)
	op := &PathOperation{
		ID: b.id(o), Summary: summaries[o.Kind] + node.Called(), Description: sentence(node), Tags: []string{tag},
	}
	path := b.path(route.Path, op, o)
	switch o.Kind {
	case contract.RunCommand:
		b.command(op, o, route)
	case contract.ReadState:
		b.state(op, o)
	case contract.ReadRow:
		b.row(op, o)
	default:
		b.list(op, o)
		op.Parameters = withoutQuery(op.Parameters, naming.Wildcards(route.Path))
	}
	b.refuse(op, refusalsOf(o, b.public))
	if b.public {
		op.Roles = roles(o.Actors)
	}
	for _, n := range o.Consumers() {
		// The gateway asks as actors do, and on their behalf.
		if b.public && n.Kind == contract.ByComposition || !b.public && n.Consumer.Service != nil {
			op.Consumers = append(op.Consumers, n.Consumer.Name()+": "+n.By)
		}
	}
	b.add(path, route.Method, op)
	return op
}

// add puts an operation on its path.
func (b *openAPI) add(path, method string, op *PathOperation) {
	there, _ := b.doc.Paths.Get(path)
	item, _ := there.(PathItem)
	item.Set(strings.ToLower(method), op)
	b.doc.Paths.Set(path, item)
}

// roles are those of who may. They are no scopes: no token endpoint knows of them.
func roles(actors []*model.Actor) []string {
	out := make([]string, len(actors))
	for i, a := range actors {
		out[i] = a.Role
	}
	return out
}

// summaries tell what is done with what the title names.
var summaries = map[contract.OperationKind]quote.Text{
	contract.RunCommand: "", contract.ReadState: "State: ", contract.ReadRow: "One row: ", contract.ListRows: "Rows: ", contract.AskQuery: "",
}

func nodeOf(o *contract.Operation) *model.Node {
	switch {
	case o.Command != nil:
		return &o.Command.Node
	case o.Query != nil:
		return &o.Query.Node
	case o.View != nil:
		return &o.View.Node
	}
	return &o.Aggregate.Node
}

// ownerOf is the aggregate or the view that an operation is about.
func ownerOf(o *contract.Operation) *model.Node {
	if o.View != nil {
		return &o.View.Node
	}
	return &o.Aggregate.Node
}

// id names an operation for programs, the same wherever it is told of:
// front.placeOrder, front.getOrder, front.listOrderStatuses.
func (b *openAPI) id(o *contract.Operation) string {
	n := names.Of(nodeOf(o))
	id, suffix := n.Camel(), ""
	switch o.Kind {
	case contract.RunCommand:
		suffix = names.Of(&o.Aggregate.Node).Go
	case contract.ReadState:
		id, suffix = "get"+n.Go, "State"
	case contract.ReadRow:
		id, suffix = "get"+n.Go, "Row"
	case contract.ListRows:
		id, suffix = "list"+naming.Rows(o.View).Go, "Rows"
	case contract.AskQuery:
		id, suffix = "find"+names.Of(&o.View.Node).Go+n.Go, "Query"
	}
	return b.ids.Take(b.prefix+"."+id, suffix)
}

// tag groups operations by aggregate or view.
func (b *openAPI) tag(o *contract.Operation) string {
	node := ownerOf(o)
	name := b.prefix + "." + names.Of(node).Go
	b.tagged(name, node)
	return name
}

func (b *openAPI) tagged(name string, node *model.Node) {
	if !slices.ContainsFunc(b.doc.Tags, func(t Tag) bool { return t.Name == name }) {
		b.doc.Tags = append(b.doc.Tags, Tag{name, sentence(node)})
	}
}

// path is the path of a route in the document, with its parameters.
func (b *openAPI) path(pattern string, op *PathOperation, o *contract.Operation) string {
	path := toldAs(b.doc.Paths, pattern)
	b.pathParameters(op, o, naming.Wildcards(pattern), naming.Wildcards(path))
	return path
}

// toldAs is how a document that has some paths tells of one more. Paths that
// differ in the names of their parameters only are one path: the first names
// are kept.
func toldAs(paths Map[any], pattern string) string {
	for _, p := range paths {
		if shape(p.Name) == shape(pattern) {
			return p.Name
		}
	}
	return pattern
}

// shape is a path whose parameters have no names.
func shape(path string) string {
	parts := strings.Split(path, "/")
	for i, p := range parts {
		if strings.HasPrefix(p, "{") {
			parts[i] = "{}"
		}
	}
	return strings.Join(parts, "/")
}

func (b *openAPI) pathParameters(op *PathOperation, o *contract.Operation, own, shown []string) {
	for i, name := range own {
		f := pathField(o, name)
		if f == nil {
			op.Parameters = append(op.Parameters, &Parameter{Name: shown[i], In: "path", Required: true})
			continue
		}
		key := pathParameter{f.Model, shown[i]}
		op.Parameters = append(op.Parameters, b.sharedParameter(key, shown[i], names.Of(ownerOf(o)).Go, func() *Parameter {
			return &Parameter{
				Name: shown[i], In: "path", Required: true, Schema: b.parameterSchema(f), Description: called(f),
				Example: memberOf(b.examples.Input(o), b.examples.Reply(o), f.Name),
			}
		}))
	}
}

// pathParameter tells parameters of paths apart.
type pathParameter struct {
	field *model.Field
	shown string
}

// called is what the business calls a field. Linters of documents want a
// description of every parameter, also where there is no more to say than its name.
func called(f *contract.Field) quote.Markdown {
	if f.Title != "" {
		return quote.Inline(f.Title) + "."
	}
	return quote.Inline(f.Name) + "."
}

// pathField is the field that a wildcard of a path gives; {id} is an instance's.
func pathField(o *contract.Operation, wildcard string) *contract.Field {
	switch o.Kind {
	case contract.RunCommand:
		return o.Input.Field(wildcard)
	case contract.ReadState:
		return o.Reply.Fields[0]
	case contract.AskQuery:
		return o.Input.Field(wildcard)
	}
	return o.Reply.Field(wildcard)
}

// parameterSchema is the schema of a value in a URL, where there is no null.
func (b *openAPI) parameterSchema(f *contract.Field) *Schema {
	there := *f
	there.Optional, there.Title, there.Description = false, "", ""
	return b.shapes.field(&there, taken)
}

// member adds a member that is always there, unless the model has its own of
// that name.
func (b *openAPI) member(s *Schema, name string, of *Schema) {
	if _, theirs := s.Properties.Get(name); theirs {
		return
	}
	s.Properties.Set(name, of)
	s.Required = append(s.Required, name)
}

func version(words quote.Markdown) *Schema {
	return &Schema{Type: "integer", Format: "int64", Minimum: number(0), Description: words}
}

// stamps is the schema of meta.
func (b *openAPI) stamps() *Schema {
	return b.once("Meta", func() *Schema {
		by := func(what string) *Schema {
			return &Schema{Ref: b.shapes.builtin(contract.ID, given).Ref, Description: quote.Markdown("Who " + what + " it. Not there: the system, on nobody's behalf.")}
		}
		at := func(what string) *Schema {
			return &Schema{Type: "string", Format: "date-time", Description: quote.Markdown("When it was " + what + ".")}
		}
		return &Schema{
			Title: "When and by whom it was created and last changed", Type: "object",
			Properties: Map[*Schema]{
				{"createdAt", at("created")}, {"createdBy", by("created")},
				{"changedAt", at("last changed")}, {"changedBy", by("last changed")},
			},
			Required: []string{"createdAt", "changedAt"},
		}
	})
}

// once refers to a schema of the platform's own, which is defined where it is
// used first.
func (b *openAPI) once(name string, build func() *Schema) *Schema {
	return b.shapes.once(shapeKey{builtin: contract.SchemaKind(name)}, name, "Hal", build)
}

func asMedia(s *Schema, example []byte) Map[*MediaType] {
	return Map[*MediaType]{{"application/json", &MediaType{Schema: s, Example: example}}}
}
