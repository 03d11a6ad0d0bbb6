package python

import (
	"encoding/json"
	"slices"

	"github.com/esgen/esgen/internal/check"
	"github.com/esgen/esgen/internal/expr"
	"github.com/esgen/esgen/internal/naming"
	"github.com/esgen/esgen/internal/plan/services"
	"github.com/esgen/esgen/internal/sim"
	"github.com/esgen/esgen/internal/stories"
	"github.com/esgen/esgen/model"
)

// story is what a service hears in a scenario, and what comes of it.
type story struct {
	Name  string                       `json:"name"`
	Heard []heard                      `json:"heard"`
	Asked []asked                      `json:"asked"`
	Rows  map[string][]json.RawMessage `json:"rows"` // of views, at its end
}

type heard struct {
	Handler  string          `json:"handler"`
	ID       string          `json:"id"`
	Type     string          `json:"type"`
	Topic    string          `json:"topic"`
	Subject  string          `json:"subject"`
	Sequence int64           `json:"sequence"`
	Time     string          `json:"time"`
	Actor    actor           `json:"actor"`
	Data     json.RawMessage `json:"data"`
}

type actor struct {
	Subject string   `json:"subject"`
	Roles   []string `json:"roles"`
	System  bool     `json:"system"`
}

// asked is what an external system is asked; Input is absent where it has new ids.
type asked struct {
	Key   string          `json:"key"`
	Input json.RawMessage `json:"input,omitempty"`
}

// Stories are the scenarios as the tests of a service in Python play them: what it
// hears is given to it, and what the interpreter says comes of that is wanted.
func Stories(s *services.Service, played []*stories.Story) ([]byte, error) {
	t := &teller{s}
	all := []story{}
	for _, p := range played {
		if told := t.tell(p); len(told.Heard) > 0 {
			all = append(all, told)
		}
	}
	return json.MarshalIndent(all, "", " ")
}

type teller struct{ *services.Service }

func (t *teller) tell(p *stories.Story) story {
	out := story{Name: p.Title, Asked: []asked{}, Rows: map[string][]json.RawMessage{}}
	for i, m := range p.Transcript.Moments {
		h := m.Heard
		if h == nil || !h.Took || h.Saga != nil || h.Context() != t.Context {
			continue
		}
		if h.View != nil {
			out.Heard = append(out.Heard, t.hear(naming.ListenerName(&h.View.Node), h.Event))
			continue
		}
		at := slices.IndexFunc(t.Policies, func(p *services.Policy) bool { return p.Model == h.Policy })
		if at < 0 {
			continue // a name only
		}
		policy := t.Policies[at]
		out.Heard = append(out.Heard, t.hear(policy.Known, h.Event))
		n := 0
		for _, m := range p.Transcript.Moments[i:] {
			if m.Number >= h.Until {
				break
			}
			if a := m.Answered; a != nil && a.Context == t.Context && n < len(policy.Then) {
				ask := asked{Key: policy.Then[n].Effect + "/" + h.Event.ID}
				if !t.makesIDs(h.Policy.Then[n]) {
					ask.Input = t.System.Contracts.Object(a.To.Operation.Input...).JSON(a.Input)
				}
				if !slices.ContainsFunc(out.Asked, func(o asked) bool { return o.Key == ask.Key }) {
					out.Asked = append(out.Asked, ask)
				}
				n++
			}
		}
	}
	for _, v := range t.Views {
		for _, row := range p.World.Rows(v.Model) {
			out.Rows[v.Known] = append(out.Rows[v.Known], t.System.Contracts.Object(v.Model.Fields...).JSON(row))
		}
	}
	return out
}

func (t *teller) makesIDs(r *model.Reaction) bool {
	return slices.ContainsFunc(check.Values(t.System.Model.Reactions[r].Assigns), expr.MakesID)
}

func (t *teller) hear(handler string, e *sim.Happened) heard {
	subject, roles, system := e.Actor()
	return heard{
		Handler: handler, ID: e.ID, Type: naming.EventType(e.Event), Topic: naming.EventTopic(t.System.Model.System, e.Event), Subject: e.Instance,
		Sequence: e.Version, Time: expr.Text(e.Time), Actor: actor{subject, roles, system},
		Data: t.System.Contracts.Object(e.Event.Carries()...).JSON(e.Fields),
	}
}
