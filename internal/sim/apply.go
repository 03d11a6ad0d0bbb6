package sim

import (
	"cmp"
	"maps"
	"slices"

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
	return reject("IllegalTransition", 409, "%s does not go from %v to %v", names.JSON(&f.Node), before[f.Name], after[f.Name]).saidBy(l)
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
	return reject(r.Name, cmp.Or(r.Status, 422), "%s", cmp.Or(r.Message, r.Called())).saidBy(r)
}

// taken refuses an instance whose unique values another one has. What is absent
// is like nothing else.
func (s *store) taken(i *instance) *refusal {
	if i.gone {
		return nil
	}
	for _, u := range s.aggregate.Unique {
		for _, id := range s.sharing(u, i.state) {
			if id != i.id {
				return reject(names.Taken(u), 409, "%s", names.TakenMessage(u))
			}
		}
	}
	return nil
}

// sharing are the ids of the instances that have the values of a state in all
// fields of a rule.
func (s *store) sharing(u *model.Unique, state map[string]any) []string {
	var ids []string
	for n, r := range u.Fields {
		if r.Field == nil {
			return nil
		}
		if n == 0 {
			ids = s.with(r.Field, state[r.Field.Name])
			continue
		}
		same := s.having(r.Field, state[r.Field.Name])
		ids = slices.DeleteFunc(ids, func(id string) bool { return !same[id] })
	}
	return ids
}
