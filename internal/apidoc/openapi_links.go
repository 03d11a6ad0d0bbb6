package apidoc

import (
	"github.com/esgen/esgen/internal/contract"
	"github.com/esgen/esgen/internal/names"
	"github.com/esgen/esgen/internal/quote"
	"github.com/esgen/esgen/model"
)

// links is the schema of _links.
func (b *openAPI) links() *Schema {
	return b.once("Links", func() *Schema {
		return &Schema{Title: "Links by relation (HAL)", Type: "object", Additional: hal()}
	})
}

// hal is the schema of a link.
func hal() *Schema {
	return &Schema{Type: "object", Properties: Map[*Schema]{{"href", &Schema{Type: "string", Format: "uri-reference"}}}, Required: []string{"href"}}
}

// linksOf is the schema of the _links of a view's rows: those of all, and what
// the model says that they lead to.
func (b *openAPI) linksOf(o *contract.Operation) *Schema {
	s := &Schema{Title: "Links by relation (HAL)", Type: "object", Additional: hal()}
	for _, l := range contract.Links(o.Service.System.Model, o.View) {
		one := hal()
		one.Title, one.Description = l.Title, leadsTo(o.View, l.To.View)
		s.Properties.Set(names.Of(&l.Node).JSON, one)
	}
	if len(s.Properties) == 0 {
		return b.links()
	}
	return s
}

// leadsTo says when there is a link.
func leadsTo(v, to *model.View) quote.Markdown {
	if to.Context == v.Context {
		return quote.Inline("To " + to.Called() + ".")
	}
	return quote.Inline("To " + to.Called() + " of " + to.Context.Called() + "; there through the gateway.")
}
