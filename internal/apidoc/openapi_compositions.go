package apidoc

import (
	"github.com/esgen/esgen/internal/contract"
	"github.com/esgen/esgen/internal/names"
	"github.com/esgen/esgen/model"
	"net/http"
	"slices"
	"strings"
)

// composition is an answer that the gateway puts together.
func (b *openAPI) composition(sys *contract.System, c *model.Composition) {
	n := names.Of(&c.Node)
	op := &PathOperation{ID: b.ids.Take(n.Local, "Composition"), Summary: title(&c.Node), Description: sentence(&c.Node), Tags: []string{"gateway"}}
	s := &Schema{Type: "object", Title: c.Title, Description: c.Description}
	example := Map[any]{}
	for _, p := range c.Parts {
		o := rowOf(sys, p.From.View)
		if o == nil {
			continue
		}
		name := names.Of(&p.Node).JSON
		b.shapes.scope = o.Service.Name.Go
		part := b.rowShape(o)
		part.Title = p.Title
		s.Properties.Set(name, part)
		if p.Required {
			s.Required = append(s.Required, name)
		}
		example.Set(name, rawJSON(b.linked(o)))
	}
	b.shapes.scope = ""
	for _, w := range contract.Wildcards(c.HTTP.Path) {
		op.Parameters = append(op.Parameters, &Parameter{Name: w, In: "path", Required: true, Schema: b.shapes.builtin(contract.ID)})
	}
	op.Responses.Set("200", &Response{
		Description: "What there is: parts that are away, or are not there, are left out.",
		Headers:     b.headers("X-Trace-Id"),
		Content:     asMedia(b.shapes.define(n.Go, "Composition", s), mustEncode(example)),
	})
	r := &refusals{public: true, own: map[int]bool{}}
	r.add(http.StatusUnauthorized, "unauthorized", "the request does not say, or does not prove, who asks")
	r.add(http.StatusForbidden, "forbidden", "this is for others")
	r.add(http.StatusNotFound, "not-found", "there is nothing here")
	r.add(http.StatusServiceUnavailable, "unavailable", "something this service needs is not available")
	b.refuse(op, r)
	op.Responses.Set("default", &Response{Description: "A part that must be there is refused.", Content: problemJSON(&MediaType{Schema: b.problemSchema()})})
	for _, a := range c.Actors {
		if a.Actor != nil {
			op.Security = append(op.Security, map[string][]string{"token": {a.Actor.Role}})
		}
	}
	if !slices.ContainsFunc(b.doc.Tags, func(t Tag) bool { return t.Name == "gateway" }) {
		b.doc.Tags = append(b.doc.Tags, Tag{"gateway", "Answers made of those of several services."})
	}
	item, _ := b.doc.Paths.Get(c.HTTP.Path)
	item.Set(strings.ToLower(c.HTTP.Method), op)
	b.doc.Paths.Set(c.HTTP.Path, item)
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
