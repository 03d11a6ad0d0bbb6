// Package board is a model as the wall it comes from: sticky notes in the standard
// colours of event storming, in frames for the bounded contexts, with arrows for
// what follows from what.
//
// Of collects the notes of a model; Board.Arrange gives them places; SVG, HTML,
// Mermaid and Markdown show them.
package board

import "github.com/esgen/esgen/internal/quote"

// Kind is what a note is, and so what colour it has.
type Kind string

// The kinds of notes, as Brandolini's event storming has them.
const (
	Event     Kind = "event"     // orange: what happened
	Command   Kind = "command"   // blue: what somebody wants
	Aggregate Kind = "aggregate" // yellow: what keeps the rules
	Policy    Kind = "policy"    // lilac: whenever this, then that
	Saga      Kind = "saga"      // lilac: a story of several steps
	View      Kind = "view"      // green: what somebody looks at
	External  Kind = "external"  // pink: a system of somebody else
	Actor     Kind = "actor"     // small and yellow: who
	Hotspot   Kind = "hotspot"   // red: an open question
)

// Board is a wall.
type Board struct {
	Title  quote.Text
	Frames []*Frame // in the order of the model
	Notes  []*Note
	Links  []*Link
	Size   Point // of all of it, once it is arranged

	of   map[any]*Note  // by the node of the model
	keys map[any]string // the ids of notes and frames, by the node of the model that they show
}

// NoteOf is the note on which a node of the model stands; nil: none does. What an
// external system does and says stands on the system's.
func (b *Board) NoteOf(node any) *Note { return b.of[node] }

// Frame is a bounded context, or the surroundings of what is in none.
type Frame struct {
	Name   string // of the context; "": what is in none
	Title  quote.Text
	Domain string // core, supporting or generic; "": not said
	Box    Box

	depth int // how far from the beginning of the story
	right int // where the widest of its depth ends
	notes []*Note
}

// Note is a sticky note.
type Note struct {
	ID    string // unique on the board, the same as long as the note is called the same
	Kind  Kind
	Name  string     // as the model has it
	Title quote.Text // what people call it
	Text  quote.Text // its description
	Frame *Frame
	Of    *Note // what it hangs on: a command's or event's aggregate, an actor's command, a hotspot's note; nil: nothing
	Box   Box
	Lines []Line // its text, as it is written on it

	row Box // what stands beside it, between whose rows arrows pass
}

// Line is a line of text on a note.
type Line struct {
	Text string
	Size int  // of the letters, in pixels
	Bold bool // what it is called; else what else there is to say
}

// Link is an arrow: the second follows from the first.
type Link struct {
	From, To *Note
	Kind     LinkKind
}

// LinkKind says how one follows from the other.
type LinkKind string

// The kinds of links.
const (
	Follows LinkKind = "follows" // in one context
	Crosses LinkKind = "crosses" // an event that is heard in another context: later, at least once
	Asks    LinkKind = "asks"    // a call whose answer is waited for
	Reads   LinkKind = "reads"   // a view that is looked at to decide
)

// Point is a place, in pixels, from the upper left.
type Point struct{ X, Y int }

// Box is a rectangle, in pixels.
type Box struct{ X, Y, W, H int }

// Right and Bottom are where it ends.
func (b Box) Right() int { return b.X + b.W }

// Bottom is where it ends below.
func (b Box) Bottom() int { return b.Y + b.H }

// Overlaps tells whether two have something in common.
func (b Box) Overlaps(o Box) bool {
	return b.X < o.Right() && o.X < b.Right() && b.Y < o.Bottom() && o.Y < b.Bottom()
}
