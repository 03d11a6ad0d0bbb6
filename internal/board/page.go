package board

import (
	"github.com/esgen/esgen/internal/quote"
	"github.com/esgen/esgen/model"
)

// Page is what the documents of a system show of its model, as Mermaid, which is
// small and drawn where documents are read. It is drawn when it is asked for.
type Page struct{ sys *model.System }

// PageOf is the page of a model.
func PageOf(sys *model.System) *Page { return &Page{sys} }

// Title is what people call the system.
func (p *Page) Title() quote.Text { return p.sys.Called() }

// Wall is the board; "": it is more than Mermaid draws.
func (p *Page) Wall() quote.Markdown {
	wall := Of(p.sys)
	return drawable(wall.Mermaid(), wall.edges())
}

// Map is the context map; "": there is one context, or it is more than Mermaid draws.
func (p *Page) Map() quote.Markdown {
	if len(p.sys.Contexts) < 2 {
		return ""
	}
	return drawDiagram(Map(p.sys))
}

// Hex is a context as a service.
type Hex struct {
	Title   quote.Text
	Name    string
	Drawing quote.Markdown
}

// Hexagons are those of all contexts.
func (p *Page) Hexagons() []Hex {
	asks := asksOf(p.sys)
	list := make([]Hex, len(p.sys.Contexts))
	for i, c := range p.sys.Contexts {
		list[i] = Hex{c.Called(), c.Name, drawDiagram(hexagonOf(c, asks))}
	}
	return list
}

// What Mermaid draws by default (its maxTextSize and maxEdges); it refuses more.
const (
	mostText  = 50_000
	mostEdges = 500
)

// drawable is a diagram as Markdown has it, if Mermaid draws it, else "".
func drawable(diagram []byte, edges int) quote.Markdown {
	if len(diagram) > mostText || edges > mostEdges {
		return ""
	}
	return quote.Fence("mermaid", string(diagram))
}

func drawDiagram(d *Diagram) quote.Markdown { return drawable(d.Mermaid(), len(d.wires)) }
