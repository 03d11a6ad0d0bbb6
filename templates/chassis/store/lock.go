package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"sync"
	"time"

	"github.com/google/uuid"
)

// A lease outlives a few missed renewals, and a crashed owner not for long.
const (
	leaseTime    = 15 * time.Second
	renewalTime  = 3 * time.Second
	lockPollTime = 100 * time.Millisecond
)

// Lock is held by one replica of the service at a time: an advisory lock on a
// connection of its own on PostgreSQL, a lease on SQLite.
type Lock struct {
	renew   func(context.Context) error
	free    func(context.Context)
	lost    chan struct{}
	stop    context.CancelFunc
	stopped chan struct{}
	once    sync.Once
}

// Lost is closed when the lock is no longer held.
func (l *Lock) Lost() <-chan struct{} { return l.lost }

// Release gives the lock to whoever wants it next.
func (l *Lock) Release() {
	l.once.Do(func() {
		l.stop()
		<-l.stopped
	})
}

// TryLock takes the lock of that name unless another holds it.
func (db *DB) TryLock(ctx context.Context, name string) (*Lock, bool, error) {
	if db.dialect == SQLite {
		lock, ok, err := db.tryLease(ctx, name)
		if IsContention(err) {
			return nil, false, nil // who starts at the same moment has the file for itself
		}
		return lock, ok, err
	}
	return db.tryAdvisory(ctx, name)
}

// Lock waits for the lock of that name.
func (db *DB) Lock(ctx context.Context, name string) (*Lock, error) {
	for {
		lock, ok, err := db.TryLock(ctx, name)
		if err != nil || ok {
			return lock, err
		}
		if err := pause(ctx, lockPollTime); err != nil {
			return nil, err
		}
	}
}

func (db *DB) tryAdvisory(ctx context.Context, name string) (*Lock, bool, error) {
	conn, err := db.pool.Conn(ctx)
	if err != nil {
		return nil, false, fmt.Errorf("lock %s: %w", name, mark(err))
	}
	const query = "SELECT pg_try_advisory_lock(hashtextextended($1, 0))"
	var held bool
	if err := conn.QueryRowContext(ctx, query, db.lockName(name)).Scan(&held); err != nil || !held {
		if err != nil {
			// It may be held although the answer was lost: only the end of the
			// connection is sure to free it.
			discard(conn)
			return nil, false, fmt.Errorf("lock %s: %w", name, mark(err))
		}
		return nil, false, conn.Close()
	}
	return hold(
		func(ctx context.Context) error {
			var one int
			return conn.QueryRowContext(ctx, "SELECT 1").Scan(&one)
		},
		func(context.Context) { discard(conn) },
	), true, nil
}

// lockName is the name of a lock in its database, which services may share.
func (db *DB) lockName(name string) string { return db.schema + "/" + name }

// discard ends the connection, and with it the locks of its session.
func discard(conn *sql.Conn) {
	_ = conn.Raw(func(any) error { return driver.ErrBadConn })
	_ = conn.Close()
}

func (db *DB) tryLease(ctx context.Context, name string) (*Lock, bool, error) {
	if _, err := db.Exec(ctx, "CREATE TABLE IF NOT EXISTS platform_leases (name TEXT PRIMARY KEY, owner TEXT NOT NULL, until TEXT NOT NULL)"); err != nil {
		return nil, false, fmt.Errorf("lock %s: %w", name, mark(err))
	}
	owner := uuid.NewString()
	take := func(ctx context.Context) (bool, error) {
		n, err := db.Exec(ctx, `INSERT INTO platform_leases (name, owner, until) VALUES ($1, $2, `+db.dialect.NowPlus("$3")+`)
			ON CONFLICT (name) DO UPDATE SET owner = excluded.owner, until = excluded.until
			WHERE platform_leases.owner = excluded.owner OR platform_leases.until < `+db.dialect.Now(),
			name, owner, Seconds(leaseTime))
		return n == 1, err
	}
	held, err := take(ctx)
	if err != nil {
		return nil, false, fmt.Errorf("lock %s: %w", name, mark(err))
	}
	if !held {
		return nil, false, nil
	}
	return hold(
		func(ctx context.Context) error {
			held, err := take(ctx)
			if err == nil && !held {
				err = fmt.Errorf("lease %s was taken over", name)
			}
			return err
		},
		func(ctx context.Context) {
			// Failing, it runs out by itself.
			_, _ = db.Exec(ctx, "DELETE FROM platform_leases WHERE name = $1 AND owner = $2", name, owner)
		},
	), true, nil
}

// hold renews a lock until it is released or lost. It is lost at the first
// failure: better no owner for a moment than two.
func hold(renew func(context.Context) error, free func(context.Context)) *Lock {
	ctx, cancel := context.WithCancel(context.Background())
	l := &Lock{renew: renew, free: free, lost: make(chan struct{}), stop: cancel, stopped: make(chan struct{})}
	go l.keep(ctx)
	return l
}

func (l *Lock) keep(ctx context.Context) {
	defer close(l.stopped)
	defer close(l.lost)
	for pause(ctx, renewalTime) == nil {
		renewal, cancel := context.WithTimeout(ctx, leaseTime-2*renewalTime)
		err := l.renew(renewal)
		cancel()
		if err != nil {
			break
		}
	}
	ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), renewalTime)
	defer cancel()
	l.free(ending)
}
