// Package store keeps what a service knows, in PostgreSQL or in SQLite, with
// one set of SQL. Placeholders are written $1, $2, …; values are bound and
// read so that both databases compare, sort and return them alike.
package store

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"github.com/esgen/esgen/templates/chassis/lease"
	"github.com/esgen/esgen/templates/chassis/wait"
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
	backend backend
	dialect Dialect
	schema  string // of PostgreSQL, when the URL names one
	wait.Signals
}

// backend is a database as its driver knows it. Values are bound already.
type backend interface {
	exec(ctx context.Context, query string, args []any) (int64, error)
	query(ctx context.Context, query string, args []any) (cursor, error)
	// begin waits until the database can be written to. The transaction is its
	// caller's to end.
	begin(ctx context.Context) (transaction, error)
	// tryLock takes the lock of that name unless another holds it.
	tryLock(ctx context.Context, name string) (*lease.Lease, bool, error)
	// standard is the database as database/sql sees it.
	standard() *sql.DB
	close() error
}

// transaction is one of a backend. A backend may put off what it is not yet
// asked about: a round trip is what costs.
type transaction interface {
	// run runs statements in their order; the first that fails, or whose check
	// does, is the last.
	run(ctx context.Context, statements []statement) error
	// query runs statements, and then asks.
	query(ctx context.Context, before []statement, query string, args []any) (cursor, error)
	// commit runs statements, and commits.
	commit(ctx context.Context, before []statement) error
	// rollback ends what is not committed; of what is, nothing.
	rollback()
}

// statement is one that is to be run in a transaction.
type statement struct {
	query string
	args  []any                     // bound
	err   error                     // why they could not be
	check func(touched int64) error // nil: any number of rows will do
}

// cursor is the answer to a query.
type cursor interface {
	Next() bool
	Scan(dest ...any) error
	Err() error
	Close() error
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

// Dialect tells which database this is.
func (db *DB) Dialect() Dialect { return db.dialect }

// Pool is the database as database/sql sees it, for the service's own code.
// Values bound through it are not translated.
func (db *DB) Pool() *sql.DB { return db.backend.standard() }

// Ping asks the database for a sign of life.
func (db *DB) Ping(ctx context.Context) error {
	var one int
	return db.QueryRow(ctx, "SELECT 1").Scan(&one)
}

// Close ends all connections.
func (db *DB) Close() error { return db.backend.close() }

// Exec runs a statement outside of a transaction.
func (db *DB) Exec(ctx context.Context, query string, args ...any) (int64, error) {
	bound, err := db.dialect.bindAll(args)
	if err != nil {
		return 0, err
	}
	n, err := db.backend.exec(ctx, query, bound)
	return n, mark(err)
}

// Query runs a statement outside of a transaction.
func (db *DB) Query(ctx context.Context, query string, args ...any) (*Rows, error) {
	bound, err := db.dialect.bindAll(args)
	if err != nil {
		return nil, err
	}
	answer, err := db.backend.query(ctx, query, bound)
	if err != nil {
		return nil, mark(err)
	}
	return &Rows{answer}, nil
}

// QueryRow runs a statement outside of a transaction.
func (db *DB) QueryRow(ctx context.Context, query string, args ...any) *Row {
	rows, err := db.Query(ctx, query, args...)
	return &Row{rows: rows, err: err}
}

// Rows is the answer to a query.
type Rows struct{ rows cursor }

// Next moves to the next row; false at the end or at an error, see Err.
func (r *Rows) Next() bool { return r.rows.Next() }

// Err is what ended the rows before their time.
func (r *Rows) Err() error { return mark(r.rows.Err()) }

// Close gives the connection back.
func (r *Rows) Close() error { return mark(r.rows.Close()) }

// Scan reads the current row into pointers to the types that can be bound.
func (r *Rows) Scan(dest ...any) error {
	wrapped := make([]any, len(dest))
	for i, d := range dest {
		wrapped[i] = into{d}
	}
	return mark(r.rows.Scan(wrapped...))
}

// Row is the answer to a query for one row.
type Row struct {
	rows *Rows
	err  error
}

// Scan reads the row; sql.ErrNoRows when there is none.
func (r *Row) Scan(dest ...any) error {
	if r.err != nil {
		return r.err
	}
	defer func() { _ = r.rows.Close() }()
	if !r.rows.Next() {
		if err := r.rows.Err(); err != nil {
			return err
		}
		return sql.ErrNoRows
	}
	if err := r.rows.Scan(dest...); err != nil {
		return err
	}
	// Closing tells of errors that came after the row, a cancelled context for one.
	return r.rows.Close()
}
