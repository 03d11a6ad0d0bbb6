package store

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/esgen/esgen/templates/chassis/wait"
)

// Tx is a transaction. It is ended by InTx, which began it.
type Tx struct {
	db          *DB
	tx          transaction
	dialect     Dialect
	pending     []step // put off
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
		if err := wait.For(ctx, backoff(attempt, 5*time.Millisecond, 200*time.Millisecond)); err != nil {
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
			tx.Later(nil, hurry)
		}
		return fn(tx)
	})
}

func (db *DB) tryTx(ctx context.Context, fn func(tx *Tx) error) error {
	begun, err := db.backend.begin(ctx)
	if err != nil {
		return fmt.Errorf("begin: %w", mark(err))
	}
	tx := &Tx{db: db, tx: begun, dialect: db.dialect}
	// Also when fn panics: the connection goes back to the pool.
	defer begun.rollback()
	if err := fn(tx); err != nil {
		return err
	}
	rest, err := tx.due(ctx)
	if err != nil {
		return err
	}
	if err := begun.commit(ctx, rest); err != nil {
		return markCommit(err)
	}
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

// step is a statement that is put off, or work that will have some.
type step struct {
	statement statement
	owner     any
	work      Work // nil: it is a statement
}

// Work is something of a transaction that costs less when it is done for many
// at once.
type Work interface {
	Do(ctx context.Context, tx *Tx) error
}

// PutOff puts work off until something is run or asked at once, or until the
// end of the transaction. Until then it may grow: its owner is handed the work
// that it put off before, unless statements came in between.
func (tx *Tx) PutOff(owner any, begin func() Work) Work {
	for i := len(tx.pending) - 1; i >= 0 && tx.pending[i].work != nil; i-- {
		if tx.pending[i].owner == owner {
			return tx.pending[i].work
		}
	}
	work := begin()
	tx.pending = append(tx.pending, step{owner: owner, work: work})
	return work
}

// Later runs a statement before the next one that is run or asked at once, and
// before the end of the transaction: on PostgreSQL together with others, in one
// round trip. check is told how many rows it touched, and may end the
// transaction with an error; nil: any number will do.
func (tx *Tx) Later(check func(touched int64) error, query string, args ...any) {
	bound, err := tx.dialect.bindAll(args)
	tx.pending = append(tx.pending, step{statement: statement{query, bound, err, check}})
}

// due does the work that was put off, and returns the statements that are left
// to be run.
func (tx *Tx) due(ctx context.Context) ([]statement, error) {
	for {
		steps := tx.pending
		i := slices.IndexFunc(steps, func(s step) bool { return s.work != nil })
		if i < 0 {
			break
		}
		tx.pending = steps[:i:i]
		if err := steps[i].work.Do(ctx, tx); err != nil {
			return nil, err
		}
		tx.pending = append(tx.pending, steps[i+1:]...)
	}
	statements := make([]statement, len(tx.pending))
	for i, s := range tx.pending {
		statements[i] = s.statement
	}
	tx.pending = nil
	return statements, nil
}

// Flush runs what was put off.
func (tx *Tx) Flush(ctx context.Context) error {
	statements, err := tx.due(ctx)
	if err != nil || len(statements) == 0 {
		return err
	}
	return mark(tx.tx.run(ctx, statements))
}

// Exec runs a statement in the transaction.
func (tx *Tx) Exec(ctx context.Context, query string, args ...any) (int64, error) {
	var touched int64
	tx.Later(func(n int64) error {
		touched = n
		return nil
	}, query, args...)
	err := tx.Flush(ctx)
	return touched, err
}

// Query runs a statement in the transaction. Its rows are to be closed before
// the next statement: a transaction is one connection.
func (tx *Tx) Query(ctx context.Context, query string, args ...any) (*Rows, error) {
	bound, err := tx.dialect.bindAll(args)
	if err != nil {
		return nil, err
	}
	before, err := tx.due(ctx)
	if err != nil {
		return nil, err
	}
	answer, err := tx.tx.query(ctx, before, query, bound)
	if err != nil {
		return nil, mark(err)
	}
	return &Rows{answer}, nil
}

// QueryRow runs a statement in the transaction.
func (tx *Tx) QueryRow(ctx context.Context, query string, args ...any) *Row {
	rows, err := tx.Query(ctx, query, args...)
	return &Row{rows: rows, err: err}
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
