// Package parallel does many things of one kind on all processors.
package parallel

import (
	"context"
	"runtime"
	"sync/atomic"

	"golang.org/x/sync/errgroup"
)

// Each does the things 0 to n-1, begun in their order. Once one has failed, or
// ctx is done, no further one is begun. The error is that of the first thing
// that failed, in their order, or else why ctx is done: the same every time,
// as far as what fails is.
//
// A worker takes many things, one after the other: a goroutine for each would
// grow a stack for each.
func Each(ctx context.Context, n int, do func(i int) error) error {
	errs := make([]error, n)
	var begun atomic.Int64
	var failed atomic.Bool
	var workers errgroup.Group
	for range min(n, runtime.GOMAXPROCS(0)) {
		workers.Go(func() error {
			for ctx.Err() == nil && !failed.Load() {
				i := int(begun.Add(1)) - 1
				if i >= n {
					break
				}
				if errs[i] = do(i); errs[i] != nil {
					failed.Store(true)
				}
			}
			return ctx.Err()
		})
	}
	done := workers.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return done
}

// All does all of n things that cannot fail.
func All(n int, do func(i int)) {
	_ = Each(context.Background(), n, func(i int) error { do(i); return nil })
}
