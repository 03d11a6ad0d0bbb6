package sim_test

import (
	"slices"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"github.com/esgen/esgen/internal/sim"
)

// What an event follows from can be asked: the event before it, and what all began
// with; and when the next thing happens by itself.
func TestOrigins(t *testing.T) {
	m := load(t, "../../testdata/models/launderette/esgen.yaml")
	w := sim.New(m, noon)
	start := command(t, m, "Wash", "StartWash")
	out := w.Do(sim.Request{Command: start, Actor: "ada", Roles: []string{"guest"}, Input: map[string]any{
		"guestId": "ada", "price": decimal.RequireFromString("4.50"), "endsAt": noon.Add(30 * time.Minute),
	}})
	if out.Rejected != "" {
		t.Fatal(out.Message)
	}
	settle(t, w)
	if next := w.Next(); !next.Equal(noon.Add(30 * time.Minute)) {
		t.Errorf("next is %v", next)
	}
	if err := w.Advance(time.Hour); err != nil {
		t.Fatal(err)
	}
	all := w.Events()
	names := make([]string, len(all))
	for i, h := range all {
		names[i] = h.Event.Name
	}
	if !slices.Equal(names, []string{"WashStarted", "WashFinished", "WashStored", "MeterRead", "MeterRead", "MeterRead"}) {
		t.Fatal(names)
	}
	for i, because := range []*sim.Happened{nil, all[0], all[1], nil, nil, nil} {
		if got := all[i].Because(); got != because {
			t.Errorf("%s is because of %v", names[i], got)
		}
		began := map[bool]sim.Kind{true: sim.Asked, false: sim.Rings}[i < 3]
		if o := all[i].Origin(); o.Kind != began || i < 3 && o != all[0].Origin() {
			t.Errorf("%s began with %v", names[i], o)
		}
	}
	if all[3].Origin() == all[4].Origin() {
		t.Error("two timers are one")
	}
}
