package given

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"time"

	"github.com/esgen/esgen/templates/chassis/values"
)

// A service that runs can begin a new life without being started anew: what it
// knew is forgotten, something else has happened, and it is another time, which
// stands still until it is told to go on. Its workers work on meanwhile: who asks
// for it waits before until nothing is under way.

// clockwork acts when it is time.
type clockwork interface {
	UseClock(clock func() time.Time)
	Rung(ctx context.Context, before time.Time) error
	Wind(ctx context.Context) error
	Next(ctx context.Context) (*time.Time, error)
}

// listener hears of events by the broker, and keeps in mind what waits.
type listener interface {
	Hurry()
	Behind(ctx context.Context) (int64, error)
	Forgotten(ctx context.Context) error
}

// undoer undoes what others were asked for in vain.
type undoer interface {
	Pending(ctx context.Context) (busy, later int64, err error)
	Retry(ctx context.Context) error
}

// breaker leaves somebody alone for a while.
type breaker interface {
	State() string
	Reset()
	Passed(d time.Duration)
}

// longAgo is before all that tests tell of: nothing is due.
var longAgo = time.Date(1, 1, 2, 0, 0, 0, 0, time.UTC)

// Begin has the service begin a new life, in which these events have happened, as
// far as they are any of its business.
func (s *Service) Begin(ctx context.Context, now time.Time, history []Event) error {
	s.SetNow(longAgo)
	if err := wipe(ctx, s.DB); err != nil {
		return err
	}
	for _, part := range s.Parts {
		switch p := part.(type) {
		case listener:
			if err := p.Forgotten(ctx); err != nil {
				return err
			}
		case breaker:
			p.Reset()
		}
	}
	for i, e := range history {
		if _, err := s.happen(ctx, e.Envelope(fmt.Sprintf("given-%d", i+1))); err != nil {
			return fmt.Errorf("event %d of the history: %w", i+1, err)
		}
	}
	err := s.timed(func(c clockwork) error { return c.Rung(ctx, now) })
	s.SetNow(now)
	return errors.Join(err, s.timed(func(c clockwork) error { return c.Wind(ctx) }))
}

func (s *Service) timed(do func(clockwork) error) error {
	var errs []error
	for p := range partsOf[clockwork](s) {
		errs = append(errs, do(p))
	}
	return errors.Join(errs...)
}

// partsOf are the parts of a service that are of a kind.
func partsOf[P any](s *Service) iter.Seq[P] {
	return func(yield func(P) bool) {
		for _, part := range s.Parts {
			if p, ok := part.(P); ok && !yield(p) {
				return
			}
		}
	}
}

// GoOn has it be a later time.
func (s *Service) GoOn(now time.Time) {
	passed := now.Sub(s.Now())
	s.SetNow(now)
	for p := range partsOf[breaker](s) {
		p.Passed(passed)
	}
}

// Rest is what is under way in a service.
type Rest struct {
	// Busy is how much is being done, or about to be; 0: the service is at rest.
	Busy int64 `json:"busy"`
	// Parked is how much waits for something that was not there.
	Parked int64 `json:"parked"`
	// Undoing is how much could not be undone, and is tried again later.
	Undoing int64 `json:"undoing,omitempty"`
	// Shut is how many of those it asks are left alone for a while.
	Shut int64 `json:"shut,omitempty"`
	// Next is when something is due by itself; zero: nothing is.
	Next time.Time `json:"next,omitzero"`
}

// Rest says what is under way.
func (s *Service) Rest(ctx context.Context) (Rest, error) {
	var r Rest
	for _, part := range s.Parts {
		switch p := part.(type) {
		case listener:
			n, err := p.Behind(ctx)
			if err != nil {
				return r, err
			}
			r.Busy += n
		case breaker:
			if p.State() != "closed" {
				r.Shut++
			}
		case clockwork:
			next, err := p.Next(ctx)
			if err != nil {
				return r, err
			}
			if next == nil {
				continue
			}
			if r.Next = *next; !next.After(s.Now()) {
				r.Busy++
			}
		}
	}
	// What is handled leaves its traces before it counts as handled.
	for p := range partsOf[undoer](s) {
		busy, later, err := p.Pending(ctx)
		if err != nil {
			return r, err
		}
		r.Busy += busy
		r.Undoing += later
	}
	for table, n := range map[string]*int64{"platform_outbox": &r.Busy, "platform_parked": &r.Parked} {
		var rows int64
		if err := s.DB.QueryRow(ctx, "SELECT count(*) FROM "+table).Scan(&rows); err != nil {
			return r, err
		}
		*n += rows
	}
	return r, nil
}

// Undo has what could not be undone tried again now.
func (s *Service) Undo(ctx context.Context) error {
	var errs []error
	for p := range partsOf[undoer](s) {
		errs = append(errs, p.Retry(ctx))
	}
	return errors.Join(errs...)
}

// live adds the doors of a service that goes on living.
func (d *Doors) live(mux *http.ServeMux) {
	handle(mux, "POST /_begin", func(ctx context.Context, b struct {
		Now     time.Time `json:"now"`
		History []Event   `json:"history"`
	}) error {
		return d.service.Begin(ctx, values.Truncate(b.Now), b.History)
	})
	handle(mux, "POST /_undo", func(ctx context.Context, _ struct{}) error { return d.service.Undo(ctx) })
	answer(mux, "GET /_rest", func(ctx context.Context, _ *http.Request) (any, error) { return d.service.Rest(ctx) })
	answer(mux, "GET /_instances/{aggregate}", d.instances)
	if d.service.Router != nil {
		mux.Handle("/internal/", d.service.Router.Internal())
	}
}

// instances are the states of an aggregate.
func (d *Doors) instances(ctx context.Context, r *http.Request) (any, error) {
	for _, kept := range d.service.Repositories {
		name, states, err := kept.States(ctx)
		if err != nil {
			return nil, err
		}
		if name == r.PathValue("aggregate") {
			return map[string]any{"items": append([]json.RawMessage{}, states...)}, nil
		}
	}
	return nil, errors.New("there is no such aggregate here")
}

// answer adds a route that answers JSON.
func answer(mux *http.ServeMux, pattern string, ask func(ctx context.Context, r *http.Request) (any, error)) {
	mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		found, err := ask(r.Context(), r)
		var data []byte
		if err == nil {
			data, err = json.Marshal(found)
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(data) // who asked may be gone
	})
}
