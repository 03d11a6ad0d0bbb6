package stories

import (
	"cmp"
	"slices"
	"strings"

	"github.com/esgen/esgen/internal/board"
	"github.com/esgen/esgen/internal/check"
	"github.com/esgen/esgen/internal/parallel"
	"github.com/esgen/esgen/internal/quote"
	"github.com/esgen/esgen/internal/sim"
	"github.com/esgen/esgen/model"
)

// Sequence is a story as what passes between people, contexts and external systems,
// from its first step on. Views that hear of events of their own context are left
// out: that is not between anybody.
func (s *Story) Sequence(m *check.Model) *board.Sequence {
	t := &sequencer{model: m, out: &board.Sequence{Title: quote.Text(s.Title)}, lanes: map[any]*board.Lane{}, refusals: map[int][]*board.Exchange{}, callers: callers(m.System)}
	for _, x := range s.Transcript.Moments {
		t.refused(x.Number)
		if x.Step > 0 {
			t.moment(x)
		}
	}
	t.refused(len(s.Transcript.Moments))
	return t.out
}

// Sequences are all scenarios of a model as what passes between those who take part.
func Sequences(m *check.Model) []*board.Sequence {
	out := make([]*board.Sequence, len(m.Scenarios))
	parallel.All(len(out), func(i int) { out[i] = play(m, m.Scenarios[i]).Sequence(m) })
	return out
}

type sequencer struct {
	model    *check.Model
	out      *board.Sequence
	lanes    map[any]*board.Lane // of contexts, externals, and people by what they are called
	callers  map[any]*model.Context
	refusals map[int][]*board.Exchange // by the moment before which they come
	heard    [2]any                    // of an event and a context: what was told last
}

// callers are the contexts of what gives commands: calls, what takes them back, and
// steps of sagas by their command.
func callers(sys *model.System) map[any]*model.Context {
	out := map[any]*model.Context{}
	for _, c := range sys.Contexts {
		for _, a := range c.Aggregates {
			for _, m := range a.Commands {
				for _, call := range m.Calls {
					out[call] = c
					if call.Compensate != nil {
						out[call.Compensate] = c
					}
				}
			}
		}
		for _, g := range c.Sagas {
			for _, step := range g.Steps {
				out[step.Do.Command] = c
				if step.Compensate != nil {
					out[step.Compensate.Do.Command] = c
				}
			}
			if g.OnFailure != nil {
				out[g.OnFailure.Do.Command] = c
			}
		}
	}
	return out
}

// refused adds the answers that come before a moment.
func (t *sequencer) refused(before int) {
	t.out.Steps = append(t.out.Steps, t.refusals[before]...)
	delete(t.refusals, before)
}

func (t *sequencer) moment(x *sim.Moment) {
	switch {
	case x.Decided != nil:
		t.decided(x.Decided)
	case x.Looked != nil:
		t.looked(x.Looked)
	case x.Answered != nil:
		t.answered(x.Answered)
	case x.Happened != nil:
		t.note(t.home(x.Happened.Event), board.Event, x.Happened.Event.Called(), x.Happened.Event)
	case x.Heard != nil:
		t.hears(x.Heard)
	}
}

func (t *sequencer) decided(d *sim.Decided) {
	from := t.asker(d) // who stands to the left
	to := t.context(d.Command.Aggregate.Context)
	t.add(from, to, board.Asked, d.Command.Called(), d.Command)
	if d.Outcome != nil && d.Outcome.Rejected != "" {
		t.refusals[d.Until] = append(t.refusals[d.Until], &board.Exchange{From: to, To: from, Kind: board.Refused, Text: quote.Text(d.Outcome.Rejected), Of: d.Command})
	}
}

// asker is who gives a command.
func (t *sequencer) asker(d *sim.Decided) *board.Lane {
	if p, is := d.From.(*model.Policy); is {
		return t.context(p.Context)
	}
	if c := t.callers[d.From]; c != nil && d.From != nil {
		return t.context(c)
	}
	if c := t.callers[d.Command]; c != nil && d.System {
		return t.context(c)
	}
	return t.person(d.Subject, d.Roles)
}

func (t *sequencer) looked(l *sim.Looked) {
	from := t.person(l.Actor, l.Roles)
	if l.Call != nil {
		from = t.context(t.callers[l.Call])
	}
	called, of := shownBy(&l.Question)
	t.add(from, t.context(l.Context()), board.Asked, called, of)
}

// shownBy is what a question looks at, and the node of the model that is on the wall.
func shownBy(q *sim.Question) (quote.Text, any) {
	switch {
	case q.State != nil:
		return q.State.Called(), q.State
	case q.Query != nil:
		return q.Query.Called(), q.Query.View
	}
	return q.View.Called(), q.View
}

func (t *sequencer) answered(a *sim.Answered) {
	o := a.To.Operation
	if o == nil {
		return // it is decided or looked at where it is answered
	}
	from, to := t.context(a.Context), t.external(o.External)
	t.add(from, to, board.Asked, o.Called(), o)
	if a.Reply == nil {
		t.add(to, from, board.Refused, quote.Text(cmp.Or(a.Rejected, "no answer")), o)
	}
}

// hears tells of an event that is heard in another context, once for all that hear it
// there one after the other; and of a policy that acts.
func (t *sequencer) hears(h *sim.Heard) {
	from, to := t.home(h.Event.Event), t.context(h.Context())
	if told := [2]any{h.Event.ID, to}; from != to && told != t.heard {
		t.add(from, to, board.Told, h.Event.Event.Called(), h.Event.Event)
		t.heard = told
	}
	if h.Policy != nil && h.Took {
		t.note(to, board.Policy, h.Policy.Called(), h.Policy)
	}
}

// home is where an event happens.
func (t *sequencer) home(e *model.Event) *board.Lane {
	if e.External != nil {
		return t.external(e.External)
	}
	return t.context(e.Context)
}

func (t *sequencer) add(from, to *board.Lane, kind board.ExchangeKind, text quote.Text, of any) {
	t.out.Steps = append(t.out.Steps, &board.Exchange{From: from, To: to, Kind: kind, Text: text, Of: of})
}

func (t *sequencer) note(at *board.Lane, kind board.Kind, text quote.Text, of any) {
	t.out.Steps = append(t.out.Steps, &board.Exchange{From: at, To: at, Kind: board.Noted, Text: text, Note: kind, Of: of})
}

func (t *sequencer) context(c *model.Context) *board.Lane {
	if c == nil {
		return t.lane("", board.External, "elsewhere")
	}
	return t.lane(c, "", c.Called())
}

func (t *sequencer) external(x *model.External) *board.Lane {
	return t.lane(x, board.External, x.Called())
}

func (t *sequencer) person(subject string, roles []string) *board.Lane {
	called := slices.Clone(roles)
	for i, r := range called {
		for _, a := range t.model.Actors {
			if a.Name == r {
				called[i] = string(a.Called())
			}
		}
	}
	who := strings.Join(called, ", ")
	switch {
	case who == "":
		who = cmp.Or(subject, "the system")
	case subject != "":
		who = subject + ", " + who
	}
	return t.lane(who, board.Actor, quote.Text(who))
}

func (t *sequencer) lane(of any, kind board.Kind, title quote.Text) *board.Lane {
	l := t.lanes[of]
	if l == nil {
		l = &board.Lane{Title: title, Kind: kind, Of: of}
		t.lanes[of] = l
		t.out.Lanes = append(t.out.Lanes, l)
	}
	return l
}
