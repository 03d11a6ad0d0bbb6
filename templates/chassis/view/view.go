// Package view is what read models are to those who read them, and to those who
// say what events do to them. The tables they are kept in are package table's.
package view

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/esgen/esgen/templates/chassis/message"
	"github.com/esgen/esgen/templates/chassis/where"
)

// ErrNotFound: there is no row of that key.
var ErrNotFound = errors.New("no such row")

// ErrBuilding: the rows are being made from all events that there were.
var ErrBuilding = fmt.Errorf("its rows are being made anew: %w", message.ErrUnavailable)

// ErrMissing: an event is about a row that is not there yet.
var ErrMissing = fmt.Errorf("row %w", message.ErrMissing)

// ErrCursor: a cursor is forged, damaged or from another query.
var ErrCursor = errors.New("the cursor is not of this query")

// ErrQuery: a filter or a sort names no column, or its value does not fit.
var ErrQuery = errors.New("the query does not fit the view")

// Limits of a page.
const (
	DefaultLimit = 50
	MaxLimit     = 200
)

// Query asks for a page of a view.
type Query struct {
	// Where is what the model says, of a named query or of allow.
	Where where.Cond
	// Filter asks for equality, column by column, in the text of a URL.
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

// Reader reads the rows of a view.
type Reader[R any] interface {
	// Get returns the row of a key, whose parts are in the order of the key's
	// columns, or ErrNotFound.
	Get(ctx context.Context, key ...any) (R, error)
	// GetAt is Get that waits, at most as long as wait, for the row to show the
	// version of the instance that a command answered with. What it has by then it
	// returns.
	GetAt(ctx context.Context, minVersion int64, wait time.Duration, key ...any) (R, error)
	// Find returns the rows for which the condition holds, at most limit (0: all).
	// Rows that are equal in the order come in the order of their keys.
	Find(ctx context.Context, cond where.Cond, orders []where.Order, limit int) ([]R, error)
	// Columns are the columns of fields by their JSON names: what can be filtered and
	// sorted by.
	Columns() map[string]string
	// Page returns a page of rows. Pages neither repeat nor skip a row that stays as it is.
	Page(ctx context.Context, query Query) (Page[R], error)
}

// Missing says what a change does whose row is not there.
type Missing int

// What a change does whose row is not there.
const (
	Create Missing = iota // makes it from the defaults
	Skip                  // does nothing
	Retry                 // is ErrMissing
)

// Key is the key of a row, its parts in the order of the key's columns.
type Key []any

// Change is what an event does to the rows of a view.
type Change[R any] struct {
	Key     Key          // of the row; nil: those of Where
	Where   where.Cond   // which rows, without a key
	Missing Missing      // with a key
	Set     func(row *R) // anything but key columns; nil: the rows are removed
	// Decide makes of a row what it is to be, its key apart, in place of Set; nil: the
	// model says it.
	Decide  func(row R) (R, error)
	Columns []string // that are set to what is personal of the event; see Personal
}

// Upsert changes a row, and makes it where it is missing.
func Upsert[R any](key Key, set func(row *R)) Change[R] {
	return Change[R]{Key: key, Set: set}
}

// Update changes a row, and does nothing where it is missing.
func Update[R any](key Key, set func(row *R)) Change[R] {
	return Change[R]{Key: key, Missing: Skip, Set: set}
}

// Await changes a row; where it is missing, the event comes again later.
func Await[R any](key Key, set func(row *R)) Change[R] {
	return Change[R]{Key: key, Missing: Retry, Set: set}
}

// UpdateWhere changes the rows for which a condition holds.
func UpdateWhere[R any](cond where.Cond, set func(row *R)) Change[R] {
	return Change[R]{Where: cond, Set: set}
}

// Delete removes a row, if it is there.
func Delete[R any](key Key) Change[R] { return Change[R]{Key: key} }

// DeleteWhere removes the rows for which a condition holds.
func DeleteWhere[R any](cond where.Cond) Change[R] { return Change[R]{Where: cond} }

// Decided is the change of a row, or of several, to what somebody decides that it is to be.
func (c Change[R]) Decided(decide func(row R) (R, error)) Change[R] {
	c.Decide = decide
	return c
}

// Removes reports whether the rows are removed.
func (c Change[R]) Removes() bool { return c.Set == nil && c.Decide == nil }

// Personal is the change, which sets some columns to what is personal of the event.
func (c Change[R]) Personal(columns ...string) Change[R] {
	c.Columns = columns
	return c
}
