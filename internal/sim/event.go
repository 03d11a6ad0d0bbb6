package sim

import (
	"fmt"
	"strings"
	"time"

	"github.com/esgen/esgen/internal/expr"
	"github.com/esgen/esgen/model"
)

// Happened is an event that happened.
type Happened struct {
	Event    *model.Event
	ID       string         // of the event itself
	Instance string         // of the aggregate; "" of an external's
	Version  int64          // of the instance after it
	Time     time.Time      // when
	Fields   map[string]any // the aggregate's id included

	person string // whose what is personal of it is
	actor  actor
	effect *Effect
	rows   []*Effect               // of views that changed at once, before anybody heard of it
	window map[*model.Policy][]any // what a policy's window held when it happened
	given  bool                    // it is history
	digest uint64                  // 0: not known yet
}

// Actor is who caused it.
func (h *Happened) Actor() (subject string, roles []string, system bool) {
	return h.actor.subject, h.actor.roles, h.actor.system
}

// Origin is what all began with that led to it: a request, the clock, a webhook.
func (h *Happened) Origin() *Effect {
	e := h.effect
	for e.cause != nil {
		e = e.cause
	}
	return e
}

// Because is the event that led to it by policies, commands and calls alone; nil:
// there is none. What sagas and compensations do has a course of its own behind it.
func (h *Happened) Because() *Happened {
	for e := h.effect.cause; e != nil && e.Kind != Orchestrates && e.Kind != Compensates; e = e.cause {
		if e.event != nil {
			return e.event
		}
	}
	return nil
}

// meta is what is known of an event beside its fields, made when it is asked for.
func (h *Happened) meta() expr.Lazy {
	return func() (any, error) { return h.known(), nil }
}

func (h *Happened) known() map[string]any {
	return map[string]any{"id": h.ID, "time": h.Time, "version": h.Version, "type": h.Event.Name, "actor": h.actor.value()}
}

func eventFields(e *model.Event) []string {
	if e.Aggregate == nil {
		return fieldNames(nil, e.Fields)
	}
	return fieldNames(e.Aggregate.ID, e.Fields)
}

// line is what an event is kept in order with: others of its instance or, of an
// external's, those with the same key; without any it is on its own.
func (h *Happened) line() string {
	if h.Event.External == nil {
		return h.Instance
	}
	if key, _ := h.Fields[h.Event.External.Key.Value].(string); key != "" {
		return key
	}
	return h.ID
}

// publish makes an event known to all who listen.
func (w *World) publish(h *Happened, cause *Effect) {
	h.effect = w.lead(cause, &Effect{Kind: Happens, Name: eventName(h.Event), Of: h.Event, Values: h.Fields, Order: eventFields(h.Event), event: h})
	for _, row := range h.rows {
		w.lead(h.effect, row)
	}
	w.log = append(w.log, h)
	for _, l := range w.listeners[h.Event] {
		if l.view != nil && w.isBlind(l.view) {
			continue
		}
		w.feed(l, h)
		w.tasks.add(&task{
			name: l.name, context: l.context, cause: h.effect, line: lineOf(l.who, h.Event.Aggregate), about: h.ID,
			key: l.name + "/" + h.line(),
			run: func(w *World, t *task) *refusal { return w.hears(l, t, h) },
		})
	}
}

// listener is somebody who hears of an event.
type listener struct {
	name    string // what its work waits in line under
	who     any    // *model.Policy, *model.View or *model.Saga
	context *model.Context
	policy  *model.Policy // that acts, at once or later, and whose window the event belongs to; nil: none
	history bool          // it hears of what happened before the story began, too
	view    *model.View   // that follows; nil: none
	saga    *model.Saga   // that begins, or goes on; nil: none
	awaits  bool          // the saga goes on
	hear    func(w *World, t *task, h *Happened) *refusal
}

// listen finds out who hears of what. Views hear first: they are read by those
// who react.
func (w *World) listen() {
	w.listeners = map[*model.Event][]*listener{}
	on := func(e *model.Event, l *listener) {
		if e != nil && !w.model.Incomplete[&e.Node] {
			if l.context.Translation(e) != nil {
				l = foreign(l)
			}
			w.listeners[e] = append(w.listeners[e], l)
		}
	}
	for _, c := range w.contexts {
		for _, v := range c.Views {
			w.listenView(v, on)
		}
	}
	for _, c := range w.contexts {
		for _, p := range c.Policies {
			w.listenPolicy(p, on)
		}
		for _, s := range c.Sagas {
			w.listenSaga(s, on)
		}
	}
}

// foreign is a listener of an event that means something else in its context: what,
// is said in Go, so that nothing can come of it here.
func foreign(l *listener) *listener {
	_, name, _ := strings.Cut(l.name, " ") // after what it is
	kind := Reacts
	switch {
	case l.view != nil:
		kind = Changes
	case l.saga != nil:
		kind = Orchestrates
	}
	deaf := *l
	deaf.hear = func(w *World, t *task, _ *Happened) *refusal {
		w.show(t, &Effect{Kind: kind, Name: name, Of: l.who}).note("what it hears is translated in Go: it cannot be played on the model")
		return nil
	}
	return &deaf
}

// Complete gives fields of an event that nobody has said what they begin with. The
// error names one that has to be said.
func (w *World) Complete(e *model.Event, fields []*model.Field, values map[string]any) error {
	for _, f := range fields {
		if _, said := values[f.Name]; said {
			continue
		}
		if !hasStart(f) {
			return fmt.Errorf("%s needs %s", e.Name, f.Name)
		}
		v, refused := w.start(f)
		if refused != nil {
			return refused
		}
		values[f.Name] = v
	}
	return nil
}
