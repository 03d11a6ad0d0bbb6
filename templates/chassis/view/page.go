package view

import (
	"context"
	"errors"

	"github.com/esgen/esgen/templates/chassis/store"
)

// Limits of a page.
const (
	DefaultLimit = 50
	MaxLimit     = 200
)

// ErrCursor: a cursor is forged, damaged or from another query.
var ErrCursor = errors.New("the cursor is not of this query")

// ErrQuery: a filter or a sort names no column, or its value does not fit.
var ErrQuery = errors.New("the query does not fit the view")

// Query asks for a page of a view.
type Query struct {
	// Where is what the model says, of a named query or of allow.
	Where store.Cond
	// Filter asks for equality, column by column, as text like in a URL.
	Filter map[string]string
	// Search looks for text in the columns that are searchable.
	Search string
	// Sort overrides DefaultSort: names of columns, descending with a "-".
	Sort        []string
	DefaultSort []string
	Cursor      string // Page.Next of the page before
	Limit       int    // 0: DefaultLimit; cut at MaxLimit
}

// Page is a part of the rows that a query asks for.
type Page[R any] struct {
	Rows []R
	Next string // cursor of the next page; empty: this is the last one
}

// Page returns a page of rows. Pages neither repeat nor skip a row that stays as it is.
func (t *Table[R]) Page(ctx context.Context, q store.Querier, query Query) (Page[R], error) {
	return Page[R]{}, errors.New("not written yet")
}
