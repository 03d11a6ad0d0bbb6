package sim

import (
	"fmt"
	"strings"
	"time"

	"github.com/esgen/esgen/internal/names"
	"github.com/esgen/esgen/internal/source"
	"github.com/esgen/esgen/model"
)

// given puts history into the world, or scripts an external system.
func (p *player) given(g *model.Given) bool {
	if d := g.External; d != nil {
		return p.script(d)
	}
	if g.Event == nil || g.Event.Event == nil {
		return true
	}
	e := g.Event.Event
	if e.Aggregate == nil && e.External == nil {
		p.fail(g.Pos, e.Name+" belongs to no aggregate yet: it cannot have happened to anything", "", "")
		return false
	}
	at := g.At.UTC()
	if g.At.IsZero() {
		at = p.now
	}
	fields, ok := p.givenFields(g, e, at)
	if !ok {
		return false
	}
	if err := p.Given(e, fields, at); err != nil {
		p.fail(g.Pos, "this cannot have happened: "+err.Error(), "", "")
		return false
	}
	return true
}

// script scripts an operation.
func (p *player) script(d *model.Double) bool {
	op := d.Operation.Operation
	if op == nil {
		return true
	}
	with, ok := p.values(d.With, op.Input...)
	if !ok {
		return false
	}
	reply, ok := p.values(d.Reply, op.Reply...)
	if !ok {
		return false
	}
	p.Script(&Double{Operation: op, With: with, Reply: reply, Fails: d.Fails, Slow: d.Slow})
	return true
}

// givenFields are the fields of an event of history. One of an older version is
// brought up to the newest.
func (p *player) givenFields(g *model.Given, e *model.Event, at time.Time) (map[string]any, bool) {
	id := e.Aggregate
	var state map[string]any
	if id != nil {
		known, ok := p.values(idOnly(g.With, id.ID), id.ID)
		if !ok {
			return nil, false
		}
		instance, _ := known[id.ID.Name].(string)
		if instance == "" {
			p.fail(g.Pos, fmt.Sprintf("which %s did %s happen to?", id.Name, e.Name), "with: {"+id.ID.Name+": …}", "")
			return nil, false
		}
		state, _ = p.State(id, instance)
	}
	if g.Version == 0 || g.Version >= e.Version || len(e.Versions) == 0 {
		return p.eventFields(g.Pos, e, e.Fields, g.With, state)
	}
	for _, v := range e.Versions {
		if v.Number == g.Version {
			old, ok := p.eventFields(g.Pos, e, v.Fields, g.With, state)
			if !ok {
				return nil, false
			}
			return p.upcast(g, e, old, at)
		}
	}
	p.fail(g.Pos, fmt.Sprintf("%s has no version %d", e.Name, g.Version), "", "")
	return nil, false
}

func idOnly(list []*model.Value, id *model.Field) []*model.Value {
	for _, v := range list {
		if v.Name == id.Name {
			return []*model.Value{v}
		}
	}
	return nil
}

// upcast brings the fields of an older version up to the newest.
func (p *player) upcast(g *model.Given, e *model.Event, old map[string]any, at time.Time) (map[string]any, bool) {
	instance, _ := old[e.Aggregate.ID.Name].(string)
	h := &Happened{Event: e, Version: p.Version(e.Aggregate, instance) + 1, Time: at, actor: actor{}}
	for _, v := range e.Versions {
		if v.Number < g.Version {
			continue
		}
		next, refused := p.fill(p.model.Versions[v].Upcast, map[string]any{"old": old, "meta": h.meta()})
		if refused != nil {
			p.fail(g.Pos, fmt.Sprintf("version %d of %s cannot be brought up to date: %s", v.Number, e.Name, refused.Error()), "", "")
			return nil, false
		}
		next[e.Aggregate.ID.Name] = old[e.Aggregate.ID.Name]
		old = next
	}
	return old, true
}

// eventFields reads the fields of an event that a scenario writes. What it
// does not write has its default, or is what the state has.
func (p *player) eventFields(pos source.Pos, e *model.Event, fields []*model.Field, with []*model.Value, state map[string]any) (map[string]any, bool) {
	all := fields
	if e.Aggregate != nil {
		all = append([]*model.Field{e.Aggregate.ID}, fields...)
	}
	// By name: the values may be of an older version than the one they were
	// resolved against.
	bare := make([]*model.Value, len(with))
	for i, v := range with {
		one := *v
		if fieldNamed(all, v.Name) != nil {
			one.Field = fieldNamed(all, v.Name)
		}
		bare[i] = &one
	}
	out, ok := p.values(bare)
	if !ok {
		return nil, false
	}
	var lacking []string
	for _, f := range all {
		if _, there := out[f.Name]; there {
			continue
		}
		kept, there := state[f.Name]
		switch {
		case there && f.Type != nil:
			out[f.Name] = kept
		case hasStart(f):
			v, refused := p.start(f)
			if refused != nil {
				p.fail(pos, refused.Error(), "", "")
				return nil, false
			}
			out[f.Name] = v
		default:
			lacking = append(lacking, f.Name+": …")
		}
	}
	if len(lacking) > 0 {
		p.fail(pos, e.Name+" lacks what every such event has", "with: {"+strings.Join(lacking, ", ")+"}", "")
		return nil, false
	}
	return out, true
}

func hasStart(f *model.Field) bool {
	if f.Default != nil || f.Type == nil {
		return true
	}
	switch f.Type.Kind {
	case model.Optional, model.List, model.Map:
		return true
	}
	return false
}

// Given lets an event have happened at some time until now: it makes states,
// views and windows and arms timers, but no policy and no saga acts on it. A
// timer whose time has passed since has rung: what came of it is history, too,
// and given or not. The error says why the model does not let it happen;
// invariants are not asked, because more may be given.
func (w *World) Given(e *model.Event, fields map[string]any, at time.Time) error {
	h := &Happened{Event: e, ID: w.next("event", eventName(e)), Version: 1, Time: at, Fields: fields, given: true}
	if a := e.Aggregate; a != nil {
		h.Instance, _ = fields[a.ID.Name].(string)
		if refused := w.fold(a, h); refused != nil {
			return refused
		}
	}
	w.log = append(w.log, h)
	w.pass(Moment{Happened: &Occurrence{Happened: h}})
	h.effect = w.lead(nil, &Effect{Kind: Happens, Name: eventName(e), Of: e, Values: fields, Order: eventFields(e), Note: "given"})
	for _, l := range w.listeners[e] {
		w.feed(l, h)
		if !l.history {
			continue
		}
		// Nobody is told of what history changed.
		if refused := w.hears(l, &task{}, h); refused != nil && refused.kind != missing {
			return refused
		}
	}
	return nil
}

func (w *World) fold(a *model.Aggregate, h *Happened) *refusal {
	s := w.store(a)
	before := s.find(h.Instance)
	if before == nil && !w.model.Events[h.Event].Creates {
		return notThere("", "there is no %s %s before it: %s creates none", a.Name, h.Instance, h.Event.Name)
	}
	state, refused := w.stateOf(a, h.Instance, before)
	if refused != nil {
		return refused
	}
	after := &instance{id: h.Instance, version: w.Version(a, h.Instance) + 1, gone: h.Event.Deletes}
	h.Version = after.version
	if refused := w.whose(a, before, state, []*Happened{h}); refused != nil {
		return refused
	}
	if after.state, refused = w.happen(a, state, h); refused != nil {
		return refused
	}
	after.stamp(h, before)
	if refused := s.taken(after); refused != nil {
		return refused
	}
	w.own(s).put(after)
	w.tasks.came(s, after)
	if refused := w.inline(h, nil); refused != nil || !h.Event.Erases {
		return refused
	}
	return w.erase(a.Context, h.person)
}

// history holds the states that history made against the invariants.
func (p *player) history() {
	for _, h := range p.log {
		a := h.Event.Aggregate
		if a == nil {
			continue
		}
		if i := p.store(a).find(h.Instance); i != nil {
			if refused := p.invariants(a, i); refused != nil {
				p.fail(p.played.Scenario.Pos, fmt.Sprintf("what is given makes %s %s impossible: %s", a.Name, h.Instance, refused.Error()), "", Show(i.state))
				return
			}
		}
	}
}

// subjectOf is who an actor is when a scenario does not say.
func subjectOf(a *model.Actor) string { return names.Of(&a.Node).Kebab }
