package sim

import (
	"cmp"
	"time"

	"github.com/esgen/esgen/model"
)

// breaker leaves a callee alone that keeps failing.
type breaker struct {
	failures int
	of       int
	rest     time.Duration
	last     []bool // of the last calls, whether it failed
	until    time.Time
	trials   int // this many calls that fail open it again; 0: none has to prove anything
}

// maxTrials is how many calls after a rest may fail before the next rest, where the
// breaker does not open for fewer.
const maxTrials = 3

// newBreaker makes a breaker of what the model says, else one of five failures
// in ten calls that stays open for ten seconds.
func newBreaker(m *model.Breaker) *breaker {
	b := &breaker{failures: 5, of: 10, rest: 10 * time.Second}
	if m != nil {
		b.failures = cmp.Or(m.Failures, b.failures)
		b.of = max(m.Of, b.failures)
		b.rest = cmp.Or(m.Open, b.rest)
	}
	return b
}

func (b *breaker) open(now time.Time) bool {
	if b.until.IsZero() {
		return false
	}
	if now.Before(b.until) {
		return true
	}
	b.until, b.trials = time.Time{}, min(maxTrials, b.failures)
	return false
}

func (b *breaker) note(failed bool, now time.Time) {
	b.last = append(b.last, failed)
	if len(b.last) > b.of {
		b.last = b.last[1:]
	}
	bad := 0
	for _, f := range b.last {
		if f {
			bad++
		}
	}
	switch {
	case failed && b.trials == 1 || bad >= b.failures:
		b.until, b.last, b.trials = now.Add(b.rest), nil, 0
	case failed:
		b.trials = max(0, b.trials-1)
	default:
		b.trials = 0
	}
}
