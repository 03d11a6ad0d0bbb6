package proof

import (
	"cmp"
	"maps"
	"slices"

	"github.com/esgen/esgen/internal/names"
	"github.com/esgen/esgen/internal/naming"
	"github.com/esgen/esgen/internal/plan/services"
	"github.com/esgen/esgen/model"
)

// call is one that commands make of the same other, and that is undone when it was
// in vain: for each that is not undone there is an event.
type call struct {
	called
	Events []string `json:"events"`
	Exact  bool     `json:"exact"` // and the other way round: without it there is no event
}

// called is who is called, and what for.
type called struct {
	Service   string `json:"service"`   // "": a system of others
	Operation string `json:"operation"` // External/operation
	Name      string `json:"name"`      // of the call within its command
}

// calls are those of which events tell how often they were made: nothing but the
// command that makes the call emits the event, and always.
func calls(sys *services.System) []call {
	emitters := map[*model.Event]int{}
	each(sys, func(m *model.Command) {
		seen := map[*model.Event]bool{}
		for _, e := range m.Emits {
			if e.Event.Event != nil && !seen[e.Event.Event] {
				seen[e.Event.Event] = true
				emitters[e.Event.Event]++
			}
		}
	})
	by := map[called]*call{}
	each(sys, func(m *model.Command) {
		for _, k := range m.Calls {
			who, is := calledBy(k)
			if !is || k.Compensate == nil {
				continue
			}
			if by[who] == nil {
				by[who] = &call{called: who, Exact: true}
			}
			i := slices.IndexFunc(m.Emits, func(e *model.Emit) bool { return e.Sure() && e.Event.Event != nil && emitters[e.Event.Event] == 1 })
			if i < 0 {
				by[who].Events = append(by[who].Events, "") // nobody can tell
				continue
			}
			by[who].Events = append(by[who].Events, naming.EventType(m.Emits[i].Event.Event))
			by[who].Exact = by[who].Exact && k.Fallback == nil
		}
	})
	maps.DeleteFunc(by, func(_ called, c *call) bool { return slices.Contains(c.Events, "") })
	out := []call{}
	for _, who := range slices.SortedFunc(maps.Keys(by), func(a, b called) int {
		return cmp.Or(cmp.Compare(a.Service, b.Service), cmp.Compare(a.Operation, b.Operation), cmp.Compare(a.Name, b.Name))
	}) {
		out = append(out, *by[who])
	}
	return out
}

func each(sys *services.System, do func(m *model.Command)) {
	for _, s := range sys.Services {
		for _, a := range s.Aggregates {
			for _, c := range a.Commands {
				do(c.Model)
			}
		}
	}
}

// calledBy is whom a call calls; no: nobody who has an effect.
func calledBy(k *model.Call) (who called, is bool) {
	who.Name = k.Name
	switch {
	case k.To.Operation != nil:
		who.Operation = names.Of(&k.To.Operation.External.Node).Go + "/" + names.Of(&k.To.Operation.Node).JSON
	case k.To.Command != nil:
		who.Service = naming.Dir(k.To.Command.Aggregate.Context)
	default:
		return who, false
	}
	return who, true
}
