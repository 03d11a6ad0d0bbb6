package service

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"math/rand/v2"
	"runtime"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"github.com/esgen/esgen/templates/chassis/wait"
)

// runner is a service while it runs.
type runner struct {
	Options
	log       *slog.Logger
	health    *health
	listeners []*listener
	workers   sync.WaitGroup
}

func newRunner(o Options) *runner {
	log := slog.New(slog.DiscardHandler)
	if o.Telemetry != nil {
		log = o.Telemetry.Log
	}
	return &runner{Options: o, log: log, health: newHealth(log, o.Checks, o.Dependencies)}
}

func (r *runner) run(ctx context.Context) error {
	if !r.Config.Profiles {
		runtime.MemProfileRate = 0 //nolint:reassign // as its documentation says; where allocations come from is of interest to profiles alone
	}
	// What is under way when the service is told to stop is finished, so it
	// does not hang on ctx.
	alive, kill := context.WithCancel(context.WithoutCancel(ctx))
	defer kill()
	failed := make(chan error, 2+len(r.Beside)) // of every listener
	addresses, err := r.listen(alive, failed)
	if err != nil {
		return errors.Join(fmt.Errorf("%s: %w", r.Name, err), r.closeAll(alive))
	}
	if err := r.start(ctx, failed); err != nil {
		stopped := r.stop(alive, kill)
		if ctx.Err() != nil {
			return stopped // told to stop before it was up
		}
		return errors.Join(fmt.Errorf("%s: %w", r.Name, err), stopped)
	}
	for _, w := range r.Workers {
		r.workers.Go(func() { r.work(alive, w) })
	}
	r.health.set(up)
	r.serving(true)
	about := []any{"http", addresses.HTTP, "internal", addresses.Internal}
	for _, name := range slices.Sorted(maps.Keys(addresses.Beside)) {
		about = append(about, name, addresses.Beside[name])
	}
	r.log.Info("service is up", about...)
	if r.Ready != nil {
		r.Ready(addresses)
	}
	select {
	case <-ctx.Done():
		r.log.Info("service is told to stop")
	case err = <-failed:
		r.log.Error("a listener failed", "error", err)
	}
	return errors.Join(err, r.stop(alive, kill))
}

// serving tells the listeners whether the service is up.
func (r *runner) serving(up bool) {
	for _, l := range r.listeners {
		l.server.SetServing(up)
	}
}

// start does the steps before the first request, each until it succeeds.
func (r *runner) start(ctx context.Context, failed <-chan error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	watched := make(chan struct{})
	defer close(watched)
	go func() {
		select {
		case err := <-failed:
			cancel(err)
		case <-watched:
		}
	}()
	for _, step := range r.Start {
		if err := r.insist(ctx, step); err != nil {
			return fmt.Errorf("%s: %w", step.Name, err)
		}
	}
	return nil
}

// insist does a step until it succeeds, the service is told to stop, or it
// cannot succeed.
func (r *runner) insist(ctx context.Context, step Step) error {
	for wait := minWait; ; wait = min(2*wait, maxWait) {
		err := safely(ctx, step.Do)
		var p *permanent
		switch {
		case err == nil:
			return nil
		case errors.As(err, &p):
			return p.err
		case ctx.Err() != nil:
			return context.Cause(ctx)
		}
		r.log.Warn("not up yet", "step", step.Name, "error", err, "again", wait)
		if pause(ctx, wait) != nil {
			return context.Cause(ctx)
		}
	}
}

// stop ends a service so that nothing is lost. Each part has its share of the
// grace: one that hangs does not take the time of those after it.
func (r *runner) stop(alive context.Context, kill context.CancelFunc) error {
	began := time.Now()
	wasUp := r.health.is(up)
	r.health.set(stopping)
	r.serving(false)
	if wasUp && r.Config.ShutdownDelay > 0 {
		timer := time.NewTimer(r.Config.ShutdownDelay)
		<-timer.C
	}
	from := time.Now()
	left := r.Config.ShutdownGrace - from.Sub(began)
	share := func(percent int) time.Time { return from.Add(left * time.Duration(percent) / 100) }
	errs := []error{r.drainListeners(alive, share(50))}
	if wasUp {
		errs = append(errs, r.drain(alive, share(85)))
	}
	kill()
	if !r.awaitWorkers(share(95)) {
		errs = append(errs, errors.New("a worker does not end"))
	}
	errs = append(errs, r.closeAll(context.WithoutCancel(alive)))
	err := errors.Join(errs...)
	if err != nil {
		r.log.Error("service stopped, not all in order", "error", err, "took", time.Since(began))
		return err
	}
	r.log.Info("service stopped", "took", time.Since(began))
	return nil
}

// drain does the steps after the last request.
func (r *runner) drain(ctx context.Context, deadline time.Time) error {
	ctx, cancel := context.WithDeadline(ctx, deadline)
	defer cancel()
	return each(ctx, r.Drain)
}

// each does steps in their order; one that fails does not keep the next ones
// from being done.
func each(ctx context.Context, steps []Step) error {
	var errs []error
	for _, step := range steps {
		if err := safely(ctx, step.Do); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", step.Name, err))
		}
	}
	return errors.Join(errs...)
}

func (r *runner) awaitWorkers(deadline time.Time) bool {
	done := make(chan struct{})
	go func() {
		r.workers.Wait()
		close(done)
	}()
	timer := time.NewTimer(time.Until(deadline))
	defer timer.Stop()
	select {
	case <-done:
		return true
	case <-timer.C:
		return false
	}
}

// lastWords is the time for closing what is left, even when the grace is over.
const lastWords = 2 * time.Second

func (r *runner) closeAll(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, lastWords)
	defer cancel()
	return each(ctx, r.Close)
}

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
	return wait.For(ctx, d-d/4+rand.N(d/2+1))
}
