package proof

import (
	"github.com/esgen/esgen/internal/names"
	"github.com/esgen/esgen/internal/naming"
	"github.com/esgen/esgen/internal/plan/services"
	"github.com/esgen/esgen/model"
)

// duty is what a policy does because of each event of some types, whatever the event
// says: it gives a command of its service, or asks a system of others.
type duty struct {
	Policy    string   `json:"policy"` // by which its records park
	Service   string   `json:"service"`
	Effect    string   `json:"effect"` // by which what comes of it is known
	Events    []string `json:"events"`
	Operation string   `json:"operation"` // External/operation; "": it gives a command
	Makes     string   `json:"makes"`     // how the types of the events begin of the instances that it makes; "": of none
}

// duties are those of which can be seen whether they were done. Only the first thing
// that a policy does is one: what follows waits for it.
func (t teller) duties(sys *services.System) []duty {
	out := []duty{}
	for _, s := range sys.Services {
		for _, p := range s.Policies {
			if !t.always(p) {
				continue
			}
			d := duty{Policy: p.Known, Service: s.Dir, Effect: p.Then[0].Effect}
			for _, w := range p.Model.Whenever {
				d.Events = append(d.Events, naming.EventType(w.Event))
			}
			if o := p.Model.Then[0].Do.Operation; o != nil {
				d.Operation = names.Of(&o.External.Node).Go + "/" + names.Of(&o.Node).JSON
			}
			if c := p.Then[0].Command; c != nil && c.Model.Creates == model.New {
				d.Makes = c.Aggregate.TypePrefix
			}
			out = append(out, d)
		}
	}
	return out
}

// always reports whether a policy does something because of every event that it hears.
// Who makes an instance that others make as well may come second, and leave no trace.
func (t teller) always(p *services.Policy) bool {
	m := p.Model
	if m.If != nil || m.Each != nil || m.Timer != nil || m.Window != nil || len(m.Whenever) == 0 {
		return false
	}
	do := m.Then[0]
	if do.Do.Command == nil {
		return do.Do.Operation != nil
	}
	if do.Missing == model.Skip {
		return false
	}
	c := do.Do.Command
	return c.Creates != model.New || t.automatic[c] == 1 && len(p.Then[0].Command.Roles) == 0
}
