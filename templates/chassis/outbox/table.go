package outbox

import (
	"context"
	"fmt"
	"time"

	"github.com/esgen/esgen/templates/chassis/lease"
	"github.com/esgen/esgen/templates/chassis/store"
)

// Table is the outbox as whoever empties it sees it.
type Table struct{ db *store.DB }

// Of is the outbox of a database.
func Of(db *store.DB) Table { return Table{db} }

// Own makes this replica the one that empties the outbox, unless another one is.
func (t Table) Own(ctx context.Context) (*lease.Lease, bool, error) {
	return t.db.TryLock(ctx, "relay")
}

// Stored is closed when there may be more.
func (t Table) Stored() <-chan struct{} { return t.db.Signal(Signal) }

// Read returns the oldest messages, those of some topics left out.
func (t Table) Read(ctx context.Context, limit int, except ...string) ([]Pending, error) {
	return Read(ctx, t.db, limit, except...)
}

// Clear deletes messages that the broker has.
func (t Table) Clear(ctx context.Context, seqs []int64) error { return Clear(ctx, t.db, seqs) }

// Last is the number of the last message; nil: there is none.
func (t Table) Last(ctx context.Context) (*int64, error) {
	var last *int64
	if err := t.db.QueryRow(ctx, "SELECT MAX(seq) FROM platform_outbox").Scan(&last); err != nil {
		return nil, fmt.Errorf("outbox: %w", err)
	}
	return last, nil
}

// Until counts the messages up to a number.
func (t Table) Until(ctx context.Context, seq int64) (n int64, err error) {
	if err := t.db.QueryRow(ctx, "SELECT COUNT(*) FROM platform_outbox WHERE seq <= $1", seq).Scan(&n); err != nil {
		return 0, fmt.Errorf("outbox: %w", err)
	}
	return n, nil
}

// Backlog is how many messages wait, and since when the oldest does; nil: none does.
func (t Table) Backlog(ctx context.Context) (count int64, since *time.Time, err error) {
	if err := t.db.QueryRow(ctx, "SELECT COUNT(*), MIN(created_at) FROM platform_outbox").Scan(&count, &since); err != nil {
		return 0, nil, fmt.Errorf("outbox: %w", err)
	}
	return count, since, nil
}
