package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

// Type is what a column holds.
type Type int

// The types of columns, beside how each is kept on PostgreSQL and on SQLite.
const (
	Text     Type = iota // TEXT COLLATE "C": sorted by code point on both
	Bool                 // BOOLEAN; INTEGER
	Int                  // BIGINT; INTEGER
	Decimal              // NUMERIC; TEXT COLLATE DECIMAL, which compares numbers
	Date                 // DATE; TEXT
	Time                 // TIMESTAMPTZ; TEXT of fixed width in UTC
	Duration             // BIGINT of microseconds; INTEGER
	JSON                 // JSONB; TEXT
)

// Column is a column of an aggregate's or a view's table. All but key columns
// may be NULL, so that a column can be added to a table that has rows.
type Column struct {
	Name string
	Type Type
	// Key: part of the primary key.
	Key bool
	// Search: looked through by a search for text.
	Search bool
	// Default is what rows have that were there before the column; nil: NULL.
	Default any
}

// Index is an index over columns.
type Index struct {
	Columns []string
	Unique  bool
}

// TableSpec says what a table must have; see DB.Ensure.
type TableSpec struct {
	Name    string
	Columns []Column
	Indexes []Index
	// Backfill fills columns that were added to a table with rows, before
	// indexes are built over them.
	Backfill func(ctx context.Context, tx *Tx) error
}

// maxIdentifier is what PostgreSQL keeps of a name.
const maxIdentifier = 63

// Endings of the names of indexes, by which Ensure knows its own.
const (
	plainEnding  = "_idx"
	uniqueEnding = "_uq"
)

// UniqueName is the name of the unique index over columns of a table: the same
// on both databases, as IsUniqueViolation returns it.
func UniqueName(table string, columns ...string) string {
	return indexName(table, columns, uniqueEnding)
}

// indexName joins with what no name of a model has: the index over line_code
// of order is another one than that over code of order_line.
func indexName(table string, columns []string, ending string) string {
	name := table + "__" + strings.Join(columns, "__")
	if len(name)+len(ending) <= maxIdentifier {
		return name + ending
	}
	sum := sha256.Sum256([]byte(name))
	ending = "_" + hex.EncodeToString(sum[:4]) + ending
	return strings.ToValidUTF8(name[:maxIdentifier-len(ending)], "") + ending
}

// Quote makes any name an identifier of SQL.
func Quote(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

func (d Dialect) columnType(t Type) string {
	if d == SQLite {
		return [...]string{
			Text: "TEXT", Bool: "INTEGER", Int: "INTEGER", Decimal: "TEXT COLLATE DECIMAL",
			Date: "TEXT", Time: "TEXT", Duration: "INTEGER", JSON: "TEXT",
		}[t]
	}
	return [...]string{
		Text: `TEXT COLLATE "C"`, Bool: "BOOLEAN", Int: "BIGINT", Decimal: "NUMERIC",
		Date: "DATE", Time: "TIMESTAMPTZ", Duration: "BIGINT", JSON: "JSONB",
	}[t]
}
