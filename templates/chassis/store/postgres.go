//go:build !nopostgres

package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/esgen/esgen/templates/chassis/lease"
)

// postgres is a pool of connections to PostgreSQL, by its own driver: through
// database/sql, each statement would be a round trip.
type postgres struct {
	pool *pgxpool.Pool
	db   *sql.DB // the same connections, for those who know nothing else
}

func openPostgres(rawURL string) (*DB, error) {
	config, err := pgxpool.ParseConfig(rawURL)
	if err != nil {
		// pgx's text holds no password, unlike the URL.
		return nil, fmt.Errorf("open database: %w", err)
	}
	config.ConnConfig.RuntimeParams["timezone"] = "UTC"
	config.MaxConns = maxConnections
	config.MaxConnIdleTime = 5 * time.Minute
	pool, err := pgxpool.NewWithConfig(context.Background(), config)
	if err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	schema, _, _ := strings.Cut(config.ConnConfig.RuntimeParams["search_path"], ",")
	return &DB{backend: &postgres{pool, stdlib.OpenDBFromPool(pool)}, dialect: Postgres, schema: strings.Trim(schema, `" `)}, nil
}

func (p *postgres) standard() *sql.DB { return p.db }

func (p *postgres) close() error {
	err := p.db.Close()
	p.pool.Close()
	return err
}

func (p *postgres) exec(ctx context.Context, query string, args []any) (int64, error) {
	tag, err := p.pool.Exec(ctx, query, args...)
	return tag.RowsAffected(), err
}

func (p *postgres) query(ctx context.Context, query string, args []any) (cursor, error) {
	rows, err := p.pool.Query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	return &pgRows{Rows: rows}, nil
}

// pgRows are rows, and the rest of what was asked with them.
type pgRows struct {
	pgx.Rows
	batch pgx.BatchResults // nil: they were asked alone
	err   error            // of the rest
}

// Next closes behind the last row: the next statement may follow at once.
func (r *pgRows) Next() bool {
	if r.Rows.Next() {
		return true
	}
	r.err = r.Close()
	return false
}

func (r *pgRows) Err() error { return r.err }

// Close gives the connection back.
func (r *pgRows) Close() error {
	r.Rows.Close()
	err := r.Rows.Err()
	if r.batch != nil {
		err = errors.Join(err, closed(r.batch, err))
	}
	return err
}

// begin takes a connection; the database hears of it with the first statement.
func (p *postgres) begin(ctx context.Context) (transaction, error) {
	conn, err := p.pool.Acquire(ctx)
	if err != nil {
		return nil, err
	}
	return &pgTx{conn: conn}, nil
}

type pgTx struct {
	conn  *pgxpool.Conn // nil: the transaction is over
	begun bool
}

// send sends what is to be run in one round trip.
func (t *pgTx) send(ctx context.Context, statements []statement, more ...*pgx.QueuedQuery) (pgx.BatchResults, error) {
	batch := &pgx.Batch{}
	if !t.begun {
		batch.Queue("begin")
	}
	for _, s := range statements {
		if s.err != nil {
			return nil, s.err
		}
		batch.Queue(s.query, s.args...)
	}
	batch.QueuedQueries = append(batch.QueuedQueries, more...)
	results := t.conn.SendBatch(ctx, batch)
	if !t.begun {
		if _, err := results.Exec(); err != nil {
			return nil, errors.Join(err, closed(results, err))
		}
		t.begun = true
	}
	for _, s := range statements {
		tag, err := results.Exec()
		if err == nil && s.check != nil {
			err = s.check(tag.RowsAffected())
		}
		if err != nil {
			return nil, errors.Join(err, closed(results, err))
		}
	}
	return results, nil
}

// closed reads the rest. A batch that failed says so again.
func closed(results pgx.BatchResults, said error) error {
	if err := results.Close(); err != nil && !errors.Is(said, err) {
		return err
	}
	return nil
}

func (t *pgTx) run(ctx context.Context, statements []statement) error {
	results, err := t.send(ctx, statements)
	if err != nil {
		return err
	}
	return results.Close()
}

func (t *pgTx) query(ctx context.Context, before []statement, query string, args []any) (cursor, error) {
	results, err := t.send(ctx, before, &pgx.QueuedQuery{SQL: query, Arguments: args})
	if err != nil {
		return nil, err
	}
	rows, err := results.Query()
	if err != nil {
		return nil, errors.Join(err, closed(results, err))
	}
	return &pgRows{Rows: rows, batch: results}, nil
}

const commit = "commit"

// commit goes with the last statements where nobody has to look at what they
// did before.
func (t *pgTx) commit(ctx context.Context, before []statement) error {
	if !t.begun && len(before) == 0 {
		t.end()
		return nil
	}
	var tag pgconn.CommandTag
	if slices.ContainsFunc(before, func(s statement) bool { return s.check != nil }) || len(before) == 0 {
		if err := t.runAll(ctx, before); err != nil {
			return err
		}
		var err error
		if tag, err = t.conn.Exec(ctx, commit); err != nil {
			return &commitError{err}
		}
	} else {
		results, err := t.send(ctx, before, &pgx.QueuedQuery{SQL: commit})
		if err != nil {
			return err
		}
		tag, err = results.Exec()
		if err = errors.Join(err, closed(results, err)); err != nil {
			return &commitError{err}
		}
	}
	if tag.String() == "ROLLBACK" {
		return &commitError{pgx.ErrTxCommitRollback}
	}
	t.end()
	return nil
}

func (t *pgTx) runAll(ctx context.Context, statements []statement) error {
	if len(statements) == 0 {
		return nil
	}
	return t.run(ctx, statements)
}

// rollbackTime is what a connection is worth: one that takes longer is closed.
const rollbackTime = 5 * time.Second

func (t *pgTx) rollback() {
	if t.conn == nil {
		return
	}
	if t.begun && !t.conn.Conn().IsClosed() {
		ctx, cancel := context.WithTimeout(context.Background(), rollbackTime)
		defer cancel()
		// Failing, the pool ends the connection, and the server the transaction.
		_, _ = t.conn.Exec(ctx, "rollback")
	}
	t.end()
}

// end gives the connection back.
func (t *pgTx) end() {
	t.conn.Release()
	t.conn = nil
}

// tryLock takes an advisory lock on a connection of its own.
func (p *postgres) tryLock(ctx context.Context, name string) (*lease.Lease, bool, error) {
	conn, err := p.pool.Acquire(ctx)
	if err != nil {
		return nil, false, err
	}
	var held bool
	if err := conn.QueryRow(ctx, "SELECT pg_try_advisory_lock(hashtextextended($1, 0))", name).Scan(&held); err != nil {
		// It may be held although the answer was lost: only the end of the
		// connection is sure to free it.
		discard(ctx, conn)
		return nil, false, err
	}
	if !held {
		conn.Release()
		return nil, false, nil
	}
	return lease.Hold(
		func(ctx context.Context) error { return conn.Ping(ctx) },
		func(ctx context.Context) { discard(ctx, conn) },
	), true, nil
}

// discard ends the connection, and with it the locks of its session.
func discard(ctx context.Context, conn *pgxpool.Conn) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), rollbackTime)
	defer cancel()
	_ = conn.Conn().Close(ctx)
	conn.Release()
}

// asPostgres is what a PostgreSQL server says in an error; nil: it says nothing.
func asPostgres(err error) *postgresError {
	var pg *pgconn.PgError
	if !errors.As(err, &pg) {
		return nil
	}
	return &postgresError{pg.Code, pg.ConstraintName}
}

// isUnconnected tells that there is no connection to a PostgreSQL server, or
// none any more.
func isUnconnected(err error) bool {
	var connect *pgconn.ConnectError
	return errors.As(err, &connect) || !errors.Is(err, context.DeadlineExceeded) && pgconn.SafeToRetry(err)
}

// isRolledBack tells whether the server answered a commit by rolling back,
// because a statement before had failed.
func isRolledBack(err error) bool { return errors.Is(err, pgx.ErrTxCommitRollback) }
