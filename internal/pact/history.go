package pact

import (
	"cmp"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/esgen/esgen/internal/contract"
	"github.com/esgen/esgen/internal/names"
	"github.com/esgen/esgen/internal/naming"
	"github.com/esgen/esgen/internal/sim"
	"github.com/esgen/esgen/internal/stories"
	"github.com/esgen/esgen/model"
)

// paramsAt is how things stand at a context before a moment; what others answer
// it from then on is taken from the moments up to another one.
func (b *builder) paramsAt(s *stories.Story, c *model.Context, m *sim.Moment, until int) Params {
	return Params{Now: instant(m.At), History: b.history(s, c, m.Number), Replies: b.replies(nil, s, c, m.Number, until)}
}

// history are the events that a context knows of before a moment: its own, and
// those that its views have followed or its windows noted, each when it came to
// know it.
func (b *builder) history(s *stories.Story, c *model.Context, until int) []Event {
	var out []Event
	seen := map[string]bool{}
	add := func(h *sim.Happened, needs []*contract.Need) {
		if !seen[h.ID] {
			seen[h.ID] = true
			out = append(out, b.event(h, needs))
		}
	}
	for _, m := range s.Transcript.Moments[:until] {
		switch {
		case m.Happened != nil && m.Happened.Event.Aggregate != nil && m.Happened.Event.Context == c:
			add(m.Happened.Happened, nil)
		case m.Heard != nil && remembers(m.Heard) && m.Heard.Context() == c && m.Heard.Took && m.Heard.Event.Event.Home() != nil:
			add(m.Heard.Event, b.lookedAtBy(c, m.Heard.Event.Event))
		}
	}
	return out
}

// remembers reports whether who hears of an event keeps it: a view, or a policy
// that looks back at its events.
func remembers(h *sim.Heard) bool {
	return h.View != nil || h.Policy != nil && h.Policy.Window != nil
}

// lookedAtBy are the needs in another's event of those of a context that keep it.
func (b *builder) lookedAtBy(c *model.Context, e *model.Event) []*contract.Need {
	var out []*contract.Need
	for _, v := range c.Views {
		out = append(out, b.kept[listener{v, e}]...)
	}
	for _, p := range c.Policies {
		out = append(out, b.kept[listener{p, e}]...)
	}
	return out
}

// event is an event of a history; of another's, only what is looked at. One's
// own is in the history of all that came after it.
func (b *builder) event(h *sim.Happened, needs []*contract.Need) Event {
	if len(needs) > 0 {
		data, _ := lookedAt(needs)
		return eventOf(h, data)
	}
	known, ok := b.events[h]
	if !ok {
		known = eventOf(h, b.stored(h.Event))
		b.events[h] = known
	}
	return known
}

func eventOf(h *sim.Happened, data *contract.Schema) Event {
	e := h.Event
	// What another system tells is of no instance: it goes by its own id.
	out := Event{Type: naming.EventType(e), Subject: cmp.Or(h.Instance, h.ID), Sequence: h.Version, Time: instant(h.Time), Data: data.JSON(h.Fields)}
	if e.Version > 1 {
		out.DataVersion = e.Version
	}
	if subject, roles, system := h.Actor(); subject != "" || len(roles) > 0 {
		out.Actor = &Actor{Subject: subject, Roles: roles, System: system}
	}
	return out
}

// stored is the schema of an event, of which there are many.
func (b *builder) stored(e *model.Event) *contract.Schema {
	if b.payloads[e] == nil {
		b.payloads[e] = b.system.Object(e.Carries()...)
	}
	return b.payloads[e]
}

// replies adds what others answered a context between two moments.
func (b *builder) replies(out Replies, s *stories.Story, c *model.Context, from, until int) Replies {
	for _, m := range s.Transcript.Moments[from:until] {
		a := m.Answered
		if a == nil || a.Context != c {
			continue
		}
		who, question, reply := b.reply(a)
		if out == nil {
			out = Replies{}
		}
		if out[who] == nil {
			out[who] = map[string][]Reply{}
		}
		out[who][question] = append(out[who][question], reply)
	}
	return out
}

// reply is an answer as it comes over HTTP.
func (b *builder) reply(a *sim.Answered) (who, question string, reply Reply) {
	reply.Status = a.Status
	var schema *contract.Schema
	switch to := a.To; {
	case to.Operation != nil:
		op := to.Operation
		who = names.Of(&op.External.Node).Kebab
		question = operationRoute(op, b.system.Object(op.Input...), a.Input)
		schema = b.system.Object(op.Reply...)
	case to.Query != nil:
		who = names.Of(&to.Query.View.Context.Node).Kebab
		question = http.MethodPost + " " + naming.InternalQuery(to.Query)
		if a.Reply != nil {
			rows, _ := a.Reply["rows"].([]any)
			reply.Body = items(b.system.Object(to.Query.View.Fields...), rows)
		}
	default:
		who = names.Of(&to.Command.Aggregate.Context.Node).Kebab
		question = http.MethodPost + " " + naming.InternalCommand(to.Command)
		if o := b.operations[to.Command]; o != nil { // else it is a name only
			schema = o.Reply
		}
	}
	switch {
	case a.Reply != nil && schema != nil:
		reply.Body = schema.JSON(a.Reply)
	case a.Rejected != "":
		reply.Body = problem(contract.CalleeCode(a.To.Command, a.Rejected))
	}
	return who, question, reply
}

// operationRoute is how an external system is asked: wildcards are filled from
// the input.
func operationRoute(op *model.Operation, input *contract.Schema, values map[string]any) string {
	route := naming.Operation(op)
	for _, name := range naming.Wildcards(route.Path) {
		if f := input.Field(name); f != nil {
			route.Path = strings.ReplaceAll(route.Path, "{"+name+"}", plain(f.Schema.JSON(values[f.Model.Name])))
		}
	}
	return route.String()
}

// items is a page of rows.
func items(row *contract.Schema, rows []any) json.RawMessage {
	list := &contract.Schema{Kind: contract.List, Items: row}
	return json.RawMessage(`{"items":` + string(list.JSON(slices.Clip(append([]any{}, rows...)))) + `}`)
}

// problem is what is looked at of a refusal.
func problem(code string) json.RawMessage {
	text, _ := json.Marshal(code) // a text can be encoded
	return json.RawMessage(`{"code":` + string(text) + `}`)
}

// plain is a scalar of JSON as it stands in a URL.
func plain(value json.RawMessage) string {
	var text string
	if json.Unmarshal(value, &text) == nil {
		return text
	}
	return string(value)
}

func instant(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }
