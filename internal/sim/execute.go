package sim

import (
	"fmt"
	"maps"
	"strconv"

	"github.com/esgen/esgen/internal/naming"
	"github.com/esgen/esgen/model"
)

// key recognises a command that comes again.
type key struct{ scope, id string }

// handledKey is a key at the context that remembers it.
type handledKey struct {
	context *model.Context
	key
}

// handling is what came of the first command of a key.
type handling struct {
	asked       string // of a key that somebody chose: what must be repeated
	outcome     *Outcome
	refused     *refusal
	compensated bool // undone, or undone before it came
}

// order is a command on its way to be decided.
type order struct {
	command     *model.Command
	id          string // of the instance; "": to be made up
	input       map[string]any
	sent        map[string]any // without what was left out; nil: as the input
	actor       actor
	key         key
	chosen      bool   // the key, by somebody outside: it must come with the same request
	keep        bool   // a rejection is recorded under the key
	from        any    // what of the model gives it, as Decided.From
	compensates string // the key whose command this one undoes
	story       *Story // that gives it; nil: none
	cause       *Effect
}

// execution is an order being carried out.
type execution struct {
	*World
	*order
	asked string // what a repetition must ask for; of the instance only what was said
	run   string // names this run, for the keys of its calls
	calls []*made
	noted *Decided // in the transcript; nil: there is none
}

// execute carries an order out: all of it, or nothing but its calls, which are
// compensated.
func (w *World) execute(o *order) (*Outcome, *refusal) {
	if o.command.Custom {
		return nil, &refusal{
			kind: unplayable, code: "NotDecided", status: 501,
			message: o.command.Name + " is decided in Go (custom: true): it cannot be played on the model",
		}
	}
	x := &execution{World: w, order: o}
	if out, refused, done := x.repeated(); done {
		return out, refused
	}
	x.asked = x.text()
	if o.id == "" {
		o.id = x.newID()
	}
	if w.copied == nil || len(o.command.Calls) > 0 {
		x.run = w.next("run", naming.CommandName(o.command), o.id)
	}
	out, refused := x.decideAndCommit()
	x.ended(out, refused)
	if refused != nil {
		x.abandon()
		if o.keep && refused.kind == rejected && o.key.id != "" {
			w.handle(x.at(), handling{refused: refused})
		}
		return nil, refused
	}
	return out, nil
}

func (x *execution) at() handledKey { return handledKey{x.command.Aggregate.Context, x.key} }

// newID names a new instance: by the command's key, so that its repetition
// means the same instance, else by counting.
func (x *execution) newID() string {
	switch {
	case x.command.Creates == model.Existing:
		return ""
	case x.key.id != "":
		return deriveID(x.key.scope, x.key.id, naming.CommandName(x.command))
	}
	return x.newInstance(x.command.Aggregate)
}

// repeated answers a command whose key was handled before.
func (x *execution) repeated() (*Outcome, *refusal, bool) {
	if x.key.id == "" {
		return nil, nil, false
	}
	h, ok := x.handled.of[x.at()]
	switch {
	case !ok:
		return nil, nil, false
	case x.chosen && h.asked != "" && h.asked != x.text():
		return nil, &refusal{kind: rejected, code: "KeyReused", status: 422, message: "the idempotency key was used for another request"}, true
	case h.compensated:
		return nil, &refusal{kind: rejected, code: "Compensated", status: 409, message: "the request was compensated before it came"}, true
	case h.refused != nil:
		return nil, h.refused, true
	}
	out := *h.outcome
	out.Repeated, out.Events = true, nil
	x.cause.note("handled before")
	return &out, nil, true
}

// text is what a repeated request must repeat.
func (x *execution) text() string {
	return keyText(x.command.Name, x.order.id, x.input, x.actor.subject, x.compensates)
}

func (x *execution) decideAndCommit() (*Outcome, *refusal) {
	if x.compensates != "" {
		if out, done := x.neverHappened(); done {
			return out, nil
		}
	}
	x.noted = x.asking()
	s := x.store(x.command.Aggregate)
	before := s.find(x.id)
	switch name := x.command.Aggregate.Name; {
	case before == nil && x.command.Creates == model.Existing:
		return nil, notThere(s.named(x.id), "%s %s is not there", name, x.id)
	case before != nil && x.command.Creates == model.New:
		return nil, &refusal{kind: rejected, code: "AlreadyExists", status: 409, message: fmt.Sprintf("%s %s exists already", name, x.id)}
	}
	state, refused := x.stateOf(x.command.Aggregate, x.id, before)
	if refused != nil {
		return nil, refused
	}
	events, refused := x.decide(state, before)
	if refused != nil {
		return nil, refused
	}
	c, refused := x.change(s, before, state, events)
	if refused != nil {
		return nil, refused
	}
	x.notedAfter(c.after)
	out := &Outcome{
		ID: x.id, Version: c.after.version, Status: 200, Reply: c.reply,
		Created: before == nil && !c.after.gone && len(events) > 0,
	}
	if out.Created {
		out.Status = 201
	}
	if refused := x.commit(s, c, out); refused != nil {
		return nil, refused
	}
	if x.key.id != "" {
		kept := *out
		x.handle(x.at(), handling{asked: x.asked, outcome: &kept})
	}
	if x.compensates != "" {
		x.World.compensated(x.command.Aggregate.Context, x.key.scope, x.compensates)
	}
	return out, nil
}

// neverHappened answers a compensation for whose original there is nothing to
// undo, and has the original refused from now on.
func (x *execution) neverHappened() (*Outcome, bool) {
	at := handledKey{x.command.Aggregate.Context, key{x.key.scope, x.compensates}}
	if h, ok := x.handled.of[at]; ok && h.outcome != nil && !h.compensated {
		return nil, false
	}
	x.compensated(at.context, at.scope, at.id)
	x.cause.note("there is nothing to undo")
	return &Outcome{ID: x.id, Status: 200, Reply: map[string]any{}}, true
}

func (w *World) compensated(c *model.Context, scope, id string) {
	at := handledKey{c, key{scope, id}}
	h := w.handled.of[at]
	h.compensated = true
	w.handle(at, h)
}

// stateOf is the state of an instance, or what it is before its first event.
func (w *World) stateOf(a *model.Aggregate, id string, i *instance) (map[string]any, *refusal) {
	if i != nil {
		return i.state, nil
	}
	state := make(map[string]any, len(a.State)+1)
	for _, f := range a.State {
		v, refused := w.start(f)
		if refused != nil {
			return nil, refused
		}
		state[f.Name] = v
	}
	for _, l := range a.Lifecycles {
		if f := l.Field.Field; f != nil && f.Default == nil && len(l.States) > 0 {
			state[f.Name] = l.States[0].Value.Value
		}
	}
	state[a.ID.Name] = id
	return state, nil
}

// change is what the events of a decision make of an instance.
type change struct {
	after    *instance
	happened []*Happened
	reply    map[string]any
}

func (x *execution) change(s *store, before *instance, state map[string]any, events []emitted) (*change, *refusal) {
	after := &instance{id: x.id, state: state}
	if i := s.instances[x.id]; i != nil {
		after.version = i.version
	}
	c := &change{after: after, reply: map[string]any{}}
	for _, e := range events {
		after.version++
		c.happened = append(c.happened, &Happened{
			Event: e.event, ID: x.eventID(e.event, after), Instance: x.id, Version: after.version, Time: x.now,
			Fields: e.fields, actor: x.actor,
		})
	}
	if refused := x.whose(x.command.Aggregate, before, state, c.happened); refused != nil {
		return nil, refused
	}
	for _, h := range c.happened {
		var refused *refusal
		if after.state, refused = x.happen(x.command.Aggregate, after.state, h); refused != nil {
			return nil, refused
		}
		after.stamp(h, before)
		after.gone = after.gone || h.Event.Deletes
		maps.Copy(c.reply, h.Fields)
	}
	if len(events) > 0 && !after.gone {
		return c, x.invariants(x.command.Aggregate, after)
	}
	return c, nil
}

// eventID names an event. In a world that is copied it is named by what it
// happened to, so that it has the same name in whatever order all happens.
func (x *execution) eventID(e *model.Event, after *instance) string {
	if x.copied == nil {
		return x.next("event")
	}
	return join(eventName(e), x.id, strconv.FormatInt(after.version, 10))
}

// commit stores it all, or nothing.
func (x *execution) commit(s *store, c *change, out *Outcome) *refusal {
	if len(c.happened) == 0 {
		x.settleCalls()
		return nil
	}
	if refused := s.taken(c.after); refused != nil {
		return refused
	}
	var undo undo
	for _, h := range c.happened {
		if refused := x.inline(h, &undo); refused != nil {
			undo.all()
			return refused
		}
	}
	x.own(s).put(c.after)
	x.tasks.came(s, c.after)
	x.settleCalls()
	for _, h := range c.happened {
		x.pass(Moment{Happened: &Occurrence{h, x.noted}})
		x.publish(h, x.cause)
		out.Events = append(out.Events, *h)
	}
	for _, h := range c.happened {
		if h.Event.Erases {
			return x.erase(x.command.Aggregate.Context, h.person)
		}
	}
	return nil
}
