package board

import (
	"bytes"

	"github.com/esgen/esgen/internal/quote"
	"github.com/esgen/esgen/model"
)

// Page is what the documents of a system show of its model, as Mermaid, which is
// small and drawn where documents are read.
type Page struct {
	Title    quote.Text
	Wall     quote.Markdown // "": Mermaid does not draw that much
	Map      quote.Markdown // "": there is one context, or as above
	Hexagons []Hex
}

// What Mermaid draws by default (its maxTextSize and maxEdges); it refuses more.
const (
	mostText  = 50_000
	mostEdges = 500
)

// drawable is a diagram as Markdown has it, if Mermaid draws it, else "".
func drawable(diagram []byte) quote.Markdown {
	edges := bytes.Count(diagram, []byte("->")) + bytes.Count(diagram, []byte("---"))
	if len(diagram) > mostText || edges > mostEdges {
		return ""
	}
	return quote.Fence("mermaid", string(diagram))
}

// Hex is a context as a service.
type Hex struct {
	Title   quote.Text
	Name    string
	Drawing quote.Markdown
}

// PageOf is the page of a model.
func PageOf(sys *model.System) *Page {
	p := &Page{Title: sys.Called(), Wall: drawable(Of(sys).Mermaid())}
	if len(sys.Contexts) > 1 {
		p.Map = drawable(Map(sys).Mermaid())
	}
	for _, c := range sys.Contexts {
		p.Hexagons = append(p.Hexagons, Hex{c.Called(), c.Name, drawable(Hexagon(sys, c).Mermaid())})
	}
	return p
}
