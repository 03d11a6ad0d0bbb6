// Package view keeps read models: tables with typed columns, filled from
// events and read by keys, conditions and pages.
package view

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/esgen/esgen/templates/chassis/message"
	"github.com/esgen/esgen/templates/chassis/store"
	"github.com/esgen/esgen/templates/chassis/values"
)

// ErrNotFound: there is no row of that key.
var ErrNotFound = errors.New("no such row")

// ErrMissing: an event is about a row that is not there yet.
var ErrMissing = fmt.Errorf("row %w", message.ErrMissing)

// Spec says what a view is. R is its row.
type Spec[R any] struct {
	Name    string
	Table   string
	Columns []store.Column
	Indexes []store.Index
	// New is a row with its defaults; nil: the zero value.
	New func() R
	// Bind returns pointers to the fields of a row, in the order of Columns.
	Bind func(row *R) []any
}

// Missing says what a change does whose row is not there.
type Missing int

// What a change does whose row is not there.
const (
	Create Missing = iota // makes it from the defaults
	Skip                  // does nothing
	Retry                 // is ErrMissing
)

// Table is a view's rows.
type Table[R any] struct {
	spec Spec[R]
}

// NewTable returns the table of a view. Call Prepare before its first use.
func NewTable[R any](spec Spec[R]) *Table[R] { return &Table[R]{spec: spec} }

// Prepare makes the table what the model wants.
func (t *Table[R]) Prepare(ctx context.Context, db *store.DB) error {
	return errors.New("not written yet")
}

// Get returns the row of a key, whose parts are in the order of the key columns, or ErrNotFound.
func (t *Table[R]) Get(ctx context.Context, q store.Querier, key ...any) (R, error) {
	var row R
	return row, errors.New("not written yet")
}

// GetAt is Get that waits, at most as long as wait, for the row to show the
// version of the instance that a command answered with. What it has by then it returns.
func (t *Table[R]) GetAt(ctx context.Context, db *store.DB, minVersion int64, wait time.Duration, key ...any) (R, error) {
	var row R
	return row, errors.New("not written yet")
}

// Put stores a row, new or not, as of the event.
func (t *Table[R]) Put(ctx context.Context, tx *store.Tx, meta values.Meta, row R) error {
	return errors.New("not written yet")
}

// Delete removes the row of a key, if there is one.
func (t *Table[R]) Delete(ctx context.Context, tx *store.Tx, key ...any) error {
	return errors.New("not written yet")
}

// DeleteWhere removes the rows for which the condition holds.
func (t *Table[R]) DeleteWhere(ctx context.Context, tx *store.Tx, cond store.Cond) error {
	return errors.New("not written yet")
}

// Change applies an event to the row of a key. The row is locked meanwhile.
// fn changes anything but key columns.
func (t *Table[R]) Change(ctx context.Context, tx *store.Tx, meta values.Meta, key []any, missing Missing, fn func(row *R) error) error {
	return errors.New("not written yet")
}

// ChangeWhere applies an event to every row for which the condition holds, in the order of keys.
func (t *Table[R]) ChangeWhere(ctx context.Context, tx *store.Tx, meta values.Meta, cond store.Cond, fn func(row *R) error) error {
	return errors.New("not written yet")
}

// Find returns the rows for which the condition holds, at most limit (0: all).
// Rows that are equal in the order come in the order of their keys.
func (t *Table[R]) Find(ctx context.Context, q store.Querier, cond store.Cond, orders []store.Order, limit int) ([]R, error) {
	return nil, errors.New("not written yet")
}
