package pact

import (
	"maps"
	"slices"

	"github.com/esgen/esgen/internal/contract"
	"github.com/esgen/esgen/internal/sample"
	"github.com/esgen/esgen/internal/sim"
	"github.com/esgen/esgen/internal/stories"
	"github.com/esgen/esgen/model"
)

// explorer tries what no scenario tells: it looks around where scenarios ended,
// and gives commands with samples, by which whatever refers to something finds
// it. The interpreter says what comes of it.
type explorer struct {
	*builder
	sample Sampler
	among  []*contract.Service // that take part
	given  int                 // commands
	inputs map[*model.Command]map[string]any
}

// mostGiven bounds how many commands are tried for a service.
const mostGiven = 2_000

// explore looks for examples of the needs that have none: around the service, and
// farther away where nobody there shows how a need is met.
func (b *builder) explore(sample Sampler, played []*stories.Story) {
	x := &explorer{builder: b, sample: sample, inputs: map[*model.Command]map[string]any{}}
	for _, s := range played {
		if s.Scenario != nil && slices.ContainsFunc(x.needs, x.sought) {
			s = s.Again(b.system.Model)
		}
		x.around(s)
	}
	x.lose(played)
	for b.shown.Steps = range farthest {
		x.within(contract.Around(b.service, b.shown.Steps))
	}
	if slices.ContainsFunc(x.needs, func(n *contract.Need) bool { return n.Consumer.Service != nil && !x.reliances[n].shown(n) }) {
		b.shown.Steps = farthest
		x.within(contract.Around(b.service, farthest))
	}
}

// farthest is how many steps away services are that are asked to help where a
// need is met by nothing nearer.
const farthest = 2

// within tries what some services can do together.
func (x *explorer) within(services []*contract.Service) {
	if len(services) == len(x.among) {
		return // they have been tried
	}
	x.among = services
	creating, others := x.commands()
	backwards := slices.Clone(others)
	slices.Reverse(backwards)
	x.try(creating, nil)
	x.try(creating, others)
	x.try(creating, backwards)
	for _, lost := range x.unsettled() {
		s := stories.MadeUp(x.system.Model, contract.Contexts(x.among))
		s.World.Lose(lost)
		x.tell(s, slices.DeleteFunc(slices.Clone(creating), undoes(lost.Saga)), others)
	}
	for _, c := range others {
		if slices.ContainsFunc(x.needs, func(n *contract.Need) bool { return leadsTo(c, n) && x.open(n) }) {
			x.try(x.neighbours(c, creating), []*model.Command{c})
		}
	}
}

// leadsTo reports whether a command alone may show how a need is met.
func leadsTo(c *model.Command, n *contract.Need) bool {
	if n.Message != nil {
		return slices.ContainsFunc(c.Emits, func(e *model.Emit) bool { return e.Event.Event == n.Message.Event })
	}
	if g := sagaOf(n); g != nil {
		return slices.ContainsFunc(c.Emits, func(e *model.Emit) bool { return e.Event.Event == g.StartedBy.Event })
	}
	return n.Operation.Command == c || slices.Contains(c.Calls, n.Call)
}

// sagaOf is the saga that needs an operation; nil: none does.
func sagaOf(n *contract.Need) *model.Saga {
	if n.Step != nil {
		return n.Step.Saga
	}
	return n.Failure
}

// neighbours are those commands of the contexts that one talks to, and of its own
// and the service's.
func (x *explorer) neighbours(c *model.Command, of []*model.Command) []*model.Command {
	near := []*model.Context{x.service.Context, c.Aggregate.Context}
	for _, s := range x.among {
		for _, n := range s.Needs {
			if slices.Contains(c.Calls, n.Call) {
				near = append(near, n.Provider.Context)
			}
		}
	}
	return slices.DeleteFunc(slices.Clone(of), func(m *model.Command) bool { return !slices.Contains(near, m.Aggregate.Context) })
}

// done reports whether there is nothing to look for any more.
func (x *explorer) done() bool {
	return x.given > mostGiven || !slices.ContainsFunc(x.needs, func(n *contract.Need) bool { return slices.Contains(x.among, n.Provider) && x.open(n) })
}

// open reports whether a need lacks an example, or one that shows a field that
// may be left out.
func (x *explorer) open(n *contract.Need) bool {
	r := x.reliances[n]
	if !r.shown(n) {
		return true
	}
	at := "$."
	if o := n.Operation; o != nil && (o.Kind == contract.AskQuery || o.Kind == contract.ListRows) {
		at = "$.items[*]."
	}
	return slices.ContainsFunc(n.Reads, func(name string) bool {
		return !slices.ContainsFunc(r.candidates, func(c candidate) bool { return c.shows[n.By] && c.shows[at+name] })
	})
}

// commands are those that can be given: those that make instances first.
func (x *explorer) commands() (creating, others []*model.Command) {
	for _, s := range x.among {
		for _, o := range s.Operations {
			switch {
			case o.Command == nil || o.Command.Custom:
			case o.Command.Creates != model.Existing:
				creating = append(creating, o.Command)
			default:
				others = append(others, o.Command)
			}
		}
	}
	return creating, others
}

// try gives commands in a world of their own, and looks around.
func (x *explorer) try(creating, others []*model.Command) {
	if x.done() {
		return
	}
	x.tell(stories.MadeUp(x.system.Model, contract.Contexts(x.among)), creating, others)
}

// lose has stories turned round that wait for an answer which does not come: those
// of scenarios, as they were played, where one asks for it.
func (x *explorer) lose(played []*stories.Story) {
	for _, lost := range x.unsettled() {
		asks := func(m *sim.Moment) bool {
			return m.Decided != nil && m.Decided.From == lost && m.Decided.Outcome != nil && m.Decided.Outcome.Rejected == ""
		}
		i := slices.IndexFunc(played, func(s *stories.Story) bool {
			return s.Scenario != nil && slices.ContainsFunc(s.Transcript.Moments, asks)
		})
		if i < 0 {
			continue
		}
		s := played[i].Without(x.system.Model, lost)
		if s.World.TurnRound(sim.ExampleSteps) == nil {
			x.watch(s)
		}
	}
}

// unsettled are the steps of the service's sagas of which nobody shows yet how they
// are undone, or those before them: the last ones first.
func (x *explorer) unsettled() []*model.Step {
	var out []*model.Step
	for _, g := range x.service.Context.Sagas {
		if slices.ContainsFunc(x.needs, func(n *contract.Need) bool { return n.Kind == contract.ByCompensation && sagaOf(n) == g && x.open(n) }) {
			for _, step := range slices.Backward(g.Steps) {
				if step.Do.Command != nil {
					out = append(out, step)
				}
			}
		}
	}
	return out
}

// undoes tells the commands that a saga undoes steps by: what they make is to be
// made by it alone.
func undoes(g *model.Saga) func(*model.Command) bool {
	return func(m *model.Command) bool {
		return slices.ContainsFunc(g.Steps, func(s *model.Step) bool { return s.Compensate != nil && s.Compensate.Do.Command == m })
	}
}

// tell gives commands in a world, and looks around.
func (x *explorer) tell(s *stories.Story, creating, others []*model.Command) {
	refused := map[*model.Command]bool{} // at first: others may have made them possible since
	for again, list := range [][]*model.Command{creating, creating, others} {
		for _, c := range list {
			if again == 1 && !refused[c] {
				continue
			}
			accepted, rests := x.give(s, c)
			if !rests { // the world is of no use any more
				without := func(list []*model.Command) []*model.Command {
					return slices.DeleteFunc(slices.Clone(list), func(m *model.Command) bool { return m == c })
				}
				x.try(without(creating), without(others))
				return
			}
			refused[c] = !accepted
		}
	}
	if s.World.TurnRound(sim.ExampleSteps) != nil {
		return
	}
	x.watch(s)
	x.around(s)
}

// give gives a command with samples: by each of its actors, or by nobody. It
// reports whether all were accepted, and whether what followed came to rest.
func (x *explorer) give(s *stories.Story, m *model.Command) (accepted, rests bool) {
	input := x.inputs[m]
	if input == nil {
		input = x.values(append([]*model.Field{m.Aggregate.ID}, m.Input...))
		x.inputs[m] = input
	}
	subject, _ := input[m.Aggregate.ID.Name].(string)
	requests := []sim.Request{{Command: m, Input: input}}
	if len(m.Actors) > 0 {
		requests = nil
	}
	for _, ref := range m.Actors {
		if ref.Actor != nil {
			requests = append(requests, sim.Request{Command: m, Input: input, Actor: subject, Roles: []string{ref.Actor.Role}})
		}
	}
	accepted = true
	for _, r := range x.everywhere(s, requests) {
		x.given++
		accepted = s.World.Do(r).Rejected == "" && accepted
		if s.World.SettleWithin(sim.ExampleSteps) != nil {
			return false, false
		}
	}
	return accepted, true
}

// everywhere has a command that leads to an event for which a saga waits given to all
// instances that are there: who made them may have named them.
func (x *explorer) everywhere(s *stories.Story, requests []sim.Request) []sim.Request {
	m := requests[0].Command
	if m.Creates != model.Existing || !slices.ContainsFunc(x.needs, func(n *contract.Need) bool { return n.Kind == contract.ByAwait && leadsTo(m, n) }) {
		return requests
	}
	var out []sim.Request
	for _, id := range s.World.Instances(m.Aggregate) {
		for _, r := range requests {
			r.Input = maps.Clone(r.Input)
			r.Input[m.Aggregate.ID.Name] = id
			out = append(out, r)
		}
	}
	return out
}

// around looks at what there is to see at the end of a story, and undoes what
// was done for others, as far as nobody has an example of it.
func (x *explorer) around(s *stories.Story) {
	for _, n := range x.needs {
		switch {
		case !x.sought(n):
		case n.Call != nil:
			x.undo(s, n)
		default:
			x.look(s, n)
		}
	}
}

// sought reports whether an example of a need may be found around a story.
func (x *explorer) sought(n *contract.Need) bool {
	return x.open(n) && (n.Kind == contract.ByCompensation && n.Call != nil || n.Consumer.Service == nil && n.Operation.Command == nil)
}

// undo compensates a call that was made in the story.
func (x *explorer) undo(s *stories.Story, n *contract.Need) {
	k := n.Call.Compensate
	for _, m := range s.Transcript.Moments {
		d := m.Decided
		if d == nil || d.From != n.Call || d.Outcome.Rejected != "" {
			continue
		}
		input := x.values(k.Do.Command.Input)
		for name := range input {
			if v, same := d.Input[name]; same {
				input[name] = v
			}
		}
		before := len(s.Transcript.Moments)
		s.World.Undo(k, d.ID, input)
		x.watchFrom(s, before)
		if !x.open(n) {
			return
		}
	}
}

// look asks as each of those who did something in the story.
func (x *explorer) look(s *stories.Story, n *contract.Need) {
	for _, a := range n.Operation.Actors {
		if !asks(n, []string{a.Role}) {
			continue
		}
		for _, subject := range subjects(s, a.Role) {
			for _, q := range x.questions(s, n.Operation) {
				q.Actor, q.Roles = subject, []string{a.Role}
				q.Claims = sample.Claims(n.Operation.Actors, q.Roles)
				before := len(s.Transcript.Moments)
				s.World.Look(q)
				x.watchFrom(s, before)
				if !x.open(n) {
					return
				}
			}
		}
	}
}

// questions are how the answer of an operation can be seen.
func (x *explorer) questions(s *stories.Story, o *contract.Operation) []sim.Question {
	switch o.Kind {
	case contract.ReadState:
		var out []sim.Question
		for _, id := range s.World.Instances(o.Aggregate) {
			out = append(out, sim.Question{State: o.Aggregate, Input: map[string]any{o.Aggregate.ID.Name: id}})
		}
		return out
	case contract.AskQuery:
		input := x.values(o.Query.Input)
		if rows := s.World.Rows(o.View); len(rows) > 0 {
			for name := range input {
				if v, same := rows[0][name]; same && v != nil {
					input[name] = v
				}
			}
		}
		return []sim.Question{{Query: o.Query, Input: input}}
	}
	return []sim.Question{{View: o.View}}
}

// subjects are who acted in a role, in order, each once.
func subjects(s *stories.Story, role string) []string {
	var out []string
	add := func(subject string, roles []string) {
		if slices.Contains(roles, role) && !slices.Contains(out, subject) {
			out = append(out, subject)
		}
	}
	for _, m := range s.Transcript.Moments {
		switch {
		case m.Decided != nil:
			add(m.Decided.Subject, m.Decided.Roles)
		case m.Looked != nil:
			add(m.Looked.Actor, m.Looked.Roles)
		}
	}
	return out
}
