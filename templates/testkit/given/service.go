package given

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/esgen/esgen/templates/chassis/assembly"
	"github.com/esgen/esgen/templates/chassis/message"
	"github.com/esgen/esgen/templates/chassis/outbox"
	"github.com/esgen/esgen/templates/chassis/rest"
	"github.com/esgen/esgen/templates/chassis/store"
	"github.com/esgen/esgen/templates/chassis/values"
)

// Repository keeps the instances of an aggregate: *command.Repository does.
type Repository interface {
	Restore(ctx context.Context, tx *store.Tx, e *message.Envelope) (ours bool, err error)
	States(ctx context.Context) (aggregate string, states []json.RawMessage, err error)
	UseClock(clock func() time.Time)
}

// Service is a service that can be put into states. Its parts are the real
// ones.
type Service struct {
	DB           *store.DB
	Router       *rest.Router
	Repositories []Repository
	// Hears are its policies and views; nil: it has none.
	Hears assembly.Hearer
	// Known finds the state that the service's own model has under a name. What
	// a state tells of the inside of the service, it tells in the words of then:
	// events of its history, the command that leads to a message, what it asks
	// others. Where those mean nothing any more, today's are taken. nil: none.
	Known func(name string) (State, bool)
	// Parts are those that go by the clock, or keep something in mind; of
	// services that run only.
	Parts []any

	once  sync.Once
	mu    sync.Mutex
	state State
	asked map[string]int     // questions to others
	sent  map[values.ID]bool // messages to sagas of its own that came
}

// start is done before anything else.
func (s *Service) start() {
	s.once.Do(func() {
		for _, r := range s.Repositories {
			r.UseClock(s.Now)
		}
		for _, part := range s.Parts {
			switch p := part.(type) {
			case clockwork:
				p.UseClock(s.Now)
			case listener:
				p.Hurry()
			}
		}
		if s.Router != nil {
			s.Router.UseClock(s.Now)
		}
	})
}

// Now is the time in the service.
func (s *Service) Now() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.state.Now.IsZero() {
		return time.Now()
	}
	return s.state.Now
}

// SetNow sets the time; zero: the clock's.
func (s *Service) SetNow(now time.Time) {
	s.start()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state.Now = now
}

// Make makes a state so, and forgets all that was before.
func (s *Service) Make(ctx context.Context, name string, params json.RawMessage) error {
	state, err := Read(name, params)
	if err != nil {
		return err
	}
	err = s.make(ctx, state)
	if known, ok := s.known(name); err != nil && ok {
		if known.When == nil {
			known.When = state.When
		}
		return s.make(ctx, known)
	}
	return err
}

// known is the state that the service's own model has under a name.
func (s *Service) known(name string) (State, bool) {
	if s.Known == nil {
		return State{}, false
	}
	known, ok := s.Known(name)
	known.Name = name
	return known, ok
}

func (s *Service) make(ctx context.Context, state State) error {
	s.start()
	if err := wipe(ctx, s.DB); err != nil {
		return err
	}
	for p := range partsOf[breaker](s) {
		p.Reset()
	}
	s.mu.Lock()
	s.state, s.asked, s.sent = state, map[string]int{}, map[values.ID]bool{}
	s.mu.Unlock()
	for i, e := range state.History {
		known, err := s.happen(ctx, e.Envelope(fmt.Sprintf("given-%d", i+1)))
		if err == nil && !known {
			err = fmt.Errorf("nobody here knows %s", e.Type)
		}
		if err != nil {
			return fmt.Errorf("event %d of the history: %w", i+1, err)
		}
	}
	return s.orchestrated(ctx, state)
}

// happen has an event be one that happened, to those who know it.
func (s *Service) happen(ctx context.Context, e message.Envelope) (known bool, err error) {
	for _, r := range s.Repositories {
		err := s.DB.InTx(ctx, func(tx *store.Tx) error {
			ours, err := r.Restore(ctx, tx, &e)
			known = known || ours
			return err
		})
		if err != nil {
			return known, err
		}
	}
	if s.Hears == nil {
		return known, nil
	}
	views, err := s.Hears.Remember(ctx, e)
	return known || views > 0, err
}

// Deliver gives a record to the service as the broker would: to policies and
// views. What they would have parked is the error.
func (s *Service) Deliver(ctx context.Context, r *kgo.Record) error {
	s.start()
	if s.Hears == nil {
		return errDeaf
	}
	return s.Hears.Deliver(ctx, r)
}

// DeliverTo gives a record to one policy, view or saga.
func (s *Service) DeliverTo(ctx context.Context, name string, r *kgo.Record) error {
	s.start()
	if s.Hears == nil {
		return errDeaf
	}
	if err := s.Hears.DeliverTo(ctx, name, r); err != nil || !strings.HasPrefix(name, sagaPrefix) {
		return err
	}
	return s.goOn(ctx, name)
}

// errDeaf says that a record is nobody's.
var errDeaf = errors.New("nobody here waits for events")

// Publish gives the command of the state's When, and returns the event that
// came of it as the relay would send it.
func (s *Service) Publish(ctx context.Context) (*kgo.Record, error) {
	s.start()
	s.mu.Lock()
	state := s.state
	s.mu.Unlock()
	if state.When == nil {
		return nil, errors.New("the state does not say what leads to the message")
	}
	when := state.When
	if err := s.run(ctx, when); err != nil {
		known, ok := s.known(state.Name)
		if !ok || known.When == nil {
			return nil, err
		}
		if when = known.When; s.make(ctx, known) != nil || s.run(ctx, when) != nil {
			return nil, err
		}
	}
	pending, err := outbox.Read(ctx, s.DB, mostPending)
	if err != nil {
		return nil, err
	}
	var found *kgo.Record
	var types []string
	for _, p := range pending {
		e, err := message.FromRecord(p.Record)
		if err != nil {
			return nil, err
		}
		types = append(types, e.Type)
		inside := strings.HasSuffix(e.Topic, message.OwnTopic("")) // the consumers of others do not see it
		if !inside && (when.Event == "" || when.Event == e.Type) {
			found = p.Record
		}
	}
	if found == nil {
		return nil, fmt.Errorf("%s led to %q, and to no %s", when.Command, types, when.Event)
	}
	return found, nil
}

// mostPending bounds what is read of the outbox: a command has few events.
const mostPending = 1000

// run gives a command as another service does.
func (s *Service) run(ctx context.Context, when *When) error {
	path := s.Router.CommandPath(when.Command)
	if path == "" {
		return fmt.Errorf("there is no command %s", when.Command)
	}
	r := httptest.NewRequestWithContext(ctx, http.MethodPost, path, bytes.NewReader(when.Input))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set(rest.HeaderSubject, url.PathEscape(string(when.Actor.Subject)))
	r.Header.Set(rest.HeaderRoles, roles(when.Actor))
	w := httptest.NewRecorder()
	s.Router.Internal().ServeHTTP(w, r)
	if w.Code >= http.StatusBadRequest {
		return fmt.Errorf("%s was refused: %d %s", when.Command, w.Code, bytes.TrimSpace(w.Body.Bytes()))
	}
	return nil
}

func roles(a values.Actor) string {
	escaped := make([]string, len(a.Roles))
	for i, role := range a.Roles {
		escaped[i] = strings.ReplaceAll(url.PathEscape(role), ",", "%2C")
	}
	return strings.Join(escaped, ",")
}
