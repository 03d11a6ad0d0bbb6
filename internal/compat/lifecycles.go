package compat

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/esgen/esgen/internal/contract"
	"github.com/esgen/esgen/internal/expr"
	"github.com/esgen/esgen/internal/meaning"
	"github.com/esgen/esgen/internal/names"
	"github.com/esgen/esgen/model"
)

// lifecycles compares which states may follow one another, and what must hold
// of all.
func (c *comparison) lifecycles(was, is *contract.Service) {
	for _, a := range was.Context.Aggregates {
		i := slices.IndexFunc(is.Context.Aggregates, func(b *model.Aggregate) bool { return names.Kept(&b.Node).Go == names.Kept(&a.Node).Go })
		if i < 0 {
			continue
		}
		b := is.Context.Aggregates[i]
		c.invariants(is, a, b)
		for _, l := range a.Lifecycles {
			j := slices.IndexFunc(b.Lifecycles, func(m *model.Lifecycle) bool { return fieldName(&m.Field) == fieldName(&l.Field) })
			if j >= 0 {
				c.lifecycle(is, a, b, l, b.Lifecycles[j])
			}
		}
	}
}

// way is a state that may follow another, as they are called outside.
type way struct{ from, to string }

// ways are those of a lifecycle, each with the name of the state it leads to.
func (c *comparison) ways(l *model.Lifecycle) map[way]string {
	out := map[way]string{}
	for _, s := range l.States {
		for _, to := range s.To {
			out[way{c.outside(l, s.Value.Value), c.outside(l, to.Value)}] = to.Value
		}
	}
	return out
}

// outside is a state as it is called outside of expressions, now.
func (c *comparison) outside(l *model.Lifecycle, state string) string {
	if l.Field.Field != nil && l.Field.Field.Type.Value().IsEnum() {
		for _, v := range l.Field.Field.Type.Value().Def.Enum {
			if v.Name != state {
				continue
			}
			if to := c.renamed.Enums[v]; to != nil {
				v = to
			}
			return names.EnumValue(v)
		}
	}
	return state
}

// missingFrom are the ways that are not among others, in order.
func missingFrom(list, other map[way]string) []way {
	var out []way
	for w := range list {
		if _, ok := other[w]; !ok {
			out = append(out, w)
		}
	}
	slices.SortFunc(out, func(a, b way) int { return cmp.Or(cmp.Compare(a.from, b.from), cmp.Compare(a.to, b.to)) })
	return out
}

func (c *comparison) lifecycle(s *contract.Service, a, b *model.Aggregate, was, is *model.Lifecycle) {
	field := fieldName(&is.Field)
	f := Finding{Rule: BreakingLifecycle, Service: s.Context.Name, Verdict: Unclear, Pos: is.Pos, Old: was.Pos}
	if x, y := c.outside(was, was.States[0].Value.Value), c.outside(is, is.States[0].Value.Value); x != y {
		g := f
		g.What, g.Why = fmt.Sprintf("%s of %s begins as %s, and did as %s", field, b.Name, y, x), "instances are new in another state"
		g.Consumers = consumers(c.givers(a))
		c.add(g)
	}
	had, has := c.ways(was), c.ways(is)
	for _, w := range missingFrom(had, has) {
		g := f
		g.What = fmt.Sprintf("%s of %s does not go from %s to %s any more", field, b.Name, w.from, w.to)
		g.Why = "what leads there is refused with 409 " + contract.IllegalTransition
		hurt, certain := c.leading(a, was.Field.Field, had[w])
		g.Consumers = consumers(hurt)
		if certain && len(hurt) > 0 {
			g.Verdict = Breaking
		} else {
			g.Why = "what leads there may be refused with 409 " + contract.IllegalTransition
		}
		c.add(g)
	}
	for _, w := range missingFrom(has, had) {
		g := f
		g.What = fmt.Sprintf("%s of %s may go from %s to %s", field, b.Name, w.from, w.to)
		g.Why = "nobody is refused who was not, but who reads the state or hears its events sees it go where it did not"
		hurt, _ := c.leading(a, was.Field.Field, has[w])
		g.Consumers = consumers(append(hurt, c.stateNeeds(a)...))
		c.add(g)
	}
}

func (c *comparison) stateNeeds(a *model.Aggregate) []*contract.Need {
	if o := c.operations[&a.Node]; o != nil {
		return o.Consumers()
	}
	return nil
}

// givers are the needs of those who give an aggregate's commands or read it.
func (c *comparison) givers(a *model.Aggregate) []*contract.Need {
	out := slices.Clone(c.stateNeeds(a))
	for _, m := range a.Commands {
		if o := c.operations[&m.Node]; o != nil {
			out = append(out, o.Consumers()...)
		}
	}
	return out
}

// leading are the needs of those who give a command that puts a field of the
// state into a value. It is certain that the command comes as far as the
// lifecycle when nothing else in it looks at the field.
func (c *comparison) leading(a *model.Aggregate, field *model.Field, value string) (needs []*contract.Need, certain bool) {
	certain = true
	for _, m := range a.Commands {
		for _, e := range emitted(m) {
			if e.Event.Event == nil || !c.puts(e.Event.Event, field, value) {
				continue
			}
			if o := c.operations[&m.Node]; o != nil && m.Creates != model.New {
				needs = append(needs, o.Consumers()...)
			}
			certain = certain && e.Sure() && !slices.ContainsFunc(contract.Decision(c.was.Model, m), func(t *expr.Tree) bool { return looksAt(t, field) })
		}
	}
	return needs, certain
}

// puts reports whether an event gives a field of the state a value.
func (c *comparison) puts(e *model.Event, field *model.Field, value string) bool {
	for _, x := range c.was.Model.Events[e].Apply {
		if x.Field == field && x.Value != nil {
			v, err := expr.Eval(x.Value, nil)
			return err == nil && v == value
		}
	}
	return false
}

func looksAt(t *expr.Tree, field *model.Field) bool {
	found := false
	expr.Walk(t, func(t *expr.Tree) { found = found || t.Field == field || t.Op == expr.Name && t.Ident == "state" })
	return found
}

// invariants compares what must hold of a state.
func (c *comparison) invariants(s *contract.Service, was, is *model.Aggregate) {
	for _, o := range was.Invariants {
		i := slices.IndexFunc(is.Invariants, func(r *model.Rule) bool { return contract.RuleCode(r) == contract.RuleCode(o) })
		if i < 0 {
			continue // refused with it is nothing any more: told of the commands
		}
		n := is.Invariants[i]
		r := c.relate(c.tree(o.That), c.tree(n.That), nil, nil)
		if r.same() {
			continue
		}
		f := Finding{Rule: BreakingCondition, Service: s.Context.Name, Verdict: Unclear, Consumers: consumers(c.givers(was)), Pos: n.Pos, Old: o.Pos,
			What: fmt.Sprintf("invariant %s of %s is %q, and was %q", n.Name, is.Name, exprText(n.That), exprText(o.That)), Why: "what was taken before may be refused now"}
		if r.keeps == meaning.Yes {
			f.Why = "what was taken before is still taken, but who reads the state sees what it could not be"
		}
		c.add(f)
	}
}
