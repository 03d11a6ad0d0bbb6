package apidoc

import (
	"encoding/json"
	"maps"
	"slices"

	"github.com/esgen/esgen/internal/check"
	"github.com/esgen/esgen/internal/contract"
	"github.com/esgen/esgen/internal/sim"
	"github.com/esgen/esgen/internal/stories"
	"github.com/esgen/esgen/model"
)

// Sampler makes up an object with a value for each field, as JSON, where no
// scenario has one; nil: none is known that checks let through.
type Sampler func(fields []*model.Field) json.RawMessage

// Examples are values that a document can show: those of the scenarios, played,
// and made-up ones where no scenario has any.
type Examples struct {
	sample   Sampler
	events   map[*model.Event]*sim.Happened
	commands map[*model.Command]*sim.Decided
	queries  map[*model.Query]map[string]any
	states   map[*model.Aggregate]map[string]any
	rows     map[*model.View]map[string]any
}

// NewExamples keeps of each thing the first that was seen in the stories of a
// model; of commands, the first that was not refused.
func NewExamples(m *check.Model, played []*stories.Story, sample Sampler) *Examples {
	x := &Examples{
		sample: sample, events: map[*model.Event]*sim.Happened{}, commands: map[*model.Command]*sim.Decided{},
		queries: map[*model.Query]map[string]any{}, states: map[*model.Aggregate]map[string]any{}, rows: map[*model.View]map[string]any{},
	}
	for _, s := range played {
		for _, moment := range s.Transcript.Moments {
			x.hear(moment)
		}
		x.see(m, s.World)
	}
	return x
}

func (x *Examples) hear(m *sim.Moment) {
	switch {
	case m.Happened != nil:
		if e := m.Happened.Happened; x.events[e.Event] == nil {
			x.events[e.Event] = e
		}
	case m.Decided != nil:
		if d := m.Decided; x.commands[d.Command] == nil && d.Outcome != nil && d.Outcome.Rejected == "" && sendable(d.Command.Input, d.Input) {
			x.commands[d.Command] = d
		}
	case m.Looked != nil:
		if q := m.Looked.Query; q != nil && x.queries[q] == nil && sendable(q.Input, m.Looked.Input) {
			x.queries[q] = m.Looked.Input
		}
	}
}

// see keeps what is there when a scenario is over.
func (x *Examples) see(m *check.Model, w *sim.World) {
	for _, c := range m.Contexts {
		for _, a := range c.Aggregates {
			for _, id := range w.Instances(a) {
				if state, ok := w.State(a, id); ok && x.states[a] == nil {
					x.states[a] = state
				}
			}
		}
		for _, v := range c.Views {
			if rows := w.Rows(v); len(rows) > 0 && x.rows[v] == nil {
				x.rows[v] = rows[0]
			}
		}
	}
}

// fields are a schema's as the model has them.
func fields(s *contract.Schema) []*model.Field {
	out := make([]*model.Field, len(s.Fields))
	for i, f := range s.Fields {
		out[i] = f.Model
	}
	return out
}

// version is an example of what an event says in a version.
func (x *Examples) version(s versioned) json.RawMessage {
	told, _ := s.payload().Told()
	if s.version == s.Version {
		return x.of(s.Message, told)
	}
	return x.sample(fields(told))
}

// Payload is an example of an event's payload.
func (x *Examples) Payload(m *contract.Message) json.RawMessage {
	return x.of(m, m.Payload)
}

// of is an example of what an event says of itself, or of a part of that.
func (x *Examples) of(m *contract.Message, payload *contract.Schema) json.RawMessage {
	if e := x.events[m.Event]; e != nil {
		return payload.JSON(e.Fields)
	}
	return x.sample(fields(payload))
}

// sendable reports whether somebody could send what a command or a query was
// given: policies and calls pass on the empty id of nobody, which no request has.
func sendable(fields []*model.Field, input map[string]any) bool {
	return !slices.ContainsFunc(fields, func(f *model.Field) bool {
		return f.Type.Value().Scalar().IsID() && input[f.Name] == ""
	})
}

// Input is an example of what an operation is sent; nil: it takes nothing.
func (x *Examples) Input(o *contract.Operation) json.RawMessage {
	if o.Input == nil {
		return nil
	}
	if d := x.commands[o.Command]; o.Command != nil && d != nil {
		return o.Input.JSON(d.Input)
	}
	if input := x.queries[o.Query]; o.Query != nil && input != nil {
		return o.Input.JSON(input)
	}
	return x.sample(fields(o.Input))
}

// Reply is an example of what an operation answers; of a list, of one row.
func (x *Examples) Reply(o *contract.Operation) json.RawMessage {
	switch o.Kind {
	case contract.RunCommand:
		if d := x.commands[o.Command]; d != nil {
			// A service says which instance it is also where nothing happened to it.
			reply := map[string]any{o.Command.Aggregate.ID.Name: d.ID}
			maps.Copy(reply, d.Outcome.Reply)
			return o.Reply.JSON(reply)
		}
	case contract.ReadState:
		if state := x.states[o.Aggregate]; state != nil {
			return o.Reply.JSON(state)
		}
	case contract.ReadRow, contract.ListRows, contract.AskQuery:
		if row := x.rows[o.View]; row != nil {
			return o.Reply.JSON(row)
		}
	}
	return x.sample(fields(o.Reply))
}
