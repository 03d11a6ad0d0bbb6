package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
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

// Ensure creates the tables that are missing, and adds the columns and indexes
// that are missing to those that are there: a model that grew keeps its data.
// Nothing is ever dropped but unique indexes that the model no longer asks
// for, because they would refuse what is allowed now, and what was left and is wanted
// again. A column whose type changed is an error: a Migration drops it before.
func (db *DB) Ensure(ctx context.Context, specs ...TableSpec) error {
	for _, spec := range specs {
		err := db.InTx(ctx, func(tx *Tx) error { return spec.ensure(ctx, tx) })
		if err != nil {
			return fmt.Errorf("table %s: %w", spec.Name, err)
		}
	}
	return nil
}

func (spec TableSpec) ensure(ctx context.Context, tx *Tx) error {
	if tx.dialect == Postgres {
		// One replica at a time: IF NOT EXISTS alone fails when two create at once.
		if _, err := tx.Exec(ctx, "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", tx.db.lockName("ensure")); err != nil {
			return err
		}
	}
	if err := spec.dropWanted(ctx, tx); err != nil {
		return err
	}
	existing, err := Columns(ctx, tx, spec.Name)
	if err != nil {
		return err
	}
	if len(existing) == 0 {
		if err := spec.create(ctx, tx); err != nil {
			return err
		}
		return spec.ensureIndexes(ctx, tx)
	}
	var added []Column
	for _, c := range spec.Columns {
		was, ok := existing[c.Name]
		if !ok {
			if err := spec.add(ctx, tx, c); err != nil {
				return fmt.Errorf("column %s: %w", c.Name, err)
			}
			added = append(added, c)
			continue
		}
		if now := tx.dialect.reportedType(c.Type); was != now {
			return fmt.Errorf("column %s is a %s and would have to be a %s: write a migration", c.Name, was, now)
		}
	}
	if len(added) > 0 && spec.Backfill != nil {
		if err := spec.Backfill(ctx, tx); err != nil {
			return fmt.Errorf("fill new columns: %w", err)
		}
	}
	return spec.ensureIndexes(ctx, tx)
}

// Columns maps the columns of a table to their types; none: no such table.
func Columns(ctx context.Context, q Querier, table string) (map[string]string, error) {
	query := "SELECT column_name, data_type FROM information_schema.columns WHERE table_schema = current_schema() AND table_name = $1"
	if q.Dialect() == SQLite {
		query = "SELECT name, type FROM pragma_table_info($1)"
	}
	rows, err := q.Query(ctx, query, table)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	columns := map[string]string{}
	for rows.Next() {
		var name, typ string
		if err := rows.Scan(&name, &typ); err != nil {
			return nil, err
		}
		columns[name] = typ
	}
	return columns, rows.Err()
}

// reportedType is how the database's catalogue calls a type.
func (d Dialect) reportedType(t Type) string {
	name, _, _ := strings.Cut(d.columnType(t), " COLLATE ")
	if d == SQLite {
		return name
	}
	if t == Time {
		return "timestamp with time zone"
	}
	return strings.ToLower(name)
}

func (spec TableSpec) create(ctx context.Context, tx *Tx) error {
	var lines, key []string
	for _, c := range spec.Columns {
		line := Quote(c.Name) + " " + tx.dialect.columnType(c.Type)
		if c.Key {
			line += " NOT NULL"
			key = append(key, Quote(c.Name))
		}
		lines = append(lines, line)
	}
	if len(key) == 0 {
		return fmt.Errorf("no key column")
	}
	lines = append(lines, "PRIMARY KEY ("+strings.Join(key, ", ")+")")
	_, err := tx.Exec(ctx, "CREATE TABLE "+Quote(spec.Name)+" (\n\t"+strings.Join(lines, ",\n\t")+"\n)")
	return err
}

func (spec TableSpec) add(ctx context.Context, tx *Tx, c Column) error {
	if c.Key {
		return fmt.Errorf("a key cannot grow: rebuild the table")
	}
	_, err := tx.Exec(ctx, "ALTER TABLE "+Quote(spec.Name)+" ADD COLUMN "+Quote(c.Name)+" "+tx.dialect.columnType(c.Type))
	if err != nil || c.Default == nil {
		return err
	}
	_, err = tx.Exec(ctx, "UPDATE "+Quote(spec.Name)+" SET "+Quote(c.Name)+" = $1", c.Default)
	return err
}

func (spec TableSpec) ensureIndexes(ctx context.Context, tx *Tx) error {
	wanted := map[string]bool{}
	for _, index := range spec.Indexes {
		name, unique := indexName(spec.Name, index.Columns, uniqueEnding), "UNIQUE "
		if !index.Unique {
			name, unique = indexName(spec.Name, index.Columns, plainEnding), ""
		}
		wanted[name] = true
		quoted := make([]string, len(index.Columns))
		for i, c := range index.Columns {
			quoted[i] = Quote(c)
		}
		_, err := tx.Exec(ctx, "CREATE "+unique+"INDEX IF NOT EXISTS "+Quote(name)+" ON "+Quote(spec.Name)+" ("+strings.Join(quoted, ", ")+")")
		if err != nil {
			return fmt.Errorf("index %s: %w", name, err)
		}
	}
	existing, err := existingIndexes(ctx, tx, spec.Name)
	if err != nil {
		return err
	}
	for _, name := range existing {
		if wanted[name] || !strings.HasSuffix(name, uniqueEnding) {
			continue
		}
		if _, err := tx.Exec(ctx, "DROP INDEX "+Quote(name)); err != nil {
			return fmt.Errorf("index %s: %w", name, err)
		}
	}
	return nil
}

func existingIndexes(ctx context.Context, tx *Tx, table string) ([]string, error) {
	query := "SELECT indexname FROM pg_indexes WHERE schemaname = current_schema() AND tablename = $1"
	if tx.dialect == SQLite {
		query = "SELECT name FROM sqlite_master WHERE type = 'index' AND tbl_name = $1"
	}
	return texts(tx.Query(ctx, query, table))
}

// texts are the texts that a query of one column answers.
func texts(rows *Rows, err error) (all []string, _ error) {
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			return nil, err
		}
		all = append(all, text)
	}
	return all, rows.Err()
}

// Preparer makes its tables what the model wants.
type Preparer interface {
	Prepare(ctx context.Context) error
}

// Prepare prepares one after the other.
func Prepare(ctx context.Context, all ...Preparer) error {
	for _, p := range all {
		if err := p.Prepare(ctx); err != nil {
			return err
		}
	}
	return nil
}
