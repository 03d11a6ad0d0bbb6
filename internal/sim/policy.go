package sim

import (
	"maps"
	"slices"
	"strconv"

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
			name: name, who: p, context: p.Context, policy: p,
			hear: func(w *World, t *task, h *Happened) *refusal { return w.react(p, occasionOf(h, p), t) },
		})
	}
}

// isName reports whether a policy is only a name, or leads to one.
func (w *World) isName(p *model.Policy) bool {
	far := slices.ContainsFunc(p.Then, func(r *model.Reaction) bool {
		return r.Do.Command == nil && r.Do.Operation == nil || r.Do.Command != nil && w.model.Incomplete[&r.Do.Command.Node]
	})
	each := p.Each != nil && (p.Each.View != nil && w.model.Incomplete[&p.Each.View.Node] || p.Each.Aggregate != nil && w.model.Incomplete[&p.Each.Aggregate.Node])
	return w.model.Incomplete[&p.Node] || far || each || len(p.Then) == 0
}

// react does what a policy does on an occasion.
func (w *World) react(p *model.Policy, o occasion, t *task) *refusal {
	ok, refused := w.holds(p.If, o.vars)
	if refused != nil || !ok {
		return refused
	}
	e := w.show(t, &Effect{Kind: Reacts, Name: qualified(p.Context, p.Name), Of: p})
	scopes := []scope{{vars: o.vars}}
	if p.Each != nil {
		if scopes, refused = w.through(p.Each, o.vars); refused != nil {
			return refused
		}
	}
	if p.Custom {
		e.note("what it gives is decided in Go (custom: true): it cannot be played on the model")
		return nil
	}
	refused = forEach(scopes, func(s scope) *refusal { return w.actIn(p, o, s, e) })
	switch {
	case refused == nil && len(e.Leads) == 0:
		e.note("for nothing: there is none")
	case refused != nil && (refused.kind == missing || refused.kind == technical):
		e.note("waits: %s", refused.message)
	}
	return refused
}

// forEach acts for each of several: what fails for one does not keep the others
// waiting.
func forEach[T any](list []T, act func(T) *refusal) *refusal {
	var refused *refusal
	for _, x := range list {
		if r := act(x); r != nil && (refused == nil || refused.kind == faulted) {
			refused = r
		}
	}
	if refused != nil && len(list) > 1 {
		refused.until = "" // they may wait for several
	}
	return refused
}

// scope is what a policy acts on once: its event, and what it goes through.
type scope struct {
	vars map[string]any
	sub  string // tells it apart from the others of the same occasion
}

// actIn does what a policy does, in order: what waits keeps what comes behind it
// waiting.
func (w *World) actIn(p *model.Policy, o occasion, s scope, e *Effect) *refusal {
	for i, r := range p.Then {
		aims, refused := w.aims(r, s)
		if refused != nil {
			return refused
		}
		if refused := forEach(aims, func(a aim) *refusal { return w.act(p, i, o, a, e) }); refused != nil {
			return refused
		}
	}
	return nil
}

// aim is one instance that a policy acts for.
type aim struct {
	scope
	id string // "": one that is to be created
}

// aims are the instances of a scope: what is correlated, or the one target.
func (w *World) aims(r *model.Reaction, s scope) ([]aim, *refusal) {
	if r.Correlate != nil {
		return w.correlated(r, s)
	}
	a := aim{scope: s}
	if t := w.model.Reactions[r].Target; t != nil {
		v, refused := w.eval(t, s.vars)
		if refused != nil {
			return nil, refused
		}
		a.id, _ = v.(string)
	}
	return []aim{a}, nil
}

// correlated are the instances whose lookup field has the value.
func (w *World) correlated(r *model.Reaction, in scope) ([]aim, *refusal) {
	v, refused := w.eval(w.model.Reactions[r].Correlated, in.vars)
	if refused != nil {
		return nil, refused
	}
	s := w.store(r.Do.Command.Aggregate)
	var aims []aim
	for _, id := range s.with(r.Correlate.Field, v) {
		aims = append(aims, aim{scope{in.vars, id}, id})
	}
	if len(aims) == 0 && r.Missing == model.Skip {
		w.drop(r, aim{}, notThere("", ""))
	} else if len(aims) == 0 {
		return nil, notThere(s.holding(r.Correlate.Field, v), "no %s has this %s yet", s.aggregate.Name, r.Correlate.Text)
	}
	return aims, nil
}

// through are the rows or instances that a policy goes through.
func (w *World) through(each *model.Each, vars map[string]any) ([]scope, *refusal) {
	name, objects := "row", []map[string]any(nil)
	if each.View != nil {
		objects = w.table(each.View).sorted()
	} else {
		name = "state"
		for _, id := range w.Instances(each.Aggregate) {
			objects = append(objects, w.store(each.Aggregate).instances[id].state)
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
	scopes := make([]scope, len(objects))
	for i, o := range objects {
		in := maps.Clone(vars)
		in[name] = o
		if each.View != nil {
			scopes[i] = scope{in, w.table(each.View).keyOfRow(o).text}
			continue
		}
		id, _ := o[each.Aggregate.ID.Name].(string)
		in["id"] = id
		scopes[i] = scope{in, id}
	}
	return scopes, nil
}

// act gives a command of a policy to one instance, or asks the external system
// once.
func (w *World) act(p *model.Policy, number int, o occasion, a aim, e *Effect) *refusal {
	r := p.Then[number]
	k := key{names.Kept(&p.Node).Go, o.id}
	if number > 0 {
		k.scope = join(k.scope, strconv.Itoa(number+1))
	}
	if a.sub != "" {
		k.id = join(k.id, a.sub)
	}
	input, refused := w.told(&r.Do, w.model.Reactions[r].Assigns, making(a.vars, join(k.scope, k.id)))
	if refused != nil {
		return refused
	}
	if op := r.Do.Operation; op != nil {
		reply, refused := w.operate(op, input, join(k.scope, k.id), op.External.Timeout, e)
		w.answered(p.Context, &r.Do, input, reply, refused)
		return refused
	}
	_, refused = w.give(order{command: r.Do.Command, id: a.id, input: input, actor: o.actor, key: k, keep: true, from: p, cause: e})
	switch {
	case refused == nil:
		return nil
	case refused.kind == missing && r.Missing == model.Skip:
		w.drop(r, a, refused)
		return nil
	case refused.kind != rejected:
		return refused
	}
	if r.OnRejected == nil {
		w.drop(r, a, refused)
	}
	return w.answerRejection(r, o, k, e)
}

// answerRejection gives the command that answers a rejection.
func (w *World) answerRejection(r *model.Reaction, o occasion, k key, e *Effect) *refusal {
	to := r.OnRejected
	if to == nil || to.Command == nil || w.model.Incomplete[&to.Command.Node] {
		return nil
	}
	sent := w.model.Reactions[r].OnRejected
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
	var shown map[string]any
	if w.copied == nil {
		shown = maps.Clone(o.input)
		if o.id != "" {
			shown[m.Aggregate.ID.Name] = o.id
		}
	}
	o.cause = w.lead(o.cause, &Effect{Kind: Asked, Name: commandName(m), Of: m, Values: shown, Order: inputNames(m)})
	if c := m.Aggregate.Context; w.away(c) {
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
