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

// openAPI writes one document.
type openAPI struct {
	doc      *OpenAPI
	shapes   *shapes
	examples *Examples
	public   bool
	gateway  bool   // it is the gateway that answers
	prefix   string // of paths, and of the ids of operations

	ids           names.Unique
	responseNames names.Unique
	problems      map[string]string // names of shared responses
	problemName   string
	closing       func()
}

// Public describes what a service answers to actors. It is nil for a service
// that has no public routes.
func Public(s *contract.Service, x *Examples) *OpenAPI {
	b := newOpenAPI(s.System.Model, x, true)
	b.doc.Info = info(&s.Context.Node, s.Context.Team, "\n\n"+Tolerance)
	// Through the gateway there is more to know: that has a document of its own.
	b.doc.Servers = []Server{{"http://localhost:8080", "the service itself"}}
	b.service(s)
	return b.finish()
}

// Internal describes what a service answers to the other services of the
// system, on a listener that only they reach. It is a document of its own:
// whoever is given the public one shall not take these routes for theirs. It is
// nil for a service that has none.
func Internal(s *contract.Service, x *Examples) *OpenAPI {
	b := newOpenAPI(s.System.Model, x, false)
	b.doc.Info = info(&s.Context.Node, s.Context.Team, "\n\nRoutes for the other services of the system, on INTERNAL_ADDR. Who reaches them is believed.")
	b.doc.Info.Title += " (internal)"
	b.doc.Servers = []Server{{"http://localhost:8081", "the internal listener"}}
	b.service(s)
	return b.finish()
}

// Gateway describes the public routes of all services below their prefix, and
// the compositions of the gateway.
func Gateway(sys *contract.System, x *Examples) *OpenAPI {
	b := newOpenAPI(sys.Model, x, true)
	b.doc.Info = info(&sys.Model.Node, "", "\n\n"+Tolerance)
	b.doc.Servers = []Server{{"http://localhost:8080", "the gateway"}}
	b.gateway = true
	for _, s := range sys.Services {
		b.prefix, b.shapes.scope = s.Name.Kebab, s.Name.Go
		b.service(s)
	}
	b.prefix, b.shapes.scope = "", ""
	for _, c := range sys.Model.Compositions {
		b.composition(sys, c)
	}
	return b.finish()
}

func newOpenAPI(m *check.Model, x *Examples, public bool) *openAPI {
	b := &openAPI{
		doc: &OpenAPI{Version: "3.1.1"}, shapes: newShapes(m, "#/components/schemas/"), examples: x, public: public,
		ids: names.Unique{}, responseNames: names.Unique{}, problems: map[string]string{},
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

func (b *openAPI) finish() *OpenAPI {
	if len(b.doc.Paths) == 0 {
		return nil
	}
	b.closing()
	b.doc.Components.Schemas = b.shapes.defs
	if b.public {
		b.doc.Components.Security = Map[*SecurityScheme]{{"token", &SecurityScheme{
			Type: "http", Scheme: "bearer", Format: "JWT",
			Description: "A token of the system's issuer (OpenID Connect). It carries one of the roles that the operation lists as x-roles.",
		}}}
	}
	return b.doc
}

func (b *openAPI) service(s *contract.Service) {
	for _, o := range s.Operations {
		if route := b.route(o); route != nil {
			b.operation(o, route)
		}
	}
}

func (b *openAPI) route(o *contract.Operation) *naming.Path {
	if b.public {
		return o.Public
	}
	return o.Internal
}

func (b *openAPI) operation(o *contract.Operation, route *naming.Path) {
	node := nodeOf(o)
	op := &PathOperation{
		ID: b.id(o), Summary: summaries[o.Kind] + node.Called(), Description: sentence(node), Tags: []string{b.tag(o)},
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
	}
	b.refuse(op, refusalsOf(o, b.public))
	if b.public {
		b.allow(op, o.Actors)
	} else {
		for _, n := range o.Consumers() {
			if n.Kind != contract.ByActor {
				op.Consumers = append(op.Consumers, n.Consumer.Name()+": "+n.By)
			}
		}
	}
	item, _ := b.doc.Paths.Get(path)
	item.Set(strings.ToLower(route.Method), op)
	b.doc.Paths.Set(path, item)
}

// allow says who may. Roles are no scopes: no token endpoint knows of them.
func (b *openAPI) allow(op *PathOperation, actors []*model.Actor) {
	op.Security = []map[string][]string{{"token": {}}}
	for _, a := range actors {
		op.Roles = append(op.Roles, a.Role)
	}
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

// id names an operation for programs: placeOrder, getOrder, listOrderStatuses.
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
	if b.prefix != "" {
		id = b.prefix + "." + id
	}
	return b.ids.Take(id, suffix)
}

// tag groups operations by aggregate or view.
func (b *openAPI) tag(o *contract.Operation) string {
	var node *model.Node
	if o.View != nil {
		node = &o.View.Node
	} else {
		node = &o.Aggregate.Node
	}
	name := names.Of(node).Go
	if b.prefix != "" {
		name = b.prefix + "." + name
	}
	if !slices.ContainsFunc(b.doc.Tags, func(t Tag) bool { return t.Name == name }) {
		b.doc.Tags = append(b.doc.Tags, Tag{name, sentence(node)})
	}
	return name
}

// below is a path of a service as this document has it.
func (b *openAPI) below(path string) string {
	if b.prefix == "" {
		return path
	}
	return "/" + b.prefix + path
}

// path is the path of a route in the document, with its parameters. Paths that
// differ in the names of their parameters only are one path: the first names
// are kept.
func (b *openAPI) path(pattern string, op *PathOperation, o *contract.Operation) string {
	pattern = b.below(pattern)
	for _, p := range b.doc.Paths {
		if shape(p.Name) == shape(pattern) {
			b.pathParameters(op, o, naming.Wildcards(pattern), naming.Wildcards(p.Name))
			return p.Name
		}
	}
	own := naming.Wildcards(pattern)
	b.pathParameters(op, o, own, own)
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
		p := &Parameter{Name: shown[i], In: "path", Required: true}
		if f := pathField(o, name); f != nil {
			p.Schema = b.parameterSchema(f)
			p.Description = called(f)
			p.Example = memberOf(b.examples.Input(o), b.examples.Reply(o), f.Name)
		}
		op.Parameters = append(op.Parameters, p)
	}
}

// called is what the business calls a field.
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

// links is the schema of _links.
func (b *openAPI) links() *Schema {
	return b.once("Links", func() *Schema {
		link := &Schema{Type: "object", Properties: Map[*Schema]{{"href", &Schema{Type: "string", Format: "uri-reference"}}}, Required: []string{"href"}}
		return &Schema{Title: "Links by relation (HAL)", Type: "object", Additional: link}
	})
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

// once defines a schema of the platform's own where it is used first.
func (b *openAPI) once(name string, build func() *Schema) *Schema {
	key := shapeKey{builtin: contract.SchemaKind(name)}
	known, ok := b.shapes.known[key]
	if !ok {
		known = b.shapes.free.Take(name, "Hal")
		b.shapes.known[key] = known
		b.shapes.defs.Set(known, build())
	}
	return &Schema{Ref: b.shapes.at + known}
}

func asMedia(s *Schema, example []byte) Map[*MediaType] {
	m := &MediaType{Schema: s}
	if len(example) > 0 {
		m.Examples = Map[*Example]{{"one", &Example{Value: example}}}
	}
	return Map[*MediaType]{{"application/json", m}}
}
