package board

import (
	"strings"

	"github.com/esgen/esgen/internal/quote"
)

// Diagram is cards and what leads from one to another, each in its place.
type Diagram struct {
	Title quote.Text
	About string

	cards []*card
	wires []*wire
}

// card is a box with lines of text, of diagrams that are no wall.
type card struct {
	id, title string
	of        string   // the id of what it shows of the wall; "": nothing that is there
	said      []string // what stands on it
	titles    []string // the title, as it fits
	lines     []string // what stands on it, as it fits
	class     string
	box       Box
	depth     int
}

// wire connects two cards.
type wire struct {
	from, to *card
	dashed   bool // published and heard; else asked and answered
	label    string
	way      []Point // from edge to edge, once the cards have their places; nil: there is none
}

// What cards measure, in pixels.
const (
	cardWidth = 230
	cardGap   = 190 // side by side: labels stand there
	cardBelow = 34
	cardInset = 12 // from its edge to its text

	cardTitle = 15 // the size of its letters
	titleHigh = 19
	cardText  = 12
	textHigh  = 16
)

func (c *card) measure() {
	c.titles = wrap(quote.Line(quote.Text(c.title)), cardTitle, cardWidth-2*cardInset)
	for _, l := range c.said {
		c.lines = append(c.lines, wrap(l, cardText, cardWidth-2*cardInset)...)
	}
	c.box.W, c.box.H = cardWidth, 15+len(c.titles)*titleHigh+len(c.lines)*textHigh+padding
}

// key is the id of its mark: in a namespace of its own.
func (c *card) key() string { return "card:" + c.id }

// Picture is a diagram as a picture.
func (d *Diagram) Picture() *Picture {
	p := &Picture{Title: d.Title, About: d.About}
	var cards []mark
	for _, c := range d.cards {
		cards = append(cards, c.mark())
		p.Size = Point{max(p.Size.X, c.box.Right()+Margin), max(p.Size.Y, c.box.Bottom()+Margin)}
	}
	labels := newLabels(d)
	var words []mark // above all wires
	for _, w := range d.wires {
		if w.way == nil {
			continue
		}
		for _, at := range w.way {
			p.Size = Point{max(p.Size.X, at.X+wireRoom), max(p.Size.Y, at.Y+wireRoom)}
		}
		p.marks = append(p.marks, mark{class: classLink + " " + string(w.kind()), way: w.way, from: w.from.key(), to: w.to.key()})
		if w.label != "" {
			box := labels.place(w)
			words = append(words, labelIn(box, w.label))
			p.Size = Point{max(p.Size.X, box.Right()+padding), max(p.Size.Y, box.Bottom()+padding)}
		}
	}
	p.marks = append(append(p.marks, words...), cards...)
	return p
}

func (c *card) mark() mark {
	m := mark{class: strings.TrimSpace(classFrame + " " + c.class), id: c.key(), of: c.of, label: c.title, box: &c.box, round: 10}
	m.tip = strings.Join(append([]string{c.title}, c.said...), "; ")
	x, y := float64(c.box.X+cardInset), c.box.Y+5
	for _, l := range c.titles {
		y += titleHigh
		m.texts = append(m.texts, written{Line: Line{l, cardTitle, true}, x: x, y: float64(y)})
	}
	y += 4
	for _, l := range c.lines {
		y += textHigh
		m.texts = append(m.texts, written{Line: Line{Text: l, Size: cardText}, x: x, y: float64(y)})
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
