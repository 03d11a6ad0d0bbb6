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
