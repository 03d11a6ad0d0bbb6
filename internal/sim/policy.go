package sim

import (
	"maps"

	"github.com/esgen/esgen/internal/names"
	"github.com/esgen/esgen/model"
)

// occasion is what a policy acts on: an event, or that its time has come.
type occasion struct {
	id    string // in the keys of what follows
	vars  map[string]any
	actor actor
}

func occasionOf(h *Happened, p *model.Policy) occasion {
	vars := map[string]any{"event": h.Fields, "meta": h.meta()}
	if p.Window != nil {
		vars["window"] = h.window[p]
	}
	return occasion{h.ID, vars, h.actor.onBehalf()}
}

// listenPolicy has a policy hear of its events.
func (w *World) listenPolicy(p *model.Policy, on func(*model.Event, *listener)) {
	if w.isName(p) {
		return
	}
	name := "policy " + qualified(p.Context, p.Name)
	if p.Timer != nil {
		w.listenTimer(p, name, on)
		return
	}
	for _, ref := range p.Whenever {
		on(ref.Event, &listener{
			name: name, context: p.Context, policy: p,
			hear: func(t *task, h *Happened) *refusal { return w.react(p, occasionOf(h, p), t) },
		})
	}
}

// isName reports whether a policy is only a name, or leads to one.
func (w *World) isName(p *model.Policy) bool {
	far := p.Then.Command != nil && w.model.Incomplete[&p.Then.Command.Node]
	each := p.Each != nil && (p.Each.View != nil && w.model.Incomplete[&p.Each.View.Node] || p.Each.Aggregate != nil && w.model.Incomplete[&p.Each.Aggregate.Node])
	return w.model.Incomplete[&p.Node] || far || each || p.Then.Command == nil && p.Then.Operation == nil
}

// react does what a policy does on an occasion.
func (w *World) react(p *model.Policy, o occasion, t *task) *refusal {
	ok, refused := w.holds(p.If, o.vars)
	if refused != nil || !ok {
		return refused
	}
	e := w.show(t, &Effect{Kind: Reacts, Name: qualified(p.Context, p.Name)})
	aims, refused := w.aims(p, o)
	if refused == nil {
		refused = w.actForAll(p, o, aims, e)
	}
	switch {
	case refused == nil && len(aims) == 0:
		e.note("for nothing: there is none")
	case refused != nil && (refused.kind == missing || refused.kind == technical):
		e.note("waits: %s", refused.message)
	}
	return refused
}

// actForAll acts for each: what fails for one does not keep the others waiting.
func (w *World) actForAll(p *model.Policy, o occasion, aims []aim, e *Effect) *refusal {
	var refused *refusal
	for _, a := range aims {
		if r := w.act(p, o, a, e); r != nil && (refused == nil || refused.kind == faulted) {
			refused = r
		}
	}
	if refused != nil && len(aims) > 1 {
		refused.until = "" // they may wait for several
	}
	return refused
}

// aim is one instance, or row, that a policy acts for.
type aim struct {
	vars map[string]any
	id   string // of the instance; "": one that is to be created
	sub  string // tells it apart from the others of the same occasion
}

// aims are what a policy acts for: what it goes through, what is correlated, or
// the one target.
func (w *World) aims(p *model.Policy, o occasion) ([]aim, *refusal) {
	var aims []aim
	var refused *refusal
	switch {
	case p.Each != nil:
		aims, refused = w.through(p.Each, o.vars)
	case p.Correlate != nil:
		return w.correlated(p, o)
	default:
		aims = []aim{{vars: o.vars}}
	}
	t := w.model.Policies[p].Target
	if t == nil || refused != nil {
		return aims, refused
	}
	for i := range aims {
		v, refused := w.eval(t, aims[i].vars)
		if refused != nil {
			return nil, refused
		}
		aims[i].id, _ = v.(string)
	}
	return aims, nil
}

// correlated are the instances whose lookup field has the value.
func (w *World) correlated(p *model.Policy, o occasion) ([]aim, *refusal) {
	v, refused := w.eval(w.model.Policies[p].Correlated, o.vars)
	if refused != nil {
		return nil, refused
	}
	s := w.stores[p.Then.Command.Aggregate]
	var aims []aim
	for _, id := range s.with(p.Correlate.Field, v) {
		aims = append(aims, aim{o.vars, id, id})
	}
	if len(aims) == 0 && p.Missing != model.Skip {
		return nil, notThere(s.holding(p.Correlate.Field, v), "no %s has this %s yet", s.aggregate.Name, p.Correlate.Text)
	}
	return aims, nil
}

// through are the rows or instances that a policy goes through.
func (w *World) through(each *model.Each, vars map[string]any) ([]aim, *refusal) {
	name, objects := "row", []map[string]any(nil)
	if each.View != nil {
		objects = w.tables[each.View].sorted()
	} else {
		name = "state"
		for _, id := range w.Instances(each.Aggregate) {
			objects = append(objects, w.stores[each.Aggregate].instances[id].state)
		}
	}
	objects, refused := w.matching(objects, each.Where, name, vars)
	if refused != nil {
		return nil, refused
	}
	sortBy(objects, each.Sort)
	if each.Max > 0 && len(objects) > each.Max {
		objects = objects[:each.Max]
	}
	aims := make([]aim, len(objects))
	for i, o := range objects {
		scope := maps.Clone(vars)
		scope[name] = o
		if each.View != nil {
			aims[i] = aim{vars: scope, sub: w.tables[each.View].keyOfRow(o).text}
			continue
		}
		id, _ := o[each.Aggregate.ID.Name].(string)
		scope["id"] = id
		aims[i] = aim{vars: scope, sub: id}
	}
	return aims, nil
}

// act gives the command to one instance, or asks the external system once.
func (w *World) act(p *model.Policy, o occasion, a aim, e *Effect) *refusal {
	input, refused := w.told(&p.Then, w.model.Policies[p].Assigns, a.vars)
	if refused != nil {
		return refused
	}
	k := key{names.Of(&p.Node).Go, o.id}
	if a.sub != "" {
		k.id = join(k.id, a.sub)
	}
	if op := p.Then.Operation; op != nil {
		reply, refused := w.operate(op, input, join(k.scope, k.id), op.External.Timeout, e)
		w.answered(p.Context, &p.Then, input, reply, refused)
		return refused
	}
	_, refused = w.give(order{command: p.Then.Command, id: a.id, input: input, actor: o.actor, key: k, keep: true, from: p, cause: e})
	switch {
	case refused == nil || refused.kind == missing && p.Missing == model.Skip:
		return nil
	case refused.kind != rejected:
		return refused
	}
	return w.answerRejection(p, o, k, e)
}

// answerRejection gives the command that answers a rejection.
func (w *World) answerRejection(p *model.Policy, o occasion, k key, e *Effect) *refusal {
	to := p.OnRejected
	if to == nil || to.Command == nil || w.model.Incomplete[&to.Command.Node] {
		return nil
	}
	sent := w.model.Policies[p].OnRejected
	input, refused := w.told(to, sent.Assigns, o.vars)
	if refused != nil {
		return refused
	}
	id := ""
	if t := sent.Target; t != nil {
		v, refused := w.eval(t, o.vars)
		if refused != nil {
			return refused
		}
		id, _ = v.(string)
	}
	k.id = join(k.id, "rejected")
	_, refused = w.give(order{command: to.Command, id: id, input: input, actor: o.actor, key: k, keep: true, cause: e})
	if refused != nil && refused.kind != rejected {
		return refused
	}
	return nil
}

// give gives a command on behalf of the system, and shows it below its cause.
func (w *World) give(o order) (*Outcome, *refusal) {
	m := o.command
	shown := maps.Clone(o.input)
	if o.id != "" {
		shown[m.Aggregate.ID.Name] = o.id
	}
	o.cause = w.lead(o.cause, &Effect{Kind: Asked, Name: commandName(m), Values: shown, Order: inputNames(m)})
	if c := m.Aggregate.Context; w.down[c] {
		refused := unavailable(c.Name, false)
		refusedBy(o.cause, refused)
		return nil, refused
	}
	out, refused := w.execute(&o)
	if refused != nil {
		refusedBy(o.cause, refused)
	}
	return out, refused
}
