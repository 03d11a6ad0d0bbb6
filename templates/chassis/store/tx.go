package store

import (
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"time"
)

// Tx is a transaction. It is ended by InTx, which began it.
type Tx struct {
	db          *DB
	tx          *sql.Tx
	dialect     Dialect
	afterCommit []func()
}

// txAttempts bounds how often InTx runs a transaction that lost against others.
const txAttempts = 10

// InTx runs fn in a transaction: committed when fn returns nil, else rolled
// back. What lost against another transaction (a deadlock, a serialization
// failure, a database that was busy) runs again, so fn must be repeatable:
// it touches nothing but the transaction and sets, not adds to, what it shares
// with its caller.
func (db *DB) InTx(ctx context.Context, fn func(tx *Tx) error) error {
	for attempt := 1; ; attempt++ {
		err := db.tryTx(ctx, fn)
		if err == nil || attempt == txAttempts || !IsContention(err) {
			return err
		}
		if err := pause(ctx, backoff(attempt, 5*time.Millisecond, 200*time.Millisecond)); err != nil {
			return err
		}
	}
}

// hurry is how long a transaction of TryTx waits for a lock.
const hurry = "SET LOCAL lock_timeout = '100ms'"

// TryTx is InTx for a transaction that has another way to go: it runs once,
// waits for no lock for long, and what it lost against others is an error
// that IsContention.
func (db *DB) TryTx(ctx context.Context, fn func(tx *Tx) error) error {
	return db.tryTx(ctx, func(tx *Tx) error {
		if db.dialect == Postgres {
			if _, err := tx.Exec(ctx, hurry); err != nil {
				return err
			}
		}
		return fn(tx)
	})
}

func (db *DB) tryTx(ctx context.Context, fn func(tx *Tx) error) (err error) {
	leave, err := db.take(ctx)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	defer leave()
	sqlTx, err := db.pool.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("begin: %w", mark(err))
	}
	tx := &Tx{db: db, tx: sqlTx, dialect: db.dialect}
	committed := false
	defer func() {
		if !committed {
			// Also when fn panics: the connection goes back to the pool. What
			// failed before says more than a failing rollback.
			_ = sqlTx.Rollback()
		}
	}()
	if err := fn(tx); err != nil {
		return err
	}
	if err := sqlTx.Commit(); err != nil {
		return fmt.Errorf("commit: %w", markCommit(err))
	}
	committed = true
	leave() // what follows a commit may write, too
	for _, f := range tx.afterCommit {
		f()
	}
	return nil
}

// AfterCommit has f called when the transaction is committed, for what must
// not happen otherwise.
func (tx *Tx) AfterCommit(f func()) { tx.afterCommit = append(tx.afterCommit, f) }

// Wake wakes those who wait for the signal once the transaction is committed.
func (tx *Tx) Wake(name string) { tx.AfterCommit(func() { tx.db.Wake(name) }) }

// Dialect tells which database this is.
func (tx *Tx) Dialect() Dialect { return tx.dialect }

// Exec runs a statement in the transaction.
func (tx *Tx) Exec(ctx context.Context, query string, args ...any) (int64, error) {
	return exec(ctx, tx.tx, tx.dialect, query, args)
}

// Query runs a statement in the transaction. Its rows are to be closed before
// the next statement: a transaction is one connection.
func (tx *Tx) Query(ctx context.Context, query string, args ...any) (*Rows, error) {
	return queryRows(ctx, tx.tx, tx.dialect, query, args)
}

// QueryRow runs a statement in the transaction.
func (tx *Tx) QueryRow(ctx context.Context, query string, args ...any) *Row {
	return queryRow(ctx, tx.tx, tx.dialect, query, args)
}

// backoff is a random duration below a bound that doubles with every attempt,
// so that those who collided do not meet again.
func backoff(attempt int, first, most time.Duration) time.Duration {
	bound := most
	if attempt < 20 {
		bound = min(first<<(attempt-1), most)
	}
	return bound/2 + rand.N(bound/2+1)
}

func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
