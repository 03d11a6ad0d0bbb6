package check

import (
	"strings"

	"github.com/esgen/esgen/internal/diag"
	"github.com/esgen/esgen/internal/expr"
	"github.com/esgen/esgen/internal/rule"
	"github.com/esgen/esgen/internal/source"
	"github.com/esgen/esgen/model"
)

// addressing is what there is to fill what is sent along an arrow, and to find
// the instance a command is for.
type addressing struct {
	to        *model.Target
	with      []*model.Assign
	pos       source.Pos
	explicit  *model.Expr
	correlate *model.FieldRef
	scope     expr.Scope
	from      supplies
	event     *expr.Var  // whose fields correlate
	itself    *expr.Tree // the instance when the command is for the aggregate of the event or of each
	awaited   bool       // a call, whose reply is waited for
	fresh     bool       // what is sent may have new ids: it is computed once and kept, or they derive from what it is sent for
	derived   bool       // the id of the instance is known otherwise: no field names it
}

// sending is what goes to the far end of an arrow, where that is known.
func (c *checker) sending(a addressing) Sending {
	fields, ok := inputOfTarget(a.to)
	if !ok {
		return Sending{}
	}
	given := a.scope
	if a.fresh {
		given = fresh(given)
	}
	out := Sending{Assigns: c.fill(filling{
		what: a.to.Text, pos: a.pos, key: "with",
		fields: fields, with: a.with, scope: given, from: a.from,
	})}
	if a.derived {
		a.from = nil
	}
	out.Target, out.Correlated = c.instance(a)
	return out
}

// instance finds the instance a command is for: said by target or by
// correlateBy; else the event's own instance, else the one a field
// named like the id names. A command that creates needs none.
func (c *checker) instance(a addressing) (target, correlated *expr.Tree) {
	m := a.to.Command
	if m == nil {
		if a.explicit != nil {
			c.say(rule.NeedlessTarget, a.explicit.Pos(), "%s is no command of an aggregate: it has no instance", a.to.Text).
				With(diag.Fix("remove target"))
		}
		return nil, nil
	}
	switch {
	case a.explicit != nil:
		return c.expr(a.explicit, at(a.scope, "target of", a.to.Text), idType), nil
	case a.correlate != nil:
		correlated = c.correlation(a)
		if a.awaited {
			// The instances of another context are not in this one's database, and
			// a call has one reply.
			c.say(rule.NoTarget, a.correlate.Pos, "a call waits for one reply, and correlateBy may find many instances of %s", m.Aggregate.Name).
				With(diag.Fix("name the one instance: target: …"))
		}
		return nil, correlated
	case a.itself != nil:
		if m.Creates == model.New {
			return nil, nil // a further one, with an id of its own
		}
		return a.itself, nil
	}
	return c.byName(a), nil
}

// byName takes the instance from a field named like its id. One that is created
// takes no id from what exists already: a state, or a reply.
func (c *checker) byName(a addressing) *expr.Tree {
	m := a.to.Command
	id := m.Aggregate.ID
	best := a.from.best(id.Name)
	if len(best) == 1 && best[0].tree == nil {
		return nil
	}
	if len(best) == 1 && (m.Creates != model.New || best[0].rank <= byEvent && best[0].rank != byReply) {
		if t := c.env.Fit(best[0].tree, id.Type); t != nil {
			c.takes(id, best)
			return t
		}
	}
	if m.Creates != model.New && !a.derived {
		c.whichOne(a)
	}
	return nil
}

// whichOne reports that nothing says which instance a command is for.
func (c *checker) whichOne(a addressing) {
	m := a.to.Command
	d := c.say(rule.NoTarget, a.pos, "which %s is %s for?", m.Aggregate.Name, a.to.Text)
	kind := "an existing"
	if m.Creates == model.Upsert {
		kind = "an existing or a new"
	}
	d.With(diag.At(m.Pos, "the command is for %s %s", kind, m.Aggregate.Name))
	if a.event != nil {
		for _, f := range m.Aggregate.Lookup {
			if named(a.event.Type.Def.Fields, f.Text) != nil {
				d.With(diag.Fix("correlateBy: %s", f.Text))
				return
			}
		}
		for _, f := range a.event.Type.Def.Fields {
			if f.Type.Kind == model.Ref && f.Type.Aggregate == m.Aggregate {
				d.With(diag.Fix("target: event.%s", f.Name))
				return
			}
		}
		d.With(diag.Fix("write target: event.…, or correlateBy with a lookup field of %s that the event carries", m.Aggregate.Name))
		return
	}
	d.With(diag.Fix("write target: …, or correlateBy with a lookup field of %s", m.Aggregate.Name))
}

// correlation checks that instances can be found by a field, and returns the
// value it must have.
func (c *checker) correlation(a addressing) *expr.Tree {
	m, name := a.to.Command, a.correlate.Text
	if m.Creates == model.New {
		c.say(rule.NeedlessTarget, a.correlate.Pos, "%s creates a new %s: there is none to find", m.Name, m.Aggregate.Name).
			With(diag.Fix("remove correlateBy"))
		return nil
	}
	own := a.correlate.Field
	if own == nil {
		return nil // reported when the model was read
	}
	carried := a.from.best(name)
	if a.event != nil {
		carried = nil
		if f := named(a.event.Type.Def.Fields, name); f != nil {
			carried = []supply{{label: a.event.Type.Def.Name, pos: f.Pos, tree: read(*a.event, f)}}
		}
	}
	switch {
	case len(carried) == 0 && a.event != nil:
		c.say(rule.CorrelateField, a.correlate.Pos, "%s does not carry %s", a.event.Type.Def.Name, name).
			With(didYouMean(name, fieldNames(a.event.Type.Def.Fields)))
	case len(carried) == 0:
		c.say(rule.CorrelateField, a.correlate.Pos, "nothing here is called %s", name)
	case carried[0].tree == nil || own.Type == nil:
	default:
		if t := c.env.Fit(carried[0].tree, own.Type.Value()); t != nil {
			c.takes(own, carried[:1])
			return t
		}
		c.say(rule.CorrelateField, a.correlate.Pos, "%s is %s in %s, but %s in %s", name, carried[0].tree.Type, carried[0].label, own.Type, m.Aggregate.Name).
			With(diag.At(carried[0].pos, "%s here", carried[0].tree.Type), diag.At(own.Pos, "%s here", own.Type),
				diag.Fix("give both one type, or name the instance by target"))
	}
	return nil
}

// didYouMean suggests the nearest of the names there are.
func didYouMean(word string, valid []string) diag.Option {
	if near := diag.Nearest(word, valid); near != "" {
		return diag.Meant(near)
	}
	switch n := len(valid); {
	case n == 1:
		return diag.Fix("there is only %s", valid[0])
	case n > 1 && n <= 12:
		return diag.Fix("one of %s", strings.Join(valid, ", "))
	}
	return func(*diag.Diagnostic) {}
}
