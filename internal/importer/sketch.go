// Package importer makes a model of a board that was made elsewhere. A reader of
// each format makes a Sketch of it: notes, arrows and areas as they are there. Build
// finds out what belongs to what and writes a model that passes check. What it is not
// sure of it does not guess: it asks, in a hotspot of the model.
package importer

import (
	"github.com/esgen/esgen/internal/board"
)

// Sketch is a board as it was found.
type Sketch struct {
	Title     string // "": nobody says
	Areas     []*Area
	Notes     []*Note
	Types     []*Type
	Examples  []*Example
	Arrows    []Arrow
	Relations []Relation
	Left      []string // what the reader could make nothing of: what it is, and why
}

// Area is a part of the board that holds notes: a bounded context, if its notes are
// of one.
type Area struct {
	ID    string
	Text  string
	Title string     // what people call it; "": the text
	Ask   string     // what is unsure about it
	Box   *board.Box // nil: it says itself what is in it
}

// Note is something on the board.
type Note struct {
	ID     string
	Kind   board.Kind // "": it is some text
	Text   string
	Title  string // what people call it, where that is told apart; "": the text
	About  string // its description
	Box    *board.Box
	Area   string // the area that holds it; "": see where it lies
	Apart  bool   // it is in no area
	Of     string // the note that it belongs to; "": see what it is linked to, and where it lies
	Fields []Field

	Creates bool   // of a command: it makes an instance
	Deletes bool   // of an event: the instance is gone
	Rules   []Rule // of a view
}

// Field is one that a note has.
type Field struct {
	Name string
	Type string // of the language; "": nobody says, or it is one that the board declares
	Key  bool

	Class string // what the board says that it is of
	Form  string // list or optional, of that; "": neither

	tries int // types that check refused
}

// Relation is an arrow of a context map, by the areas' ids: upstream decides,
// downstream follows; or they are partners of a kind.
type Relation struct {
	Upstream, Downstream string
	Kind                 string // partnership, shared-kernel; "": one is upstream
	Roles                []string
}

// Arrow leads from one note to another, by their ids.
type Arrow struct{ From, To string }

func (n *Note) called() string {
	if n.Title != "" {
		return n.Title
	}
	return n.Text
}
