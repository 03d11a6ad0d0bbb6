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

// style is the sheet of a picture.
func style() string {
	var s strings.Builder
	s.WriteString(`svg{font-family:"Helvetica Neue",Helvetica,Arial,"Noto Sans","Noto Sans KR","Noto Sans CJK KR","Apple SD Gothic Neo","Malgun Gothic",sans-serif}` + "\n")
	s.WriteString(".frame rect{stroke-width:1.5}.core rect{stroke-width:3}.note rect{stroke:#0003}.link,.thread{fill:none;stroke-width:1.4}.label{font-size:12px;paint-order:stroke;stroke-width:5px}\n")
	for _, kind := range []LinkKind{Crosses, Reads} {
		fmt.Fprintf(&s, ".%s{stroke-dasharray:%g %g}", kind, dashes[kind][0], dashes[kind][1])
	}
	fmt.Fprintf(&s, "\n%s\n@media (prefers-color-scheme:dark){%s}", light.sheet(), dark.sheet())
	return s.String()
}

// sheet has the colours of a theme.
func (t theme) sheet() string {
	return fmt.Sprintf("svg{background:%s}.frame rect{fill:%s;stroke:%s}.frame text{fill:%s}.link,.thread{stroke:%s}.tip{fill:%[5]s}.label{fill:%[6]s;stroke:%[1]s}",
		t.ground, t.paper, t.edge, t.ink, t.line, t.faint)
}

const arrowTip = `<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto-start-reverse"><path class="tip" d="M0 0L8 4L0 8z"/></marker></defs>` + "\n"

// SVG is a picture that is light or dark as whoever looks at it likes it.
func (p *Picture) SVG() []byte {
	var s strings.Builder
	p.svg(&s, "<style>"+style()+"</style>\n")
	return []byte(s.String())
}

// svg draws a picture with a style sheet; "": it stands on a page that has one.
func (p *Picture) svg(s *strings.Builder, style string) {
	fmt.Fprintf(s, `<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %[1]d %[2]d" role="img" aria-labelledby="title desc">`+"\n", p.Size.X, p.Size.Y)
	fmt.Fprintf(s, "<title id=\"title\">%s</title>\n<desc id=\"desc\">%s</desc>\n%s%s", text(string(p.Title)), text(p.About), style, arrowTip)
	for _, m := range p.marks {
		m.svg(s)
	}
	s.WriteString("</svg>\n")
}

// text is a text of the model, on one line, as HTML and SVG have it.
func text(s string) string { return quote.HTML(quote.Line(s)) }

func (m mark) svg(s *strings.Builder) {
	switch {
	case m.box != nil:
		m.svgBox(s)
	case m.way == nil:
		m.group(s, m.svgTexts)
	case m.class == classThread:
		fmt.Fprintf(s, `<path class="%s" d="%s"/>`, m.class, path(m.way, m.kind().period()))
	case m.from != "":
		fmt.Fprintf(s, `<path class="%s" d="%s" marker-end="url(#tip)" data-from="%s" data-to="%s"/>`, m.class, path(m.way, m.kind().period()), text(m.from), text(m.to))
	default:
		fmt.Fprintf(s, `<path class="%s" d="%s" marker-end="url(#tip)"/>`, m.class, path(m.way, m.kind().period()))
	}
	s.WriteByte('\n')
}

// group has what belongs together, and says what it is.
func (m mark) group(s *strings.Builder, inside func(*strings.Builder)) {
	fmt.Fprintf(s, `<g class="%s"`, text(m.class))
	if m.id != "" {
		fmt.Fprintf(s, ` id="%s"`, text(m.id))
	}
	if m.of != "" {
		fmt.Fprintf(s, ` data-of="%s"`, text(m.of))
	}
	if m.label != "" {
		fmt.Fprintf(s, ` tabindex="0" role="img" aria-label="%s"><title>%s</title`, text(m.label), text(m.tip))
	}
	s.WriteByte('>')
	inside(s)
	s.WriteString("</g>")
}

func (m mark) svgBox(s *strings.Builder) {
	m.group(s, func(s *strings.Builder) {
		fmt.Fprintf(s, `<rect x="%d" y="%d" width="%d" height="%d" rx="%d"`, m.box.X, m.box.Y, m.box.W, m.box.H, m.round)
		if m.fill != "" {
			fmt.Fprintf(s, ` fill="%s"`, m.fill)
		}
		s.WriteString("/>")
		m.svgTexts(s)
	})
}

func (m mark) svgTexts(s *strings.Builder) {
	for _, l := range m.texts {
		fmt.Fprintf(s, `<text x="%.0f" y="%.1f" font-size="%d"`, l.x, l.y, l.Size)
		if l.Bold {
			s.WriteString(` font-weight="600"`)
		}
		if l.ink != "" {
			fmt.Fprintf(s, ` fill="%s"`, l.ink)
		}
		if l.middle {
			s.WriteString(` text-anchor="middle"`)
		}
		fmt.Fprintf(s, ">%s</text>", text(l.Text))
	}
}
