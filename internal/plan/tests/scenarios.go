package tests

import (
	"fmt"
	"slices"

	"github.com/esgen/esgen/internal/expr"
	"github.com/esgen/esgen/internal/plan/services"
	"github.com/esgen/esgen/internal/sim"
	"github.com/esgen/esgen/internal/stories"
	"github.com/esgen/esgen/model"
)

// Aggregate is what the tests of an aggregate's package need to know: what the
// scenarios tell of its commands, as the interpreter played it.
type Aggregate struct {
	*services.Aggregate
	Tested []*Tested

	folded map[fold]bool // what some step has shown
}

// fold is an event that makes an instance, or changes one.
type fold struct {
	*model.Event
	makes bool
}

// decided is a command that was decided in a story.
type decided struct {
	*sim.Decided
	moment *sim.Moment
	story  *stories.Story
	before []*sim.Happened // to its instance
}

// Told is what stories tell of commands.
type Told map[*model.Command][]decided

// Tell goes through stories, once for all services.
func Tell(played []*stories.Story) Told {
	told := Told{}
	for _, s := range played {
		history := history{}
		for _, m := range s.Transcript.Moments {
			history.hear(m)
			if d := m.Decided; d != nil {
				told[d.Command] = append(told[d.Command], decided{d, m, s, history.of(d)})
			}
		}
	}
	return told
}

// OfAggregates plans the tests of the packages of the service's aggregates, by
// what scenarios tell and what is made up where they do not.
func (t *Service) OfAggregates(told Told) []*Aggregate {
	madeUp := Told{}
	if s := MadeUp(t.Service, told); s != nil {
		madeUp = Tell([]*stories.Story{s})
	}
	var out []*Aggregate
	for _, a := range t.Aggregates {
		of := &Aggregate{Aggregate: a, folded: map[fold]bool{}}
		for _, c := range a.Commands {
			tested := newTested(of, c)
			for _, d := range slices.Concat(told[c.Model], madeUp[c.Model]) {
				tested.hear(d)
			}
			if len(tested.heard) > 0 {
				tested.tell(t.model)
				of.Tested = append(of.Tested, tested)
			}
		}
		if len(of.Tested) > 0 {
			out = append(out, of)
		}
	}
	return out
}

// history is what happened to each instance since it was made.
type history map[instance][]*sim.Happened

type instance struct {
	*model.Aggregate
	id string
}

func (h history) hear(m *sim.Moment) {
	if m.Happened == nil || m.Happened.Event.Aggregate == nil {
		return
	}
	e := m.Happened.Happened
	at := instance{e.Event.Aggregate, e.Instance}
	h[at] = append(h[at], e)
	if e.Event.Deletes {
		delete(h, at)
	}
}

func (h history) of(d *sim.Decided) []*sim.Happened {
	return slices.Clip(h[instance{d.Command.Aggregate, d.ID}])
}

// hear takes a decision into the tests of its command, unless the domain has no
// part in what came of it, or another one tells as much.
func (c *Tested) hear(d decided) {
	if !c.plain(d) || d.story.Scenario == nil && c.madeUp(d) {
		return
	}
	same, shape := c.same(d), c.shape(d)
	if c.known[same] || c.known[shape] && !d.expected() {
		return
	}
	c.known[same], c.known[shape] = true, true
	c.heard = append(c.heard, d)
}

// madeUp reports whether what is made up tells nothing new: a scenario has the
// command succeed, or something made up has it come to the same kind of end.
func (c *Tested) madeUp(d decided) bool {
	return slices.ContainsFunc(c.heard, func(h decided) bool {
		return h.story.Scenario != nil && h.Outcome.Rejected == "" || h.story.Scenario == nil && madeUpName(h) == madeUpName(d)
	})
}

// plain reports whether the domain alone decides what came of a command: not
// whether its instance is there, what others answered, what a table holds.
func (c *Tested) plain(d decided) bool {
	switch k, out := d.Known, d.Outcome; {
	case k == nil || out == nil || c.Custom:
		return false
	case len(k.IDs) > 1:
		return false // it is not said in which order they are made
	case out.Rejected != "":
		return d.By != nil
	case c.Aggregate.UsesMeta && len(out.Events) > 1:
		return false // each of them has a meta of its own
	default:
		return !slices.ContainsFunc(out.Events, func(e sim.Happened) bool { return c.Aggregate.EventOf(e.Event) == nil })
	}
}

// expected reports whether the scenario says what comes of the command; others are
// on the way to something else. What is made up is made up for its sake.
func (d decided) expected() bool {
	if d.story.Scenario == nil {
		return true
	}
	if d.moment.Step == 0 {
		return false
	}
	step := d.story.Scenario.Steps[d.moment.Step-1]
	if w := step.When; d.From == nil && w != nil && w.Do.Command == d.Command {
		return step.Then != nil
	}
	return slices.ContainsFunc(step.Eventually, func(e *model.Expectation) bool {
		return e.Event != nil && slices.ContainsFunc(d.Outcome.Events, func(h sim.Happened) bool { return h.Event == e.Event.Event })
	})
}

// shape is a text that two decisions have when they go the same way, to the same
// kind of end.
func (c *Tested) shape(d decided) string {
	var x renaming
	x.add("shape", c.wayName(d), d.System, d.Outcome.Rejected, d.Known.State == nil)
	for _, l := range c.Aggregate.Model.Lifecycles {
		x.add(d.Known.State[l.Field.Text])
	}
	for _, e := range d.Outcome.Events {
		x.add(e.Event.Name)
	}
	for _, f := range c.Aggregate.State.Fields {
		x.add(expr.Equal(d.Known.State[f.Model.Name], d.Known.After[f.Model.Name]))
	}
	return x.text.String()
}

// same is a text that two decisions have when one tells no more than the other:
// they differ in the ids of who and what it is about, or in a time nobody asks.
func (c *Tested) same(d decided) string {
	var x renaming
	x.add("same", d.Subject != "", d.Roles, d.System, d.Outcome.Rejected)
	if c.UsesActor {
		x.add(x.id(d.Subject))
	}
	if c.UsesNow || c.Aggregate.UsesMeta || c.UsesMeta {
		x.add(d.moment.At, d.Known.Meta)
	}
	x.fields(c.Input.Fields, d.Known.Input)
	for _, f := range c.Input.Fields {
		x.add(f.Model != nil && c.leftOut(f, d) != "")
	}
	x.fields(c.Aggregate.State.Fields, d.Known.State)
	for _, r := range c.Reads {
		x.fields(r.View.Row.Fields, d.Known.Rows[r.Model])
	}
	for _, made := range d.Known.Calls {
		if call := c.callOf(made.Call); call != nil {
			x.fields(call.Reply.Fields, made.Reply)
		}
	}
	return x.text.String()
}

// free is a name that is not taken.
func free(taken map[string]bool, name string) string {
	out := name
	for i := 2; taken[out]; i++ {
		out = fmt.Sprint(name, i)
	}
	taken[out] = true
	return out
}
