package view

import (
	"context"
	"fmt"
)

// Place is a place in the order of a view's changes.
type Place struct {
	Generation int64 // of the view: it is another one once it was rebuilt
	Number     int64
}

// String is the place as an id of events.
func (p Place) String() string {
	return fmt.Sprintf("%d-%d", p.Generation, p.Number)
}

// ParsePlace reads an id of events.
func ParsePlace(text string) (p Place, ok bool) {
	_, err := fmt.Sscanf(text, "%d-%d", &p.Generation, &p.Number)
	return p, err == nil && p.String() == text
}

// Changed is a row that changed, as it was and as it is; nil: it was not there
// before, or is no longer.
type Changed[R any] struct {
	At            Place
	Before, After *R
}

// Stream tells what changes in a view, whichever replica changes it.
type Stream[R any] interface {
	Reader[R]
	// Begin finds the place to go on from: that of the last event that somebody
	// has, or now. kept is false where not all changes since are known any more:
	// the rows are to be read anew.
	Begin(ctx context.Context, last string) (at Place, kept bool, err error)
	// Changes are those after a place, some at a time, and the place of the last;
	// kept as of Begin.
	Changes(ctx context.Context, after Place) (changes []Changed[R], at Place, kept bool, err error)
	// Changing is closed when there may be more. It is a hint only: another
	// replica's changes are not heard.
	Changing() <-chan struct{}
	// Matching tells which rows have what a query filters by.
	Matching(query Query) (func(row R) bool, error)
}
