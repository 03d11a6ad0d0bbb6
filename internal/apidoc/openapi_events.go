package apidoc

import (
	"github.com/esgen/esgen/internal/contract"
	"github.com/esgen/esgen/internal/names"
	"github.com/esgen/esgen/internal/naming"
	"github.com/esgen/esgen/model"
)

// events describes what happened to an instance, beside its state.
func (b *openAPI) events(o *contract.Operation) {
	if !b.public || o.Kind != contract.ReadState || !o.Aggregate.Sourced {
		return
	}
	for i, route := range naming.EventsRoutes(o.Aggregate) {
		b.eventsAt(o, route, i > 0)
	}
}

// eventsAt describes it at a route of now, or of before.
func (b *openAPI) eventsAt(o *contract.Operation, route *naming.Path, before bool) {
	a := o.Aggregate
	op := &PathOperation{
		ID: b.ids.Take(b.prefix+".list"+names.Of(&a.Node).Go+"Events", "History"), Summary: "Events: " + a.Called(),
		Description: sentence(&a.Node) + told, Deprecated: before, Tags: []string{b.tag(o)}, Roles: roles(o.Actors),
	}
	path := b.path(route.Path, op, o)
	op.Parameters = append(op.Parameters, b.parameter("minVersion"), b.parameter("limit"), b.parameter("cursor"))
	b.page(op, &a.Node, "Events", "OfEvents", shapeKey{operation: o, page: true}, func() *Schema { return b.happened(o) })
	b.refuse(op, refusalsOf(o, true))
	b.add(path, "GET", op)
}

// told is what is true of the events of all aggregates.
const told = " All that happened to it, the oldest first, as it would be said today: events of older versions are brought up to date." +
	" Of one that was deleted and created again only what happened since."

// happened is the schema of an event among those of an instance.
func (b *openAPI) happened(o *contract.Operation) *Schema {
	s := &Schema{Title: "Something that happened"}
	for _, e := range o.Aggregate.Events {
		if m := messageOf(o.Service, e); m != nil {
			s.AnyOf = append(s.AnyOf, b.shapes.define(names.Of(&e.Node).Go, "Event", b.occurrence(m)))
		}
	}
	return s
}

// messageOf is an event as it is published, or would be; nil: it is a name only.
func messageOf(s *contract.Service, e *model.Event) *contract.Message {
	for _, list := range [][]*contract.Message{s.Messages, s.Private} {
		for _, m := range list {
			if m.Event == e {
				return m
			}
		}
	}
	return nil
}

// occurrence is the schema of one type of event, with what is known beside its data.
func (b *openAPI) occurrence(m *contract.Message) *Schema {
	id := b.shapes.builtin(contract.ID, given).Ref
	name := names.Kept(&m.Event.Node).Go
	told := &Schema{
		Title: m.Event.Called(), Description: sentence(&m.Event.Node), Type: "object",
		Properties: Map[*Schema]{
			{"id", &Schema{Ref: id, Title: "The event"}},
			{"version", version("Of the instance, after it.")},
			{"type", &Schema{Const: name}},
			{"time", &Schema{Type: "string", Format: "date-time"}},
			{"by", &Schema{Ref: id, Description: "Who did it. Not there: the system, on nobody's behalf."}},
			{"data", b.shapes.object(m.Payload, given)},
		},
		Required: []string{"id", "version", "type", "time", "data"},
	}
	if data := b.examples.Payload(m); data != nil { // of some fields there is none
		told.Examples = examples(mustEncode(Map[any]{
			{"id", "019a0f4e-7b1c-7d3e-8a52-0c7d5b9f1e22"}, {"version", 1}, {"type", name}, {"time", exampleTime}, {"data", data},
		}))
	}
	return told
}
