package apidoc

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/esgen/esgen/internal/contract"
	"github.com/esgen/esgen/internal/names"
	"github.com/esgen/esgen/internal/naming"
	"github.com/esgen/esgen/internal/quote"
	"github.com/esgen/esgen/model"
)

// Gateway describes the single way in: the public routes of all services below
// their names, which their own documents tell of, and the compositions. It is nil
// where there are neither.
//
// It is a list of references. What a client of a running gateway gets is put
// together there, of what the services that run say (package openapi of the
// chassis).
func Gateway(sys *contract.System, x *Examples) *OpenAPI {
	b := newOpenAPI(sys.Model, x, nil)
	b.public = true
	b.doc.Info = info(&sys.Model.Node, "", "\n\n"+traced+Tolerance)
	b.doc.Servers = []Server{{"http://localhost:8080", "the gateway"}}
	for _, s := range sys.Services {
		b.routesOf(s)
	}
	b.prefix = ""
	b.ownPaths(sys)
	for _, c := range sys.Model.Compositions {
		b.composition(sys, c)
	}
	if len(b.doc.Paths) == 0 {
		return nil
	}
	r := ofGateway()
	for _, status := range r.statuses() {
		list := r.with(status)
		name := b.answers.names.Take(refusalName(status, list), "Here")
		b.doc.Components.Responses.Set(name, b.problemOf(status, list, false))
		b.doc.Besides.Set(strconv.Itoa(status), &Response{Ref: "#/components/responses/" + name})
	}
	b.finish()
	return b.doc
}

// documentOf is where the gateway's document finds that of a service.
func documentOf(s *contract.Service) string {
	return "../../services/" + s.Name.Kebab + "/api/" + publicFile
}

// routesOf refers to what a service tells of its public routes.
func (b *openAPI) routesOf(s *contract.Service) {
	b.prefix = s.Name.Kebab
	var told Map[any] // as the document of the service tells of it
	var paths Map[any]
	refer := func(path string) {
		at := url.URL{Path: documentOf(s), Fragment: "/paths/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(path)}
		paths.Set("/"+b.prefix+path, Reference{at.String()})
	}
	for _, o := range s.Operations {
		if o.Public == nil {
			continue
		}
		b.tag(o)
		routes := append([]*naming.Path{o.Public}, o.Before...)
		for _, beside := range o.Beside() {
			routes = append(routes, beside...)
		}
		for _, r := range routes {
			path := toldAs(told, r.Path)
			told.Set(path, nil)
			refer(path)
		}
	}
	for _, h := range s.Hooks {
		b.hookTag(h.External)
		refer(h.Path.Path)
	}
	b.doc.Paths = append(b.doc.Paths, paths...) // no two services have one path
}

// composition is an answer that the gateway puts together.
func (b *openAPI) composition(sys *contract.System, c *model.Composition) {
	who := actors(c.Actors)
	if len(who) == 0 {
		return // nobody outside may ask
	}
	n := names.Of(&c.Node)
	op := &PathOperation{ID: b.ids.Take(n.Camel(), "Composition"), Summary: c.Called(), Description: sentence(&c.Node), Tags: []string{"gateway"}, Roles: roles(who)}
	if !slices.ContainsFunc(b.doc.Tags, func(t Tag) bool { return t.Name == "gateway" }) {
		b.doc.Tags = append(b.doc.Tags, Tag{"gateway", "Answers made of those of several services."})
	}
	for _, w := range naming.Wildcards(c.HTTP.Path) {
		op.Parameters = append(op.Parameters, b.keyParameter(sys, c, w))
	}
	answer, shape := &Response{Description: "What there is: parts that are away, or are not there, are left out."}, b.parts(sys, c)
	if c.List != nil {
		b.listing(sys, c, op, answer, shape)
	} else {
		b.member(shape, "_links", b.links())
		answer.Content = asMedia(b.shapes.define(n.Go, "Composition", shape), nil)
	}
	op.Responses.Set("200", answer)
	b.refuse(op, partRefusals())
	b.add(c.HTTP.Path, c.HTTP.Method, op)
}

// listing says that the answer is a page of what has a row and its parts.
func (b *openAPI) listing(sys *contract.System, c *model.Composition, op *PathOperation, answer *Response, item *Schema) {
	n := names.Of(&c.Node)
	for _, s := range sys.Services {
		for _, o := range s.Operations {
			if o.Kind != contract.ListRows || o.View != c.List.View {
				continue
			}
			op.Description += " A parameter that is called as a field is leaves the rows that have this value."
			b.asTold(s, func() { b.filters(op, o) })
			op.Parameters = append(op.Parameters, b.parameter("limit"), b.parameter("cursor"), b.sortParameter(o))
			op.Parameters = withoutQuery(op.Parameters, naming.Wildcards(naming.CompositionRoute(c).Path))
		}
	}
	if o := rowOf(sys, c.List.View); o != nil {
		item.Properties = append(Map[*Schema]{{model.ListedRow, b.rowOfService(o)}}, item.Properties...)
		item.Required = append(item.Required, model.ListedRow)
	}
	answer.Content = asMedia(b.shapes.define(n.Go, "Composition", &Schema{
		Title: "A page: " + c.Called(), Type: "object",
		Properties: Map[*Schema]{
			{"items", &Schema{Type: "array", Items: b.shapes.define(n.Go+"Item", "Composition", item), MaxItems: number(200)}},
			{"next", &Schema{Type: "string", Description: "The cursor of the next page. Not there: this is the last one."}},
			{"_links", b.links()},
		},
		Required: []string{"items", "_links"},
	}), nil)
	answer.Headers = b.headers("Link")
}

// withoutQuery are parameters without those of the query that stand in the path.
func withoutQuery(list []*Parameter, path []string) []*Parameter {
	return slices.DeleteFunc(list, func(p *Parameter) bool { return p.In == "query" && slices.Contains(path, p.Name) })
}

// ownIDs begins the ids of operations at paths of one's own choosing: no context
// is called so.
const ownIDs = "Own"

// ownPaths tells of what services answer at paths of the gateway's own.
func (b *openAPI) ownPaths(sys *contract.System) {
	if sys.Model.Gateway == nil {
		return
	}
	for _, x := range sys.Model.Gateway.Routes {
		o := sys.Destination(x)
		if o == nil {
			continue
		}
		b.prefix = o.Service.Name.Kebab
		tag := b.tag(o)
		b.prefix = ownIDs
		b.asTold(o.Service, func() { b.described(o, naming.GatewayPath(x), tag) })
	}
	b.prefix = ""
}

// asTold has schemas refer to the document of a service, where that has them.
func (b *openAPI) asTold(s *contract.Service, describe func()) {
	b.shapes.beside, b.shapes.besideAt = public(s, b.examples).shapes, documentOf(s)
	describe()
	b.shapes.beside, b.shapes.besideAt = nil, ""
}

// parts are the members of a composition: rows, as the services tell of them.
func (b *openAPI) parts(sys *contract.System, c *model.Composition) *Schema {
	s := &Schema{Type: "object", Title: c.Title, Description: quote.Block(c.Description)}
	for _, p := range c.Parts {
		o := rowOf(sys, p.From.View)
		if o == nil {
			continue
		}
		name := names.Of(&p.Node).JSON
		part := b.rowOfService(o)
		part.Title = p.Title
		s.Properties.Set(name, part)
		if p.Required {
			s.Required = append(s.Required, name)
		}
	}
	return s
}

// rowOfService refers to a row in the document of its service. Where that has
// none, because no actor sees the view, the part never comes.
func (b *openAPI) rowOfService(o *contract.Operation) *Schema {
	if o.Public == nil {
		return b.rowShape(o)
	}
	return &Schema{Ref: documentOf(o.Service) + public(o.Service, b.examples).rowShape(o).Ref}
}

// keyParameter is a parameter of a composition's path: the key of some part.
func (b *openAPI) keyParameter(sys *contract.System, c *model.Composition, name string) *Parameter {
	p := &Parameter{Name: name, In: "path", Description: quote.Inline(name) + ".", Required: true, Schema: &Schema{Type: "string"}}
	for _, part := range c.Parts {
		o := rowOf(sys, part.From.View)
		for _, k := range part.Keys {
			if o == nil || k.Param.Value != name || k.Column.Field == nil {
				continue
			}
			if f := o.Reply.Field(contract.JSON(k.Column.Field)); f != nil {
				p.Schema, p.Description, p.Example = b.parameterSchema(f), called(f), memberOf(b.examples.Reply(o), nil, f.Name)
				return p
			}
		}
	}
	if c.List != nil {
		if o := rowOf(sys, c.List.View); o != nil {
			for _, f := range o.Reply.Fields {
				if f.Model != nil && (f.Model.Name == name || f.Name == name) {
					p.Name, p.Schema, p.Description, p.Example = names.OfText(name).JSON, b.filterSchema(f), called(f), memberOf(b.examples.Reply(o), nil, f.Name)
				}
			}
		}
	}
	return p
}

// partRefusals are what a composition may be refused with: what the gateway
// says itself, and what is said of a part that must be there.
func partRefusals() *refusals {
	r := &refusals{public: true, own: map[int]bool{}}
	r.add(http.StatusBadRequest, "invalid", "the request is not well-formed; see errors")
	r.add(http.StatusUnauthorized, "unauthorized", "the request does not say, or does not prove, who asks")
	r.add(http.StatusForbidden, "forbidden", "this is for others")
	r.add(http.StatusNotFound, "not-found", "there is nothing here")
	r.always()
	return r
}

// rowOf is the operation that reads a row of a view; nil: there is none.
func rowOf(sys *contract.System, v *model.View) *contract.Operation {
	for _, s := range sys.Services {
		for _, o := range s.Operations {
			if o.Kind == contract.ReadRow && o.View == v {
				return o
			}
		}
	}
	return nil
}

func actors(refs []*model.ActorRef) []*model.Actor {
	var out []*model.Actor
	for _, r := range refs {
		if r.Actor != nil {
			out = append(out, r.Actor)
		}
	}
	return out
}
