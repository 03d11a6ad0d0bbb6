package explore

import (
	"fmt"
	"strings"
	"time"

	"github.com/esgen/esgen/internal/sim"
	"github.com/esgen/esgen/internal/told"
	"github.com/esgen/esgen/model"
)

// move is something that comes by itself: exactly one of its fields is set.
type move struct {
	when    *model.When   // somebody gives a command, or another system tells something
	advance time.Duration // a timer rings
	down    *model.Context
	up      *model.Context // again: it takes no place among those that come at once
}

// name is what a move is called, for people.
func (m *move) name() string {
	switch {
	case m.when != nil && m.when.Event != nil:
		return m.when.Event.Event.Name
	case m.when != nil:
		return m.when.Do.Command.Name
	case m.down != nil:
		return m.down.Name + " down"
	}
	return "time"
}

// key tells moves apart: the same command of the same instance is one.
func (m *move) key() string {
	if m.when == nil {
		return m.name()
	}
	var b strings.Builder
	b.WriteString(m.name())
	if c := m.when.Do.Command; c != nil {
		fmt.Fprintf(&b, "/%s/%s", c.Aggregate.Context.Name, c.Aggregate.Name)
		for _, v := range m.when.With {
			if v.Name == c.Aggregate.ID.Name {
				b.WriteString("/" + v.Node.Value)
			}
		}
		return b.String()
	}
	return b.String() + told.Values(m.when.With)
}

// do does it, and reports whether anything came of it.
func (m *move) do(w *sim.World) bool {
	switch {
	case m.up != nil:
		w.Up(m.up)
		return true
	case m.down != nil:
		w.Down(m.down)
		return true
	case m.when == nil:
		return w.Advance(m.advance) == nil
	case m.when.Event != nil:
		return tell(w, m.when)
	}
	return give(w, m.when)
}

// harmless reports whether a world is as it was when nothing came of it: nobody
// was asked.
func (m *move) harmless() bool {
	return m.when != nil && m.when.Do.Command != nil && len(m.when.Do.Command.Calls) == 0
}

// possible reports whether anything comes of it.
func (m *move) possible(w *sim.World) bool { return m.do(w.Copy()) }

// give gives a command.
func give(w *sim.World, x *model.When) bool {
	c := x.Do.Command
	input, err := sim.Values(x.With, c.Aggregate.ID)
	if err != nil {
		return false
	}
	claims, err := sim.Values(x.Says)
	if err != nil {
		return false
	}
	subject, roles := sim.Who(x)
	out := w.Do(sim.Request{Command: c, Input: input, Actor: subject, Roles: roles, Claims: claims})
	return out.Rejected == "" && len(out.Events) > 0
}

// tell lets an external system say what happened there; one that leaves out what
// it must say says nothing.
func tell(w *sim.World, x *model.When) bool {
	e := x.Event.Event
	fields, err := sim.Values(x.With, e.Fields...)
	if err != nil {
		return false
	}
	for _, f := range e.Fields {
		if _, said := fields[f.Name]; !said {
			return false
		}
	}
	w.Receive(e, fields)
	return true
}
