// Package lease keeps what one replica of a service holds at a time.
package lease

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/esgen/esgen/templates/chassis/wait"
)

// Time is how long a lease lasts that is not renewed: it outlives a few missed
// renewals, and a crashed owner not for long.
const Time = 15 * time.Second

// Renewal is how often a lease is renewed.
const Renewal = 3 * time.Second

// Lease is held until it is released or lost.
type Lease struct {
	renew   func(context.Context) error
	free    func(context.Context)
	lost    chan struct{}
	stop    context.CancelFunc
	stopped chan struct{}
	once    sync.Once
}

// Hold renews what was taken until it is released or lost. It is lost at the first
// failure: better no owner for a moment than two.
func Hold(renew func(context.Context) error, free func(context.Context)) *Lease {
	ctx, cancel := context.WithCancel(context.Background())
	l := &Lease{renew: renew, free: free, lost: make(chan struct{}), stop: cancel, stopped: make(chan struct{})}
	go l.keep(ctx)
	return l
}

// Take holds what take takes, which renews it as well, unless another has it.
func Take(ctx context.Context, name string, take func(context.Context) (bool, error), free func(context.Context)) (*Lease, bool, error) {
	if held, err := take(ctx); err != nil || !held {
		return nil, false, err
	}
	renew := func(ctx context.Context) error {
		held, err := take(ctx)
		if err == nil && !held {
			err = fmt.Errorf("lease %s was taken over", name)
		}
		return err
	}
	return Hold(renew, free), true, nil
}

// Lost is closed when the lease is no longer held.
func (l *Lease) Lost() <-chan struct{} { return l.lost }

// Release gives the lease to whoever wants it next.
func (l *Lease) Release() {
	l.once.Do(func() {
		l.stop()
		<-l.stopped
	})
}

func (l *Lease) keep(ctx context.Context) {
	defer close(l.stopped)
	defer close(l.lost)
	for wait.For(ctx, Renewal) == nil {
		renewal, cancel := context.WithTimeout(ctx, Time-2*Renewal)
		err := l.renew(renewal)
		cancel()
		if err != nil {
			break
		}
	}
	ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), Renewal)
	defer cancel()
	l.free(ending)
}
