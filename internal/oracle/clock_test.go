package oracle

import (
	"fmt"
	"net/http"
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

// advance lets time pass until a time: what is due on the way happens in its
// order, and all comes to rest each time.
func (s *system) advance(t *testing.T, until time.Time) {
	t.Helper()
	for {
		next := s.due(t)
		if next.IsZero() || next.After(until) {
			break
		}
		if next.Before(s.now) {
			next = s.now
		}
		s.tell(t, http.MethodPut, "/_clock", next)
		s.finish(t)
	}
	if until.After(s.now) {
		s.tell(t, http.MethodPut, "/_clock", until)
	}
	s.finish(t)
}

// due is when the next timer of a service rings; zero: none does.
func (s *system) due(t *testing.T) (first time.Time) {
	t.Helper()
	for _, service := range s.opts.System.Services {
		a, err := s.ask(t.Context(), http.MethodGet, s.Door(service.Dir)+"/_rest", http.Header{}, nil)
		if err != nil || a.status != http.StatusOK {
			t.Fatalf("GET /_rest: %d %v %v", a.status, a.body, err)
		}
		text, ok := a.body["next"].(string)
		if !ok {
			continue
		}
		next, err := time.Parse(time.RFC3339Nano, text)
		if err != nil {
			t.Fatal(err)
		}
		if first.IsZero() || next.Before(first) {
			first = next
		}
	}
	return first
}
