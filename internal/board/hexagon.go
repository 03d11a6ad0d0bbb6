package board

import (
	"fmt"
	"slices"

	"github.com/esgen/esgen/model"
)

// Hexagon draws a context as the service that it becomes: what comes in at the left, the
// domain in the middle, what goes out at the right; dashed what is published and
// heard, solid what is asked and answered.
func Hexagon(sys *model.System, c *model.Context) *Diagram { return hexagonOf(c, asksOf(sys)) }

func hexagonOf(c *model.Context, asks map[*model.Context][]string) *Diagram {
	h := &hexagon{context: c, asked: asks[c]}
	h.domain()
	h.inbound()
	h.outbound()
	inColumns(h.cards, h.wires)
	return &Diagram{Title: c.Called(), About: "the service and its adapters", cards: h.cards, wires: h.wires}
}

type hexagon struct {
	context *model.Context
	asked   []string // by other contexts
	middle  *card
	cards   []*card
	wires   []*wire
}

// asksOf is, of each context, what the others ask it for.
func asksOf(sys *model.System) map[*model.Context][]string {
	asks := map[*model.Context][]string{}
	for _, by := range sys.Contexts {
		for _, m := range commandsOf(by) {
			for _, call := range m.Calls {
				if of := contextOf(target(&call.To)); of != nil && of != by {
					asks[of] = append(asks[of], fmt.Sprintf("%s, by %s", call.To.Text, by.Called()))
				}
			}
		}
	}
	return asks
}

func (h *hexagon) domain() {
	h.middle = &card{id: h.context.Name, of: frameKey(h.context.Name), title: string(h.context.Called()), class: "domain core", depth: 1}
	for _, a := range h.context.Aggregates {
		h.middle.said = append(h.middle.said, fmt.Sprintf("%s: %s", a.Called(), counted(amount{len(a.Commands), "command", "commands"}, amount{len(a.Events), "event", "events"})))
	}
	for _, more := range []string{counted(amount{len(h.context.Policies), "policy", "policies"}, amount{len(h.context.Sagas), "saga", "sagas"}), counted(amount{len(h.context.Views), "view", "views"})} {
		if more != "" {
			h.middle.said = append(h.middle.said, more)
		}
	}
	h.cards = append(h.cards, h.middle)
}

func (h *hexagon) in(title string, lines []string, dashed bool) {
	if len(lines) > 0 {
		c := &card{id: "in:" + title, title: title, said: unique(lines)}
		h.cards, h.wires = append(h.cards, c), append(h.wires, &wire{from: c, to: h.middle, dashed: dashed})
	}
}

func (h *hexagon) out(title string, lines []string, dashed bool) {
	c := &card{id: "out:" + title, title: title, said: unique(lines), depth: 2}
	h.cards, h.wires = append(h.cards, c), append(h.wires, &wire{from: h.middle, to: c, dashed: dashed})
}

func unique(lines []string) []string {
	slices.Sort(lines)
	return slices.Compact(lines)
}

func (h *hexagon) inbound() {
	var public []string
	for _, a := range h.context.Aggregates {
		for _, m := range a.Commands {
			if len(m.Actors) > 0 {
				public = append(public, string(m.Called()))
			}
		}
	}
	for _, v := range h.context.Views {
		if len(v.Actors) > 0 {
			public = append(public, string(v.Called()))
		}
	}
	door := "REST"
	if h.context.GRPC {
		door = "REST and gRPC"
	}
	h.in(door, public, false)
	h.in("HTTP, of other services", h.asked, false)
	var heard []string
	for _, e := range h.heard() {
		if e.Context != nil && e.Context != h.context {
			heard = append(heard, fmt.Sprintf("%s, of %s", e.Called(), e.Context.Called()))
		} else if e.External != nil {
			heard = append(heard, fmt.Sprintf("%s, of %s", e.Called(), e.External.Called()))
		}
	}
	h.in("Kafka: what is heard", heard, true)
	var timers []string
	for _, p := range h.context.Policies {
		if p.Timer != nil {
			timers = append(timers, string(p.Called()))
		}
	}
	h.in("Clock", timers, false)
}

// heard are the events that somebody in the context hears.
func (h *hexagon) heard() []*model.Event {
	var out []*model.Event
	add := func(refs ...*model.EventRef) {
		for _, r := range refs {
			if r.Event != nil {
				out = append(out, r.Event)
			}
		}
	}
	for _, p := range h.context.Policies {
		add(p.Whenever...)
		if p.Timer != nil {
			add(p.Timer.Unless...)
			if p.Timer.Since != nil {
				add(p.Timer.Since)
			}
		}
	}
	for _, s := range h.context.Sagas {
		add(&s.StartedBy)
	}
	for _, v := range h.context.Views {
		for _, p := range v.From {
			add(&p.Event)
		}
	}
	return out
}

func (h *hexagon) outbound() {
	var told []string
	for _, a := range h.context.Aggregates {
		for _, e := range a.Events {
			if !e.Private {
				told = append(told, string(e.Called()))
			}
		}
	}
	if len(told) > 0 {
		h.out("Kafka: what is told", told, true)
	}
	asked := map[string][]string{}
	ask := func(t *model.Target) {
		switch x := target(t).(type) {
		case *model.Operation:
			asked[string(x.External.Called())] = append(asked[string(x.External.Called())], string(x.Called()))
		default:
			if c := contextOf(x); c != nil && c != h.context {
				asked[string(c.Called())] = append(asked[string(c.Called())], t.Text)
			}
		}
	}
	for _, m := range commandsOf(h.context) {
		for _, call := range m.Calls {
			ask(&call.To)
		}
	}
	for _, p := range h.context.Policies {
		for _, r := range p.Then {
			ask(&r.Do)
		}
	}
	var steps []string
	for _, s := range h.context.Sagas {
		for _, x := range s.Steps {
			steps = append(steps, x.Do.Text)
		}
	}
	if len(steps) > 0 {
		h.out("Kafka: steps of sagas", steps, true)
	}
	names := make([]string, 0, len(asked))
	for name := range asked {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		h.out("HTTP: "+name, asked[name], false)
	}
	var kept []string
	if what := counted(amount{len(h.context.Aggregates), "aggregate", "aggregates"}, amount{len(h.context.Views), "view", "views"}); what != "" {
		kept = append(kept, what)
	}
	if len(kept) == 0 && len(h.heard()) > 0 {
		kept = append(kept, "what was heard: it counts once")
	}
	if len(kept) > 0 {
		h.out("PostgreSQL or SQLite", kept, false)
	}
}

func commandsOf(c *model.Context) []*model.Command {
	var out []*model.Command
	for _, a := range c.Aggregates {
		out = append(out, a.Commands...)
	}
	return out
}
