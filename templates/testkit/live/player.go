package live

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"time"

	"github.com/esgen/esgen/templates/chassis/message"
)

// Player plays scenarios, one after the other.
type Player struct {
	System
	broker *broker
	now    time.Time
	away   map[string]bool // services that are stopped
	cut    map[string]bool // external systems that nobody reaches

	log   []message.Envelope // the events of the scenario
	calls []call             // of external systems, likewise; each once
	step  mark
	fails []Failure

	table    Table
	shut     bool // something is put off because of a breaker
	scenario *Scenario
	ids      made
	unsent   []*When // webhooks to services that were away
	// last is what was stored in services when they were stopped.
	last map[In][]json.RawMessage
}

// mark is where a step began.
type mark struct{ events, calls int }

// Failure is an expectation that does not hold.
type Failure struct {
	At       Place
	Message  string
	Expected string
	Actual   string
	Chain    string // what happened in the step
}

// Open begins to listen to a system. Close ends it.
func Open(ctx context.Context, s System, t Table) (*Player, error) {
	var topics []string
	for _, service := range t.Services {
		topics = append(topics, service.Topics...)
	}
	b, err := listen(ctx, s.Brokers, topics)
	if err != nil {
		return nil, err
	}
	return &Player{System: s, broker: b, table: t, away: map[string]bool{}, cut: map[string]bool{}}, nil
}

// Close ends the listening.
func (p *Player) Close() { p.broker.client.Close() }

// Play plays a scenario. The error says why it could not be.
func (p *Player) Play(ctx context.Context, s *Scenario) ([]Failure, error) {
	p.ids = made{}
	for _, id := range s.Makes {
		p.ids[id] = ""
	}
	p.fails, p.scenario, p.unsent, p.last = nil, s, nil, map[In][]json.RawMessage{}
	if err := p.begin(ctx, s); err != nil {
		return nil, fmt.Errorf("the system cannot be made ready: %w", err)
	}
	for i := range s.Steps {
		if err := p.play(ctx, &s.Steps[i]); err != nil {
			return nil, err
		}
		if len(p.fails) > 0 {
			break // what follows would fail because of this
		}
	}
	return p.fails, nil
}

// begin gives the scenario the system, as it is to be found.
func (p *Player) begin(ctx context.Context, s *Scenario) error {
	for _, service := range slices.Sorted(maps.Keys(p.away)) {
		if err := p.fault(ctx, Fault{Service: service, Up: true}); err != nil {
			return err
		}
	}
	clear(p.cut)
	if p.Standins != "" {
		for _, what := range []string{"/_script", "/_calls"} {
			if err := p.must(ctx, http.MethodDelete, p.Standins+what, nil, nil); err != nil {
				return err
			}
		}
	}
	// Now that all answer as usual, nothing is left to be undone that could ask them later.
	for again := true; again; {
		err := p.rest(ctx)
		if err == nil {
			again, err = p.undo(ctx)
		}
		if err != nil {
			return err
		}
	}
	p.now = s.Begins
	history := make([]Past, len(s.History))
	for i, n := range s.History {
		history[i] = p.table.History[n]
	}
	err := p.each(ctx, func(ctx context.Context, _, door string) error {
		return p.must(ctx, http.MethodPost, door+"/_begin", map[string]any{"now": s.Begins, "history": history}, nil)
	})
	if err != nil {
		return err
	}
	if p.Standins != "" { // what was going on may have asked some more
		if err := p.must(ctx, http.MethodDelete, p.Standins+"/_calls", nil, nil); err != nil {
			return err
		}
	}
	if err := p.answers(ctx, s.Answers); err != nil {
		return err
	}
	_, err = p.broker.news(ctx) // of before
	p.log, p.calls = nil, nil
	return err
}

// answers has external systems answer as told.
func (p *Player) answers(ctx context.Context, list []Answer) error {
	for _, a := range list {
		address := p.Standins + "/_script/" + url.PathEscape(a.External) + "/" + url.PathEscape(a.Operation)
		if err := p.must(ctx, http.MethodPost, address, a.Script, nil); err != nil {
			return err
		}
	}
	return nil
}

// play plays a step.
func (p *Player) play(ctx context.Context, s *Step) error {
	p.step = mark{len(p.log), len(p.calls)}
	for _, f := range s.Faults {
		if err := p.fault(ctx, f); err != nil {
			return err
		}
	}
	if err := p.answers(ctx, s.Answers); err != nil {
		return err
	}
	if err := p.when(ctx, s); err != nil {
		return err
	}
	if len(s.Recover) > 0 {
		for _, f := range s.Recover {
			if err := p.fault(ctx, f); err != nil {
				return err
			}
		}
		unsent := p.unsent
		p.unsent = nil
		for _, w := range unsent {
			if err := p.hear(ctx, w); err != nil {
				return err
			}
		}
		if err := p.settle(ctx); err != nil {
			return err
		}
	}
	if s.Advance > 0 {
		if err := p.advance(ctx, p.now.Add(time.Duration(s.Advance))); err != nil {
			return err
		}
	}
	return p.expect(ctx, s.Eventually)
}

// later is how long is waited for what is put off until a breaker lets through
// again, which goes by real time.
const later = 20 * time.Second

// settle lets everything follow that follows without time passing. What has been
// put off because something was not there is tried again at once: it would be by
// itself, later.
func (p *Player) settle(ctx context.Context) error {
	resumed, began := false, time.Now()
	for {
		if err := p.rest(ctx); err != nil {
			return err
		}
		again, err := p.retry(ctx)
		if err == nil && !again {
			again, err = p.undo(ctx)
		}
		if err == nil && !again && !resumed {
			resumed = true
			again, err = p.resume(ctx)
		}
		if err != nil {
			return err
		}
		if again {
			continue
		}
		if !p.shut || time.Since(began) > later {
			return p.listen(ctx)
		}
		if err := pause(ctx, 100*time.Millisecond); err != nil {
			return err
		}
	}
}

// listen takes what happened since.
func (p *Player) listen(ctx context.Context) error {
	news, err := p.broker.news(ctx)
	if err != nil {
		return err
	}
	p.log = append(p.log, news...)
	if p.Standins == "" {
		return nil
	}
	var asked struct{ Calls []call }
	if err := p.must(ctx, http.MethodGet, p.Standins+"/_calls", nil, &asked); err != nil {
		return err
	}
	p.calls = nil
	known := map[string]bool{}
	for _, c := range asked.Calls {
		of := c.External + "." + c.Operation + "/" + c.Key
		if c.Key != "" && known[of] {
			continue // it was repeated
		}
		known[of] = true
		p.calls = append(p.calls, c)
	}
	return nil
}

// rested is what a service says of what is under way.
type rested struct {
	Busy    int64     `json:"busy"`
	Parked  int64     `json:"parked"`
	Undoing int64     `json:"undoing"`
	Shut    int64     `json:"shut"`
	Next    time.Time `json:"next"`
}

// rest waits until nothing is under way: when everything that was there at one
// time is done, and then there is nothing about to leave, and then nothing new
// has come, nothing will.
func (p *Player) rest(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	busy := "it does not answer"
	for wait := 2 * time.Millisecond; ; wait = min(2*wait, 50*time.Millisecond) {
		before, err := p.broker.ends(ctx)
		for range 2 {
			if err == nil {
				busy, err = p.busy(ctx)
			}
			if busy != "" {
				break
			}
		}
		if err == nil && busy == "" {
			after, err := p.broker.ends(ctx)
			if err != nil {
				return err
			}
			if maps.EqualFunc(before, after, maps.Equal) {
				return nil
			}
			busy = "events come"
		}
		if pause(ctx, wait) != nil {
			return errors.Join(fmt.Errorf("the system does not come to rest within %s: %s", patience, busy), err)
		}
	}
}

// busy says who has something under way; "": nobody.
func (p *Player) busy(ctx context.Context) (string, error) {
	all, err := p.rests(ctx)
	for _, service := range slices.Sorted(maps.Keys(all)) {
		if n := all[service].Busy; n > 0 {
			return fmt.Sprintf("%s has %d things to do", service, n), err
		}
	}
	return "", err
}

func (p *Player) rests(ctx context.Context) (map[string]rested, error) {
	var mu sync.Mutex
	out := map[string]rested{}
	err := p.each(ctx, func(ctx context.Context, service, door string) error {
		var r rested
		err := p.must(ctx, http.MethodGet, door+"/_rest", nil, &r)
		mu.Lock()
		defer mu.Unlock()
		out[service] = r
		return err
	})
	return out, err
}

// retry has services try again what they have parked, and reports whether any of
// it could be done.
func (p *Player) retry(ctx context.Context) (done bool, err error) {
	all, err := p.rests(ctx)
	if err != nil {
		return false, err
	}
	p.shut = false
	for _, service := range slices.Sorted(maps.Keys(all)) {
		if all[service].Parked == 0 {
			continue
		}
		// It says no when something fails again, which is as it may be.
		if _, err := p.request(ctx, http.MethodPost, p.Doors[service]+"/internal/parked/replay?all=true", nil, nil); err != nil {
			return false, err
		}
		var now rested
		if err := p.must(ctx, http.MethodGet, p.Doors[service]+"/_rest", nil, &now); err != nil {
			return false, err
		}
		done = done || now.Parked < all[service].Parked
		p.shut = p.shut || now.Parked > 0 && p.opens(now)
	}
	return done, nil
}

// opens reports whether a service leaves somebody alone who may be asked again
// before long. Who is away now is not waited for.
func (p *Player) opens(r rested) bool { return r.Shut > 0 && len(p.away)+len(p.cut) == 0 }

// undo has services try again what they could not undo, and reports whether any of
// it could be.
func (p *Player) undo(ctx context.Context) (done bool, err error) {
	before, err := p.rests(ctx)
	if err != nil {
		return false, err
	}
	maps.DeleteFunc(before, func(_ string, r rested) bool { return r.Undoing == 0 })
	if len(before) == 0 {
		return false, nil
	}
	for _, service := range slices.Sorted(maps.Keys(before)) {
		if err := p.must(ctx, http.MethodPost, p.Doors[service]+"/_undo", struct{}{}, nil); err != nil {
			return false, err
		}
	}
	if err := p.rest(ctx); err != nil {
		return false, err
	}
	after, err := p.rests(ctx)
	for service, was := range before {
		now := after[service]
		done = done || now.Undoing < was.Undoing
		p.shut = p.shut || now.Undoing > 0 && p.opens(now)
	}
	return done, err
}

// resume has sagas ask again what was refused, and reports whether any was.
func (p *Player) resume(ctx context.Context) (asked bool, err error) {
	for _, service := range slices.Sorted(maps.Keys(p.Doors)) {
		if p.away[service] {
			continue
		}
		address := p.Doors[service] + "/internal/sagas"
		r, err := p.request(ctx, http.MethodGet, address, nil, nil)
		if err != nil {
			return asked, err
		}
		if r.status != http.StatusOK {
			continue // it has none
		}
		var stories struct {
			Items []struct{ ID, Refused string }
		}
		if err := json.Unmarshal(r.body, &stories); err != nil {
			return asked, err
		}
		for _, story := range stories.Items {
			if story.Refused == "" {
				continue
			}
			asked = true
			if err := p.must(ctx, http.MethodPost, address+"/"+url.PathEscape(story.ID)+"/resume", nil, nil); err != nil {
				return asked, err
			}
		}
	}
	return asked, nil
}

// advance lets time pass: what is due on the way happens in its order, each at
// its time.
func (p *Player) advance(ctx context.Context, until time.Time) error {
	for {
		all, err := p.rests(ctx)
		if err != nil {
			return err
		}
		now := until
		for _, r := range all {
			if !r.Next.IsZero() && r.Next.Before(now) {
				now = r.Next
			}
		}
		if now.Before(p.now) {
			now = p.now
		}
		if err := p.setClock(ctx, now); err != nil {
			return err
		}
		if err := p.settle(ctx); err != nil {
			return err
		}
		if !now.Before(until) {
			return nil
		}
	}
}

func (p *Player) setClock(ctx context.Context, now time.Time) error {
	p.now = now
	return p.each(ctx, func(ctx context.Context, _, door string) error {
		return p.must(ctx, http.MethodPut, door+"/_clock", map[string]any{"now": now}, nil)
	})
}
