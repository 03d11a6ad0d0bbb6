package tests

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/esgen/esgen/internal/check"
	"github.com/esgen/esgen/internal/names"
	"github.com/esgen/esgen/internal/plan/services"
	"github.com/esgen/esgen/internal/quote"
	"github.com/esgen/esgen/internal/sample"
	"github.com/esgen/esgen/internal/sim"
	"github.com/esgen/esgen/model"
)

// Way is a way through a decision: with the replies of all that it asks, or
// without some of them. It is a local function of the command's test.
type Way struct {
	Name  string
	Calls []WayCall
	// Ends is the call without whose reply the events are others; nil: it goes on
	// to the end.
	Ends *services.Call
}

// WayCall is a call on the way.
type WayCall struct {
	*services.Call
	Unanswered bool
}

// way is the way that a decision went.
func (c *Tested) way(d decided) *Way {
	name := c.wayName(d)
	for _, known := range c.Ways {
		if known.Name == name {
			return known
		}
	}
	w := &Way{Name: name}
	for _, call := range c.Calls {
		fallen := c.fallen(d, call)
		if fallen && call.Fallback.Emission != nil {
			w.Ends = call
			break
		}
		w.Calls = append(w.Calls, WayCall{call, fallen})
	}
	c.Ways = append(c.Ways, w)
	return w
}

func (c *Tested) wayName(d decided) string {
	name := "decide"
	for _, call := range c.Calls {
		if c.fallen(d, call) {
			name += "Without" + call.Var
		}
	}
	return name
}

// fallen reports whether a decision went on without the reply of a call.
func (c *Tested) fallen(d decided, call *services.Call) bool {
	i := slices.IndexFunc(d.Known.Calls, func(m sim.CallMade) bool { return m.Call == call.Model })
	return i >= 0 && d.Known.Calls[i].Reply == nil && call.Fallback != nil
}

func (c *Tested) callOf(m *model.Call) *services.Call {
	for _, call := range c.Calls {
		if call.Model == m {
			return call
		}
	}
	return nil
}

// decision is what a command is decided on, as the parts of a literal.
type decision []part

// part is a field of a decision: a struct with members, or a value.
type part struct {
	services.Member
	of      string
	members []services.Member
}

func (p part) text() string {
	if p.of != "" {
		return services.Literal(p.of, p.members)
	}
	return p.Value
}

// literal is the decision as a whole.
func (d decision) literal(name string) string {
	members := make([]services.Member, len(d))
	for i, p := range d {
		members[i] = services.Member{Go: p.Go, Value: p.text()}
	}
	return services.Literal(name, members)
}

// from is what must be set in another decision to make it this one. What this one
// does not have it did not come to: whatever the other has there does no harm.
func (d decision) from(usual decision) []services.Member {
	var sets []services.Member
	for _, p := range d {
		i := slices.IndexFunc(usual, func(o part) bool { return o.Go == p.Go })
		switch {
		case i < 0 || p.of == "" && usual[i].Value != p.Value:
			sets = append(sets, services.Member{Go: p.Go, Value: p.text()})
		case p.of != "":
			sets = append(sets, p.from(usual[i])...)
		}
	}
	return sets
}

// from is what must be set in another part to make it this one: the members that
// differ, or all at once where that is one line.
func (p part) from(usual part) []services.Member {
	var sets []services.Member
	for n, m := range p.members {
		if usual.members[n].Value != m.Value {
			sets = append(sets, services.Member{Go: p.Go + "." + m.Go, Value: m.Value})
		}
	}
	if whole := p.text(); len(sets) > 1 && services.Fits(whole) {
		return []services.Member{{Go: p.Go, Value: whole}}
	}
	return sets
}

// shareDecision finds the usual decision, where there are several: of those that come
// to something the first from which the others differ least.
func (c *Tested) shareDecision() {
	if len(c.heard) < 2 {
		return
	}
	all := make([]decision, len(c.heard))
	for i, d := range c.heard {
		all[i] = c.decision(d)
	}
	usual := all[c.first()]
	least := usual.differences(all)
	for i, d := range c.heard {
		if d.Outcome.Rejected != "" {
			continue
		}
		if n := all[i].differences(all); n < least {
			usual, least = all[i], n
		}
	}
	c.usual = &usual
	c.Shared = append(c.Shared, services.Member{Go: "usual", Value: usual.literal(c.Decision.Name)})
}

// differences is how much must be set to make others of a decision.
func (d decision) differences(others []decision) (n int) {
	for _, o := range others {
		n += len(o.from(d))
	}
	return n
}

// first is the first decision that comes to something.
func (c *Tested) first() int {
	return max(0, slices.IndexFunc(c.heard, func(d decided) bool { return d.Outcome.Rejected == "" }))
}

// nameAlike gives the ids of all decisions the names that the first one has.
func (c *Tested) nameAlike(m *check.Model) {
	if !c.anonymous(m) {
		return
	}
	usual := c.heard[c.first()]
	for i, d := range c.heard {
		c.heard[i] = c.renamed(d, usual)
	}
}

// spelled is a decision as a literal, or by how it differs from the usual one. One
// that asks something knows the state by itself: else those who decide say it.
func (c *Tested) spelled(d decided, asks bool) (text string, sets []services.Member) {
	now := c.decision(d)
	text = now.literal(c.Decision.Name)
	if c.usual != nil {
		text, sets = "usual", now.from(*c.usual)
	}
	if asks && c.UsesState {
		sets = append(sets, services.Member{Go: "State", Value: "before"})
	}
	if slices.ContainsFunc(c.Input.Fields, func(f services.Field) bool { return f.Model != nil && c.leftOut(f, d) != "" }) {
		sets = kept(sets)
	}
	return text, sets
}

// kept has what was left out of the input be as the state has it.
func kept(sets []services.Member) []services.Member {
	for i, s := range sets {
		if s.Go == "Input" {
			sets[i].Value += ".Keep(before)"
			return sets
		}
	}
	return append(sets, services.Member{Go: "Input", Value: "d.Input.Keep(before)"})
}

// decision collects what a command is decided on, but for the state.
func (c *Tested) decision(d decided) decision {
	out := decision{{Member: services.Member{Go: "Input"}, of: c.Go, members: c.input(d)}}
	add := func(used bool, field, value string) {
		if used {
			out = append(out, part{Member: services.Member{Go: field, Value: value}})
		}
	}
	add(c.UsesMeta, "Meta", stamps(d.Known.Meta))
	add(c.UsesIsNew, "IsNew", fmt.Sprint(d.Known.State == nil))
	add(c.UsesNow, "Now", services.PlayedTime(d.moment.At))
	add(c.UsesActor, "Actor", asking(c, d))
	if c.UsesIDs {
		ids := make([]string, len(d.Known.IDs))
		for i, id := range d.Known.IDs {
			ids[i] = quote.Go(id)
		}
		add(true, "IDs", "values.TheseIDs("+strings.Join(ids, ", ")+")")
	}
	object := func(field, of string, fields []services.Field, values map[string]any) {
		if values != nil {
			out = append(out, part{services.Member{Go: field}, of, c.Aggregate.Members(fields, values)})
		}
	}
	for _, r := range c.Reads {
		object(r.Var, "readmodel."+r.View.Row.Name, r.View.Row.Fields, d.Known.Rows[r.Model])
	}
	for _, made := range d.Known.Calls {
		if call := c.callOf(made.Call); call != nil {
			object(call.Var, call.Reply.Name, call.Reply.Fields, made.Reply)
		}
	}
	return out
}

// input is the command. What was left out of it stays as the state has it.
func (c *Tested) input(d decided) []services.Member {
	members := c.Aggregate.Members(c.Input.Fields, d.Known.Input)
	for _, f := range c.Input.Fields {
		if f.Model == nil {
			continue
		}
		for _, k := range c.Kept {
			if k.Go != f.Go {
				continue
			}
			left := c.leftOut(f, d) != ""
			if i := slices.IndexFunc(members, func(m services.Member) bool { return m.Go == f.Go }); left && i >= 0 {
				members[i].Value, members[i].Empty = "nil", true
			}
			members = append(members, services.Member{Go: k.LeftOut, Value: fmt.Sprint(left), Empty: !left})
		}
	}
	return members
}

// leftOut is the field that says that another was left out; "": it was not.
func (c *Tested) leftOut(f services.Field, d decided) string {
	if _, sent := d.Input[f.Model.Name]; sent || d.Known.State == nil {
		return ""
	}
	for _, k := range c.Kept {
		if k.Go == f.Go {
			return k.LeftOut
		}
	}
	return ""
}

// shareEvents gives a variable to what happened before more than one step.
func (c *Tested) shareEvents(taken map[string]bool) {
	times := map[string]int{}
	for _, d := range c.heard {
		for _, h := range d.before {
			if times[c.past(h)]++; times[c.past(h)] == 2 {
				name := free(taken, names.Of(&h.Event.Node).Local)
				c.events[c.past(h)] = name
				c.Shared = append(c.Shared, services.Member{Go: name, Value: c.past(h)})
			}
		}
	}
}

// past is an event that happened before.
func (c *Tested) past(h *sim.Happened) string {
	e := c.Aggregate.EventOf(h.Event)
	event := c.Aggregate.Played(e.Name, e.Fields, h.Fields)
	if c.Aggregate.UsesMeta {
		return services.Composite("scenarios.Past[Event]", []string{"Event: " + event, "Meta: " + metaOf(h)})
	}
	return event
}

// given is the state before a step.
func (c *Tested) given(d decided) string {
	if d.Known.State == nil || len(d.before) == 0 {
		return "New(" + quote.Go(d.ID) + ")"
	}
	parts := []string{quote.Go(d.ID)}
	for _, h := range d.before {
		event := c.past(h)
		if name := c.events[event]; name != "" {
			event = name
		}
		parts = append(parts, event)
	}
	if c.Aggregate.UsesMeta {
		return "decider.GivenPast(" + arguments(parts) + ")"
	}
	return "decider.Given(" + arguments(parts) + ")"
}

// meta is what the events of a step carry, where the state depends on it.
func (c *Tested) meta(d decided) string {
	if !c.Aggregate.UsesMeta {
		return ""
	}
	if events := d.Outcome.Events; len(events) > 0 {
		return metaOf(&events[0])
	}
	return "values.Meta{}"
}

func metaOf(h *sim.Happened) string {
	subject, roles, system := h.Actor()
	return services.Composite("values.Meta", []string{
		"ID: " + quote.Go(h.ID), "Time: " + services.PlayedTime(h.Time), fmt.Sprint("Version: ", h.Version),
		"Type: " + quote.Go(names.Kept(&h.Event.Node).Go), "Actor: " + actor(subject, roles, system),
	})
}

// asking is who gave a command, with what is claimed of them.
func asking(c *Tested, d decided) string {
	said := sample.Said(c.Aggregate.Service.System.Model.Actors, d.Roles, d.Claims)
	if len(said) == 0 || d.System {
		return actor(d.Subject, d.Roles, d.System)
	}
	var claims []string
	for _, name := range slices.Sorted(maps.Keys(said)) {
		claims = append(claims, quote.Go(name)+": "+quote.Go(said[name]))
	}
	return actor(d.Subject, d.Roles, d.System, "Claims: values.Claims{"+strings.Join(claims, ", ")+"}")
}

func actor(subject string, roles []string, system bool, claims ...string) string {
	var members []string
	if subject != "" {
		members = append(members, "Subject: "+quote.Go(subject))
	}
	if len(roles) > 0 {
		quoted := make([]string, len(roles))
		for i, r := range roles {
			quoted[i] = quote.Go(r)
		}
		members = append(members, "Roles: []string{"+strings.Join(quoted, ", ")+"}")
	}
	if system {
		members = append(members, "System: true")
	}
	return services.Composite("values.Actor", append(members, claims...))
}

// stamps is what is known of an instance beside its state.
func stamps(meta map[string]any) string {
	var members []string
	for _, at := range []struct{ name, field string }{{"created", "Created"}, {"changed", "Changed"}} {
		if when, ok := meta[at.name+"At"].(time.Time); ok {
			members = append(members, at.field+"At: "+services.PlayedTime(when))
		}
		if by, ok := meta[at.name+"By"].(string); ok {
			members = append(members, at.field+"By: new(values.ID("+quote.Go(by)+"))")
		}
	}
	return services.Composite("values.Stamps", members)
}
