// Package scenarios holds what an aggregate decides to what the scenarios of the
// model tell: what happens, what the state is then, or which rule says no.
package scenarios

import (
	"encoding/json"
	"errors"
	"fmt"
	"testing"

	"github.com/esgen/esgen/templates/chassis/values"
)

// Event is something that happened.
type Event interface{ Event() values.Event }

// Aggregate is how the states of an aggregate follow from its events.
type Aggregate[S any, E Event] struct {
	New    func(id values.ID) S
	Evolve func(state S, e E, meta values.Meta) S
	Decode func(eventType string, data []byte) (E, error)
	// Transition refuses a change that the lifecycle does not have; nil: there is none.
	Transition func(from, to S) error
	// Check holds a state against the invariants; nil: there are none.
	Check func(state S) error
}

// Past is an event with what is known of it.
type Past[E any] struct {
	Event E
	Meta  values.Meta
}

// Given is the state after what happened.
func (a Aggregate[S, E]) Given(id values.ID, history ...E) S {
	state := a.New(id)
	for _, e := range history {
		state = a.Evolve(state, e, values.Meta{})
	}
	return state
}

// GivenPast is the state after what happened, of which more is known.
func (a Aggregate[S, E]) GivenPast(id values.ID, history ...Past[E]) S {
	state := a.New(id)
	for _, p := range history {
		state = a.Evolve(state, p.Event, p.Meta)
	}
	return state
}

// Outcome is what a decision comes to: events and the state after them, or a
// rule's no.
type Outcome[S any, E Event] struct {
	of     Aggregate[S, E]
	events []E
	state  S
	err    error
}

// Refused is a decision that comes to a no.
func (a Aggregate[S, E]) Refused(err error) Outcome[S, E] { return Outcome[S, E]{of: a, err: err} }

// Fold is what events come to: the lifecycle and the invariants may refuse them.
func (a Aggregate[S, E]) Fold(before S, events []E) Outcome[S, E] {
	return a.FoldWith(before, events, values.Meta{})
}

// FoldWith is Fold of events of which more is known.
func (a Aggregate[S, E]) FoldWith(before S, events []E, meta values.Meta) Outcome[S, E] {
	state := before
	for _, e := range events {
		next := a.Evolve(state, e, meta)
		if a.Transition != nil {
			if err := a.Transition(state, next); err != nil {
				return a.Refused(err)
			}
		}
		state = next
		if e.Event().Deletes {
			return Outcome[S, E]{of: a, events: events, state: state}
		}
	}
	if a.Check != nil {
		if err := a.Check(state); err != nil {
			return a.Refused(err)
		}
	}
	return Outcome[S, E]{of: a, events: events, state: state}
}

// Happened wants these events and no others, and that they can be stored.
func (o Outcome[S, E]) Happened(t testing.TB, want ...E) {
	t.Helper()
	if o.err != nil {
		t.Fatalf("refused: %v", o.err)
	}
	if !values.Same(o.events, want) {
		t.Errorf("happened: %s\nwant: %s", text(o.events), text(want))
	}
	for _, e := range want {
		data, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		if again, err := o.of.Decode(e.Event().Name(), data); err != nil || !values.Same(again, e) {
			t.Errorf("%s comes back as %s, %v", data, text(again), err)
		}
	}
}

// Became wants this state after the events.
func (o Outcome[S, E]) Became(t testing.TB, want S) {
	t.Helper()
	if !values.Same(o.state, want) {
		t.Errorf("became: %s\nwant: %s", text(o.state), text(want))
	}
}

// Rejected wants a rule's no.
func (o Outcome[S, E]) Rejected(t testing.TB, code string) {
	t.Helper()
	var no *values.Rejection
	if !errors.As(o.err, &no) || no.Code != code {
		t.Errorf("got %v, events %s, want the rejection %s", o.err, text(o.events), code)
	}
}

// Asks wants a call to ask this.
func Asks[R any](t testing.TB, got, want R) {
	t.Helper()
	if !values.Same(got, want) {
		t.Errorf("asks: %s\nwant: %s", text(got), text(want))
	}
}

// text is a value as a failure shows it.
func text(v any) string {
	data, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return fmt.Sprintf("%T%s", v, data)
}
