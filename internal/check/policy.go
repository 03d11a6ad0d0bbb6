package check

import (
	"github.com/esgen/esgen/internal/diag"
	"github.com/esgen/esgen/internal/expr"
	"github.com/esgen/esgen/model"
)

func (c *checker) policy(p *model.Policy) {
	if p.Timer != nil {
		c.timer(p)
		return
	}
	if len(p.Whenever) == 0 || p.Then.Text == "" {
		c.incomplete(p, p.Pos, "write whenever and then", "%s does not say yet what it does whenever what", p.Name)
		return
	}
	var events []*model.Event
	for _, w := range p.Whenever {
		if w.Event == nil {
			return
		}
		c.abroad(w, p.Context)
		events = append(events, w.Event)
	}
	event := c.event(events...)
	base := scope(p.Context, p.Name, notInPolicy, event, expr.MetaVar())
	base = given(base, c.condition(p.If, without(at(base, "if of", p.Name), notInIf(p))))

	from := supplies{}
	from.fields(byEvent, event.Type.Def.Name, event)
	a := addressing{
		owner: p, to: &p.Then, pos: p.Then.Pos, explicit: p.Target, correlate: p.Correlate,
		scope: base, from: from, event: &event, itself: c.sameInstance(event, events, &p.Then),
	}
	if p.Each != nil {
		a.scope = c.eachOf(p, base, from)
		if of := p.Each.Aggregate; of != nil && p.Then.Command != nil && p.Then.Command.Aggregate == of {
			a.itself = &expr.Tree{Op: expr.Name, Ident: "id", Type: idType}
		}
	}
	if fields, ok := inputOfTarget(&p.Then); ok {
		c.out.Assigns[p] = c.fill(filling{
			what: p.Then.Text, pos: p.Then.Pos, key: "with",
			fields: fields, with: p.With, scope: a.scope, from: from,
		})
		c.instance(a)
	}
	c.rejected(p, event, events)
	c.race(p)
}

// timer checks what a policy of the clock goes through; the rest of it is
// understood, not generated yet.
func (c *checker) timer(p *model.Policy) {
	if p.Each != nil && len(p.Whenever) == 0 {
		c.eachOf(p, scope(p.Context, p.Name, notInTimer, expr.NowVar()), supplies{})
	}
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
		c.say("private-event", r.Pos, "%s is private: it never leaves %s", e.Name, e.Context.Name).
			With(diag.At(e.Pos, "the event"), diag.Fix("make it public, or let %s emit a public one", e.Context.Name))
	}
}

// sameInstance is the instance an event happened to, when the command is for
// the same aggregate.
func (c *checker) sameInstance(event expr.Var, events []*model.Event, to *model.Target) *expr.Tree {
	if to.Command == nil {
		return nil
	}
	a := to.Command.Aggregate
	for _, e := range events {
		if e.Aggregate != a {
			return nil
		}
	}
	if f := named(event.Type.Def.Fields, a.ID.Name); f != nil {
		return read(event, f)
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
func (c *checker) rejected(p *model.Policy, event expr.Var, events []*model.Event) {
	to := p.OnRejected
	if to == nil || to.Command == nil && to.Operation == nil {
		return
	}
	if to.Operation != nil {
		c.say("rejected-operation", to.Pos, "onRejected of %s names %s, which is an operation of an external system", p.Name, to.Text).
			With(diag.Fix("name a command; a policy on its event can then ask %s", to.Operation.External.Name))
		return
	}
	from := supplies{}
	from.fields(byEvent, event.Type.Def.Name, event)
	s := scope(p.Context, "onRejected of "+p.Name, notInPolicy, event, expr.MetaVar())
	fields, _ := inputOfTarget(to)
	c.out.Assigns[to] = c.fill(filling{what: to.Text, pos: to.Pos, key: "with", fields: fields, scope: s, from: from})
	c.instance(addressing{owner: to, to: to, pos: to.Pos, scope: s, from: from, event: &event, itself: c.sameInstance(event, events, to)})
}

// race warns of a correlation that skips what is not there yet.
func (c *checker) race(p *model.Policy) {
	if p.Correlate == nil || p.Missing != model.Skip || p.Then.Command == nil {
		return
	}
	for _, m := range p.Then.Command.Aggregate.Commands {
		if m.Creates != model.Existing && c.index.sent[m] {
			c.say("correlation-race", p.Correlate.Pos, "the %s may be on its way when %s looks for it, and is skipped then", m.Aggregate.Name, p.Name).
				With(diag.At(m.Pos, "it is created by %s, which is sent", m.Name), diag.Fix("leave out `missing: skip`: it is retried then"))
			return
		}
	}
}
