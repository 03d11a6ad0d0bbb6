package pact

import (
	"github.com/esgen/esgen/internal/contract"
	"github.com/esgen/esgen/internal/sim"
	"github.com/esgen/esgen/internal/stories"
	"github.com/esgen/esgen/model"
)

// StateAt is how things stand at a context before one of the moments of a
// scenario, as a provider's state is told; others answer as they do until
// another moment.
func StateAt(s *contract.System, moments []*sim.Moment, c *model.Context, m *sim.Moment, until int) Params {
	return newBuilder(newIndex(s), s.Service(c)).paramsAt(&stories.Story{Transcript: &sim.Transcript{Moments: moments}}, c, m, until)
}
