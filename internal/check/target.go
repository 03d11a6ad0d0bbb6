package check

import (
	"strings"

	"github.com/esgen/esgen/internal/diag"
	"github.com/esgen/esgen/internal/expr"
	"github.com/esgen/esgen/internal/source"
	"github.com/esgen/esgen/model"
)

// addressing is what there is to find the instance a command is for.
type addressing struct {
	owner     any // key of Model.Targets
	to        *model.Target
	pos       source.Pos
	explicit  *model.Expr
	correlate *model.FieldRef
	scope     expr.Scope
	from      supplies
	event     *expr.Var  // whose fields correlate
	itself    *expr.Tree // the instance when the command is for the aggregate of the event or of each
	awaited   bool       // a call, whose reply is waited for
	derived   bool       // the id of the instance is known otherwise
}

// instance finds the instance a command is for: said by target or by
// correlateBy; else the event's own instance, else the one a field
// named like the id names. A command that creates needs none.
func (c *checker) instance(a addressing) {
	m := a.to.Command
	if m == nil {
		if a.explicit != nil {
			c.say("needless-target", a.explicit.Pos(), "%s is no command of an aggregate: it has no instance", a.to.Text).
				With(diag.Fix("remove target"))
		}
		return
	}
	switch {
	case a.explicit != nil:
		c.aim(a.owner, c.expr(a.explicit, at(a.scope, "target of", a.to.Text), idType))
	case a.correlate != nil:
		c.correlation(a)
		if a.awaited {
			// The instances of another context are not in this one's database, and
			// a call has one reply.
			c.say("not-generated", a.correlate.Pos, "a call that finds its instances by correlateBy is not generated yet").
				With(diag.Fix("name the one instance: target: …"))
		}
	case a.itself != nil:
		if m.Creates != model.New { // else a further one, with an id of its own
			c.aim(a.owner, a.itself)
		}
	default:
		c.byName(a)
	}
}

func (c *checker) aim(owner any, t *expr.Tree) {
	if t != nil {
		c.out.Targets[owner] = t
	}
}

// byName takes the instance from a field named like its id. One that is created
// takes no id from what exists already: a state, or a reply.
func (c *checker) byName(a addressing) {
	m := a.to.Command
	id := m.Aggregate.ID
	best := a.from.best(id.Name)
	if len(best) == 1 && best[0].tree == nil {
		return
	}
	if len(best) == 1 && (m.Creates != model.New || best[0].rank <= byEvent && best[0].rank != byReply) {
		if t := c.env.Fit(best[0].tree, id.Type); t != nil {
			c.aim(a.owner, t)
			return
		}
	}
	if m.Creates == model.New || a.derived {
		return
	}
	d := c.say("no-target", a.pos, "which %s is %s for?", m.Aggregate.Name, a.to.Text)
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

// correlation checks that instances can be found by a field.
func (c *checker) correlation(a addressing) {
	m, name := a.to.Command, a.correlate.Text
	if m.Creates == model.New {
		c.say("needless-target", a.correlate.Pos, "%s creates a new %s: there is none to find", m.Name, m.Aggregate.Name).
			With(diag.Fix("remove correlateBy"))
		return
	}
	own := a.correlate.Field
	if own == nil {
		return // reported when the model was read
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
		c.say("correlate-field", a.correlate.Pos, "%s does not carry %s", a.event.Type.Def.Name, name).
			With(didYouMean(name, fieldNames(a.event.Type.Def.Fields)))
	case len(carried) == 0:
		c.say("correlate-field", a.correlate.Pos, "nothing here is called %s", name)
	case carried[0].tree == nil || own.Type == nil:
	default:
		if t := c.env.Fit(carried[0].tree, own.Type.Value()); t != nil {
			c.out.Correlated[a.owner] = t
			return
		}
		c.say("correlate-field", a.correlate.Pos, "%s is %s in %s, but %s in %s", name, carried[0].tree.Type, carried[0].label, own.Type, m.Aggregate.Name).
			With(diag.At(carried[0].pos, "%s here", carried[0].tree.Type), diag.At(own.Pos, "%s here", own.Type),
				diag.Fix("give both one type, or name the instance by target"))
	}
}

// didYouMean suggests the nearest of the names there are.
func didYouMean(word string, valid []string) diag.Option {
	if near := diag.Nearest(word, valid); near != "" {
		return diag.Fix("did you mean %q?", near)
	}
	switch n := len(valid); {
	case n == 1:
		return diag.Fix("there is only %s", valid[0])
	case n > 1 && n <= 12:
		return diag.Fix("one of %s", strings.Join(valid, ", "))
	}
	return func(*diag.Diagnostic) {}
}
