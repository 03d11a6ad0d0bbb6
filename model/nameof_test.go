package model

import (
	"testing"
	"testing/fstest"
)

// The name a node is called by finds it, and nothing else of its kind.
func TestNameOf(t *testing.T) {
	t.Parallel()
	sys, diags := LoadFS(fstest.MapFS{DocumentName: {Data: []byte(`
esgen: v1
system: shop
contexts:
  front: {aggregates: {Order: {commands: [Place, Cancel], events: [Placed]}}}
  back: {aggregates: {Order: {commands: [Cancel]}, Placed: {commands: [Order]}}}
`)}}, DocumentName)
	if diags.HasErrors() {
		t.Fatal(print(diags))
	}
	front, back := sys.Contexts[0], sys.Contexts[1]
	for want, node := range map[string]any{
		"Place":        front.Aggregates[0].Commands[0],
		"front.Cancel": front.Aggregates[0].Commands[1],
		"back.Cancel":  back.Aggregates[0].Commands[0],
		"front.Order":  front.Aggregates[0],
		"front":        front,
		"Order":        back.Aggregates[1].Commands[0],
		"Placed":       front.Aggregates[0].Events[0],
		"":             "something else",
	} {
		if got := sys.NameOf(node); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// Where a scenario does something, its name means neither a view nor a command beside it.
func TestNameDone(t *testing.T) {
	t.Parallel()
	sys, diags := LoadFS(fstest.MapFS{DocumentName: {Data: []byte(`
esgen: v1
system: shop
externals: {Bank: {events: {Place: {}, Paid: {}}}}
contexts:
  front: {aggregates: {Order: {commands: [Place, Cancel], events: [Placed]}}, views: {Place: {}, Order: {}}}
`)}}, DocumentName)
	if diags.HasErrors() {
		t.Fatal(print(diags))
	}
	front, bank := sys.Contexts[0], sys.Externals[0]
	for want, node := range map[string]any{
		"Order.Place": front.Aggregates[0].Commands[0],
		"Cancel":      front.Aggregates[0].Commands[1],
		"front.Place": front.Views[0],
		"Bank.Place":  bank.Events[0],
		"Paid":        bank.Events[1],
		"Order":       front.Views[1],
		"":            "something else",
	} {
		if got := sys.NameDone(node); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// Where somebody looks, a name means neither a view nor a query beside it; a query that
// is called like its view is asked by both names.
func TestNameSeen(t *testing.T) {
	t.Parallel()
	sys, diags := LoadFS(fstest.MapFS{DocumentName: {Data: []byte(`
esgen: v1
system: shop
contexts:
  front:
    aggregates: {Order: {commands: [open]}}
    views: {Orders: {queries: {Orders: {}, open: {}}}, open: {}}
`)}}, DocumentName)
	if diags.HasErrors() {
		t.Fatal(print(diags))
	}
	views := sys.Contexts[0].Views
	for want, node := range map[string]any{
		"front.Orders":  views[0],
		"Orders.Orders": views[0].Queries[0],
		"Orders.open":   views[0].Queries[1],
		"front.open":    views[1],
		"":              "something else",
	} {
		if got := sys.NameSeen(node); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
