// Package parallel does many things of one kind on all processors.
package parallel

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
	"sync/atomic"

	"golang.org/x/sync/errgroup"
)

// Each does the things 0 to n-1, begun in their order. Once one has failed, or
// ctx is done, no further one is begun. The error is that of the first thing
// that failed, in their order, or else why ctx is done: the same every time,
// as far as what fails is.
//
// A worker takes many things, one after the other: a goroutine for each would
// grow a stack for each. What panics does so in the goroutine of the caller,
// who may know what to do about it.
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
				if errs[i] = caught(i, do); errs[i] != nil {
					failed.Store(true)
				}
			}
			return ctx.Err()
		})
	}
	done := workers.Wait()
	for _, err := range errs {
		if p := (*panicked)(nil); errors.As(err, &p) {
			panic(p)
		}
		if err != nil {
			return err
		}
	}
	return done
}

// panicked is a panic on its way to another goroutine.
type panicked struct {
	value any
	stack []byte
}

func (p *panicked) Error() string { return fmt.Sprintf("%v\n\n%s", p.value, p.stack) }

func caught(i int, do func(i int) error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = &panicked{v, debug.Stack()}
		}
	}()
	return do(i)
}

// All does all of n things that cannot fail.
func All(n int, do func(i int)) {
	_ = Each(context.Background(), n, func(i int) error { do(i); return nil })
}
