package board

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/esgen/esgen/model"
)

// card is a box with lines of text, of diagrams that are no wall.
type card struct {
	id, title string
	lines     []string
	class     string
	box       Box
	depth     int
}

// wire connects two cards.
type wire struct {
	from, to *card
	dashed   bool // published and heard; else asked and answered
	label    string
}

// What cards measure, in pixels.
const (
	cardWidth = 230
	cardGap   = 190 // side by side: labels stand there
	cardBelow = 34
)

func (c *card) measure() {
	var lines []string
	for _, l := range c.lines {
		lines = append(lines, wrap(l, 12, cardWidth-2*padding)...)
	}
	c.lines = lines
	c.box.W, c.box.H = cardWidth, 34+len(lines)*16+padding
}

// roles are what context maps call the roles of a relation.
var roles = map[string]string{
	"customer-supplier": "C/S", "conformist": "CF", "anticorruption-layer": "ACL", "open-host-service": "OHS", "published-language": "PL",
}

// Map draws the context map of a model: who decides (upstream) and who follows,
// by what is heard and what is asked between them, and what the model says of it.
func Map(sys *model.System) []byte {
	b := Of(sys)
	cards := map[*Frame]*card{}
	byName := map[string]*card{}
	var all []*card
	for _, f := range b.Frames {
		if f.Name == "" {
			continue
		}
		c := &card{id: f.Name, title: string(f.Title), class: "context " + f.Domain, depth: f.depth}
		if f.Domain != "" {
			c.lines = append(c.lines, f.Domain)
		}
		for _, n := range f.notes {
			if n.Kind == Aggregate {
				c.lines = append(c.lines, string(n.Title))
			}
		}
		cards[f], byName[f.Name] = c, c
		all = append(all, c)
	}
	between := map[[2]*card]*wire{}
	var wires []*wire
	get := func(from, to *card, dashed bool) *wire {
		w := between[[2]*card{from, to}]
		if w == nil {
			w = &wire{from: from, to: to, dashed: dashed}
			between[[2]*card{from, to}] = w
			wires = append(wires, w)
		}
		w.dashed = w.dashed && dashed
		return w
	}
	counts := map[*wire]map[LinkKind]int{}
	for _, l := range b.Links {
		from, to := cards[l.From.Frame], cards[l.To.Frame]
		if from == nil || to == nil || from == to || l.Kind == Reads {
			continue
		}
		if l.Kind == Asks { // who is asked is upstream
			from, to = to, from
		}
		w := get(from, to, l.Kind == Crosses)
		if counts[w] == nil {
			counts[w] = map[LinkKind]int{}
		}
		counts[w][l.Kind]++
	}
	for _, w := range wires {
		w.label = counted(counts[w][Crosses], "event", counts[w][Asks], "call")
	}
	for _, r := range sys.Relations {
		up, down := r.Upstream, r.Downstream
		if len(r.Between) == 2 {
			up, down = r.Between[0], r.Between[1]
		}
		if up == nil || down == nil || byName[up.Name] == nil || byName[down.Name] == nil {
			continue
		}
		w := get(byName[up.Name], byName[down.Name], true)
		var said []string
		if r.Kind != "" {
			said = append(said, r.Kind)
		}
		for _, role := range r.Roles {
			said = append(said, roles[role.Value])
		}
		w.label = strings.TrimPrefix(w.label+" · "+strings.Join(said, " "), " · ")
	}
	round(all)
	return draw(string(b.Title), "context map", all, wires)
}

// round places cards in a circle, in their order: between any two there is a way that
// leads past all others.
func round(cards []*card) {
	if len(cards) == 0 {
		return
	}
	around, high := 0, 0
	for _, c := range cards {
		c.measure()
		around, high = around+c.box.W+c.box.H+2*cardGap/3, max(high, c.box.H)
	}
	radius := max(float64(around)/(2*math.Pi), cardWidth)
	for i, c := range cards {
		angle := 2*math.Pi*float64(i)/float64(len(cards)) - math.Pi
		c.box.X = Margin + int(radius*1.25*(1+math.Cos(angle)))
		c.box.Y = Margin + int(radius*0.8*(1+math.Sin(angle)))
	}
}

// inColumns places cards in columns, by their depth.
func inColumns(cards []*card) {
	last := 0
	for _, c := range cards {
		c.measure()
		last = max(last, c.depth)
	}
	heights := make([]int, last+1)
	for _, c := range cards {
		if heights[c.depth] > 0 {
			heights[c.depth] += cardBelow
		}
		heights[c.depth] += c.box.H
	}
	tallest := slices.Max(heights)
	at := make([]int, last+1)
	for _, c := range cards {
		c.box.X = Margin + c.depth*(cardWidth+cardGap)
		c.box.Y = Margin + (tallest-heights[c.depth])/2 + at[c.depth]
		at[c.depth] += c.box.H + cardBelow
	}
}

func counted(n int, one string, m int, other string) string {
	var parts []string
	for _, x := range []struct {
		n    int
		what string
	}{{n, one}, {m, other}} {
		switch {
		case x.n == 1:
			parts = append(parts, "1 "+x.what)
		case x.n > 1:
			parts = append(parts, fmt.Sprintf("%d %s", x.n, strings.TrimSuffix(x.what, "y")+map[bool]string{true: "ies", false: "s"}[strings.HasSuffix(x.what, "y")]))
		}
	}
	return strings.Join(parts, ", ")
}

// mapStyle is what a map has beside the style of a board.
const mapStyle = "\n.frame.core rect{stroke-width:3}.label{fill:#6b675f;font-size:12px;paint-order:stroke;stroke:#f6f5f2;stroke-width:5px}\n@media (prefers-color-scheme:dark){.label{fill:#c9c5bb;stroke:#1d1e21}}"

// draw draws cards that have their places.
func draw(title, what string, cards []*card, wires []*wire) []byte {
	width, height := 0, 0
	for _, c := range cards {
		width, height = max(width, c.box.Right()+Margin), max(height, c.box.Bottom()+Margin)
	}
	var s strings.Builder
	open(&s, width, height, title, what, style+mapStyle)
	for _, w := range wires {
		w.svg(&s)
	}
	for _, c := range cards {
		fmt.Fprintf(&s, `<g class="frame %s" id="%s"><rect x="%d" y="%d" width="%d" height="%d" rx="10"/><text x="%d" y="%d" font-size="15" font-weight="700">%s</text>`,
			text(c.class), text(c.id), c.box.X, c.box.Y, c.box.W, c.box.H, c.box.X+padding+4, c.box.Y+24, text(c.title))
		for i, l := range c.lines {
			fmt.Fprintf(&s, `<text x="%d" y="%d" font-size="12">%s</text>`, c.box.X+padding+4, c.box.Y+44+16*i, text(l))
		}
		s.WriteString("</g>\n")
	}
	s.WriteString("</svg>\n")
	return []byte(s.String())
}

// svg draws a wire straight from edge to edge, a little to the left of the middle, so
// that the one that leads back has a place of its own.
func (w *wire) svg(s *strings.Builder) {
	from, to := w.from.box, w.to.box
	x1, y1, x2, y2 := float64(from.X+from.W/2), float64(mid(from)), float64(to.X+to.W/2), float64(mid(to))
	long := math.Hypot(x2-x1, y2-y1)
	if long == 0 {
		return
	}
	aside := 14.0
	dx, dy := -(y2-y1)/long*aside, (x2-x1)/long*aside
	x1, y1, x2, y2 = x1+dx, y1+dy, x2+dx, y2+dy
	ax, ay := edge(from, x1, y1, x2, y2)
	bx, by := edge(to, x2, y2, x1, y1)
	class := "asks"
	if w.dashed {
		class = "crosses"
	}
	fmt.Fprintf(s, `<path class="link %s" d="M%.0f %.0fL%.0f %.0f" marker-end="url(#tip)"/>`, class, ax, ay, bx, by)
	if w.label != "" {
		fmt.Fprintf(s, `<text class="label" x="%.0f" y="%.0f" text-anchor="middle">%s</text>`, ax+(bx-ax)*0.55, ay+(by-ay)*0.55+4, text(w.label))
	}
	s.WriteByte('\n')
}

// edge is where a line from inside a box leaves it.
func edge(b Box, x1, y1, x2, y2 float64) (x, y float64) {
	t := 1.0
	for _, side := range []struct{ at, from, to float64 }{
		{float64(b.X), x1, x2}, {float64(b.Right()), x1, x2}, {float64(b.Y), y1, y2}, {float64(b.Bottom()), y1, y2},
	} {
		if side.to == side.from {
			continue
		}
		if part := (side.at - side.from) / (side.to - side.from); part > 0 && part < t {
			t = part
		}
	}
	return x1 + (x2-x1)*t, y1 + (y2-y1)*t
}
