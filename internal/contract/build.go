package contract

import (
	"github.com/esgen/esgen/internal/check"
	"github.com/esgen/esgen/internal/names"
	"github.com/esgen/esgen/internal/naming"
	"github.com/esgen/esgen/model"
)

// Build reads the contracts out of a checked model. Nodes that are names only
// are not part of them.
func Build(m *check.Model) *System {
	b := &builder{
		System:     &System{Model: m, schemas: schemas{}},
		operations: map[any]*Operation{}, messages: map[*model.Event]*Message{},
	}
	for _, c := range m.Contexts {
		if len(c.Aggregates)+len(c.Views)+len(c.Policies) == 0 {
			continue // names only: nothing to run
		}
		b.Services = append(b.Services, b.service(c))
	}
	for _, s := range b.Services {
		b.needs(s)
		b.sagas(s)
	}
	b.outside()
	for _, s := range b.Services {
		meet(s.Needs)
	}
	meet(b.Outside)
	return b.System
}

// meet has what meets needs know of them.
func meet(needs []*Need) {
	for _, n := range needs {
		if n.Operation != nil {
			n.Operation.consumers = append(n.Operation.consumers, n)
		} else {
			n.Message.consumers = append(n.Message.consumers, n)
		}
	}
}

// builder holds what the services of a system share while it is made.
type builder struct {
	*System
	operations map[any]*Operation // by *model.Command, *model.Query, *model.Aggregate (its state), row{} and rows{} of a *model.View
	messages   map[*model.Event]*Message
}

// row and rows tell the two ways to read a view apart.
type (
	row  struct{ *model.View }
	rows struct{ *model.View }
)

func (b *builder) service(c *model.Context) *Service {
	s := &Service{System: b.System, Context: c, Name: names.Of(&c.Node), number: len(b.Services)}
	add := func(key any, o *Operation) {
		o.Service = s
		b.operations[key] = o
		s.Operations = append(s.Operations, o)
	}
	for _, a := range c.Aggregates {
		b.aggregate(a, add)
		for _, e := range a.Events {
			if !b.Model.Incomplete[&e.Node] {
				b.message(s, e)
			}
		}
	}
	for _, x := range b.Model.Externals {
		if x.Receiver == c {
			for _, e := range x.Events {
				if !b.Model.Incomplete[&e.Node] {
					b.message(s, e)
					s.hook(b.messages[e])
				}
			}
		}
	}
	for _, v := range c.Views {
		if !b.Model.Incomplete[&v.Node] {
			b.view(v, add)
		}
	}
	return s
}

func (b *builder) aggregate(a *model.Aggregate, add func(any, *Operation)) {
	name := names.Kept(&a.Node).Go
	state := &Operation{
		Kind: ReadState, ID: name, Title: a.Title, Aggregate: a,
		Reply: b.schemas.object(append([]*model.Field{a.ID}, a.State...)...),
	}
	for _, m := range a.Commands {
		if !b.Model.Incomplete[&m.Node] {
			state.Actors = merged(state.Actors, actors(m.Actors))
		}
	}
	if len(state.Actors) > 0 {
		state.answered(naming.StateRoutes(a))
	}
	add(a, state)
	for _, m := range a.Commands {
		if b.Model.Incomplete[&m.Node] {
			continue
		}
		o := &Operation{
			Kind: RunCommand, ID: naming.CommandName(m), Title: m.Title, Aggregate: a, Command: m,
			Internal: &naming.Path{Method: "POST", Path: naming.InternalCommand(m)}, Actors: actors(m.Actors),
			Input: b.input(m), Reply: b.schemas.object(check.Reply(m)...), Problems: problems(m),
		}
		o.answered(naming.CommandRoutes(m))
		add(m, o)
	}
}

// answered notes at which routes actors find an operation: the one of now, then
// those of before.
func (o *Operation) answered(routes []*naming.Path) {
	if len(routes) > 0 {
		o.Public, o.Before = routes[0], routes[1:]
	}
}

// input is a command's body. The id of an instance that is made may be left
// out: then it is made up.
func (b *builder) input(m *model.Command) *Schema {
	s := b.schemas.object(append([]*model.Field{m.Aggregate.ID}, m.Input...)...)
	s.Fields[0].Defaulted = m.Creates == model.New
	return s
}

func (b *builder) message(s *Service, e *model.Event) {
	m := &Message{
		Service: s, Event: e, ID: names.Kept(e.Owner()).Go + "." + names.Kept(&e.Node).Go, Title: e.Title,
		Type: naming.EventType(e), Version: max(e.Version, 1), Topic: naming.EventTopic(b.Model.System, e),
		Payload: b.schemas.object(e.Carries()...),
	}
	if a := e.Aggregate; a != nil {
		m.Key = JSON(a.ID)
		for _, v := range e.Versions {
			m.Older = append(m.Older, b.schemas.object(append([]*model.Field{a.ID}, v.Fields...)...))
		}
		encipher(e, append(m.Older[:len(m.Older):len(m.Older)], m.Payload))
	}
	b.messages[e] = m
	if e.Private {
		s.Private = append(s.Private, m)
	} else {
		s.Messages = append(s.Messages, m)
	}
}

// encipher marks what is told enciphered of an event, in all its versions.
func encipher(e *model.Event, payloads []*Schema) {
	for _, p := range e.PersonalEver() {
		for _, s := range payloads {
			if f := s.Field(JSON(p)); f != nil {
				f.Enciphered = true
			}
		}
	}
}

// Told is an object as it is told to others, and what of it they cannot read.
func (s *Schema) Told() (plain *Schema, enciphered []*Field) {
	out := *s
	out.Fields = nil
	for _, f := range s.Fields {
		if f.Enciphered {
			enciphered = append(enciphered, f)
		} else {
			out.Fields = append(out.Fields, f)
		}
	}
	return &out, enciphered
}

// hook notes where an external system tells of an event by a request.
func (s *Service) hook(m *Message) {
	e := m.Event
	if e.HTTP == nil {
		return
	}
	if n := len(s.Hooks); n > 0 && e.HTTP == e.External.Webhook.HTTP && s.Hooks[n-1].External == e.External {
		s.Hooks[n-1].Messages = append(s.Hooks[n-1].Messages, m)
		return
	}
	s.Hooks = append(s.Hooks, &Hook{e.External, &naming.Path{Method: e.HTTP.Method, Path: e.HTTP.Path}, []*Message{m}})
}

func (b *builder) view(v *model.View, add func(any, *Operation)) {
	name := names.Kept(&v.Node).Go
	reply := b.schemas.object(v.Fields...)
	key := &Operation{Kind: ReadRow, ID: name, Internal: &naming.Path{Method: "GET", Path: naming.InternalRow(v)}}
	list := &Operation{Kind: ListRows, ID: name + ".list", Internal: &naming.Path{Method: "GET", Path: naming.InternalView(v)}}
	if len(v.Actors) > 0 {
		key.answered(naming.RowRoutes(v))
		list.answered(naming.RowsRoutes(v))
	}
	for _, o := range []*Operation{key, list} {
		o.Title, o.View, o.Reply, o.Actors = v.Title, v, reply, actors(v.Actors)
	}
	add(row{v}, key)
	add(rows{v}, list)
	for _, q := range v.Queries {
		o := &Operation{
			Kind: AskQuery, ID: name + "." + names.Kept(&q.Node).Camel(), Title: q.Title, View: v, Query: q, Reply: reply,
			Input: b.schemas.object(q.Input...), Internal: &naming.Path{Method: "POST", Path: naming.InternalQuery(q)}, Actors: actors(q.Actors),
		}
		if len(q.Actors) == 0 {
			o.Actors = actors(v.Actors)
		}
		if len(o.Actors) > 0 {
			o.answered(naming.QueryRoutes(q))
		}
		add(q, o)
	}
}

func actors(refs []*model.ActorRef) []*model.Actor {
	var out []*model.Actor
	for _, r := range refs {
		if r.Actor != nil {
			out = append(out, r.Actor)
		}
	}
	return out
}

// merged is the union of two lists of actors, in order.
func merged(list, more []*model.Actor) []*model.Actor {
next:
	for _, a := range more {
		for _, b := range list {
			if a == b {
				continue next
			}
		}
		list = append(list, a)
	}
	return list
}
