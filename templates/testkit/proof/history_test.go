package proof

import (
	"reflect"
	"testing"
	"time"

	"github.com/esgen/esgen/templates/chassis/standin"
	"github.com/esgen/esgen/templates/testkit/live"
)

// small is a system with something of everything that is written.
var small = &System{
	Services: []Service{
		{Name: "front", Aggregates: []Aggregate{{Name: "Order", Type: "front.order"}}, Topics: []string{"s.front.commands", "s.front.replies", "s.front.timers"}, Asks: map[string]string{"PAY_URL": "pay"}},
		{Name: "pay", Views: []View{{"Payments", "payments"}}},
	},
	Sagas:     []Saga{{Name: "front.Serve", Service: "front", Steps: []Step{{Undo: true}, {}, {}}}},
	Externals: []standin.Route{{External: "Bank", Operation: "move", Method: "POST", Path: "/move", Reply: `{"ok":true}`}},
	Played: live.Table{
		History: []live.Past{{Type: "front.order.Placed", Subject: "o1", Sequence: 1}},
		Scenarios: []live.Scenario{{Begins: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), History: []int{0}, Steps: []live.Step{
			{When: &live.When{Does: "Place", Service: "front", Method: "POST", Path: "/orders", Body: []byte(`{"orderId":"o2"}`), Subject: "carl", Roles: []string{"customer"}, Events: "front.order.", Instance: "orderId"}},
			{When: &live.When{Does: "Cancel", Service: "front", Method: "POST", Path: "/orders/o1/cancel", Subject: "carl", Roles: []string{"customer"}, Events: "front.order.", Instance: "orderId"}},
			{When: &live.When{Does: "Settle", Service: "front", Method: "POST", Path: "/commands", Events: "front.order.", Inside: true}},
			{When: &live.When{Does: "Orders", Service: "front", Method: "GET", Path: "/orders"}},
		}}},
	},
	Commands: []Command{
		{Name: "Order.Place", Service: "front", Aggregate: "Order", Creates: true, ID: "orderId", Roles: []string{"customer"}, Fields: []Field{
			{"customerId", Type{Kind: Person}}, {"by", Type{Kind: Moment, Samples: []any{-60.0, 60.0}}}, {"amount", Type{Kind: Value, Samples: []any{1.0, 2.0}}}, {"note", Type{Kind: Optional, Elem: &Type{Kind: Value, Samples: []any{"x"}}}},
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
	steps := map[int]bool{} // of stories, at which somebody dies
	again := 0
	for seed := range uint64(500) {
		h := small.Write(seed)
		if !reflect.DeepEqual(h, small.Write(seed)) {
			t.Fatalf("seed %d writes two histories", seed)
		}
		seen[h.String()] = true
		if h.Again {
			again++
		}
		if h.Replicas["front"] != 2 {
			t.Errorf("%d replicas tell stories", h.Replicas["front"])
		}
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
			if f.Kind == Crash && f.Point == inStory {
				steps[f.Nth] = true
			}
			if f.Kind != Jump && f.For > time.Hour {
				t.Errorf("%s lasts too long", f)
			}
		}
	}
	if len(seen) < 490 || commands["Order.Place"] == 0 || commands["Order.Cancel"] == 0 || twice == 0 || references == 0 {
		t.Errorf("%d histories, %v, %d twice, %d of what was made", len(seen), commands, twice, references)
	}
	if again < 50 || again > 300 {
		t.Errorf("all comes again in %d", again)
	}
	for step := 1; step <= 2*len(small.Sagas[0].Steps); step++ {
		if !steps[step] {
			t.Errorf("nobody dies in the %d. transaction of a story", step)
		}
	}
	for _, kind := range []FaultKind{Crash, Kill, Freeze, Cut, Jump, Repeat, Down, Unsure, Refuse, Odd, Renew, Late, Replay} {
		if !kinds[kind] {
			t.Errorf("%s never happens", kind)
		}
	}
}

// A scenario is told in its order, of several instances, and by nobody but people.
func TestVary(t *testing.T) {
	told, others, random := 0, map[string]bool{}, 0
	for seed := range uint64(300) {
		h := small.Write(seed)
		if h.Scenario == nil {
			if !h.Begins().Equal(begins) {
				t.Errorf("a history of nothing begins at %s", h.Begins())
			}
			continue
		}
		told++
		places := map[string]time.Duration{}
		for _, a := range h.Acts {
			switch {
			case a.As == nil:
				random++
				continue
			case a.As.Inside || a.As.Events == "":
				t.Errorf("%s is no command of people", a)
			}
			if first, there := places[a.Command]; !there || a.At < first {
				places[a.Command] = a.At
			}
			others[string(a.As.Body)] = true
		}
		if places["Place"] > places["Cancel"] {
			t.Errorf("seed %d tells it in another order: %v", seed, places)
		}
	}
	if told < 150 || random == 0 || !others[`{"orderId":"o2"}`] || !others[`{"orderId":"o2-2"}`] {
		t.Errorf("%d are told, with %d other commands, and these: %v", told, random, others)
	}
}
