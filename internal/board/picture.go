package board

import (
	"fmt"
	"strings"

	"github.com/esgen/esgen/internal/quote"
)

// Picture is something drawn: what it shows, and the marks that make it.
type Picture struct {
	Title quote.Text
	About string // what it says to who does not see it
	Size  Point

	marks []mark
}

// mark is one thing of a picture: a box with what is written on it, or an arrow.
type mark struct {
	class string // what it looks like
	id    string // "": nobody looks for it
	of    string // the id of what it shows of the wall; "": nothing that is there, or it is on the wall
	label string // what it is called by who reads it out; "": nothing
	tip   string // what more there is to say of it

	box   *Box
	round int    // the radius of its corners
	fill  string // "": as its class has it
	texts []written

	way      []Point // of an arrow
	from, to string  // the ids of the notes between which it is
}

// written is a line of text in a picture.
type written struct {
	Line
	x, y   float64 // where it begins, or its middle is; y is that of its base line
	middle bool
	ink    string // "": as the class has it
}

// classes of marks: those that have a look of their own.
const (
	classFrame  = "frame"
	classNote   = "note"
	classLink   = "link"
	classLabel  = "label"
	classThread = "thread" // the line of a participant of a sequence
)

// theme is what changes between light and dark; notes are paper in both.
type theme struct{ ground, paper, edge, ink, line, faint string }

var (
	light = theme{"#f6f5f2", "#ffffff", "#b9b4aa", "#2b2a27", "#6b675f", "#6b675f"}
	dark  = theme{"#1d1e21", "#27292d", "#5a5d64", "#e9e7e2", "#a5a299", "#c9c5bb"}
)

// dashes of the kinds of links that have some, in pixels: line and gap.
var dashes = map[LinkKind][2]float64{Crosses: {6, 4}, Reads: {1.5, 3.5}}

// kind is that of a link's mark.
func (m mark) kind() LinkKind {
	return LinkKind(strings.TrimPrefix(m.class, classLink+" "))
}

// Picture is a board as a picture.
func (b *Board) Picture() *Picture {
	p := &Picture{Title: b.Title, About: b.about(), Size: b.Size}
	for _, f := range b.Frames {
		if f.Name != "" {
			p.marks = append(p.marks, f.mark())
		}
	}
	routes := newRouter(b)
	for _, l := range b.Links {
		p.marks = append(p.marks, mark{class: classLink + " " + string(l.Kind), way: routes.route(l), from: l.From.ID, to: l.To.ID})
	}
	for _, n := range b.Notes {
		p.marks = append(p.marks, n.mark())
	}
	return p
}

// SVG draws a board. It is light or dark as whoever looks at it likes it.
func (b *Board) SVG() []byte { return b.Picture().SVG() }

// about says what is on a board to who does not see it.
func (b *Board) about() string {
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

func (f *Frame) key() string { return frameKey(f.Name) }

// frameKey is the id of a context's frame.
func frameKey(context string) string { return "frame:" + context }

func (f *Frame) mark() mark {
	title := written{Line: Line{string(f.Title), titleSize, true}, x: float64(f.Box.X + inset), y: float64(f.Box.Y + heading - 12)}
	return mark{class: classFrame, id: f.key(), box: &f.Box, round: 10, texts: []written{title}}
}

func (n *Note) mark() mark {
	m := sticker(n.Kind, n.Box, n.Lines)
	m.id, m.label, m.tip = n.ID, n.label(), n.tip()
	return m
}

// sticker is a note with its text in the middle.
func sticker(kind Kind, box Box, lines []Line) mark {
	c := look[kind]
	m := mark{class: classNote + " " + string(kind), box: &box, round: 3, fill: c.fill}
	y := float64(box.Y) + float64(box.H-textHeight(lines))/2
	for _, l := range lines {
		high := float64(l.Size) * lineHeight
		m.texts = append(m.texts, written{Line: l, x: float64(box.X) + float64(box.W)/2, y: y + high*0.76, middle: true, ink: c.ink})
		y += high
	}
	return m
}

// label is what a note is called by who reads it out.
func (n *Note) label() string { return string(n.Kind) + " " + string(n.Title) }

func (n *Note) tip() string {
	if n.Text == "" {
		return n.label()
	}
	return n.label() + ": " + string(n.Text)
}
