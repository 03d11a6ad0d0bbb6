package oracle

import (
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"
)

// Time stands still on both sides, until it is told to go on: services are asked
// by the doors that only tests have.

// begin has all services begin at a time.
func (s *system) begin(t *testing.T, now time.Time) {
	t.Helper()
	s.tell(t, http.MethodPost, "/_begin", now)
}

func (s *system) tell(t *testing.T, method, door string, now time.Time) {
	t.Helper()
	for _, service := range s.opts.System.Services {
		a, err := s.ask(t.Context(), method, s.Door(service.Dir)+door, http.Header{}, fmt.Appendf(nil, `{"now": %q}`, now.Format(time.RFC3339Nano)))
		if err != nil || a.status != http.StatusOK {
			t.Fatalf("%s %s: %d %v %v", method, door, a.status, a.body, err)
		}
	}
	s.now = now
}

// pause is how long it is from one step to the next: often as long as something of
// the model takes, or a moment longer.
func (g *generator) pause() time.Duration {
	if own := g.durations(); len(own) > 0 && g.often(35) {
		return oneOf(g, own) + oneOf(g, []time.Duration{0, time.Second})
	}
	return oneOf(g, []time.Duration{0, 0, 0, time.Second, 3 * time.Second, 31 * time.Second, 10 * time.Minute, time.Hour, 3 * time.Hour})
}

// durations are how long things take in the model; of one in which something
// happens often, not those in which it would happen all the time.
func (g *generator) durations() []time.Duration {
	most := 40 * 24 * time.Hour
	var all []time.Duration
	for _, c := range g.model.Contexts {
		for _, p := range c.Policies {
			if t := p.Timer; t != nil {
				all = append(all, t.After)
				if t.Cron != nil || t.Due != nil {
					all = append(all, 24*time.Hour, 7*24*time.Hour, 31*24*time.Hour)
				}
				if t.Every > 0 {
					all, most = append(all, t.Every), min(most, 10*t.Every)
				}
			}
			if p.Window != nil {
				all = append(all, p.Window.Within)
			}
		}
		for _, s := range c.Sagas {
			all = append(all, s.Timeout)
			for _, step := range s.Steps {
				all = append(all, step.Timeout)
			}
		}
		for _, a := range c.Aggregates {
			for _, m := range a.Commands {
				for _, call := range m.Calls {
					if call.Breaker != nil {
						all = append(all, call.Breaker.Open)
					}
				}
			}
		}
	}
	return slices.DeleteFunc(all, func(d time.Duration) bool { return d <= 0 || d > most })
}

// pass lets time pass on both sides before a step: what is due on the way happens
// in its order, and all comes to rest each time.
func (d *duel) pass(t *testing.T, number int) {
	t.Helper()
	until := d.world.Now().Add(d.pauses[number%len(d.pauses)])
	for d.world.Now().Before(until) {
		next := until
		for _, due := range []time.Time{d.world.Next(), d.system.due(t)} {
			if !due.IsZero() && due.Before(next) {
				next = due
			}
		}
		if next.Before(d.world.Now()) {
			next = d.world.Now()
		}
		if err := d.world.Advance(next.Sub(d.world.Now())); err != nil {
			t.Fatal(err)
		}
		d.system.tell(t, http.MethodPut, "/_clock", next)
		d.system.finish(t)
	}
}

// due is when the next timer of a service rings; zero: none does. A saga that asks
// again for what it was refused is none: it is made to at every rest.
func (s *system) due(t *testing.T) (first time.Time) {
	t.Helper()
	for service, db := range s.databases {
		if service.TimersTopic == "" {
			continue
		}
		for _, text := range texts(t, db, `SELECT MIN(due_at) FROM platform_timers
			WHERE message IS NULL OR json_extract(message, '$.Type') NOT LIKE 'timer.saga/%.Again' HAVING count(*) > 0`) {
			next, err := time.Parse(time.RFC3339Nano, text)
			if err != nil {
				t.Fatal(err)
			}
			if first.IsZero() || next.Before(first) {
				first = next
			}
		}
	}
	return first
}
