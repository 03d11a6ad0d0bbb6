package store

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/esgen/esgen/templates/chassis/lease"
	"github.com/esgen/esgen/templates/chassis/wait"
)

// lockPollTime is how often is looked whether a lock is free.
const lockPollTime = 100 * time.Millisecond

// TryLock takes the lock of that name unless another holds it. One replica of the
// service holds it at a time: an advisory lock on a connection of its own on
// PostgreSQL, a lease on SQLite.
func (db *DB) TryLock(ctx context.Context, name string) (*lease.Lease, bool, error) {
	lock, ok, err := db.backend.tryLock(ctx, db.lockName(name))
	if err != nil {
		return nil, false, fmt.Errorf("lock %s: %w", name, mark(err))
	}
	return lock, ok, nil
}

// Lock waits for the lock of that name.
func (db *DB) Lock(ctx context.Context, name string) (*lease.Lease, error) {
	for {
		lock, ok, err := db.TryLock(ctx, name)
		if err != nil || ok {
			return lock, err
		}
		if err := wait.For(ctx, lockPollTime); err != nil {
			return nil, err
		}
	}
}

// lockName is the name of a lock in its database, which services may share.
func (db *DB) lockName(name string) string {
	if db.dialect == SQLite {
		return name
	}
	return db.schema + "/" + name
}

func (l *lite) tryLock(ctx context.Context, name string) (*lease.Lease, bool, error) {
	lock, ok, err := l.tryLease(ctx, name)
	if IsContention(err) {
		return nil, false, nil // who starts at the same moment has the file for itself
	}
	return lock, ok, err
}

func (l *lite) tryLease(ctx context.Context, name string) (*lease.Lease, bool, error) {
	if _, err := l.exec(ctx, "CREATE TABLE IF NOT EXISTS platform_leases (name TEXT PRIMARY KEY, owner TEXT NOT NULL, until TEXT NOT NULL)", nil); err != nil {
		return nil, false, err
	}
	owner := uuid.NewString()
	take := func(ctx context.Context) (bool, error) {
		n, err := l.exec(ctx, `INSERT INTO platform_leases (name, owner, until) VALUES ($1, $2, `+SQLite.NowPlus("$3")+`)
			ON CONFLICT (name) DO UPDATE SET owner = excluded.owner, until = excluded.until
			WHERE platform_leases.owner = excluded.owner OR platform_leases.until < `+SQLite.Now(),
			[]any{name, owner, Seconds(lease.Time)})
		return n == 1, err
	}
	return lease.Take(ctx, name, take, func(ctx context.Context) {
		// Failing, it runs out by itself.
		_, _ = l.exec(ctx, "DELETE FROM platform_leases WHERE name = $1 AND owner = $2", []any{name, owner})
	})
}
