package pact

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/esgen/esgen/internal/contract"
)

// Told is what a service answers actors at its public routes, where the stories
// tell it: what they may rely on is what its OpenAPI says, and these examples
// are for the service's own tests.
type Told struct {
	Service *contract.Service
	// Histories are told once: examples begin somewhere in them.
	Histories [][]Event
	Examples  []Example
}

// Example is a request with its answer.
type Example struct {
	Name    string `json:"name"`
	Before  Before `json:"before"`
	Actor   Actor  `json:"actor"`
	Request Asked  `json:"request"`
	Answer  Answer `json:"answer"`
}

// Before is how things stand.
type Before struct {
	History int     `json:"history"` // which
	Events  int     `json:"events"`  // how many of it have happened
	Now     string  `json:"now"`
	Replies Replies `json:"replies,omitempty"`
}

// Asked is a request of an actor.
type Asked struct {
	Method string              `json:"method"`
	Path   string              `json:"path"`
	Query  map[string][]string `json:"query,omitempty"`
	Body   json.RawMessage     `json:"body,omitempty"`
}

// Answer is what comes back.
type Answer struct {
	Status int             `json:"status"`
	Body   json.RawMessage `json:"body,omitempty"`
}

// Path is where the file lies in the generated tree.
func (t *Told) Path() string {
	return "services/" + t.Service.Name.Kebab + "/internal/adapters/rest/testdata/examples.json"
}

// tell adds an interaction with an actor to the examples of the service.
func (b *builder) tell(s *contract.Service, i *Interaction) {
	if b.shown.Told == nil {
		b.shown.Told = &Told{Service: s}
	}
	t, r, state := b.shown.Told, i.Request, i.State.Params
	t.Examples = append(t.Examples, Example{
		Name: unique(i.Description, func(name string) bool {
			return slices.ContainsFunc(t.Examples, func(x Example) bool { return x.Name == name })
		}),
		Before: Before{t.history(state.History), len(state.History), state.Now, state.Replies},
		Actor:  *r.Actor, Request: Asked{r.Method, r.Path, r.Query, r.Body}, Answer: Answer{i.Response.Status, i.Response.Body},
	})
}

// history finds a history that begins as another does, or is how that begins:
// then it goes on.
func (t *Told) history(events []Event) int {
	for n, known := range t.Histories {
		common := min(len(known), len(events))
		if !slices.EqualFunc(known[:common], events[:common], func(a, b Event) bool { return reflect.DeepEqual(a, b) }) {
			continue
		}
		if len(events) > len(known) {
			t.Histories[n] = events
		}
		return n
	}
	t.Histories = append(t.Histories, events)
	return len(t.Histories) - 1
}

// JSON is the file's text: a line for each event and each example.
func (t *Told) JSON() ([]byte, error) {
	histories := make([]string, len(t.Histories))
	for n, events := range t.Histories {
		text, err := lines(events)
		if err != nil {
			return nil, err
		}
		histories[n] = text
	}
	examples, err := lines(t.Examples)
	return fmt.Appendf(nil, "{\"histories\":[\n%s\n],\"examples\":%s}\n", strings.Join(histories, ",\n"), examples), err
}
