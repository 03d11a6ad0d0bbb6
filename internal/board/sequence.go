package board

import (
	"fmt"
	"strings"

	"github.com/esgen/esgen/internal/quote"
)

// Sequence is what passes between those who take part in a scenario, one thing after
// the other.
type Sequence struct {
	Title quote.Text
	Lanes []*Lane
	Steps []*Exchange
}

// Lane is somebody who takes part.
type Lane struct {
	Title quote.Text
	Kind  Kind // Actor or External; "": a context
	Of    any  // the node of the model that this is: a context, an external system; a person's is not on the wall

	box Box
}

// Exchange is one thing that passes.
type Exchange struct {
	From, To *Lane
	Kind     ExchangeKind
	Text     quote.Text
	Note     Kind // of what is written on the lane; only where Kind is Noted
	Of       any  // the node of the model that this is about; nil: it is not on the wall
}

// ExchangeKind says how something passes.
type ExchangeKind string

// The kinds of exchanges.
const (
	Asked   ExchangeKind = "asked"   // whoever asks waits for the answer
	Refused ExchangeKind = "refused" // the answer is no
	Told    ExchangeKind = "told"    // an event is heard: later, at least once
	Noted   ExchangeKind = "noted"   // something happens at one place: an event, a policy
)

// What a sequence measures, in pixels.
const (
	laneWidth   = 150
	laneGap     = 70
	noteInset   = 8
	labelSize   = 12
	labelHeight = 15
)

// Picture draws a sequence from above to below.
func (s *Sequence) Picture() *Picture { return s.picture(map[any]string{}) }

// picture draws a sequence, of which keys has the ids of what is on the wall.
func (s *Sequence) picture(keys map[any]string) *Picture {
	p := &Picture{Title: s.Title, About: fmt.Sprintf("%d take part, %d exchanges", len(s.Lanes), len(s.Steps))}
	high := 0
	heads := make([]mark, len(s.Lanes))
	for i, l := range s.Lanes {
		lines := linesOf(l.Title, laneWidth)
		l.box = Box{X: Margin + i*(laneWidth+laneGap), Y: Margin, W: laneWidth, H: textHeight(lines) + 2*padding}
		high = max(high, l.box.H)
		heads[i] = l.head(lines, i+1, keys[l.Of])
	}
	y := Margin + high + 24
	var steps []mark
	for i, x := range s.Steps {
		drawn, below := x.marks(y, i+1, keys[x.Of])
		steps = append(steps, drawn...)
		y = below
	}
	for _, l := range s.Lanes {
		l.box.H = high
		p.marks = append(p.marks, mark{class: classThread, way: []Point{{l.middle(), l.box.Bottom()}, {l.middle(), y}}})
	}
	p.marks = append(append(p.marks, heads...), steps...)
	p.Size = Point{2*Margin + len(s.Lanes)*(laneWidth+laneGap) - laneGap, y + Margin}
	return p
}

func linesOf(title quote.Text, width int) []Line {
	text := quote.Line(title)
	size := fitting(text, textSize, width-2*padding)
	var lines []Line
	for _, l := range wrap(text, size, width-2*padding) {
		lines = append(lines, Line{l, size, true})
	}
	return lines
}

func (l *Lane) middle() int { return l.box.X + l.box.W/2 }

func (l *Lane) head(lines []Line, number int, of string) mark {
	kind := l.Kind
	if kind == "" {
		kind = Aggregate
	}
	m := sticker(kind, l.box, lines)
	m.box = &l.box
	m.id, m.of = fmt.Sprintf("lane:%d", number), of
	m.label = string(l.Title)
	m.tip = m.label
	return m
}

// marks are what an exchange looks like below y, and where it ends.
func (x *Exchange) marks(y, number int, of string) ([]mark, int) {
	said := mark{id: fmt.Sprintf("step:%d", number), of: of, label: x.told()}
	said.tip = said.label
	if x.Kind == Noted {
		lines := linesOf(x.Text, laneWidth-2*noteInset)
		box := Box{X: x.From.box.X + noteInset, Y: y, W: laneWidth - 2*noteInset, H: textHeight(lines) + padding}
		m := sticker(x.Note, box, lines)
		m.id, m.of, m.label, m.tip = said.id, said.of, said.label, said.tip
		return []mark{m}, box.Bottom() + padding*2
	}
	from, to := x.From.middle(), x.To.middle()
	left, right := from, from+laneWidth // to itself
	switch {                            // else beside who speaks, so that no other's line runs through it
	case from < to:
		right += laneGap
	case to < from:
		left, right = from-laneWidth-laneGap, from
	}
	said.class = classLabel
	for _, l := range wrap(quote.Line(x.Text), labelSize, right-left-2*padding) {
		y += labelHeight
		said.texts = append(said.texts, written{Line: Line{Text: l, Size: labelSize}, x: float64(left+right) / 2, y: float64(y), middle: true})
	}
	y += padding
	way := []Point{{from, y}, {to, y}}
	if from == to {
		back := y + labelHeight
		way = []Point{{from, y}, {from + laneGap/2, y}, {from + laneGap/2, back}, {to, back}}
		y = back
	}
	kind := Asks
	if x.Kind != Asked {
		kind = Crosses
	}
	return []mark{{class: classLink + " " + string(kind), way: way}, said}, y + padding
}

// told is what an exchange is called by who reads it out.
func (x *Exchange) told() string {
	words := map[ExchangeKind]string{Asked: "%s asks %s: %s", Refused: "%s refuses %s: %s", Told: "%s tells %s: %s"}
	if x.Kind == Noted {
		return fmt.Sprintf("%s at %s: %s", x.Note, x.From.Title, x.Text)
	}
	return fmt.Sprintf(words[x.Kind], x.From.Title, x.To.Title, x.Text)
}

// Mermaid is a sequence as Mermaid's sequenceDiagram.
func (s *Sequence) Mermaid() []byte {
	var out strings.Builder
	out.WriteString("sequenceDiagram\n")
	id := map[*Lane]string{}
	for i, l := range s.Lanes {
		id[l] = fmt.Sprintf("p%d", i+1)
		word := "participant"
		if l.Kind == Actor {
			word = "actor"
		}
		fmt.Fprintf(&out, "  %s %s as %s\n", word, id[l], referenced(l.Title))
	}
	arrows := map[ExchangeKind]string{Asked: "->>", Refused: "--x", Told: "--)"}
	for _, x := range s.Steps {
		if x.Kind == Noted {
			fmt.Fprintf(&out, "  Note over %s: %s\n", id[x.From], referenced(x.Text))
			continue
		}
		fmt.Fprintf(&out, "  %s%s%s: %s\n", id[x.From], arrows[x.Kind], id[x.To], referenced(x.Text))
	}
	return []byte(out.String())
}
