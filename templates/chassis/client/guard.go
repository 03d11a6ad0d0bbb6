package client

import (
	"context"
	"errors"
	"time"

	failsafe "github.com/failsafe-go/failsafe-go"
	"github.com/failsafe-go/failsafe-go/retrypolicy"
)

// The pauses between tries.
const (
	minPause = 50 * time.Millisecond
	maxPause = time.Second
)

// guard applies a policy.
type guard struct {
	name    string
	policy  Policy
	gate    *gate
	retries failsafe.Executor[*answer]
	results *results
}

func newGuard(name string, policy Policy, opts Options) (*guard, error) {
	g := &guard{name: name, policy: policy}
	g.gate = newGate(policy, func(from, to string) {
		if opts.Log != nil {
			opts.Log.Warn("breaker changed", "dependency", name, "from", from, "to", to)
		}
	})
	g.retries = failsafe.With[*answer](retrypolicy.NewBuilder[*answer]().
		HandleIf(func(_ *answer, err error) bool { return isPassing(err) }).
		WithMaxAttempts(policy.Attempts).
		WithBackoff(minPause, maxPause).
		WithJitterFactor(0.5).
		ReturnLastFailure().
		Build())
	var err error
	g.results, err = newResults(name, opts.Meter, g.gate.state)
	return g, err
}

// do makes the tries of one call. Only what may be repeated is tried again.
func (g *guard) do(ctx context.Context, repeatable bool, try func(ctx context.Context) (*answer, error)) error {
	ctx, cancel := context.WithTimeout(ctx, g.policy.Total)
	defer cancel()
	// sent: of one of the tries nobody knows what came of it. What a later
	// try finds, a refused connection for one, does not undo it.
	sent := false
	once := func() (*answer, error) {
		a, err := g.try(ctx, try)
		sent = sent || mayHaveHappened(err)
		return a, err
	}
	ask := once
	if repeatable && g.policy.Attempts > 1 {
		ask = func() (*answer, error) { return g.retries.WithContext(ctx).Get(once) }
	}
	_, err := ask()
	err = g.translate(err, sent)
	g.results.note(ctx, err)
	return err
}

// try makes one try, as soon as it is let through.
func (g *guard) try(ctx context.Context, try func(ctx context.Context) (*answer, error)) (*answer, error) {
	leave, err := g.gate.enter(ctx)
	if err != nil {
		return nil, err
	}
	says := nothing // of who panics
	defer func() { leave(says) }()
	ctx, cancel := context.WithTimeout(ctx, g.policy.Timeout)
	defer cancel()
	a, err := try(ctx)
	switch {
	case isAlarming(err):
		says = badly
	case !errors.Is(err, context.Canceled):
		says = well
	}
	return a, err
}

// translate makes of what the policies say an error of this package.
func (g *guard) translate(err error, sent bool) error {
	var no *refusal
	switch {
	case err == nil:
		return nil
	case errors.As(err, &no):
		return &Unavailable{Dependency: g.name, Reason: no.reason, RetryAfter: no.retryAfter, Sent: sent}
	}
	var away *Unavailable
	if errors.As(err, &away) && sent && !away.Sent {
		was := *away
		was.Sent = true
		return &was
	}
	if isOwn(err) {
		return err
	}
	// The time of the whole call ended in a pause between tries, or the caller gave up.
	if !sent {
		return &Unavailable{Dependency: g.name, Reason: "the time for it was over", Cause: err}
	}
	return &Timeout{Dependency: g.name, Cause: err}
}
