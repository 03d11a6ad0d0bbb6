// Package chain finds out what follows from a command or an event, across
// contexts: calls, events, policies, views, sagas and timers, as a tree.
package chain

import (
	"fmt"
	"strings"

	"github.com/esgen/esgen/internal/quote"
	"github.com/esgen/esgen/model"
)

// How says when something follows, and whether it is wanted.
type How string

// The values of How.
const (
	Synchronous  How = "synchronous"  // before the caller has an answer
	Eventual     How = "eventual"     // later, at least once
	Compensation How = "compensation" // undoes what went before, when what follows fails
	Fallback     How = "fallback"     // in place of an answer that does not come
)

// Step is something that happens, and what follows from it.
type Step struct {
	Kind  string     `json:"kind"`            // command, query, operation, event, view, policy, timer, saga, wait or reply
	Name  string     `json:"name,omitempty"`  // in its shortest unambiguous form
	Title quote.Text `json:"title,omitempty"` // in the language of the business, where that is another
	In    string     `json:"in,omitempty"`    // the context it happens in; "" of external systems
	How   How        `json:"how,omitempty"`   // "" of the first
	When  string     `json:"when,omitempty"`  // under which condition: "if total > 0"
	Again Again      `json:"again,omitempty"` // why nothing is said about what follows
	Steps []*Step    `json:"steps,omitempty"`
}

// Again says where what follows from a step is told instead.
type Again string

// The values of Again.
const (
	Cycle Again = "cycle" // it has led here
	Above Again = "above" // further up
)

// From tells what follows from a *model.Command or a *model.Event.
func From(sys *model.System, node any) *Step {
	t := newTeller(sys)
	switch x := node.(type) {
	case *model.Command:
		return t.command(x, "", "")
	case *model.Event:
		return t.event(x, "", "")
	}
	return nil
}

// teller tells each command and event once: what was told is not told again.
type teller struct {
	sys  *model.System
	told map[any]Again // Cycle while it is being told, then Above

	policies  map[*model.Event][]*model.Policy
	calledOff map[*model.Event][]*model.Policy
	views     map[*model.Event][]*model.View
	sagas     map[*model.Event][]*model.Saga
}

func newTeller(sys *model.System) *teller {
	t := &teller{
		sys: sys, told: map[any]Again{},
		policies: map[*model.Event][]*model.Policy{}, calledOff: map[*model.Event][]*model.Policy{},
		views: map[*model.Event][]*model.View{}, sagas: map[*model.Event][]*model.Saga{},
	}
	for _, c := range sys.Contexts {
		for _, p := range c.Policies {
			for _, w := range p.Whenever {
				t.policies[w.Event] = append(t.policies[w.Event], p)
			}
			if p.Timer == nil {
				continue
			}
			if p.Timer.Since != nil {
				t.policies[p.Timer.Since.Event] = append(t.policies[p.Timer.Since.Event], p)
			}
			for _, u := range p.Timer.Unless {
				t.calledOff[u.Event] = append(t.calledOff[u.Event], p)
			}
		}
		for _, v := range c.Views {
			for _, p := range v.From {
				t.views[p.Event.Event] = append(t.views[p.Event.Event], v)
			}
		}
		for _, s := range c.Sagas {
			t.sagas[s.StartedBy.Event] = append(t.sagas[s.StartedBy.Event], s)
		}
	}
	return t
}

// step begins to tell of a node.
func (t *teller) step(kind string, node any, n *model.Node, in *model.Context, how How, when string) *Step {
	s := &Step{Kind: kind, Name: t.sys.NameOf(node), How: how, When: when}
	if in != nil {
		s.In = in.Name
	}
	if s.Name == "" {
		s.Name = n.Name
	}
	if n.Called() != quote.Text(n.Name) {
		s.Title = n.Title
	}
	return s
}

// once tells what follows from a node, unless that has been told.
func (t *teller) once(s *Step, node any, tell func()) *Step {
	if s.Again = t.told[node]; s.Again != "" {
		return s
	}
	t.told[node] = Cycle
	tell()
	t.told[node] = Above
	if len(s.Steps) == 0 {
		delete(t.told, node) // there is nothing to look up further up
	}
	return s
}

func (s *Step) add(next ...*Step) { s.Steps = append(s.Steps, next...) }

func (t *teller) command(m *model.Command, how How, when string) *Step {
	s := t.step("command", m, &m.Node, m.Aggregate.Context, how, when)
	return t.once(s, m, func() {
		for _, c := range m.Calls {
			s.add(t.call(c))
		}
		for _, e := range m.Emits {
			s.add(t.emit(e, Synchronous))
		}
		if m.Custom {
			for _, e := range m.Aggregate.Events {
				s.add(t.event(e, Synchronous, "if its custom decision says so"))
			}
		}
	})
}

func (t *teller) call(c *model.Call) *Step {
	s := t.target(c.To, Synchronous, patience(c))
	if c.Compensate != nil {
		s.add(t.target(c.Compensate.Do, Compensation, "if the command fails after it"))
	}
	if f := c.Fallback; f != nil {
		for _, e := range f.Emits {
			s.add(t.emit(e, Fallback))
		}
		if len(f.Reply) > 0 {
			s.add(&Step{Kind: "reply", How: Fallback})
		}
	}
	return s
}

// patience says how long a call waits.
func patience(c *model.Call) string {
	if c.Attempts > 1 {
		return fmt.Sprintf("up to %s, %d times", model.FormatDuration(c.Timeout), c.Attempts)
	}
	return "up to " + model.FormatDuration(c.Timeout)
}

func (t *teller) emit(e *model.Emit, how How) *Step {
	var when []string
	switch {
	case e.If != nil:
		when = append(when, "if "+e.If.Text)
	case e.Otherwise:
		when = append(when, "otherwise")
	case e.Choice != nil:
		when = append(when, "perhaps: it is one of the outcomes")
	}
	if e.Each != nil {
		when = append(when, "for each of "+e.Each.Text)
	}
	if e.Event.Event == nil {
		return &Step{Kind: "event", Name: e.Event.Text, How: how, When: strings.Join(when, ", ")}
	}
	return t.event(e.Event.Event, how, strings.Join(when, ", "))
}

func (t *teller) event(e *model.Event, how How, when string) *Step {
	s := t.step("event", e, &e.Node, e.Context, how, when)
	return t.once(s, e, func() {
		for _, v := range t.views[e] {
			s.add(t.step("view", v, &v.Node, v.Context, viewHow(v), ""))
		}
		for _, p := range t.calledOff[e] {
			s.add(t.step("timer", p, &p.Node, p.Context, Eventual, "called off"))
		}
		for _, p := range t.policies[e] {
			s.add(t.policy(p))
		}
		for _, g := range t.sagas[e] {
			s.add(t.saga(g))
		}
	})
}

func viewHow(v *model.View) How {
	if v.Inline {
		return Synchronous
	}
	return Eventual
}

func (t *teller) policy(p *model.Policy) *Step {
	kind, when := "policy", conditions(p)
	if p.Timer != nil {
		kind = "timer"
	}
	s := t.step(kind, p, &p.Node, p.Context, Eventual, when)
	var given []string
	if p.Each != nil {
		given = append(given, "for each of "+p.Each.Of.Value)
	}
	if p.Custom {
		given = append(given, "if its custom decision says so")
	}
	for _, r := range p.Then {
		s.add(t.target(r.Do, Eventual, strings.Join(given, ", ")))
		if r.OnRejected != nil {
			s.add(t.target(*r.OnRejected, Compensation, "if that is rejected"))
		}
	}
	return s
}

// conditions says when a policy acts.
func conditions(p *model.Policy) string {
	var when []string
	if p.Timer != nil && p.Timer.Waits() {
		if p.Timer.Due != nil {
			when = append(when, "at "+p.Timer.Due.Text)
		} else {
			when = append(when, "after "+model.FormatDuration(p.Timer.After))
		}
		var unless []string
		for _, u := range p.Timer.Unless {
			unless = append(unless, u.Text)
		}
		if len(unless) > 0 {
			when = append(when, "unless "+strings.Join(unless, " or "))
		}
	}
	if p.Window != nil {
		over := "over " + model.FormatDuration(p.Window.Within)
		if p.Window.By != nil {
			over += " by " + p.Window.By.Text
		}
		when = append(when, over)
	}
	if p.If != nil {
		when = append(when, "if "+p.If.Text)
	}
	return strings.Join(when, ", ")
}

func (t *teller) saga(g *model.Saga) *Step {
	when := ""
	if g.Timeout > 0 {
		when = "within " + model.FormatDuration(g.Timeout)
	}
	s := t.step("saga", g, &g.Node, g.Context, Eventual, when)
	past := false
	for _, step := range g.Steps {
		var notes []string
		if step.If != nil {
			notes = append(notes, "if "+step.If.Text)
		}
		switch {
		case step.Pivot:
			notes = append(notes, "the pivot")
		case past && !step.Awaits():
			notes = append(notes, "until it succeeds")
		}
		past = past || step.Pivot
		if step.Beside {
			notes = append(notes, "together with the one before")
		}
		if step.Timeout > 0 {
			notes = append(notes, "within "+model.FormatDuration(step.Timeout))
		}
		when := strings.Join(notes, ", ")
		do := &Step{Kind: "wait", Name: step.Text(), How: Eventual, When: when} // what happens elsewhere, and is told there
		if !step.Awaits() {
			do = t.target(step.Do, Eventual, when)
		}
		if step.Compensate != nil {
			do.add(t.target(step.Compensate.Do, Compensation, "if a later step fails"))
		}
		s.add(do)
	}
	if g.OnFailure != nil {
		s.add(t.target(g.OnFailure.Do, Compensation, "when all is undone"))
	}
	return s
}

// target tells what the far end of an arrow does.
func (t *teller) target(to model.Target, how How, when string) *Step {
	switch {
	case to.Command != nil:
		return t.command(to.Command, how, when)
	case to.Query != nil:
		return t.step("query", to.Query, &to.Query.Node, to.Query.View.Context, how, when)
	case to.Operation != nil:
		s := t.step("operation", to.Operation, &to.Operation.Node, nil, how, when)
		s.Name = to.Operation.External.Name + "." + to.Operation.Name // whose it is matters most
		return s
	}
	return &Step{Kind: "command", Name: to.Text, How: how, When: when}
}
