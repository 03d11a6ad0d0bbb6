package sim_test

import (
	"maps"
	"testing"
	"time"

	"github.com/esgen/esgen/internal/check"
	"github.com/esgen/esgen/internal/sim"
	"github.com/esgen/esgen/model"
)

var noon = time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)

func command(t testing.TB, m *check.Model, aggregate, name string) *model.Command {
	t.Helper()
	for _, c := range m.Contexts {
		for _, a := range c.Aggregates {
			for _, k := range a.Commands {
				if a.Name == aggregate && k.Name == name {
					return k
				}
			}
		}
	}
	t.Fatalf("there is no command %s of %s", name, aggregate)
	return nil
}

func settle(t testing.TB, w *sim.World) {
	t.Helper()
	if err := w.Settle(); err != nil {
		t.Fatal(err)
	}
}

func TestIdempotencyKeys(t *testing.T) {
	m := load(t, "testdata/commands/esgen.yaml")
	w := sim.New(m, noon)
	join := command(t, m, "Account", "Join")
	request := func(email, actor, key string) sim.Request {
		return sim.Request{Command: join, Input: map[string]any{"email": email}, Actor: actor, Roles: []string{"member"}, Key: key}
	}
	first := w.Do(request("a@x", "m1", "k"))
	if first.Rejected != "" || !first.Created || first.Status != 201 || len(first.Events) != 1 {
		t.Fatalf("%+v", first)
	}
	again := w.Do(request("a@x", "m1", "k"))
	if !again.Repeated || again.ID != first.ID || len(again.Events) != 0 {
		t.Errorf("the same request again: %+v", again)
	}
	if other := w.Do(request("b@x", "m1", "k")); other.Rejected != "KeyReused" || other.Status != 422 {
		t.Errorf("the key for another request: %+v", other)
	}
	if theirs := w.Do(request("b@x", "m2", "k")); theirs.Rejected != "" || theirs.ID == first.ID {
		t.Errorf("somebody else's key: %+v", theirs)
	}
	if n := len(w.Instances(join.Aggregate)); n != 2 {
		t.Errorf("there are %d accounts", n)
	}
}

func TestARejectionChangesNothing(t *testing.T) {
	m := load(t, "testdata/commands/esgen.yaml")
	w := sim.New(m, noon)
	account := command(t, m, "Account", "Join").Aggregate
	w.Do(sim.Request{Command: command(t, m, "Account", "Import"), Input: map[string]any{"accountId": "a1", "email": "a@x", "points": int64(5)}})
	before, _ := w.State(account, "a1")
	for name, input := range map[string]map[string]any{
		"Spend":  {"accountId": "a1", "points": int64(6)},
		"Divide": {"accountId": "a1", "by": int64(0)},
		"Earn":   {"accountId": "a1", "entries": []any{map[string]any{"reason": "r", "points": int64(2000000)}}},
	} {
		out := w.Do(sim.Request{Command: command(t, m, "Account", name), Input: input})
		if out.Rejected == "" || len(out.Events) != 0 {
			t.Errorf("%s: %+v", name, out)
		}
		if (out.Fault != "") != (name == "Divide") {
			t.Errorf("%s: fault %q", name, out.Fault)
		}
	}
	if after, _ := w.State(account, "a1"); !maps.EqualFunc(before, after, func(a, b any) bool { return a == b }) {
		t.Errorf("%v became %v", before, after)
	}
	if len(w.Events()) != 1 || w.Version(account, "a1") != 1 {
		t.Errorf("%d events, version %d", len(w.Events()), w.Version(account, "a1"))
	}
}

// What the services refuse because it is malformed is refused with the same
// status, and names the place.
func TestMalformedInput(t *testing.T) {
	m := load(t, "testdata/commands/esgen.yaml")
	w := sim.New(m, noon)
	w.Do(sim.Request{Command: command(t, m, "Account", "Import"), Input: map[string]any{"accountId": "a1", "email": "a@x", "points": int64(5)}})
	for name, c := range map[string]struct {
		command string
		input   map[string]any
		want    string
	}{
		"no id":            {"Spend", map[string]any{"points": int64(1)}, "/accountId is no id"},
		"an empty id":      {"Spend", map[string]any{"accountId": "", "points": int64(1)}, "/accountId is no id"},
		"a control":        {"Spend", map[string]any{"accountId": "a\n", "points": int64(1)}, "/accountId is no id"},
		"missing":          {"Spend", map[string]any{"accountId": "a1"}, "/points is missing"},
		"another type":     {"Spend", map[string]any{"accountId": "a1", "points": "1"}, "/points is no int"},
		"out of its check": {"Spend", map[string]any{"accountId": "a1", "points": int64(-1)}, "/points must hold: value >= 0"},
		"unknown":          {"Spend", map[string]any{"accountId": "a1", "points": int64(1), "x": true}, "/x is not known here"},
		"no enum":          {"Join", map[string]any{"email": "a@b", "grade": "Iron"}, "/grade is no Grade"},
		"check of a field": {"Join", map[string]any{"email": "ab"}, "/email must hold: value.contains('@')"},
		"within a list":    {"Earn", map[string]any{"accountId": "a1", "entries": []any{map[string]any{"reason": "r"}}}, "/entries/0/points is missing"},
		"no list":          {"Earn", map[string]any{"accountId": "a1", "entries": "x"}, "/entries is no list(Entry)"},
	} {
		out := w.Do(sim.Request{Command: command(t, m, "Account", c.command), Input: c.input})
		if out.Rejected != "invalid" || out.Status != 400 || out.Message != c.want {
			t.Errorf("%s: %s %d %q, want %q", name, out.Rejected, out.Status, out.Message, c.want)
		}
	}
}

// After the pivot there is no way back: what comes later is repeated until it
// succeeds, and nothing runs out of time.
func TestSagaAfterThePivot(t *testing.T) {
	m := load(t, "testdata/pivot/esgen.yaml")
	w := sim.New(m, noon)
	do := func(name string, input map[string]any) {
		t.Helper()
		if out := w.Do(sim.Request{Command: command(t, m, "Parcel", name), Input: input}); out.Rejected != "" {
			t.Fatalf("%s: %+v", name, out)
		}
		settle(t, w)
	}
	do("Send", map[string]any{"parcelId": "p1"})
	parcel := command(t, m, "Parcel", "Send").Aggregate
	if err := w.Advance(time.Hour); err != nil {
		t.Fatal(err)
	}
	if state, _ := w.State(parcel, "p1"); state["delivered"] != false || state["returned"] != false {
		t.Errorf("it waits for the ramp: %v", state)
	}
	do("ClearRamp", map[string]any{"parcelId": "p1"})
	if state, _ := w.State(parcel, "p1"); state["delivered"] != true {
		t.Errorf("the ramp is clear: %v", state)
	}
}

func TestPlayNeverPanics(t *testing.T) {
	m := load(t, "testdata/commands/esgen.yaml")
	broken := *m.Scenarios[0]
	broken.Steps = []*model.ScenarioStep{{When: &model.When{Do: model.Target{Command: &model.Command{}}}}}
	if played := sim.Play(m, &broken); len(played.Failures) == 0 {
		t.Error("a scenario of nothing holds")
	}
}
