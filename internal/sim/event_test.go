package sim_test

import (
	"slices"
	"strings"
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

// Events of an external system wait for one another by its key; where it has none,
// none waits for another.
func TestEventsOfOthersInLine(t *testing.T) {
	m := load(t, "../../testdata/models/depot/esgen.yaml")
	for _, tc := range []struct {
		system, event string
		first, second map[string]any // the first is of an instance that is not there
		make          string         // the command that makes the second one's
		input         map[string]any
		waits         bool // the second, behind the first
	}{
		{"Bank", "TransferBounced", map[string]any{"invoiceId": "i1", "reason": "a"}, map[string]any{"invoiceId": "i2", "reason": "b"},
			"Invoice.OpenInvoice", map[string]any{"invoiceId": "i2", "amount": decimal.NewFromInt(5)}, false},
		{"Carrier", "ParcelDelivered", map[string]any{"parcelNo": "p1", "weight": int64(1)}, map[string]any{"parcelNo": "p2", "weight": int64(2)},
			"Parcel.SendParcel", map[string]any{"parcelId": "p2", "invoiceNo": "i1"}, false},
		{"Carrier", "ParcelDelivered", map[string]any{"parcelNo": "p1", "weight": int64(1)}, map[string]any{"parcelNo": "p1", "weight": int64(2)},
			"Parcel.SendParcel", map[string]any{"parcelId": "p2", "invoiceNo": "i1"}, true},
	} {
		w := sim.New(m, noon)
		aggregate, name, _ := strings.Cut(tc.make, ".")
		if out := w.Do(sim.Request{Command: command(t, m, aggregate, name), Actor: "c", Roles: []string{"clerk"}, Input: tc.input}); out.Rejected != "" {
			t.Fatal(out.Message)
		}
		for _, x := range m.Externals {
			for _, e := range x.Events {
				if x.Name == tc.system && e.Name == tc.event {
					w.Receive(e, tc.first)
					w.Receive(e, tc.second)
				}
			}
		}
		settle(t, w)
		behind := slices.ContainsFunc(w.Waiting(), func(why string) bool { return strings.Contains(why, "an earlier one") })
		if behind != tc.waits {
			t.Errorf("%s: %v", tc.event, w.Waiting())
		}
	}
}
