package sim

import (
	"cmp"
	"maps"

	"github.com/esgen/esgen/internal/contract"
	"github.com/esgen/esgen/internal/expr"
	"github.com/esgen/esgen/internal/naming"
	"github.com/esgen/esgen/model"
)

// emitted is an event that a decision came to.
type emitted struct {
	event  *model.Event
	fields map[string]any
}

// decide says what happens: allow, read, require, call and emit, in the order
// of the language. Before is the instance as it is; nil: there is none.
func (x *execution) decide(state map[string]any, before *instance) ([]emitted, *refusal) {
	m, isNew := x.command, before == nil
	input, refused := x.wholeInput(state, isNew)
	if refused != nil {
		return nil, refused
	}
	vars := map[string]any{
		"input": input, "id": x.id, "now": x.now, "actor": x.actor.lazily(), "state": state, "isNew": isNew,
		expr.NewID: x.newIDs(),
	}
	if before != nil {
		vars["meta"] = before.stamps.value()
	}
	x.notedBefore(before, input)
	x.lets(vars)
	if x.actor.system && contract.Personal(x.model, m) {
		return nil, reject("Forbidden", 403, "it depends on what a token says of a person").saidBy(m)
	}
	if !x.actor.system {
		// Policies and other services give commands by the model's own rules:
		// who may ask is about people.
		ok, refused := x.holds(m.Allow, vars)
		if refused != nil {
			return nil, refused
		}
		if !ok {
			return nil, reject("Forbidden", 403, "you may not do this").saidBy(m)
		}
	}
	for _, r := range m.Reads {
		if refused := x.read(r, vars); refused != nil {
			return nil, refused
		}
	}
	for _, r := range m.Require {
		if refused := x.rule(r, vars); refused != nil {
			return nil, refused
		}
	}
	for _, c := range m.Calls {
		events, instead, refused := x.call(c, vars)
		if refused != nil || instead {
			return events, refused
		}
	}
	return x.emit(m.Emits, vars)
}

// wholeInput is the input with what was left out of it: of an existing instance
// as its state has it, else as if nobody had set it.
func (x *execution) wholeInput(state map[string]any, isNew bool) (map[string]any, *refusal) {
	m := x.command
	input := make(map[string]any, len(m.Input)+1)
	for _, f := range m.Input {
		if f.Type == nil {
			continue
		}
		var refused *refusal
		if input[f.Name], refused = x.start(f); refused != nil {
			return nil, refused
		}
	}
	if !isNew {
		for _, f := range m.Kept() {
			input[f.Name] = state[f.Name]
		}
	}
	maps.Copy(input, x.input)
	input[m.Aggregate.ID.Name] = x.id
	return input, nil
}

// lets makes the intermediate values: each is computed when it is first read.
func (x *execution) lets(vars map[string]any) {
	for _, l := range x.command.Lets {
		var known bool
		var value any
		vars[l.Name] = expr.Lazy(func() (any, error) {
			if known {
				return value, nil
			}
			t := x.model.Trees[l.Expr]
			if l.Table != nil {
				var err error
				if t, err = x.chosenRow(l.Table, vars); err != nil {
					return nil, err
				}
			}
			v, err := expr.Eval(t, vars)
			known, value = err == nil, v
			return v, err
		})
	}
}

// chosenRow is the value of the first row of a decision table whose condition
// holds. Tables are complete: the last row need not be asked.
func (x *execution) chosenRow(table []*model.Case, vars map[string]any) (*expr.Tree, error) {
	for _, row := range table[:len(table)-1] {
		if row.If == nil {
			return x.model.Trees[row.Is], nil
		}
		v, err := expr.Eval(x.model.Trees[row.If], vars)
		if err != nil {
			return nil, err
		}
		if v == true {
			return x.model.Trees[row.Is], nil
		}
	}
	return x.model.Trees[table[len(table)-1].Is], nil
}

// read brings a row of a view into the decision.
func (x *execution) read(r *model.Read, vars map[string]any) *refusal {
	v := r.View.View
	if x.model.Incomplete[&v.Node] {
		return nil
	}
	row, refused := x.rowFor(r, v, vars)
	if refused != nil {
		return refused
	}
	if row == nil {
		return reject(cmp.Or(r.Missing.Value, v.Name+"NotFound"), 422, "no such %s", v.Called())
	}
	vars[r.Name] = row
	x.notedRow(r, row)
	return nil
}

// newIDs makes the ids of a decision: by the command's key, so that its repetition
// has the same, else by counting.
func (x *execution) newIDs() func() string {
	another := func() string { return x.next("id", naming.CommandName(x.command), x.id) }
	if x.key.id != "" {
		another = idsOf(x.key.scope, x.key.id, naming.CommandName(x.command))
	}
	return func() string {
		id := another()
		x.notedID(id)
		return id
	}
}

func (x *execution) rowFor(r *model.Read, v *model.View, vars map[string]any) (map[string]any, *refusal) {
	t := x.table(v)
	if r.Where == nil {
		key, refused := x.keyOf(x.model.Reads[r].Key, vars)
		if refused != nil {
			return nil, refused
		}
		if row := t.rows[key.text]; row != nil || !r.Default {
			return row, nil
		}
		return x.newRow(v, key)
	}
	rows, refused := x.matching(t.sorted(), r.Where, "row", vars)
	if refused != nil || len(rows) == 0 {
		return nil, refused
	}
	sortBy(rows, r.Sort)
	return rows[0], nil
}

// matching are the objects for which a condition holds, under a name.
func (w *World) matching(objects []map[string]any, where *model.Expr, name string, vars map[string]any) ([]map[string]any, *refusal) {
	return w.matchingAs(objects, where, name, vars, func(o map[string]any) map[string]any { return o })
}

// matchingRows are rows of a table for which a condition holds.
func (w *World) matchingRows(t *table, rows []map[string]any, where *model.Expr, vars map[string]any) ([]map[string]any, *refusal) {
	return w.matchingAs(rows, where, "row", vars, func(row map[string]any) map[string]any { return t.seen(row, nil) })
}

func (w *World) matchingAs(objects []map[string]any, where *model.Expr, name string, vars map[string]any, seen func(map[string]any) map[string]any) ([]map[string]any, *refusal) {
	if where == nil {
		return objects, nil
	}
	vars = maps.Clone(vars)
	var out []map[string]any
	for _, o := range objects {
		vars[name] = seen(o)
		ok, refused := w.holds(where, vars)
		if refused != nil {
			return nil, refused
		}
		if ok {
			out = append(out, o)
		}
	}
	return out, nil
}

// emit says which events happen.
func (x *execution) emit(list []*model.Emit, vars map[string]any) ([]emitted, *refusal) {
	var out []emitted
	held := false
	for _, e := range list {
		ev := e.Event.Event
		if ev == nil || x.model.Incomplete[&ev.Node] || e.Otherwise && held || e.Choice != nil && x.outcomeOf(e.Choice) != e {
			continue
		}
		elements, refused := x.elements(e, vars)
		if refused != nil {
			return nil, refused
		}
		for _, scope := range elements {
			ok, refused := x.holds(e.If, scope)
			if refused != nil {
				return nil, refused
			}
			if !ok {
				continue
			}
			held = held || e.If != nil
			fields, refused := x.fill(x.model.Emits[e].Assigns, scope)
			if refused != nil {
				return nil, refused
			}
			fields[x.command.Aggregate.ID.Name] = x.id
			n := weight(fields)
			if n > maxTold {
				return nil, tooLarge(ev, n)
			}
			x.weighed += n
			out = append(out, emitted{ev, fields})
		}
	}
	return out, nil
}

// outcomeOf is the outcome that a scenario names first where the conditions are not
// known yet; of one that names none, the first.
func (w *World) outcomeOf(c *model.Choice) *model.Emit {
	for _, named := range w.awaited {
		for _, o := range c.Outcomes {
			if o.Event.Event == named {
				return o
			}
		}
	}
	return c.Outcomes[0]
}

// elements are the scopes an emit is repeated in: one, or one for each element
// of its list.
func (x *execution) elements(e *model.Emit, vars map[string]any) ([]map[string]any, *refusal) {
	if e.Each == nil {
		return []map[string]any{vars}, nil
	}
	v, refused := x.eval(x.model.Trees[e.Each], vars)
	if refused != nil {
		return nil, refused
	}
	list, _ := v.([]any)
	scopes := make([]map[string]any, len(list))
	for i, element := range list {
		scopes[i] = maps.Clone(vars)
		scopes[i][e.As] = element
	}
	return scopes, nil
}
