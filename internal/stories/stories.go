// Package stories plays the scenarios of a model, once for all who show what
// happens in them: documents, contracts, tests.
package stories

import (
	"slices"
	"time"

	"github.com/esgen/esgen/internal/check"
	"github.com/esgen/esgen/internal/parallel"
	"github.com/esgen/esgen/internal/sim"
	"github.com/esgen/esgen/model"
)

// Story is a scenario that was played, or made up: what happened, and the world
// as it left it. It can be played on from there.
type Story struct {
	Title      string
	Scenario   *model.Scenario // nil: it is made up
	World      *sim.World
	Transcript *sim.Transcript
}

// Beginning is when stories that are made up begin.
var Beginning = time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)

// MadeUp is a story of which nothing has happened yet, in a world of its own
// where only some contexts take part.
func MadeUp(m *check.Model, among []*model.Context) *Story {
	w := sim.Among(m, among, Beginning)
	return &Story{Title: "made up", World: w, Transcript: w.Record()}
}

// Play plays the scenarios of a model, in its order. Whether they went as they
// say is not asked. Where a view is late, what is read is not what the events say
// that happened: such a scenario is left out, because it shows nobody what to expect.
func Play(m *check.Model) []*Story {
	list := slices.DeleteFunc(slices.Clone(m.Scenarios), (*model.Scenario).HasLateView)
	out := make([]*Story, len(list))
	parallel.All(len(out), func(i int) { out[i] = play(m, list[i]) })
	return out
}

// Of plays one scenario.
func Of(m *check.Model, s *model.Scenario) *Story { return play(m, s) }

func play(m *check.Model, s *model.Scenario) *Story {
	played, transcript := sim.PlayRecorded(m, s)
	return &Story{s.Name, s, played.World, transcript}
}

// Again is the story as it was before anybody played on from its end.
func (s *Story) Again(m *check.Model) *Story { return play(m, s.Scenario) }

// Without is the story as it goes when the answer of a step of a saga does not come.
func (s *Story) Without(m *check.Model, lost *model.Step) *Story {
	played, transcript := sim.PlayWithout(m, s.Scenario, lost)
	return &Story{s.Title, s.Scenario, played.World, transcript}
}

// Contexts are those that took part in what happened.
func (s *Story) Contexts() map[*model.Context]bool {
	out := map[*model.Context]bool{}
	for _, m := range s.Transcript.Moments {
		switch {
		case m.Decided != nil:
			out[m.Decided.Command.Aggregate.Context] = true
		case m.Looked != nil:
			out[m.Looked.Context()] = true
		case m.Answered != nil:
			out[m.Answered.Context] = true
		case m.Happened != nil:
			out[m.Happened.Event.Context] = true
		case m.Heard != nil:
			out[m.Heard.Context()] = true
		}
	}
	delete(out, nil) // what happens in external systems is nobody's
	return out
}
