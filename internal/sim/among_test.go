package sim_test

import (
	"testing"

	"github.com/shopspring/decimal"

	"github.com/esgen/esgen/internal/check"
	"github.com/esgen/esgen/internal/sim"
	"github.com/esgen/esgen/internal/synthetic"
	"github.com/esgen/esgen/model"
)

// Of a world among some, the others hear nothing and answer nothing.
func TestAmong(t *testing.T) {
	t.Parallel()
	sys, bad := model.LoadFS(synthetic.Files(3), synthetic.Document)
	m, more := check.System(sys)
	if bad.Merge(more); bad.HasErrors() {
		t.Fatal(bad.Sorted())
	}
	change := func(w *sim.World) {
		a := m.Contexts[0].Aggregates[0]
		line := map[string]any{"productId": "p", "quantity": int64(1), "price": decimal.NewFromInt(2)}
		for _, r := range []sim.Request{
			{Command: a.Commands[0], Input: map[string]any{a.ID.Name: "x", "ownerId": "ann", "lines": []any{line}}},
			{Command: a.Commands[1], Input: map[string]any{a.ID.Name: "x", "lines": []any{line}}},
		} {
			if out := w.Do(r); out.Rejected != "" {
				t.Fatalf("%s: %s %s", r.Command.Name, out.Rejected, out.Message)
			}
			if err := w.Settle(); err != nil {
				t.Fatal(err)
			}
		}
	}
	hears, other := m.Contexts[1], m.Contexts[2]
	whole, among := sim.New(m, model.FirstDay), sim.Among(m, []*model.Context{m.Contexts[0], other}, model.FirstDay)
	change(whole)
	change(among)
	for _, x := range []struct {
		world *sim.World
		want  int
	}{{whole, 1}, {among, 0}} {
		if got := len(x.world.Rows(hears.Views[0])); got != x.want {
			t.Errorf("there are %d rows, want %d", got, x.want)
		}
	}
	if out := among.Do(sim.Request{Command: hears.Aggregates[0].Commands[3], Input: map[string]any{hears.Aggregates[0].ID.Name: "x"}}); out.Status != 503 {
		t.Errorf("who does not take part answers %d", out.Status)
	}
}
