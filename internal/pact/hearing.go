package pact

import (
	"slices"

	"github.com/esgen/esgen/internal/sim"
	"github.com/esgen/esgen/model"
)

// hearing is how a context took an event: all that listen to it there, one right
// after the other, so that what was before the first is what all of them need.
type hearing struct {
	began *sim.Moment   // the command that led to the event
	by    []*sim.Moment // who heard
}

// hearings are those of a story.
type hearings struct {
	all  []*hearing
	open map[*model.Context]*hearing // the last ones, by context
}

// add notes that somebody heard an event.
func (x *hearings) add(began, m *sim.Moment) {
	c := m.Heard.Context()
	h := x.open[c]
	if h == nil || h.by[0].Heard.Event != m.Heard.Event {
		h = &hearing{began: began}
		x.all = append(x.all, h)
		if x.open == nil {
			x.open = map[*model.Context]*hearing{}
		}
		x.open[c] = h
	}
	h.by = append(h.by, m)
}

// interrupt notes that something else happened: for its context, what is heard
// from then on is heard in another state. What the listeners do themselves is
// part of it.
func (x *hearings) interrupt(o *sim.Occurrence) {
	c := o.Event.Context
	if h := x.open[c]; h != nil && !h.did(o.By) {
		delete(x.open, c)
	}
}

// did reports whether one of the policies that heard has given a command.
func (h *hearing) did(d *sim.Decided) bool {
	p, ok := (*model.Policy)(nil), false
	if d != nil {
		p, ok = d.From.(*model.Policy)
	}
	return ok && slices.ContainsFunc(h.by, func(m *sim.Moment) bool { return m.Heard.Policy == p })
}
