package check

import (
	"slices"

	"github.com/esgen/esgen/internal/diag"
	"github.com/esgen/esgen/internal/expr"
	"github.com/esgen/esgen/internal/rule"
	"github.com/esgen/esgen/model"
)

func (c *checker) policy(p *model.Policy) {
	if !c.said(p) {
		return
	}
	o, ok := c.occasion(p)
	if !ok {
		return
	}
	if p.Timer != nil {
		c.expr(p.Timer.Due, at(o.scope, "after of", p.Name), timeType)
	}
	base := given(o.scope, c.condition(p.If, without(at(o.scope, "if of", p.Name), notInIf(p))))

	from := o.supplies()
	if p.Each != nil {
		base = c.eachOf(p, base, from)
	}
	for _, r := range p.Then {
		if p.Custom {
			c.out.Reactions[r] = Reaction{OnRejected: c.rejected(p, r, o)}
			continue
		}
		a := addressing{
			to: &r.Do, with: r.With, pos: r.Do.Pos, explicit: r.Target, correlate: r.Correlate,
			scope: base, from: from, event: o.event, itself: c.sameInstance(o, aggregateOf(&r.Do)), fresh: true,
		}
		if p.Each != nil && p.Each.Aggregate != nil && r.Do.Command != nil && r.Do.Command.Aggregate == p.Each.Aggregate {
			a.itself = &expr.Tree{Op: expr.Name, Ident: "id", Type: idType}
		}
		c.out.Reactions[r] = Reaction{Sending: c.sending(a), OnRejected: c.rejected(p, r, o)}
		c.race(p, r)
	}
}

// occasions are the events that make a policy act, or call it off.
func occasions(p *model.Policy) []*model.EventRef {
	refs := p.Whenever
	if t := p.Timer; t != nil {
		refs = append(slices.Clip(refs), t.Unless...)
		if t.Since != nil {
			refs = append(refs, t.Since)
		}
	}
	return refs
}

// said reports whether a policy says when it acts, and what it does then.
func (c *checker) said(p *model.Policy) bool {
	switch {
	case len(p.Then) == 0 && p.Timer != nil:
		c.incomplete(&p.Node, p.Pos, "write then", "%s does not say yet what it does when its time has come", p.Name)
	case len(p.Then) == 0 || len(p.Whenever) == 0 && p.Timer == nil:
		c.incomplete(&p.Node, p.Pos, "write whenever and then", "%s does not say yet what it does whenever what", p.Name)
	case c.onHomeless(&p.Node, "hears of", occasions(p)...):
	default:
		return true
	}
	return false
}

// occasion is what makes a policy or a saga act, and what can be named then.
type occasion struct {
	event  *expr.Var // nil: the clock alone
	events []*model.Event
	scope  expr.Scope
}

// occasion is the one of a policy. It reports false when it hears of something
// that is not there, or of nothing.
func (c *checker) occasion(p *model.Policy) (occasion, bool) {
	heard := p.Whenever
	if t := p.Timer; t != nil {
		if !t.Waits() {
			return occasion{scope: scope(p.Context, p.Name, notInTimer, expr.NowVar())}, true
		}
		heard = []*model.EventRef{t.Since}
		for _, u := range t.Unless {
			c.abroad(u, p.Context)
		}
	}
	o := occasion{}
	for _, r := range heard {
		if r == nil || r.Event == nil {
			return o, false
		}
		c.abroad(r, p.Context)
		o.events = append(o.events, p.Context.Means(r.Event))
	}
	event := c.event(o.events...)
	o.event = &event
	o.scope = scope(p.Context, p.Name, notInPolicy, event, expr.MetaVar())
	if w := p.Window; w != nil {
		if w.By != nil {
			c.scalars([]*model.FieldRef{w.By}, "what parts the events of within")
		}
		o.scope = with(o.scope, expr.Var{Name: "window", Type: &model.Type{Kind: model.List, Elem: event.Type}})
	}
	return o, true
}

// supplies are the fields of the event, by name.
func (o occasion) supplies() supplies {
	from := supplies{}
	if o.event != nil {
		from.fields(byEvent, o.event.Type.Def.Name, *o.event)
	}
	return from
}

// notInIf says why the `if` of a policy with each sees no row.
func notInIf(p *model.Policy) map[string]string {
	if p.Each == nil {
		return nil
	}
	const reason = "if is decided once for the event; use the where of each"
	return map[string]string{"row": reason, "state": reason, "id": reason}
}

// abroad reports a private event heard in another context.
func (c *checker) abroad(r *model.EventRef, here *model.Context) {
	if e := r.Event; e != nil && e.Private && e.Context != nil && e.Context != here {
		c.say(rule.PrivateEvent, r.Pos, "%s is private: it never leaves %s", e.Name, e.Context.Name).
			With(diag.At(e.Pos, "the event"), diag.Fix("make it public, or let %s emit a public one", e.Context.Name))
	}
}

// aggregateOf is the one that a command is for; nil: it is none.
func aggregateOf(to *model.Target) *model.Aggregate {
	if to.Command == nil {
		return nil
	}
	return to.Command.Aggregate
}

// sameInstance is the instance an event happened to, when it is of an aggregate.
func (c *checker) sameInstance(o occasion, a *model.Aggregate) *expr.Tree {
	if a == nil || o.event == nil {
		return nil
	}
	for _, e := range o.events {
		if e.Aggregate != a {
			return nil
		}
	}
	if f := named(o.event.Type.Def.Fields, a.ID.Name); f != nil {
		return read(*o.event, f)
	}
	return nil
}

// eachOf checks which rows or instances a policy goes through, and brings them
// into scope.
func (c *checker) eachOf(p *model.Policy, s expr.Scope, from supplies) expr.Scope {
	each := p.Each
	c.sortable(each.Sort)
	switch {
	case each.View != nil:
		row := c.row(each.View)
		s = with(s, row)
		where := c.condition(each.Where, at(s, "where of", p.Name))
		c.sqlable(each.Where, where, "row")
		s = given(s, where)
		from.fields(byState, "the row of "+each.View.Name, row)
	case each.Aggregate != nil:
		state := c.state(each.Aggregate)
		s = with(s, state)
		where := c.condition(each.Where, without(at(s, "where of", p.Name), map[string]string{"id": "write state." + each.Aggregate.ID.Name}))
		c.sqlable(each.Where, where, "state")
		s = with(given(s, where), expr.IDVar())
		from.fields(byState, "the state of "+each.Aggregate.Name, state)
	}
	return s
}

// rejected checks the command that answers a rejection.
func (c *checker) rejected(p *model.Policy, r *model.Reaction, o occasion) Sending {
	to := r.OnRejected
	if to == nil || to.Command == nil && to.Operation == nil {
		return Sending{}
	}
	if to.Operation != nil {
		c.say(rule.RejectedOperation, to.Pos, "onRejected of %s names %s, which is an operation of an external system", p.Name, to.Text).
			With(diag.Fix("name a command; a policy on its event can then ask %s", to.Operation.External.Name))
		return Sending{}
	}
	return c.sending(addressing{
		to: to, pos: to.Pos, scope: at(o.scope, "onRejected of", p.Name), from: o.supplies(),
		event: o.event, itself: c.sameInstance(o, aggregateOf(to)),
	})
}

// race warns of a correlation that skips what is not there yet.
func (c *checker) race(p *model.Policy, r *model.Reaction) {
	if r.Correlate == nil || r.Missing != model.Skip || r.Do.Command == nil {
		return
	}
	for _, m := range r.Do.Command.Aggregate.Commands {
		if m.Creates != model.Existing && c.index.sent[m] {
			c.say(rule.CorrelationRace, r.Correlate.Pos, "the %s may be on its way when %s looks for it, and is skipped then", m.Aggregate.Name, p.Name).
				With(diag.At(m.Pos, "it is created by %s, which is sent", m.Name), diag.Fix("leave out `missing: skip`: it is retried then"))
			return
		}
	}
}
