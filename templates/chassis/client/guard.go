package client

import (
	"context"
	"errors"
	"log/slog"
	"time"

	failsafe "github.com/failsafe-go/failsafe-go"
	"github.com/failsafe-go/failsafe-go/bulkhead"
	"github.com/failsafe-go/failsafe-go/circuitbreaker"
	"github.com/failsafe-go/failsafe-go/retrypolicy"
)

// The pauses between tries.
const (
	minPause = 50 * time.Millisecond
	maxPause = time.Second
)

// guard applies a policy. It is the only one that knows failsafe-go.
type guard struct {
	name     string
	policy   Policy
	breaker  circuitbreaker.CircuitBreaker[*answer]
	once     failsafe.Executor[*answer]
	retrying failsafe.Executor[*answer]
	results  *results
	waited   time.Duration // of a test, while the breaker is open
}

func newGuard(name string, policy Policy, opts Options) (*guard, error) {
	g := &guard{name: name, policy: policy}
	g.breaker = circuitbreaker.NewBuilder[*answer]().
		HandleIf(func(_ *answer, err error) bool { return isAlarming(err) }).
		WithFailureThresholdRatio(uint(policy.Breaker.Failures), uint(policy.Breaker.Of)).
		WithDelay(policy.Breaker.Open).
		WithJitterFactor(0.1). // replicas do not come back all at once
		WithSuccessThreshold(1).
		OnStateChanged(func(e circuitbreaker.StateChangedEvent) { logState(opts.Log, name, e) }).
		Build()
	// From the outside in: tries, each of which needs a place, and a breaker
	// that is closed. A full bulkhead is our own doing and no failure of theirs.
	places := bulkhead.New[*answer](uint(policy.Bulkhead))
	retries := retrypolicy.NewBuilder[*answer]().
		HandleIf(func(_ *answer, err error) bool { return isPassing(err) }).
		WithMaxAttempts(policy.Attempts).
		WithBackoff(minPause, maxPause).
		WithJitterFactor(0.5).
		ReturnLastFailure().
		Build()
	g.once = failsafe.With[*answer](places, g.breaker)
	g.retrying = failsafe.With[*answer](retries, places, g.breaker)
	var err error
	g.results, err = newResults(name, opts.Meter, g.state)
	return g, err
}

// do makes the tries of one call. Only what may be repeated is tried again.
func (g *guard) do(ctx context.Context, repeatable bool, try func(ctx context.Context) (*answer, error)) (*answer, error) {
	ctx, cancel := context.WithTimeout(ctx, g.policy.Total)
	defer cancel()
	executor := g.once
	if repeatable && g.policy.Attempts > 1 {
		executor = g.retrying
	}
	// sent: of one of the tries nobody knows what came of it. What a later
	// try finds, a refused connection for one, does not undo it.
	sent := false
	a, err := executor.WithContext(ctx).Get(func() (*answer, error) {
		ctx, cancel := context.WithTimeout(ctx, g.policy.Timeout)
		defer cancel()
		a, err := try(ctx)
		sent = sent || mayHaveHappened(err)
		return a, err
	})
	err = g.translate(err, sent)
	g.results.note(ctx, err)
	return a, err
}

// translate makes of what the policies say an error of this package.
func (g *guard) translate(err error, sent bool) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, circuitbreaker.ErrOpen):
		return &Unavailable{Dependency: g.name, Reason: "its breaker is open", RetryAfter: g.breaker.RemainingDelay(), Sent: sent}
	case errors.Is(err, bulkhead.ErrFull):
		return &Unavailable{Dependency: g.name, Reason: "too many requests to it are under way", RetryAfter: time.Second, Sent: sent}
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

func (g *guard) state() string { return g.breaker.State().String() }

func logState(log *slog.Logger, name string, e circuitbreaker.StateChangedEvent) {
	if log == nil {
		return
	}
	log.Warn("breaker changed", "dependency", name, "from", e.OldState.String(), "to", e.NewState.String())
}
