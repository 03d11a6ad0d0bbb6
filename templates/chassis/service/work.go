package service

import (
	"context"
	"fmt"
	"math/rand/v2"
	"runtime/debug"
	"time"
)

// The pauses between attempts.
const (
	minWait = 100 * time.Millisecond
	maxWait = 5 * time.Second
)

// work keeps a worker at work as long as the service runs.
func (r *runner) work(ctx context.Context, w Worker) {
	for wait := minWait; ; wait = min(2*wait, maxWait) {
		began := time.Now()
		err := safely(ctx, w.Run)
		if ctx.Err() != nil || r.health.is(stopping) {
			return
		}
		if time.Since(began) > maxWait {
			wait = minWait // it was well for a while
		}
		r.log.Error("a worker ended and is started again", "worker", w.Name, "error", err, "again", wait)
		if pause(ctx, wait) != nil {
			return
		}
	}
}

// safely turns a panic into an error: one worker's does not end the others.
func safely(ctx context.Context, do func(context.Context) error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return do(ctx)
}

// pause waits about as long; replicas that started together drift apart.
func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d - d/4 + rand.N(d/2+1))
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
