package timer

import (
	"context"
	"fmt"
	"time"
)

// UseClock has time be what a clock says. It is for tests, and for before the
// first timer.
func (t *Timers) UseClock(clock func() time.Time) {
	t.clock = func(time.Time) time.Time { return clock() }
}

// Rung has all have rung that was due before a time. It is for tests, which tell
// the past by its events.
func (t *Timers) Rung(ctx context.Context, before time.Time) error {
	if _, err := t.db.Exec(ctx, "DELETE FROM "+waiting+" WHERE due_at < $1", before); err != nil {
		return fmt.Errorf("timers: %w", err)
	}
	return nil
}

// Wind sets the clocks, where all was forgotten. It is for tests.
func (t *Timers) Wind(ctx context.Context) error { return t.wind(ctx, t.clocks) }

// Next is when the next timer is due; nil: none is. It is for tests, which let
// time pass until then.
func (t *Timers) Next(ctx context.Context) (*time.Time, error) {
	t.db.Wake(signal) // it may be time by now
	var next *time.Time
	if err := t.db.QueryRow(ctx, "SELECT MIN(due_at) FROM "+waiting).Scan(&next); err != nil {
		return nil, fmt.Errorf("timers: %w", err)
	}
	return next, nil
}
