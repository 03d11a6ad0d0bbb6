package badinput

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/esgen/esgen/templates/chassis/store"
)

// stored watches what is in a database.
type stored struct {
	conn   *sql.Conn
	asks   questions
	wrote  string // what the database says of its last write
	tables map[string]table
}

// questions are what a database is asked about itself, and how it takes back what it said.
type questions struct {
	wrote   string // something else after every transaction that stored something
	tables  string
	columns string // of a table, each with what makes a value of its text; "": of nothing
	values  string // said before values that are inserted: also those it would number itself
}

var sqliteAsks = questions{
	wrote:   "PRAGMA data_version",
	tables:  "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
	columns: "SELECT name, '' FROM pragma_table_info($1)",
	values:  "VALUES",
}

var postgresAsks = questions{
	wrote:   "SELECT pg_current_wal_insert_lsn()::text",
	tables:  "SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema() AND table_type = 'BASE TABLE'",
	columns: "SELECT column_name, '::text::' || udt_name FROM information_schema.columns WHERE table_schema = current_schema() AND table_name = $1 ORDER BY ordinal_position",
	values:  "OVERRIDING SYSTEM VALUE VALUES",
}

// table is the rows of a table, as they were.
type table struct {
	columns []column
	rows    [][]any
}

// column is a column, and what follows a parameter so that it is of its type.
type column struct{ name, cast string }

// Stored is all that is in a database, as text, to be compared.
func Stored(t testing.TB, db *store.DB) string {
	t.Helper()
	s, err := watchStored(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.close() }()
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(s.tables)) {
		for _, row := range s.tables[name].rows {
			fmt.Fprintln(&b, name, row)
		}
	}
	return b.String()
}

func watchStored(ctx context.Context, db *store.DB) (*stored, error) {
	conn, err := db.Pool().Conn(ctx)
	if err != nil {
		return nil, err
	}
	s := &stored{conn: conn, asks: sqliteAsks}
	if db.Dialect() == store.Postgres {
		s.asks = postgresAsks
	}
	return s, s.remember(ctx)
}

func (s *stored) close() error { return s.conn.Close() }

// remember makes what is there what was there.
func (s *stored) remember(ctx context.Context) error {
	var err error
	if s.wrote, err = s.lastWrite(ctx); err != nil {
		return err
	}
	s.tables, err = s.read(ctx)
	return err
}

func (s *stored) lastWrite(ctx context.Context) (at string, err error) {
	err = s.conn.QueryRowContext(ctx, s.asks.wrote).Scan(&at)
	return at, err
}

// intents has what undoes calls. It is written before a call is made, and stays
// when the command is refused after it: the compensator undoes the call then.
const intents = "platform_intents"

// changedByRefused is changed by a request that was refused. Where others were
// asked for it, what undoes that is right to be there.
func (s *stored) changedByRefused(ctx context.Context, asked bool) (string, error) {
	if asked {
		return s.changed(ctx, intents)
	}
	return s.changed(ctx)
}

// changed tells which tables changed since the last time, but for some; "":
// none did.
func (s *stored) changed(ctx context.Context, but ...string) (string, error) {
	wrote, err := s.lastWrite(ctx)
	if err != nil || wrote == s.wrote {
		return "", err
	}
	before := s.tables
	if err := s.remember(ctx); err != nil {
		return "", err
	}
	var names []string
	for name, now := range s.tables {
		if !slices.Contains(but, name) && fmt.Sprint(before[name].rows) != fmt.Sprint(now.rows) {
			names = append(names, fmt.Sprintf("%s (%d rows, now %d)", name, len(before[name].rows), len(now.rows)))
		}
	}
	slices.Sort(names)
	return strings.Join(names, ", "), nil
}

func (s *stored) read(ctx context.Context) (map[string]table, error) {
	names, err := list(ctx, s.conn, scanned[string], s.asks.tables)
	if err != nil {
		return nil, err
	}
	tables := make(map[string]table, len(names))
	for _, name := range names {
		if tables[name], err = s.readTable(ctx, name); err != nil {
			return nil, err
		}
	}
	return tables, nil
}

func (s *stored) readTable(ctx context.Context, name string) (t table, err error) {
	t.columns, err = list(ctx, s.conn, func(rows *sql.Rows) (c column, err error) {
		err = rows.Scan(&c.name, &c.cast)
		return c, err
	}, s.asks.columns, name)
	if err != nil {
		return t, err
	}
	var texts []string
	for _, c := range t.columns {
		text := store.Quote(c.name)
		if c.cast != "" {
			text += "::text"
		}
		texts = append(texts, text)
	}
	t.rows, err = list(ctx, s.conn, func(rows *sql.Rows) ([]any, error) {
		values, places := make([]any, len(t.columns)), make([]any, len(t.columns))
		for i := range values {
			places[i] = &values[i]
		}
		return values, rows.Scan(places...)
	}, "SELECT "+strings.Join(texts, ", ")+" FROM "+store.Quote(name)+" ORDER BY 1, 2")
	return t, err
}

// list is what a query finds.
func list[V any](ctx context.Context, conn *sql.Conn, scan func(*sql.Rows) (V, error), query string, args ...any) (all []V, err error) {
	rows, err := conn.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		v, err := scan(rows)
		if err != nil {
			return nil, err
		}
		all = append(all, v)
	}
	return all, rows.Err()
}

func scanned[V any](rows *sql.Rows) (v V, err error) {
	err = rows.Scan(&v)
	return v, err
}

// restore makes everything as it was: one request shall not depend on another.
func (s *stored) restore(ctx context.Context) error {
	wrote, err := s.lastWrite(ctx)
	if err != nil || wrote == s.wrote {
		return err
	}
	tx, err := s.conn.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	for name, t := range s.tables {
		if err := s.asks.restore(ctx, tx, name, t); err != nil {
			return fmt.Errorf("restore %s: %w", name, err)
		}
	}
	if err := tx.Commit(); err != nil {
		return err
	}
	s.wrote, err = s.lastWrite(ctx)
	return err
}

func (q questions) restore(ctx context.Context, tx *sql.Tx, name string, t table) error {
	if _, err := tx.ExecContext(ctx, "DELETE FROM "+store.Quote(name)); err != nil {
		return err
	}
	var places []string
	for i, c := range t.columns {
		places = append(places, fmt.Sprintf("$%d%s", i+1, c.cast))
	}
	for _, row := range t.rows {
		if _, err := tx.ExecContext(ctx, "INSERT INTO "+store.Quote(name)+" "+q.values+" ("+strings.Join(places, ", ")+")", row...); err != nil {
			return err
		}
	}
	return nil
}
