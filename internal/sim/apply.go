package sim

import (
	"cmp"
	"fmt"
	"maps"

	"github.com/esgen/esgen/internal/names"
	"github.com/esgen/esgen/model"
)

// evolve is the state after an event: all fields change at once, from the
// state before.
func (w *World) evolve(a *model.Aggregate, before map[string]any, h *Happened) (map[string]any, *refusal) {
	vars := map[string]any{"state": before, "event": h.Fields, "meta": h.meta(), "id": h.Instance}
	after := maps.Clone(before)
	for _, x := range w.model.Events[h.Event].Apply {
		if x.Value == nil {
			after[x.Field.Name] = empty(x.Field.Type)
			continue
		}
		v, refused := w.value(x, vars)
		if refused != nil {
			return nil, refused
		}
		after[x.Field.Name] = v
	}
	for _, l := range a.Lifecycles {
		if refused := transition(l, before, after); refused != nil {
			return nil, refused
		}
	}
	return after, nil
}

// transition refuses a change of state that the lifecycle does not have.
func transition(l *model.Lifecycle, before, after map[string]any) *refusal {
	f := l.Field.Field
	if f == nil || before[f.Name] == after[f.Name] {
		return nil
	}
	for _, s := range l.States {
		if s.Value.Value != before[f.Name] {
			continue
		}
		for _, to := range s.To {
			if to.Value == after[f.Name] {
				return nil
			}
		}
	}
	return reject("IllegalTransition", 409, "%s does not go from %v to %v", names.Of(&f.Node).JSON, before[f.Name], after[f.Name])
}

// invariants hold a state against what must always be so.
func (w *World) invariants(a *model.Aggregate, i *instance) *refusal {
	vars := map[string]any{"state": i.state, "id": i.id}
	for _, r := range a.Invariants {
		if refused := w.rule(r, vars); refused != nil {
			return refused
		}
	}
	return nil
}

// rule rejects unless its condition holds.
func (w *World) rule(r *model.Rule, vars map[string]any) *refusal {
	ok, refused := w.holds(r.That, vars)
	if refused != nil || ok {
		return refused
	}
	return reject(r.Name, cmp.Or(r.Status, 422), "%s", cmp.Or(r.Message, r.Called()))
}

// taken refuses an instance whose unique value another one has.
func (s *store) taken(i *instance) *refusal {
	if i.gone {
		return nil
	}
	for _, r := range s.aggregate.Unique {
		if r.Field == nil {
			continue
		}
		for _, id := range s.with(r.Field, i.state[r.Field.Name]) {
			if id != i.id {
				return reject(names.Of(&r.Field.Node).Go+"Taken", 409, "%s", fmt.Sprintf("this %s is taken", r.Field.Called()))
			}
		}
	}
	return nil
}
