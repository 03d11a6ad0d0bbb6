package view

import "github.com/esgen/esgen/templates/chassis/where"

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
	Columns []string     // that are set to what is personal of the event; see Personal
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

// Personal is the change, which sets some columns to what is personal of the event.
func (c Change[R]) Personal(columns ...string) Change[R] {
	c.Columns = columns
	return c
}
