package board

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/esgen/esgen/internal/quote"
	"github.com/esgen/esgen/model"
)

// card is a box with lines of text, of diagrams that are no wall.
type card struct {
	id, title string
	said      []string // what stands on it
	lines     []string // the same, as they fit
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
	for _, l := range c.said {
		c.lines = append(c.lines, wrap(l, 12, cardWidth-2*padding)...)
	}
	c.box.W, c.box.H = cardWidth, 34+len(c.lines)*16+padding
}

// roles are what context maps call the roles of a relation.
var roles = map[string]string{
	"customer-supplier": "C/S", "conformist": "CF", "anticorruption-layer": "ACL", "open-host-service": "OHS", "published-language": "PL",
}

// Map draws the context map of a model: who decides (upstream) and who follows,
// by what is heard and what is asked between them, and what the model says of it.
func Map(sys *model.System) *Diagram {
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
			c.said = append(c.said, f.Domain)
		}
		for _, n := range f.notes {
			if n.Kind == Aggregate {
				c.said = append(c.said, string(n.Title))
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
		w.label = counted(amount{counts[w][Crosses], "event", "events"}, amount{counts[w][Asks], "call", "calls"})
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
	return &Diagram{Title: b.Title, About: "context map", cards: all, wires: wires}
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

// amount is how many there are of something.
type amount struct {
	n         int
	one, many string
}

// counted tells of which things there are some, and how many.
func counted(amounts ...amount) string {
	var parts []string
	for _, a := range amounts {
		switch {
		case a.n == 1:
			parts = append(parts, "1 "+a.one)
		case a.n > 1:
			parts = append(parts, fmt.Sprintf("%d %s", a.n, a.many))
		}
	}
	return strings.Join(parts, ", ")
}

// Diagram is cards and what leads from one to another, each in its place.
type Diagram struct {
	Title quote.Text
	About string

	cards []*card
	wires []*wire
}

// Picture is a diagram as a picture.
func (d *Diagram) Picture() *Picture {
	p := &Picture{Title: d.Title, About: d.About}
	for _, c := range d.cards {
		p.Size = Point{max(p.Size.X, c.box.Right()+Margin), max(p.Size.Y, c.box.Bottom()+Margin)}
	}
	var labels, cards []mark
	var taken []Box
	for _, c := range d.cards {
		cards, taken = append(cards, c.mark()), append(taken, c.box)
	}
	for _, w := range d.wires {
		way := w.way()
		if way == nil {
			continue
		}
		p.marks = append(p.marks, mark{class: classLink + " " + string(w.kind()), way: way})
		if w.label != "" {
			box := besideWay(way, w.label, taken)
			taken = append(taken, box)
			labels = append(labels, labelIn(box, w.label))
		}
	}
	p.marks = append(append(p.marks, labels...), cards...) // labels stand above all wires
	return p
}

func (c *card) mark() mark {
	x := float64(c.box.X + padding + 4)
	m := mark{class: strings.TrimSpace(classFrame + " " + c.class), id: c.id, box: &c.box, round: 10}
	m.texts = append(m.texts, written{Line: Line{c.title, 15, true}, x: x, y: float64(c.box.Y + 24)})
	for i, l := range c.lines {
		m.texts = append(m.texts, written{Line: Line{Text: l, Size: 12}, x: x, y: float64(c.box.Y + 44 + 16*i)})
	}
	return m
}

// kind is how a wire is drawn.
func (w *wire) kind() LinkKind {
	if w.dashed {
		return Crosses
	}
	return Asks
}

// besideWay is a place for a text at the left of a way, where nothing else stands if
// there is such a place: as near to its middle as can be.
func besideWay(way []Point, text string, taken []Box) Box {
	a, b := way[0], way[len(way)-1]
	w, h := int(Measure(text, labelSize)), labelHeight
	long := math.Hypot(float64(b.X-a.X), float64(b.Y-a.Y))
	left, up := -float64(b.Y-a.Y)/long, float64(b.X-a.X)/long
	away := math.Abs(left)*float64(w)/2 + math.Abs(up)*float64(h)/2 + 3
	at := func(part float64) Box {
		x := float64(a.X) + float64(b.X-a.X)*part + left*away
		y := float64(a.Y) + float64(b.Y-a.Y)*part + up*away
		return Box{int(x) - w/2, int(y) - h/2, w, h}
	}
	for _, part := range []float64{0.5, 0.4, 0.6, 0.3, 0.7, 0.2, 0.8, 0.1, 0.9} {
		if box := at(part); !slices.ContainsFunc(taken, box.Overlaps) {
			return box
		}
	}
	return at(0.5)
}

// labelIn is a text in a place of its own.
func labelIn(box Box, text string) mark {
	return mark{class: classLabel, texts: []written{{
		Line: Line{Text: text, Size: labelSize}, x: float64(box.X) + float64(box.W)/2, y: float64(box.Bottom() - 3), middle: true,
	}}}
}

// way leads straight from edge to edge, a little to the left of the middle, so that
// the one that leads back has a place of its own; nil: there is none.
func (w *wire) way() []Point {
	from, to := w.from.box, w.to.box
	x1, y1, x2, y2 := float64(from.X+from.W/2), float64(mid(from)), float64(to.X+to.W/2), float64(mid(to))
	long := math.Hypot(x2-x1, y2-y1)
	if long == 0 {
		return nil
	}
	aside := 14.0
	dx, dy := -(y2-y1)/long*aside, (x2-x1)/long*aside
	x1, y1, x2, y2 = x1+dx, y1+dy, x2+dx, y2+dy
	ax, ay := edge(from, x1, y1, x2, y2)
	bx, by := edge(to, x2, y2, x1, y1)
	return []Point{{int(math.Round(ax)), int(math.Round(ay))}, {int(math.Round(bx)), int(math.Round(by))}}
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
