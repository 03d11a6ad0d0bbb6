package apidoc

import (
	"net/http"
	"slices"
	"strings"

	"github.com/esgen/esgen/internal/contract"
	"github.com/esgen/esgen/internal/names"
	"github.com/esgen/esgen/internal/naming"
	"github.com/esgen/esgen/internal/quote"
	"github.com/esgen/esgen/model"
)

// composition is an answer that the gateway puts together.
func (b *openAPI) composition(sys *contract.System, c *model.Composition) {
	who := actors(c.Actors)
	if len(who) == 0 {
		return // nobody outside may ask
	}
	n := names.Of(&c.Node)
	op := &PathOperation{ID: b.ids.Take(n.Camel(), "Composition"), Summary: c.Called(), Description: sentence(&c.Node), Tags: []string{"gateway"}}
	if !slices.ContainsFunc(b.doc.Tags, func(t Tag) bool { return t.Name == "gateway" }) {
		b.doc.Tags = append(b.doc.Tags, Tag{"gateway", "Answers made of those of several services."})
	}
	s, example := b.parts(sys, c)
	self := c.HTTP.Path
	for _, w := range naming.Wildcards(c.HTTP.Path) {
		p := b.keyParameter(sys, c, w)
		op.Parameters = append(op.Parameters, p)
		self = strings.ReplaceAll(self, "{"+w+"}", memberText(mustEncode(Map[any]{{w, p.Example}}), w))
	}
	b.member(s, "_links", b.links())
	example.Set("_links", halSelf(self))
	op.Responses.Set("200", &Response{
		Description: "What there is: parts that are away, or are not there, are left out.",
		Headers:     b.headers("X-Trace-Id"),
		Content:     asMedia(b.shapes.define(n.Go, "Composition", s), mustEncode(example)),
	})
	b.refuse(op, partRefusals())
	b.allow(op, who)
	item, _ := b.doc.Paths.Get(c.HTTP.Path)
	item.Set(strings.ToLower(c.HTTP.Method), op)
	b.doc.Paths.Set(c.HTTP.Path, item)
}

// parts are the members of a composition, with an example of each.
func (b *openAPI) parts(sys *contract.System, c *model.Composition) (*Schema, Map[any]) {
	s := &Schema{Type: "object", Title: c.Title, Description: quote.Block(c.Description)}
	example := Map[any]{}
	for _, p := range c.Parts {
		o := rowOf(sys, p.From.View)
		if o == nil {
			continue
		}
		name := names.Of(&p.Node).JSON
		b.prefix, b.shapes.scope = o.Service.Name.Kebab, o.Service.Name.Go
		part := b.rowShape(o)
		part.Title = p.Title
		s.Properties.Set(name, part)
		if p.Required {
			s.Required = append(s.Required, name)
		}
		example.Set(name, rawJSON(b.linked(o)))
	}
	b.prefix, b.shapes.scope = "", ""
	return s, example
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
