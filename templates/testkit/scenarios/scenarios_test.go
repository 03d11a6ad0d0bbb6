package scenarios

import (
	"encoding/json"
	"errors"
	"fmt"
	"testing"

	"github.com/esgen/esgen/templates/chassis/values"
)

// light is an aggregate that is on or off, and may not be switched on twice.
type light struct{ On, Gone bool }

type switched struct{ To bool }

func (switched) Event() values.Event { return values.Event{Type: "home.light.Switched"} }

type removed struct{}

func (removed) Event() values.Event { return values.Event{Type: "home.light.Removed", Deletes: true} }

var lights = Aggregate[light, Event]{
	New: func(values.ID) light { return light{} },
	Evolve: func(l light, e Event, meta values.Meta) light {
		if s, is := e.(switched); is {
			return light{On: s.To, Gone: meta.Version > 9}
		}
		return light{Gone: true}
	},
	Decode: func(_ string, data []byte) (Event, error) {
		var e switched
		return e, json.Unmarshal(data, &e)
	},
	Transition: func(from, to light) error {
		if from.On && to.On {
			return values.Reject(values.Conflict, "Twice", "it is on")
		}
		return nil
	},
	Check: func(l light) error {
		if l.Gone {
			return values.Reject(values.Rule, "Gone", "it is gone")
		}
		return nil
	},
}

// judge notes what a check says.
type judge struct {
	testing.TB
	says []string
}

func (*judge) Helper() {}

func (j *judge) Errorf(format string, args ...any) {
	j.says = append(j.says, fmt.Sprintf(format, args...))
}

func (j *judge) Fatalf(format string, args ...any) { j.Errorf(format, args...) }

func TestOutcome(t *testing.T) {
	on, off := switched{true}, switched{}
	for _, test := range []struct {
		name    string
		outcome Outcome[light, Event]
		check   func(o Outcome[light, Event], t testing.TB)
		holds   bool
	}{
		{"happened", lights.Fold(light{}, []Event{on}), func(o Outcome[light, Event], t testing.TB) { o.Happened(t, on) }, true},
		{"happened otherwise", lights.Fold(light{}, []Event{on}), func(o Outcome[light, Event], t testing.TB) { o.Happened(t, off) }, false},
		{"happened more", lights.Fold(light{}, []Event{on, off}), func(o Outcome[light, Event], t testing.TB) { o.Happened(t, on) }, false},
		{"does not come back", lights.Fold(light{}, []Event{removed{}}), func(o Outcome[light, Event], t testing.TB) { o.Happened(t, removed{}) }, false},
		{"refused", lights.Refused(errors.New("no")), func(o Outcome[light, Event], t testing.TB) { o.Happened(t) }, false},
		{"became", lights.Fold(light{}, []Event{on}), func(o Outcome[light, Event], t testing.TB) { o.Became(t, light{On: true}) }, true},
		{"became otherwise", lights.Fold(light{}, []Event{off}), func(o Outcome[light, Event], t testing.TB) { o.Became(t, light{On: true}) }, false},
		{"transition", lights.Fold(lights.Given("l1", on), []Event{on}), func(o Outcome[light, Event], t testing.TB) { o.Rejected(t, "Twice") }, true},
		{"other code", lights.Fold(lights.Given("l1", on), []Event{on}), func(o Outcome[light, Event], t testing.TB) { o.Rejected(t, "Gone") }, false},
		{"not rejected", lights.Fold(lights.Given("l1"), []Event{on}), func(o Outcome[light, Event], t testing.TB) { o.Rejected(t, "Twice") }, false},
		{"invariant", lights.FoldWith(light{}, []Event{on}, values.Meta{Version: 10}), func(o Outcome[light, Event], t testing.TB) { o.Rejected(t, "Gone") }, true},
		{"invariants of what is gone", lights.Fold(light{}, []Event{removed{}}), func(o Outcome[light, Event], t testing.TB) { o.Rejected(t, "Gone") }, false},
		{"past", lights.Fold(lights.GivenPast("l1", Past[Event]{Event: on}), []Event{on}), func(o Outcome[light, Event], t testing.TB) { o.Rejected(t, "Twice") }, true},
	} {
		j := &judge{TB: t}
		test.check(test.outcome, j)
		if holds := len(j.says) == 0; holds != test.holds {
			t.Errorf("%s: %q", test.name, j.says)
		}
	}
}

func TestAsks(t *testing.T) {
	j := &judge{TB: t}
	Asks(j, values.MustDecimal("1.0"), values.MustDecimal("1"))
	if len(j.says) > 0 {
		t.Error(j.says)
	}
	if Asks(j, "a", "b"); len(j.says) == 0 {
		t.Error("another question is none")
	}
}
