package board

import (
	"fmt"
	"strings"

	"github.com/esgen/esgen/internal/quote"
)

const titleSize = 17

// look is the colour of each kind of note, and of the letters on it.
var look = map[Kind]struct{ fill, ink string }{
	Event:     {"#ffb457", "#3a2200"},
	Command:   {"#8cc4f5", "#05263f"},
	Aggregate: {"#fdf08a", "#3a3200"},
	Policy:    {"#d3b6f2", "#2c1047"},
	Saga:      {"#bd97ea", "#240a40"},
	View:      {"#a9dd9b", "#0f3308"},
	External:  {"#f9b6cf", "#470c22"},
	Actor:     {"#fff3b0", "#3a3200"},
	Hotspot:   {"#f2726b", "#3c0503"},
}

// style has what changes between light and dark; notes are paper in both.
const style = `svg{background:#f6f5f2;font-family:"Helvetica Neue",Helvetica,Arial,"Noto Sans","Noto Sans KR","Noto Sans CJK KR","Apple SD Gothic Neo","Malgun Gothic",sans-serif}
.frame rect{fill:#fff;stroke:#b9b4aa;stroke-width:1.5}
.frame text{fill:#2b2a27}
.note rect{stroke:#0003}
.link{fill:none;stroke:#6b675f;stroke-width:1.4}
.crosses{stroke-dasharray:6 4}
.reads{stroke-dasharray:1.5 3.5}
.tip{fill:#6b675f}
@media (prefers-color-scheme:dark){svg{background:#1d1e21}.frame rect{fill:#27292d;stroke:#5a5d64}.frame text{fill:#e9e7e2}.link{stroke:#a5a299}.tip{fill:#a5a299}}`

const arrowTip = `<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto-start-reverse"><path class="tip" d="M0 0L8 4L0 8z"/></marker></defs>` + "\n"

// SVG draws a board. It is light or dark as whoever looks at it likes it.
func (b *Board) SVG() []byte {
	var s strings.Builder
	open(&s, b.Size.X, b.Size.Y, string(b.Title), b.description(), style)
	for _, f := range b.Frames {
		f.svg(&s)
	}
	routes := newRouter(b)
	for _, l := range b.Links {
		l.svg(&s, routes)
	}
	for _, n := range b.Notes {
		n.svg(&s)
	}
	s.WriteString("</svg>\n")
	return []byte(s.String())
}

// open begins a picture of this size, with what it says to who does not see it.
func open(s *strings.Builder, width, height int, title, description, style string) {
	fmt.Fprintf(s, `<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %[1]d %[2]d" role="img" aria-labelledby="title desc">`+"\n", width, height)
	fmt.Fprintf(s, "<title id=\"title\">%s</title>\n<desc id=\"desc\">%s</desc>\n<style>%s</style>\n", text(title), text(description), style)
	s.WriteString(arrowTip)
}

// description says what is on a board to who does not see it.
func (b *Board) description() string {
	counts := map[Kind]int{}
	for _, n := range b.Notes {
		counts[n.Kind]++
	}
	contexts := 0
	for _, f := range b.Frames {
		if f.Name != "" {
			contexts++
		}
	}
	return fmt.Sprintf("%d contexts, %d commands, %d aggregates, %d events, %d policies and sagas, %d views, %d external systems, %d open questions",
		contexts, counts[Command], counts[Aggregate], counts[Event], counts[Policy]+counts[Saga], counts[View], counts[External], counts[Hotspot])
}

// text is a text of the model, on one line, as HTML and SVG have it.
func text(s string) string { return quote.HTML(quote.Line(s)) }

func (f *Frame) svg(s *strings.Builder) {
	if f.Name == "" {
		return
	}
	fmt.Fprintf(s, `<g class="frame" id=%q><rect x="%d" y="%d" width="%d" height="%d" rx="10"/><text x="%d" y="%d" font-size="%d" font-weight="700">%s</text></g>`+"\n",
		"frame:"+text(f.Name), f.Box.X, f.Box.Y, f.Box.W, f.Box.H, f.Box.X+inset, f.Box.Y+heading-12, titleSize, text(string(f.Title)))
}

func (n *Note) svg(s *strings.Builder) {
	c := look[n.Kind]
	fmt.Fprintf(s, `<g class="note %s" id="%s" tabindex="0" role="img" aria-label="%s"><title>%s</title>`, n.Kind, text(n.ID), text(n.label()), text(n.tip()))
	fmt.Fprintf(s, `<rect x="%d" y="%d" width="%d" height="%d" rx="3" fill="%s"/>`, n.Box.X, n.Box.Y, n.Box.W, n.Box.H, c.fill)
	y := float64(n.Box.Y) + float64(n.Box.H-textHeight(n.Lines))/2
	for _, l := range n.Lines {
		weight := ""
		if l.Bold {
			weight = ` font-weight="600"`
		}
		high := float64(l.Size) * lineHeight
		fmt.Fprintf(s, `<text x="%d" y="%.1f" font-size="%d"%s fill="%s" text-anchor="middle">%s</text>`,
			n.Box.X+n.Box.W/2, y+high*0.76, l.Size, weight, c.ink, text(l.Text))
		y += high
	}
	s.WriteString("</g>\n")
}

// label is what a note is called by who reads it out.
func (n *Note) label() string { return string(n.Kind) + " " + string(n.Title) }

func (n *Note) tip() string {
	if n.Text == "" {
		return n.label()
	}
	return n.label() + ": " + string(n.Text)
}

func (l *Link) svg(s *strings.Builder, r *router) {
	fmt.Fprintf(s, `<path class="link %s" d="%s" marker-end="url(#tip)" data-from="%s" data-to="%s"/>`+"\n", l.Kind, path(r.route(l)), text(l.From.ID), text(l.To.ID))
}
