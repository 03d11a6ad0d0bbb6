package sim_test

import (
	"testing"

	"github.com/esgen/esgen/internal/sim"
)

// A composition leaves out what is down, what is not there and what is not for
// who asks, unless it cannot do without.
func TestCompose(t *testing.T) {
	m := load(t, "testdata/composition/esgen.yaml")
	w := sim.New(m, noon)
	do := func(aggregate, name, id string) {
		t.Helper()
		a := command(t, m, aggregate, name)
		if out := w.Do(sim.Request{Command: a, Input: map[string]any{a.Aggregate.ID.Name: id}, Actor: "c1", Roles: []string{"customer"}}); out.Rejected != "" {
			t.Fatalf("%+v", out)
		}
		settle(t, w)
	}
	do("Order", "Place", "o1")
	do("Bill", "Send", "o1")
	do("Order", "Place", "o2")
	details := m.Compositions[0]
	for _, c := range []struct {
		what, order, actor, role string
		down                     []string
		parts                    int
		status                   int
	}{
		{"both are there", "o1", "c1", "customer", nil, 2, 200},
		{"one is not", "o2", "c1", "customer", nil, 1, 200},
		{"one is down", "o1", "c1", "customer", []string{"billing"}, 1, 200},
		{"the required one is not there", "o3", "c1", "customer", nil, 0, 404},
		{"the required one is another's", "o1", "c2", "customer", nil, 0, 404},
		{"the required one is down", "o1", "c1", "customer", []string{"order"}, 0, 503},
		{"one is for others", "o1", "c3", "clerk", nil, 1, 200},
		{"it is for others", "o1", "c1", "guest", nil, 0, 403},
	} {
		for _, name := range c.down {
			for _, x := range m.Contexts {
				if x.Name == name {
					w.Down(x)
				}
			}
		}
		parts, answer := w.Compose(details, map[string]string{"orderId": c.order}, c.actor, []string{c.role})
		if len(parts) != c.parts || answer.Status != c.status {
			t.Errorf("%s: %v %+v, want %d parts, %d", c.what, parts, answer, c.parts, c.status)
		}
		for _, x := range m.Contexts {
			w.Up(x)
		}
	}
}

// A list has those rows that the path asks for and who asks may see, each with
// the parts that are there.
func TestComposeList(t *testing.T) {
	m := load(t, "testdata/composition/esgen.yaml")
	w := sim.New(m, noon)
	for _, id := range []string{"o1", "o2"} {
		if out := w.Do(sim.Request{Command: command(t, m, "Order", "Place"), Input: map[string]any{"orderId": id}, Actor: "c1", Roles: []string{"customer"}}); out.Rejected != "" {
			t.Fatalf("%+v", out)
		}
	}
	if out := w.Do(sim.Request{Command: command(t, m, "Bill", "Send"), Input: map[string]any{"orderId": "o2"}, Actor: "c1", Roles: []string{"customer"}}); out.Rejected != "" {
		t.Fatalf("%+v", out)
	}
	settle(t, w)
	for _, c := range []struct {
		what, customer, actor, role, down string
		items                             int
		bills                             int
		status                            int
	}{
		{"both are there", "c1", "c1", "customer", "", 2, 1, 200},
		{"those of somebody else", "c1", "c2", "customer", "", 0, 0, 200},
		{"a clerk sees them, and no bills", "c1", "c3", "clerk", "", 2, 0, 200},
		{"of nobody", "c9", "c3", "clerk", "", 0, 0, 200},
		{"the bills are down", "c1", "c1", "customer", "billing", 2, 0, 200},
		{"the orders are down", "c1", "c1", "customer", "order", 0, 0, 503},
		{"it is for others", "c1", "c1", "guest", "", 0, 0, 403},
	} {
		for _, x := range m.Contexts {
			w.Up(x)
			if x.Name == c.down {
				w.Down(x)
			}
		}
		got, answer := w.Compose(m.Compositions[1], map[string]string{"customerId": c.customer}, c.actor, []string{c.role})
		items, _ := got["items"].([]any)
		bills := 0
		for _, item := range items {
			if item.(map[string]any)["bill"] != nil {
				bills++
			}
		}
		if len(items) != c.items || bills != c.bills || answer.Status != c.status {
			t.Errorf("%s: %v %+v, want %d rows, %d bills, %d", c.what, got, answer, c.items, c.bills, c.status)
		}
	}
}
