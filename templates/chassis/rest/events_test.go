package rest_test

import (
	"context"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/esgen/esgen/templates/chassis/command"
	"github.com/esgen/esgen/templates/chassis/inbound"
	"github.com/esgen/esgen/templates/chassis/rest"
	"github.com/esgen/esgen/templates/chassis/values"
)

// What happened to an instance is told by pages, to those who may see its state.
func TestEvents(t *testing.T) {
	type note struct {
		By values.ID `json:"by"`
	}
	r := rest.NewRouter(inbound.Config{Authenticator: inbound.DevHeaders{}, Wait: time.Millisecond})
	at := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	ann := values.ID("ann")
	rest.Events(r, rest.ResourceRoute[note]{
		Name: "Note", Path: "/notes", Actors: []string{"writer"},
		Load: func(_ context.Context, id values.ID) (command.Instance[note], error) {
			if id != "n1" {
				return command.Instance[note]{}, command.ErrNotFound
			}
			return command.Instance[note]{ID: id, Version: 3, State: note{ann}}, nil
		},
		Allow: func(state note, _ values.Stamps, actor inbound.Actor, _ time.Time) bool {
			return state.By == actor.Subject
		},
	}, func(_ context.Context, _ values.ID, after int64, limit int) (events []command.Recorded, _ error) {
		for v := after + 1; v <= 3 && len(events) < limit; v++ {
			events = append(events, command.Recorded{ID: "m", Version: v, Type: "Written", Time: at, By: &ann, Data: []byte(`{"text":"fine"}`)})
		}
		return events, nil
	})
	if err := r.Err(); err != nil {
		t.Fatal(err)
	}
	event := func(version int) string {
		return fmt.Sprintf(`{"id":"m","version":%d,"type":"Written","time":"2026-03-01T09:00:00Z","by":"ann","data":{"text":"fine"}}`, version)
	}
	for _, c := range []struct {
		path, who string
		status    int
		says      string
	}{
		{"n1/events", "ann", 200, `{"items":[` + event(1) + `,` + event(2) + `,` + event(3) + `],"_links":{"self":{"href":"/notes/n1/events"}}}`},
		{"n1/events?limit=2", "ann", 200, `{"items":[` + event(1) + `,` + event(2) + `],"next":"2","_links":{"next":{"href":"/notes/n1/events?cursor=2\u0026limit=2"},`},
		{"n1/events?limit=2&cursor=2", "ann", 200, `{"items":[` + event(3) + `],"_links"`},
		{"n1/events?cursor=9", "ann", 200, `{"items":[],"_links"`},
		{"n1/events?minVersion=3", "ann", 200, event(3)},
		{"n1/events", "bob", 404, "NotFound"},
		{"n2/events", "ann", 404, "NotFound"},
		{"n1/events?cursor=x", "ann", 400, `"pointer":"/cursor"`},
		{"n1/events?cursor=-1", "ann", 400, `"pointer":"/cursor"`},
		{"n1/events?limit=0", "ann", 400, `"pointer":"/limit"`},
		{"n1/events?minVersion=x", "ann", 400, `"pointer":"/minVersion"`},
		{"n1/events?q=x", "ann", 400, `"pointer":"/q"`},
		{"n1/events?sort=by", "ann", 400, `"pointer":"/sort"`},
	} {
		w := httptest.NewRecorder()
		r.Public().ServeHTTP(w, request("GET", "/notes/"+c.path, "", "X-Actor-Id: "+c.who, "X-Actor-Roles: writer"))
		if w.Code != c.status || !strings.Contains(w.Body.String(), c.says) {
			t.Errorf("%s by %s: %d %s", c.path, c.who, w.Code, w.Body)
		}
	}
}
