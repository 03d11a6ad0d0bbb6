package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"net/url"
	"strings"
	"sync"

	"github.com/shopspring/decimal"
	"modernc.org/sqlite"
)

// lite is a file of SQLite.
type lite struct {
	pool *sql.DB
	// turn is held by the one who writes to SQLite, which lets one write at a
	// time and those who wait come in any order: under load some would wait
	// until they give up. Here they queue.
	turn chan struct{}
}

func openSQLite(path string) (*DB, error) {
	connector, err := ConnectSQLite(path)
	if err != nil {
		return nil, err
	}
	return OverSQLite(connector), nil
}

// OverSQLite is Open over connections to a file of SQLite that somebody else
// makes: a test puts its own around those of ConnectSQLite.
func OverSQLite(connector driver.Connector) *DB {
	pool := sql.OpenDB(connector)
	pool.SetMaxOpenConns(maxConnections)
	pool.SetMaxIdleConns(maxConnections)
	return &DB{backend: &lite{pool: pool, turn: make(chan struct{}, 1)}, dialect: SQLite}
}

// ConnectSQLite makes the connections to a file of SQLite.
func ConnectSQLite(path string) (driver.Connector, error) {
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
	return &sqliteConnector{driver: sqliteDriver, dsn: "file:" + path + "?" + params.Encode()}, nil
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

func (l *lite) standard() *sql.DB { return l.pool }

func (l *lite) close() error { return l.pool.Close() }

// take waits for the turn to write, and returns how to give it up.
func (l *lite) take(ctx context.Context) (leave func(), err error) {
	select {
	case l.turn <- struct{}{}:
		return sync.OnceFunc(func() { <-l.turn }), nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (l *lite) exec(ctx context.Context, query string, args []any) (int64, error) {
	leave, err := l.take(ctx)
	if err != nil {
		return 0, err
	}
	defer leave()
	return touched(l.pool.ExecContext(ctx, query, args...))
}

func touched(result sql.Result, err error) (int64, error) {
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

func (l *lite) query(ctx context.Context, query string, args []any) (cursor, error) {
	return asCursor(l.pool.QueryContext(ctx, query, args...))
}

// asCursor keeps rows that are nil from being a cursor that is not.
func asCursor(rows *sql.Rows, err error) (cursor, error) {
	if err != nil {
		return nil, err
	}
	return rows, nil
}

func (l *lite) begin(ctx context.Context) (transaction, error) {
	leave, err := l.take(ctx)
	if err != nil {
		return nil, err
	}
	tx, err := l.pool.BeginTx(ctx, nil)
	if err != nil {
		leave()
		return nil, err
	}
	return &liteTx{tx, leave}, nil
}

type liteTx struct {
	tx    *sql.Tx
	leave func()
}

func (t *liteTx) run(ctx context.Context, statements []statement) error {
	for _, s := range statements {
		if s.err != nil {
			return s.err
		}
		n, err := touched(t.tx.ExecContext(ctx, s.query, s.args...))
		if err != nil {
			return err
		}
		if s.check != nil {
			if err := s.check(n); err != nil {
				return err
			}
		}
	}
	return nil
}

func (t *liteTx) query(ctx context.Context, before []statement, query string, args []any) (cursor, error) {
	if err := t.run(ctx, before); err != nil {
		return nil, err
	}
	return asCursor(t.tx.QueryContext(ctx, query, args...))
}

func (t *liteTx) commit(ctx context.Context, before []statement) error {
	if err := t.run(ctx, before); err != nil {
		return err
	}
	if err := t.tx.Commit(); err != nil {
		return &commitError{err}
	}
	t.leave() // what follows a commit may write, too
	return nil
}

func (t *liteTx) rollback() {
	// What failed before says more than a failing rollback.
	_ = t.tx.Rollback()
	t.leave()
}

// compareDecimals is the collation DECIMAL. Text that is no number, which the
// service never writes, sorts before all numbers: a collation must be a total
// order whatever it is given.
func compareDecimals(left, right string) int {
	a, errA := decimal.NewFromString(left)
	b, errB := decimal.NewFromString(right)
	switch {
	case errA == nil && errB == nil:
		return a.Cmp(b)
	case errA == nil:
		return 1
	case errB == nil:
		return -1
	}
	return strings.Compare(left, right)
}
