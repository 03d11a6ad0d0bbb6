package pact

import (
	"github.com/esgen/esgen/internal/contract"
	"github.com/esgen/esgen/internal/sim"
	"github.com/esgen/esgen/internal/stories"
	"github.com/esgen/esgen/model"
)

// watch finds in a story the examples of needs.
func (b *builder) watch(s *stories.Story) { b.watchFrom(s, 0) }

// watchFrom finds them among what passed from a moment on.
func (b *builder) watchFrom(s *stories.Story, from int) {
	began := map[*sim.Decided]*sim.Moment{}
	happened := map[string]*sim.Decided{} // by the event's id
	var hears hearings
	for _, m := range s.Transcript.Moments[from:] {
		switch {
		case m.Decided != nil && m.Decided.Outcome != nil:
			began[m.Decided] = m
			b.decided(s, m)
		case m.Looked != nil:
			b.looked(s, m)
		case m.Happened != nil:
			happened[m.Happened.ID] = m.Happened.By
			hears.interrupt(m.Happened)
		case m.Heard != nil && m.Heard.Took && m.Heard.Event.Event.Context != m.Heard.Context():
			hears.add(began[happened[m.Heard.Event.ID]], m)
		}
	}
	for _, h := range hears.all {
		if h.began != nil { // else the event is given
			b.heard(s, h)
		}
	}
}

// decided is an example for the call, the step or the compensation that gave the
// command, or for the actor who did.
func (b *builder) decided(s *stories.Story, m *sim.Moment) {
	d := m.Decided
	switch from := d.From.(type) {
	case *model.Call:
		b.commanded(s, m, b.calls[from])
	case *model.Step:
		b.ordered(s, m, b.steps[from])
	case *model.Compensation:
		if d.Story != nil {
			b.ordered(s, m, b.undone[from])
		} else {
			b.commanded(s, m, b.undone[from])
		}
	}
	if d.System || d.From != nil {
		return
	}
	for _, n := range b.outside[asked{contract.RunCommand, d.Command}] {
		if asks(n, d.Roles) {
			b.commanded(s, m, n)
		}
	}
}

func (b *builder) candidate(n *contract.Need, c candidate) {
	r := b.reliances[n]
	r.candidates = append(r.candidates, c)
}
