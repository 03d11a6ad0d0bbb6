// Package examples holds a service to what the scenarios of its model say that
// actors are answered: each example begins where its history tells, and the
// answer has to be the one that is told.
package examples

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/esgen/esgen/templates/chassis/inbound"
	"github.com/esgen/esgen/templates/chassis/values"
	"github.com/esgen/esgen/templates/testkit/fixture"
	"github.com/esgen/esgen/templates/testkit/given"
)

// Where a service's examples lie: beside the test, or in the tree of another
// release.
const (
	path         = "testdata/examples.json"
	treeVariable = "CONTRACTS" // another generated tree, whose examples count
)

// file are the examples of a service.
type file struct {
	// Histories are told once: examples begin somewhere in them.
	Histories [][]given.Event `json:"histories"`
	Examples  []example       `json:"examples"`
}

// example is a request with its answer.
type example struct {
	Name    string  `json:"name"`
	Before  before  `json:"before"`
	Actor   actor   `json:"actor"`
	Request request `json:"request"`
	Answer  answer  `json:"answer"`
}

// actor is who asks, and what is claimed of them.
type actor struct {
	values.Actor
	Claims map[string]string `json:"claims"` // nil: nothing is asked
}

// before is how things stand.
type before struct {
	History int                                 `json:"history"` // which
	Events  int                                 `json:"events"`  // how many of it have happened
	Now     time.Time                           `json:"now"`
	Replies map[string]map[string][]given.Reply `json:"replies"`
}

type request struct {
	Method string          `json:"method"`
	Path   string          `json:"path"`
	Query  url.Values      `json:"query"`
	Body   json.RawMessage `json:"body"`
}

type answer struct {
	Status int             `json:"status"`
	Body   json.RawMessage `json:"body"`
}

// Hold asks a service all examples, a fresh one for each. The variable CONTRACTS
// names the tree of another release: what actors are answered there they have
// to be answered here, though numbers and times may be others.
func Hold(t *testing.T, name string, fresh func(t testing.TB) *given.Service) {
	ours := load(t, path)
	f, another := ours, os.Getenv(treeVariable)
	if another != "" {
		there := filepath.Join(another, "services", name, "internal", "adapters", "rest", path)
		if _, err := os.Stat(there); err != nil {
			t.Skipf("there are no examples: %v", err)
		}
		f = load(t, there)
	}
	for _, x := range f.Examples {
		t.Run(x.Name, func(t *testing.T) {
			s := fresh(t)
			s.Known = ours.known
			state, err := f.state(x.Before)
			if err == nil {
				err = s.Make(t.Context(), x.Name, state)
			}
			if err != nil {
				t.Fatalf("what is before cannot be made so: %v", err)
			}
			w := httptest.NewRecorder()
			s.Router.Public().ServeHTTP(w, x.asked(t.Context()))
			c := comparison{known: x.known(state), loose: another != ""}
			if wrong := c.differences(x.Answer, w.Code, w.Body.Bytes()); len(wrong) > 0 {
				t.Errorf("%s\n%s %s answered %d %s", strings.Join(wrong, "\n"), x.Request.Method, x.Request.Path, w.Code, w.Body)
			}
		})
	}
}

func load(t testing.TB, path string) *file {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	f, err := read(data)
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return f
}

// known is what the model has today before an example of a name: for what was
// written down by another release.
func (f *file) known(name string) (given.State, bool) {
	for _, x := range f.Examples {
		if x.Name != name {
			continue
		}
		text, err := f.state(x.Before)
		if err != nil {
			return given.State{}, false
		}
		state, err := given.Read(name, text)
		return state, err == nil
	}
	return given.State{}, false
}

func read(data []byte) (*file, error) {
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	var f file
	if err := d.Decode(&f); err != nil {
		return nil, err
	}
	return &f, nil
}

// state is what is before an example, as states are told.
func (f *file) state(b before) (json.RawMessage, error) {
	state := given.State{Now: b.Now, Replies: b.Replies}
	if b.Events > 0 {
		if b.History >= len(f.Histories) || b.Events > len(f.Histories[b.History]) {
			return nil, fmt.Errorf("history %d has no %d events", b.History, b.Events)
		}
		state.History = f.Histories[b.History][:b.Events]
	}
	return json.Marshal(state)
}

// asked is the request as a server gets it: of who asks, as in development.
func (x example) asked(ctx context.Context) *http.Request {
	target := (&url.URL{Path: x.Request.Path, RawQuery: x.Request.Query.Encode()}).String()
	r := httptest.NewRequestWithContext(ctx, x.Request.Method, target, bytes.NewReader(x.Request.Body))
	r.Header.Set(inbound.HeaderActorID, string(x.Actor.Subject))
	r.Header.Set(inbound.HeaderActorRoles, strings.Join(x.Actor.Roles, ","))
	for name, said := range x.Actor.Claims {
		r.Header.Set(inbound.HeaderActorClaim+name, said)
	}
	if x.Actor.Claims != nil {
		r.Header.Set(fixture.HeaderSaid, "all")
	}
	if len(x.Request.Body) > 0 {
		r.Header.Set("Content-Type", "application/json")
	}
	return r
}
