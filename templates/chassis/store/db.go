// Package store keeps what a service knows, in PostgreSQL or in SQLite, with
// one set of SQL. Placeholders are written $1, $2, …; values are bound and
// read so that both databases compare, sort and return them alike.
package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"net/url"
	"strings"
	"sync"

	"modernc.org/sqlite"
)

// Dialect is the database behind a DB.
type Dialect int

// The databases there are.
const (
	Postgres Dialect = iota
	SQLite
)

// String is the name of the directory that holds the dialect's migrations.
func (d Dialect) String() string {
	if d == SQLite {
		return "sqlite"
	}
	return "postgres"
}

// Querier runs statements, in a transaction (*Tx) or outside of one (*DB).
type Querier interface {
	// Exec runs a statement and returns how many rows it touched.
	Exec(ctx context.Context, query string, args ...any) (int64, error)
	// Query runs a statement that returns rows; the caller closes them.
	Query(ctx context.Context, query string, args ...any) (*Rows, error)
	// QueryRow runs a statement that returns one row; Scan of a missing one is sql.ErrNoRows.
	QueryRow(ctx context.Context, query string, args ...any) *Row
	// Dialect tells which database answers.
	Dialect() Dialect
}

// DB is the service's own database.
type DB struct {
	pool    *sql.DB
	dialect Dialect
	schema  string // of PostgreSQL, when the URL names one
	signals signals
	// turn is held by the one who writes to SQLite, which lets one write at a
	// time and those who wait come in any order: under load some would wait
	// until they give up. Here they queue. nil on PostgreSQL.
	turn chan struct{}
}

// take waits for the turn to write, and returns how to give it up.
func (db *DB) take(ctx context.Context) (leave func(), err error) {
	if db.turn == nil {
		return func() {}, nil
	}
	select {
	case db.turn <- struct{}{}:
		return sync.OnceFunc(func() { <-db.turn }), nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Open connects to `postgres://…` or `sqlite:path`. A search_path in a
// PostgreSQL URL names the schema of the service; Migrate creates it. Open
// does not wait for the database: a service starts, and is not ready, while
// its database is down.
func Open(_ context.Context, rawURL string) (*DB, error) {
	switch {
	case strings.HasPrefix(rawURL, "sqlite:"):
		return openSQLite(strings.TrimPrefix(rawURL, "sqlite:"))
	case strings.HasPrefix(rawURL, "postgres://"), strings.HasPrefix(rawURL, "postgresql://"):
		return openPostgres(rawURL)
	}
	scheme, _, _ := strings.Cut(rawURL, ":")
	return nil, fmt.Errorf("open database: scheme %q is neither postgres nor sqlite", scheme)
}

// maxConnections bounds what one replica takes of a PostgreSQL server, which
// by default serves a hundred connections in all.
const maxConnections = 16

func openSQLite(path string) (*DB, error) {
	if path == "" {
		return nil, fmt.Errorf("open database: sqlite: needs a path")
	}
	params := url.Values{
		"_pragma": {"busy_timeout(5000)", "journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(1)"},
		// A transaction that reads first and writes later would fail at once
		// when another one wrote in between; one that begins as a writer waits.
		"_txlock": {"immediate"},
	}
	// An own driver, because the package's default one is shared by whole
	// programs and refuses a collation it has already.
	sqliteDriver := &sqlite.Driver{}
	if err := sqliteDriver.RegisterCollationUtf8("DECIMAL", compareDecimals); err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	pool := sql.OpenDB(&sqliteConnector{driver: sqliteDriver, dsn: "file:" + path + "?" + params.Encode()})
	pool.SetMaxOpenConns(maxConnections)
	pool.SetMaxIdleConns(maxConnections)
	return &DB{pool: pool, dialect: SQLite, turn: make(chan struct{}, 1)}, nil
}

type sqliteConnector struct {
	driver *sqlite.Driver
	dsn    string
}

func (c *sqliteConnector) Connect(ctx context.Context) (driver.Conn, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return c.driver.Open(c.dsn)
}

func (c *sqliteConnector) Driver() driver.Driver { return c.driver }

// Dialect tells which database this is.
func (db *DB) Dialect() Dialect { return db.dialect }

// Pool is the database as database/sql sees it, for the service's own code.
// Values bound through it are not translated.
func (db *DB) Pool() *sql.DB { return db.pool }

// Ping asks the database for a sign of life.
func (db *DB) Ping(ctx context.Context) error {
	var one int
	return db.QueryRow(ctx, "SELECT 1").Scan(&one)
}

// Close ends all connections.
func (db *DB) Close() error { return db.pool.Close() }

// Exec runs a statement outside of a transaction.
func (db *DB) Exec(ctx context.Context, query string, args ...any) (int64, error) {
	leave, err := db.take(ctx)
	if err != nil {
		return 0, err
	}
	defer leave()
	return exec(ctx, db.pool, db.dialect, query, args)
}

// Query runs a statement outside of a transaction.
func (db *DB) Query(ctx context.Context, query string, args ...any) (*Rows, error) {
	return queryRows(ctx, db.pool, db.dialect, query, args)
}

// QueryRow runs a statement outside of a transaction.
func (db *DB) QueryRow(ctx context.Context, query string, args ...any) *Row {
	return queryRow(ctx, db.pool, db.dialect, query, args)
}

// runner is what *sql.DB, *sql.Tx and *sql.Conn have in common.
type runner interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

func exec(ctx context.Context, r runner, d Dialect, query string, args []any) (int64, error) {
	bound, err := d.bindAll(args)
	if err != nil {
		return 0, err
	}
	result, err := r.ExecContext(ctx, query, bound...)
	if err != nil {
		return 0, mark(err)
	}
	return result.RowsAffected()
}

func queryRows(ctx context.Context, r runner, d Dialect, query string, args []any) (*Rows, error) {
	bound, err := d.bindAll(args)
	if err != nil {
		return nil, err
	}
	rows, err := r.QueryContext(ctx, query, bound...) //nolint:rowserrcheck // Rows.Err is for whoever reads them
	if err != nil {
		return nil, mark(err)
	}
	return &Rows{rows: rows}, nil
}

func queryRow(ctx context.Context, r runner, d Dialect, query string, args []any) *Row {
	rows, err := queryRows(ctx, r, d, query, args)
	return &Row{rows: rows, err: err}
}
