// Package once gives the policies of a service every event twice: it has its
// effect once.
package once

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/esgen/esgen/templates/chassis/message"
	"github.com/esgen/esgen/templates/testkit/badinput"
	"github.com/esgen/esgen/templates/testkit/fixture"
)

// Created is a command that makes an instance: what events are about.
type Created struct{ Path, Body string }

// Policy is a policy with an event that it reacts to.
type Policy[A any] struct {
	name, eventType, event string
	handle                 func(ctx context.Context, app A, m message.Envelope) error
}

// On is a policy that reacts to an event.
func On[A, E any](name string, policy func(app A, ctx context.Context, e E, m message.Envelope) error, eventType, event string) Policy[A] {
	return Policy[A]{name, eventType, event, func(ctx context.Context, app A, m message.Envelope) (err error) {
		defer message.Recover(&err)
		e, err := fixture.Example[E](event)
		if err != nil {
			return err
		}
		return policy(app, ctx, e, m)
	}}
}

// Holds sees that what an event of each policy does to a fresh service, it does
// once.
func Holds[A any](t *testing.T, fresh func(t testing.TB) *fixture.Service[A], created []Created, policies []Policy[A]) {
	for _, p := range policies {
		t.Run(p.name, func(t *testing.T) {
			s := fresh(t)
			for _, c := range created {
				r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, c.Path, strings.NewReader(c.Body))
				r.Header.Set("Content-Type", "application/json")
				s.Router.Internal().ServeHTTP(httptest.NewRecorder(), r)
			}
			p.twice(t, s)
		})
	}
}

func (p Policy[A]) twice(t *testing.T, s *fixture.Service[A]) {
	t.Helper()
	m := message.Envelope{
		ID: "event-1", Type: p.eventType, Subject: "id-1", Time: fixture.Now(), Sequence: 1, DataVersion: 1,
		CorrelationID: "request-1", Key: "id-1", Data: json.RawMessage(p.event),
	}
	first := p.handle(t.Context(), s.App, m)
	stored, keys := badinput.Stored(t, s.DB), s.Calls.Keys()
	again := p.handle(t.Context(), s.App, m)
	if fmt.Sprint(again) != fmt.Sprint(first) {
		t.Errorf("the first time: %v; the second time: %v", first, again)
	}
	if now := badinput.Stored(t, s.DB); now != stored {
		t.Errorf("the second time changed what is stored:\n%s\nwas\n%s", now, stored)
	}
	if now := s.Calls.Keys(); !slices.Equal(now, keys) {
		t.Errorf("the second time asked others by new keys: %v, the first time %v", now, keys)
	}
}
