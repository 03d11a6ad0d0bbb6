package proof

import (
	"reflect"
	"testing"
	"time"
)

// small is a system with something of everything that is written.
var small = &System{
	Services: []Service{
		{Name: "front", Topics: []string{"s.front.commands", "s.front.replies", "s.front.timers"}, Asks: map[string]string{"PAY_URL": "pay"}},
		{Name: "pay"},
	},
	Commands: []Command{
		{Name: "Order.Place", Service: "front", Aggregate: "Order", Creates: true, ID: "orderId", Roles: []string{"customer"}, Fields: []Field{
			{"customerId", Type{Kind: Person}}, {"amount", Type{Kind: Value, Samples: []any{1.0, 2.0}}}, {"note", Type{Kind: Optional, Elem: &Type{Kind: Value, Samples: []any{"x"}}}},
			{"lines", Type{Kind: List, Elem: &Type{Kind: Object, Fields: []Field{{"menuId", Type{Kind: Reference, Of: "Menu"}}}}}},
		}},
		{Name: "Order.Cancel", Service: "front", Aggregate: "Order", ID: "orderId", Roles: []string{"customer"}, InPath: []string{"orderId"}},
	},
}

// The same seed, the same history; another one, another; and all that can go
// wrong does, in some.
func TestWrite(t *testing.T) {
	kinds, seen := map[FaultKind]bool{}, map[string]bool{}
	commands, twice, references := map[string]int{}, 0, 0
	for seed := range uint64(500) {
		h := small.Write(seed)
		if !reflect.DeepEqual(h, small.Write(seed)) {
			t.Fatalf("seed %d writes two histories", seed)
		}
		seen[h.String()] = true
		for _, a := range h.Acts {
			commands[a.Command]++
			if a.Twice {
				twice++
			}
			if a.Command == "Order.Cancel" && a.ID == "order-1" {
				references++
			}
			if a.Twice && a.Key == "" {
				t.Errorf("%s is sent twice, and nobody could tell", a)
			}
		}
		for _, f := range h.Faults {
			kinds[f.Kind] = true
			if f.Kind == Crash && (f.Service == "pay") && f.Point == inStory {
				t.Errorf("%s has no stories", f.Service)
			}
			if f.For > time.Hour {
				t.Errorf("%s lasts too long", f)
			}
		}
	}
	if len(seen) < 490 || commands["Order.Place"] == 0 || commands["Order.Cancel"] == 0 || twice == 0 || references == 0 {
		t.Errorf("%d histories, %v, %d twice, %d of what was made", len(seen), commands, twice, references)
	}
	for _, kind := range []FaultKind{Crash, Kill, Freeze, Cut, Jump, Repeat, Down, Unsure} {
		if !kinds[kind] {
			t.Errorf("%s never happens", kind)
		}
	}
}
