package client

import (
	"container/list"
	"context"
	"sync"
	"time"
)

// gate lets calls through to one dependency: as many at a time as it bears, while
// others wait in a line for a moment; none while it is left alone, and nobody waits
// while it has to prove that it is back.
//
// How many it lets through follows how calls go (additive increase, multiplicative
// decrease, as of TCP): one more for each that goes well, up to the bulkhead, a
// tenth less for each that does not. When too many of the last calls failed it
// opens, as a circuit breaker does. After a rest it begins with one call at a time;
// as each that goes well lets one more through, the number doubles with every
// round, and no crowd falls on somebody who has just come back. It opens again
// when all of the first few calls fail: one of them may have bad luck.
type gate struct {
	most     int           // calls at a time, and calls that wait
	patience time.Duration // how long one waits
	breaker  Breaker
	changed  func(from, to string)

	mu     sync.Mutex
	places float64       // calls at a time by now, from 1 to most
	under  int           // calls under way
	line   list.List     // of *caller, who came first in front
	last   []bool        // of the last calls, whether it failed
	failed int           // how many of them did
	rest   time.Time     // until when the dependency is left alone; zero: it is not
	trials int           // this many calls that fail open it again; 0: none has to prove anything
	spell  int           // counts the openings: a call from before one says nothing after it
	told   string        // the state as of which others know
	ahead  time.Duration // how much time has passed besides, in tests
}

// caller waits in the line.
type caller struct {
	answered chan struct{}
	leave    func(outcome)
	err      error
}

// outcome is what a call says about its dependency.
type outcome uint8

const (
	nothing outcome = iota // the caller gave up, for one
	well
	badly
)

// The states of a gate, called as those of circuit breakers are.
const (
	closed   = "closed"
	halfOpen = "half-open"
	open     = "open"
)

// rounds is how many calls are looked at for each that is under way, where that is
// more than the breaker's: to a crowd the last ten calls are one moment, in which
// a few may have bad luck.
const rounds = 4

// maxTrials is how many calls after a rest may fail before the next rest, where
// the breaker does not open for fewer.
const maxTrials = 3

func newGate(p Policy, changed func(from, to string)) *gate {
	g := &gate{most: p.Bulkhead, patience: p.Timeout, breaker: p.Breaker, changed: changed, told: closed}
	g.reset()
	return g
}

// reset begins anew.
func (g *gate) reset() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.begin(g.most)
	g.rest, g.trials = time.Time{}, 0
	g.tell()
}

// begin forgets how calls went.
func (g *gate) begin(places int) {
	g.places, g.under, g.last, g.failed = float64(places), 0, nil, 0
	g.spell++
}

// pass has time pass, in tests.
func (g *gate) pass(t time.Duration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.ahead += t
}

// left is how long the dependency is still left alone.
func (g *gate) left() time.Duration {
	return max(0, g.rest.Sub(time.Now().Add(g.ahead)))
}

func (g *gate) state() string {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.current()
}

func (g *gate) current() string {
	switch {
	case g.left() > 0:
		return open
	case g.trials > 0:
		return halfOpen
	}
	return closed
}

// tell tells of a state that is another one.
func (g *gate) tell() {
	if is := g.current(); is != g.told {
		g.changed(g.told, is)
		g.told = is
	}
}

// enter waits for a place, and returns how it is left. Errors: *refusal, and that
// of the context.
func (g *gate) enter(ctx context.Context) (leave func(outcome), err error) {
	c, at, err := g.queue()
	if err != nil {
		return nil, err
	}
	select {
	case <-c.answered: // at once, as most are
		return c.leave, c.err
	default:
	}
	patience := time.NewTimer(g.patience)
	defer patience.Stop()
	select {
	case <-c.answered:
		return c.leave, c.err
	case <-patience.C:
		err = g.crowded()
	case <-ctx.Done():
		err = ctx.Err()
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if c.leave != nil || c.err != nil {
		return c.leave, c.err // in the same moment
	}
	g.line.Remove(at)
	return nil, err
}

// queue puts a caller into the line, out of which it may come at once.
func (g *gate) queue() (*caller, *list.Element, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.tell()
	if left := g.left(); left > 0 {
		return nil, nil, &refusal{reason: "its breaker is open", retryAfter: left}
	}
	if g.trials > 0 && g.under > 0 {
		return nil, nil, &refusal{reason: "its breaker is half-open", retryAfter: time.Second}
	}
	if g.line.Len() >= g.most {
		return nil, nil, g.crowded()
	}
	c := &caller{answered: make(chan struct{})}
	at := g.line.PushBack(c)
	g.admit()
	return c, at, nil
}

// admit lets in who is in front, as long as there are places.
func (g *gate) admit() {
	for g.line.Len() > 0 && g.under < int(g.places) {
		spell := g.spell
		g.under++
		g.answer(func(o outcome) { g.leave(spell, o) }, nil)
	}
}

// answer answers who is in front.
func (g *gate) answer(leave func(outcome), err error) {
	c := g.line.Remove(g.line.Front()).(*caller)
	c.leave, c.err = leave, err
	close(c.answered)
}

// leave gives a place back.
func (g *gate) leave(spell int, o outcome) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if spell != g.spell {
		return
	}
	if o != nothing {
		g.note(o == badly)
	}
	if spell == g.spell {
		g.under--
	}
	g.tell()
	g.admit()
}

// note takes into account how a call went.
func (g *gate) note(failed bool) {
	g.remember(failed)
	many := len(g.last)
	switch {
	case failed && (g.trials == 1 || g.failed*g.breaker.Of >= g.breaker.Failures*max(many, g.breaker.Of)):
		g.open()
	case failed && g.trials > 0:
		g.trials--
	case failed:
		g.places = max(1, g.places*0.9)
	default:
		g.places = min(float64(g.most), g.places+1)
		g.trials = 0
	}
}

// remember keeps as many of the last calls in mind as are looked at.
func (g *gate) remember(failed bool) {
	g.last = append(g.last, failed)
	if failed {
		g.failed++
	}
	for len(g.last) > max(g.breaker.Of, rounds*g.under) {
		if g.last[0] {
			g.failed--
		}
		g.last = g.last[1:]
	}
}

// open leaves the dependency alone for a while, and turns away who waits.
func (g *gate) open() {
	g.begin(1)
	g.rest = time.Now().Add(g.ahead + g.breaker.Open)
	g.trials = min(maxTrials, g.breaker.Failures)
	for g.line.Len() > 0 {
		g.answer(nil, &refusal{reason: "its breaker is open", retryAfter: g.breaker.Open})
	}
}

func (g *gate) crowded() error {
	return &refusal{reason: "too many requests to it are under way", retryAfter: time.Second}
}

// refusal says that a call was not let through. That is no failure of the
// dependency, nor is it tried again.
type refusal struct {
	reason     string
	retryAfter time.Duration
}

func (r *refusal) Error() string { return r.reason }
