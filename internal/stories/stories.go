// Package stories plays the scenarios of a model, once for all who show what
// happens in them: documents, contracts, tests.
package stories

import (
	"github.com/esgen/esgen/internal/check"
	"github.com/esgen/esgen/internal/sim"
)

// Story is a scenario that was played, or made up: what happened, and the world
// as it left it. It can be played on from there.
type Story struct {
	Title      string
	World      *sim.World
	Transcript *sim.Transcript
}

// Play plays all scenarios of a model, in its order. Whether they went as they
// say is not asked.
func Play(m *check.Model) []*Story {
	out := make([]*Story, len(m.Scenarios))
	for i, s := range m.Scenarios {
		played, transcript := sim.PlayRecorded(m, s)
		out[i] = &Story{s.Name, played.World, transcript}
	}
	return out
}
