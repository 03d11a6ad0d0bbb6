package check

import (
	"slices"

	"github.com/esgen/esgen/internal/diag"
	"github.com/esgen/esgen/internal/expr"
	"github.com/esgen/esgen/internal/names"
	"github.com/esgen/esgen/internal/rule"
	"github.com/esgen/esgen/model"
)

// twice warns of commands that are taken again where the state is what they make
// of it, for staying in a state is always allowed, and whose event has an effect
// each time that must come once. `explore` finds what is not as plain.
func (c *checker) twice(a *model.Aggregate) {
	for _, l := range a.Lifecycles {
		for _, e := range a.Events {
			state := c.stateSetBy(e, l)
			if state == nil {
				continue
			}
			who, does := c.countsTwice(e)
			if who == nil {
				continue
			}
			for _, m := range c.index.emitters[e] {
				if emit := c.takenAgain(m, e, l, state); emit != nil {
					c.say(rule.StaysButEmits, emit.Event.Pos, "%s emits %s again when the %s is %s already: to stay in a state is allowed", m.Name, e.Name, a.Name, state.Name).
						With(diag.At(who.Pos, "%s %s each time", who.Name, does),
							diag.Fix("let it be refused: require: {%s: state.%s != %s.%s}", "Already"+names.Of(&state.Node).Go, l.Field.Field.Name, l.Field.Field.Type.Value().Def.Name, state.Name))
				}
			}
		}
	}
}

// stateSetBy is the one state of a lifecycle into which an event puts the
// aggregate; nil: it is another one at times, or none.
func (c *checker) stateSetBy(e *model.Event, l *model.Lifecycle) *model.EnumValue {
	for _, x := range c.out.Events[e].Apply {
		if x.Field == l.Field.Field && x.Field != nil && x.Value != nil {
			if v := results(x.Value); len(v) == 1 && v[0].Op == expr.Enum {
				return v[0].Enum
			}
		}
	}
	return nil
}

// countsTwice is a policy or a saga that does, whenever an event comes, what adds
// to what it did the last time; nil: nobody does.
func (c *checker) countsTwice(e *model.Event) (who *model.Node, does string) {
	for _, p := range c.index.listeners[e] {
		if p.If != nil || p.Window != nil {
			continue // it may know better
		}
		for _, r := range p.Then {
			switch m := r.Do.Command; {
			case r.Do.Operation != nil:
				return &p.Node, "asks " + r.Do.Text
			case m != nil && m.Creates == model.New && r.Target == nil && !m.Custom:
				return &p.Node, "creates another " + m.Aggregate.Name
			case m != nil && c.addsUp(m):
				return &p.Node, "gives " + r.Do.Text + ", which adds up,"
			}
		}
	}
	for _, s := range c.index.started[e] {
		return &s.Node, "begins anew"
	}
	return nil, ""
}

// addsUp reports whether a command, given twice, leaves another number than given
// once: its event makes a field of what that was, and no rule looks at the state.
func (c *checker) addsUp(m *model.Command) bool {
	if m.Custom || slices.ContainsFunc(m.Require, func(r *model.Rule) bool { return c.looksAt(r.That, nil) }) {
		return false
	}
	for _, emit := range m.Emits {
		if emit.Event.Event == nil || emit.If != nil || emit.Otherwise {
			return false
		}
		for _, x := range c.out.Events[emit.Event.Event].Apply {
			onItself := false
			expr.Walk(x.Value, func(t *expr.Tree) { onItself = onItself || t != x.Value && t.Reads("state") && t.Field == x.Field })
			if k := x.Field.Type.Value().Kind; onItself && (k == model.Int || k == model.Decimal) {
				return true
			}
		}
	}
	return false
}

// takenAgain is the emit by which a command tells of an event once more when the
// aggregate is in a state that it brings about; nil: it is refused then, or nobody
// gives it a second time. Sagas do not: they have an order, and locks.
func (c *checker) takenAgain(m *model.Command, e *model.Event, l *model.Lifecycle, state *model.EnumValue) *model.Emit {
	if m.Creates == model.New || m.Custom || len(m.Actors) == 0 && !(c.index.reacted[m] && c.broughtAboutBy(m, l, state)) {
		return nil
	}
	changed := c.out.Events[e].Apply
	if slices.ContainsFunc(m.Require, func(r *model.Rule) bool { return c.looksAt(r.That, changed) }) ||
		slices.ContainsFunc(m.Lets, func(x *model.Let) bool { return c.looksAt(x.Expr, changed) || len(x.Table) > 0 }) {
		return nil
	}
	now := state.Name
	for _, emit := range m.Emits {
		if emit.Event.Event == nil || !emit.Sure() {
			return nil
		}
		if next := c.stateSetBy(emit.Event.Event, l); next != nil && next.Name != now {
			if !slices.Contains(following(l, now), next.Name) {
				return nil
			}
			now = next.Name
		}
		if emit.Event.Event == e {
			return emit
		}
	}
	return nil
}

// broughtAboutBy reports whether another command than one leads into a state.
func (c *checker) broughtAboutBy(but *model.Command, l *model.Lifecycle, state *model.EnumValue) bool {
	for _, m := range but.Aggregate.Commands {
		for _, emit := range m.Emits {
			if e := emit.Event.Event; m != but && e != nil && c.stateSetBy(e, l) == state {
				return true
			}
		}
	}
	return false
}

// looksAt reports whether a condition reads one of the fields that are given new
// values; nil: any field of the state.
func (c *checker) looksAt(x *model.Expr, fields []Assigned) bool {
	found := false
	expr.Walk(c.out.Trees[x], func(t *expr.Tree) {
		found = found || t.Reads("state") && (fields == nil || slices.ContainsFunc(fields, func(a Assigned) bool { return a.Field == t.Field }))
	})
	return found
}
