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

// stored watches what is in a database of SQLite.
type stored struct {
	conn    *sql.Conn
	version int64
	tables  map[string]table
}

// table is the rows of a table, as they were.
type table struct {
	columns []string
	rows    [][]any
}

// Stored is all that is in a database of SQLite, as text, to be compared.
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
	if db.Dialect() != store.SQLite {
		return nil, fmt.Errorf("only SQLite tells whether something was stored")
	}
	conn, err := db.Pool().Conn(ctx)
	if err != nil {
		return nil, err
	}
	s := &stored{conn: conn}
	return s, s.remember(ctx)
}

func (s *stored) close() error { return s.conn.Close() }

// remember makes what is there what was there.
func (s *stored) remember(ctx context.Context) error {
	var err error
	if s.version, err = s.commits(ctx); err != nil {
		return err
	}
	s.tables, err = s.read(ctx)
	return err
}

// commits is another number after every transaction of another connection that
// stored something.
func (s *stored) commits(ctx context.Context) (n int64, err error) {
	err = s.conn.QueryRowContext(ctx, "PRAGMA data_version").Scan(&n)
	return n, err
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
	version, err := s.commits(ctx)
	if err != nil || version == s.version {
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
	rows, err := s.conn.QueryContext(ctx, "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var names []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, err
		}
		names = append(names, name)
	}
	if err := rows.Err(); err != nil {
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

func (s *stored) readTable(ctx context.Context, name string) (table, error) {
	rows, err := s.conn.QueryContext(ctx, "SELECT * FROM "+store.Quote(name)+" ORDER BY 1, 2")
	if err != nil {
		return table{}, err
	}
	defer func() { _ = rows.Close() }()
	columns, err := rows.Columns()
	if err != nil {
		return table{}, err
	}
	t := table{columns: columns}
	for rows.Next() {
		values, places := make([]any, len(columns)), make([]any, len(columns))
		for i := range values {
			places[i] = &values[i]
		}
		if err := rows.Scan(places...); err != nil {
			return t, err
		}
		t.rows = append(t.rows, values)
	}
	return t, rows.Err()
}

// restore makes everything as it was: one request shall not depend on another.
func (s *stored) restore(ctx context.Context) error {
	version, err := s.commits(ctx)
	if err != nil || version == s.version {
		return err
	}
	s.version = version
	tx, err := s.conn.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	for name, t := range s.tables {
		if _, err := tx.ExecContext(ctx, "DELETE FROM "+store.Quote(name)); err != nil {
			return err
		}
		places := strings.TrimSuffix(strings.Repeat("?, ", len(t.columns)), ", ")
		for _, row := range t.rows {
			if _, err := tx.ExecContext(ctx, "INSERT INTO "+store.Quote(name)+" VALUES ("+places+")", row...); err != nil {
				return err
			}
		}
	}
	return tx.Commit()
}
