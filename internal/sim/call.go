package sim

import (
	"maps"

	"github.com/esgen/esgen/internal/naming"
	"github.com/esgen/esgen/model"
)

// made is a call that a command has made.
type made struct {
	call     *model.Call
	key      string
	args     map[string]any
	target   string
	vars     map[string]any // what the command knew, the reply included
	reply    map[string]any // nil: none came
	noEffect bool           // there is nothing to undo
}

// call asks somebody while a command is decided. With instead, the events are
// those of the fallback, and the decision is made.
func (x *execution) call(c *model.Call, vars map[string]any) (events []emitted, instead bool, refused *refusal) {
	args, refused := x.told(&c.To, x.model.Calls[c].Assigns, vars)
	if refused != nil {
		return nil, false, refused
	}
	m := &made{call: c, key: x.callKey(c, args), args: args}
	if m.target, refused = x.callTarget(c, m.key, vars); refused != nil {
		return nil, false, refused
	}
	x.calls = append(x.calls, m)
	e := x.lead(x.cause, &Effect{Kind: Calls, Name: c.To.Text, Of: c.To.Node(), Values: args, Order: fieldNames(nil, inputOf(&c.To))})
	m.reply, refused = x.guarded(c, m, args, e)
	x.answered(x.command.Aggregate.Context, &c.To, args, m.reply, refused)
	x.notedCall(m, args)
	m.vars = maps.Clone(vars)
	m.vars[c.Name] = m.reply
	if refused != nil {
		refusedBy(e, refused)
		m.noEffect = refused.kind == rejected || !refused.sent
		if refused.kind != technical || c.Fallback == nil {
			return nil, false, renamed(c, refused)
		}
		e.Note += "; the fallback is taken"
		if len(c.Fallback.Emits) > 0 {
			events, refused := x.emit(c.Fallback.Emits, vars)
			return events, true, refused
		}
		reply, refused := x.fill(x.model.Fallbacks[c.Fallback].Reply, vars)
		if refused != nil {
			return nil, false, refused
		}
		vars[c.Name] = reply
	} else {
		vars[c.Name] = m.reply
	}
	for _, r := range c.Require {
		if refused := x.rule(r, vars); refused != nil {
			return nil, false, refused
		}
	}
	return nil, false, nil
}

func inputOf(t *model.Target) []*model.Field {
	switch {
	case t.Command != nil:
		return t.Command.Input
	case t.Query != nil:
		return t.Query.Input
	}
	return t.Operation.Input
}

// callKey is the idempotency key of a call: of this run where it can be
// compensated, else the same whenever the command comes again.
func (x *execution) callKey(c *model.Call, args map[string]any) string {
	if c.Compensate != nil || x.key.id == "" {
		return join(x.run, c.Known())
	}
	return deriveID(x.key.scope, x.key.id, naming.CommandName(x.command), c.Known(), keyText(args))
}

// callTarget is the instance a call is for: the one that is named, else a new
// one whose id is derived from the call's key.
func (x *execution) callTarget(c *model.Call, key string, vars map[string]any) (string, *refusal) {
	if c.To.Command == nil {
		return "", nil
	}
	t := x.model.Calls[c].Target
	if t == nil {
		return deriveID(key), nil
	}
	v, refused := x.eval(t, vars)
	id, _ := v.(string)
	return id, refused
}

// renamed gives a rejection of a callee the name it has here.
func renamed(c *model.Call, r *refusal) *refusal {
	for _, name := range c.Rejected {
		if r.kind == rejected && r.code == name.From.Value {
			out := *r
			out.code = name.To.Value
			return &out
		}
	}
	return r
}

// guarded makes the tries of a call, as far as its breaker lets it.
func (x *execution) guarded(c *model.Call, m *made, args map[string]any, e *Effect) (map[string]any, *refusal) {
	b := x.breakers[c]
	if b == nil {
		b = newBreaker(c.Breaker)
		x.breakers[c] = b
	}
	sent := false
	for try := 1; ; try++ {
		if b.open(x.now) {
			r := unavailable(c.To.Text, sent)
			r.message += ": its breaker is open"
			return nil, r
		}
		reply, refused := x.reach(c, m, args, e)
		passing := refused != nil && refused.kind == technical && !refused.final
		b.note(passing, x.now)
		if refused != nil && refused.kind == technical {
			sent = sent || refused.sent
			refused.sent = sent
		}
		if !passing || try >= max(c.Attempts, 1) {
			return reply, refused
		}
	}
}

// reach asks the far end of a call once.
func (x *execution) reach(c *model.Call, m *made, args map[string]any, e *Effect) (map[string]any, *refusal) {
	switch to := &c.To; {
	case to.Operation != nil:
		return x.operate(to.Operation, args, m.key, c.Timeout, e)
	case to.Query != nil:
		if x.down.of[to.Query.View.Context] {
			return nil, unavailable(to.Text, false)
		}
		rows, refused := x.find(to.Query, args, x.actor.onBehalf())
		x.looked(c, args, x.actor, rows, refused)
		if refused != nil {
			return nil, heardFrom(to.Text, refused)
		}
		list := make([]any, 0, min(len(rows), pageLimit))
		for _, row := range rows[:min(len(rows), pageLimit)] {
			list = append(list, row)
		}
		return map[string]any{"rows": list}, nil
	default:
		return x.reachCommand(c, m, args, e)
	}
}

func (x *execution) reachCommand(c *model.Call, m *made, args map[string]any, e *Effect) (map[string]any, *refusal) {
	callee := c.To.Command
	if x.down.of[callee.Aggregate.Context] {
		return nil, unavailable(c.To.Text, false)
	}
	asked := maps.Clone(args)
	asked[callee.Aggregate.ID.Name] = m.target
	input, refused := x.validated(callee, asked)
	if refused != nil {
		return nil, heardFrom(c.To.Text, refused)
	}
	out, refused := x.execute(&order{
		command: callee, id: m.target, input: input, sent: asked, actor: x.actor.onBehalf(),
		key: key{"http", m.key}, chosen: true, from: c, cause: e,
	})
	if refused != nil {
		return nil, heardFrom(c.To.Text, refused)
	}
	return replyOf(x.model.Calls[c].Reply, callee, out), nil
}

// heardFrom is a refusal as the other side of a call hears it.
func heardFrom(who string, r *refusal) *refusal {
	out := *r
	out.by = nil // of another aggregate
	switch {
	case r.kind == rejected, r.kind == missing:
		out.kind = rejected
	case r.kind == technical && r.status == 503:
		out = *unavailable(who, true)
	case r.kind == technical && r.status == 504:
		out = *tooSlow(who)
	case r.kind == unplayable:
	default:
		out = *failing(who, r.kind != invalid)
		out.final = r.kind != technical
		out.message += ": " + r.Error()
	}
	return &out
}

// replyOf is what a command answers who called it.
func replyOf(fields []*model.Field, m *model.Command, out *Outcome) map[string]any {
	reply := make(map[string]any, len(fields))
	for _, f := range fields {
		v := out.Reply[f.Name]
		if v == nil {
			v = empty(f.Type)
		}
		reply[f.Name] = v
	}
	reply[m.Aggregate.ID.Name] = out.ID
	return reply
}

// settleCalls ends the calls of a command that is committed: what it builds on
// stays, what failed without anybody knowing how is undone.
func (x *execution) settleCalls() {
	for i := len(x.calls) - 1; i >= 0; i-- {
		if m := x.calls[i]; !m.noEffect && m.reply == nil {
			x.undoCall(m)
		}
	}
}

// abandon undoes the calls of a command that came to nothing, the last first.
func (x *execution) abandon() {
	for i := len(x.calls) - 1; i >= 0; i-- {
		if m := x.calls[i]; !m.noEffect {
			x.undoCall(m)
		}
	}
}

// undoCall has a call compensated, if there is a way to.
func (x *execution) undoCall(m *made) {
	undo := m.call.Compensate
	if undo == nil {
		return
	}
	x.tasks.add(&task{
		name: "the compensation " + undo.Do.Text, context: x.command.Aggregate.Context, cause: x.cause,
		key: "compensation/" + m.key, line: lineOf(undo, nil), about: m.key,
		run: func(w *World, t *task) *refusal {
			e := w.show(t, &Effect{Kind: Compensates, Name: undo.Do.Text, Of: undo.Do.Node()})
			return w.compensate(m, undo, e)
		},
	})
}

// learn makes a call again under its key, of which nobody heard the answer.
func (w *World) learn(m *made, e *Effect) (*made, *refusal) {
	reply, refused := w.operate(m.call.To.Operation, m.args, m.key, m.call.Timeout, e)
	if refused != nil {
		return nil, refused
	}
	known := *m
	known.reply, known.vars = reply, maps.Clone(m.vars)
	known.vars[m.call.Name] = reply
	return &known, nil
}

func (w *World) compensate(m *made, undo *model.Compensation, e *Effect) *refusal {
	input, target := map[string]any{}, m.target
	if m.reply == nil && len(w.model.Compensations[undo].Learned) > 0 {
		var refused *refusal
		if m, refused = w.learn(m, e); refused != nil {
			return refused
		}
	}
	if m.reply != nil || !w.model.Compensations[undo].NeedsReply {
		var refused *refusal
		if input, refused = w.told(&undo.Do, w.model.Compensations[undo].Assigns, m.vars); refused != nil {
			return refused
		}
		if t := w.model.Compensations[undo].Target; t != nil {
			v, refused := w.eval(t, m.vars)
			if refused != nil {
				return refused
			}
			target, _ = v.(string)
		}
	}
	if op := undo.Do.Operation; op != nil {
		_, refused := w.operate(op, input, m.key+"/undo", op.External.Timeout, e)
		return refused
	}
	_, refused := w.give(order{
		command: undo.Do.Command, id: target, input: input, actor: actor{system: true},
		key: key{"http", m.key + "/undo"}, compensates: m.key, from: undo, cause: e,
	})
	return refused
}
