package contract

import (
	"slices"

	"github.com/esgen/esgen/model"
)

// Around are the services that a service sees at work, in the order of the
// model: itself, those that it relies on, so many steps away, and whom these have
// to ask for what they do.
func Around(s *Service, steps int) []*Service {
	near := map[*Service]bool{s: true}
	for range steps {
		for _, known := range s.System.those(near) {
			for _, n := range known.Needs {
				near[n.Provider] = true
			}
		}
	}
	for grown := true; grown; {
		before := len(near)
		for _, known := range s.System.those(near) {
			for _, n := range known.Needs {
				if n.Operation != nil {
					near[n.Provider] = true
				}
			}
		}
		grown = len(near) > before
	}
	return s.System.those(near)
}

func (s *System) those(wanted map[*Service]bool) []*Service {
	out := make([]*Service, 0, len(wanted))
	for v := range wanted {
		out = append(out, v)
	}
	slices.SortFunc(out, func(a, b *Service) int { return a.number - b.number })
	return out
}

// Contexts are those of services.
func Contexts(services []*Service) []*model.Context {
	out := make([]*model.Context, len(services))
	for i, s := range services {
		out[i] = s.Context
	}
	return out
}
