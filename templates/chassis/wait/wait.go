// Package wait waits, and no longer than whoever waits is there.
package wait

import (
	"context"
	"time"
)

// For waits for a time. The error is that of a context which ended before.
func For(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
