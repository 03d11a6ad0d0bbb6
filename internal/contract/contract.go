// Package contract says what the services of a checked model offer one another
// and the world, and what each of them needs of the others: the requests a
// service answers, the events it publishes, and who relies on which part of
// them. Documents, contract tests and the search for breaking changes are all
// made of it, so that they agree.
package contract

import (
	"slices"
	"sync"

	"github.com/esgen/esgen/internal/check"
	"github.com/esgen/esgen/internal/names"
	"github.com/esgen/esgen/internal/naming"
	"github.com/esgen/esgen/internal/quote"
	"github.com/esgen/esgen/internal/source"
	"github.com/esgen/esgen/model"
)

// System is what a system's services offer and need.
type System struct {
	Model    *check.Model
	Services []*Service // in the order of the model
	Outside  []*Need    // what actors, and the gateway, need of the services

	mu      sync.Mutex // of what follows, once Build is over
	schemas schemas
}

// Service is one bounded context as others see it.
type Service struct {
	System     *System
	Context    *model.Context
	Name       names.Name
	Operations []*Operation // requests it answers
	Messages   []*Message   // public events it publishes
	Private    []*Message   // events that never leave it
	Hooks      []*Hook      // requests by which external systems tell it of events
	Orders     []*Order     // what sagas ask of it
	Sagas      []*Saga      // that it tells
	Needs      []*Need      // what it relies on in others
	Own        []*Need      // what it relies on in itself

	number int // its place among the services
}

// Destination is what a route of the gateway leads to; nil: it leads to a system
// of before, or to what no actor has a way to.
func (s *System) Destination(x *model.GatewayRoute) *Operation {
	for _, v := range s.Services {
		for _, o := range v.Operations {
			if o.Public == nil {
				continue
			}
			found := false
			switch o.Kind {
			case RunCommand:
				found = o.Command == x.To.Command
			case ReadState:
				found = o.Aggregate == x.To.State
			case ReadRow:
				found = o.View == x.To.View && x.Row()
			case ListRows:
				found = o.View == x.To.View && !x.Row()
			case AskQuery:
				found = o.Query == x.To.Query
			}
			if found {
				return o
			}
		}
	}
	return nil
}

// OperationKind is what a request is about.
type OperationKind string

// The kinds of Operation.
const (
	RunCommand OperationKind = "command"
	ReadState  OperationKind = "state" // of an aggregate's instance
	ReadRow    OperationKind = "row"   // of a view, by its key
	ListRows   OperationKind = "rows"  // of a view, by page
	AskQuery   OperationKind = "query" // of a view, by page
)

// Operation is a request that a service answers: to actors at its public
// route, to the other services at its internal one, or both.
type Operation struct {
	Service *Service
	Kind    OperationKind
	// ID names the operation within its service: Order.PlaceOrder, Order,
	// OrderStatus, OrderStatus.list, OrderStatus.ongoing.
	ID     string
	Title  quote.Text
	Public *naming.Path // nil: actors have no way to it
	// Before are the routes at which actors found it before it was called as it is:
	// it is answered there as well.
	Before []*naming.Path
	// Internal is how other services of the system ask; nil: they cannot.
	Internal *naming.Path
	Actors   []*model.Actor // that may use Public
	// Input are the fields of a command's body, the aggregate's id first, or the
	// parameters of a query; those in Public.Path are taken from there. None of
	// other kinds.
	Input *Schema
	// Reply is what the answer holds: the fields of a command's events, an
	// instance's state, one row (of a list: each of its items). To actors, id,
	// version and _links are added as docs/services.md says.
	Reply *Schema
	// Problems are the model's own refusals, by code, in the order they are
	// looked for; those that every service has are not among them.
	Problems []Problem

	Command   *model.Command   // of RunCommand
	Aggregate *model.Aggregate // of RunCommand and ReadState
	View      *model.View      // of ReadRow, ListRows and AskQuery
	Query     *model.Query     // of AskQuery

	consumers []*Need
}

// Read is where actors read the instances of the operation's aggregate; nil: nowhere.
func (o *Operation) Read() *naming.Path {
	for _, x := range o.Service.Operations {
		if x.Kind == ReadState && x.Aggregate == o.Aggregate {
			return x.Public
		}
	}
	return nil
}

// Beside are the routes of what actors are told beside it: what happened to an
// instance, what changes among rows. Of each, the one of now comes first, then those
// of before.
func (o *Operation) Beside() [][]*naming.Path {
	switch {
	case o.Kind == ReadState && o.Aggregate.Sourced:
		return [][]*naming.Path{naming.EventsRoutes(o.Aggregate)}
	case o.Kind == ListRows && o.View.Stream:
		return [][]*naming.Path{naming.ChangesRoutes(o.View)}
	}
	return nil
}

// Problem is a refusal with the code by which callers recognise it.
type Problem struct {
	Status  int
	Code    string
	Message quote.Text
}

// Message is a public event as it travels: a CloudEvent on the aggregate's
// topic, with the instance's id as its key.
type Message struct {
	Service *Service
	Event   *model.Event
	ID      string // Order.OrderPlaced
	Title   quote.Text
	Type    string // ce_type: front.order.OrderPlaced
	Version int    // ce_dataversion
	Topic   string // fooddelivery.front.order
	Key     string // JSON name of the field that is the key: the aggregate's id; "" of an external's
	Payload *Schema
	Older   []*Schema // payloads of the versions before, from 1 on

	consumers []*Need
}

// Hook is a path at which a service is told of events by an external system.
type Hook struct {
	External *model.External
	Path     *naming.Path
	Messages []*Message // what becomes of it: of several, what is sent says which
}

// NeedKind is how one relies on another.
type NeedKind string

// The kinds of Need.
const (
	ByCall         NeedKind = "call"
	ByCompensation NeedKind = "compensation"
	BySaga         NeedKind = "saga"
	ByStep         NeedKind = "saga step"
	ByAwait        NeedKind = "saga's wait"
	ByPolicy       NeedKind = "policy"
	ByView         NeedKind = "view"
	ByActor        NeedKind = "actor"       // somebody outside, at a public route
	ByComposition  NeedKind = "composition" // the gateway
)

// Need is what a consumer relies on: an operation, or a message, of a provider.
type Need struct {
	Kind     NeedKind
	Consumer Consumer
	Provider *Service
	// Operation or Message: exactly one is set.
	Operation *Operation
	Message   *Message
	// By says what relies on it, as the model names it: "policy PrepareDelivery",
	// "command PlaceOrder", "Customer".
	By string
	// Sends are the JSON names of the input fields that are sent, Omits those of
	// them that are not sent always.
	Sends, Omits []string
	// Reads are the JSON names of the fields that are looked at, of the event or
	// of the reply. A value object is looked at as a whole. Of an actor, whose
	// program nobody knows, they are all there are.
	Reads []string
	// Compares are the values of enums, as in JSON, that what is read is compared
	// with.
	Compares map[*model.TypeDef][]string
	// Codes are the refusals that are told apart from others.
	Codes []string

	Policy     *model.Policy     // of ByPolicy
	Projection *model.Projection // of ByView
	Call       *model.Call       // of ByCall and ByCompensation
	Saga       *model.Saga       // of BySaga: the event that starts it
	Step       *model.Step       // of ByStep, ByAwait and ByCompensation
	Failure    *model.Saga       // of ByCompensation: what it ends with when all is undone
	Part       *model.Part       // of ByComposition
}

// Pos is where the model says that it relies on it; that of nothing for actors.
func (n *Need) Pos() source.Pos {
	switch {
	case n.Policy != nil:
		return n.Policy.Pos
	case n.Projection != nil:
		return n.Projection.Pos
	case n.Kind == ByCompensation && n.Call != nil:
		return n.Call.Compensate.Pos
	case n.Call != nil:
		return n.Call.Pos
	case n.Saga != nil:
		return n.Saga.Pos
	case n.Step != nil:
		return n.Step.Pos
	case n.Failure != nil:
		return n.Failure.OnFailure.Pos
	}
	return source.Pos{}
}

// Compensation is what undoes something, or what a saga ends with; nil: the need
// is none of that.
func (n *Need) Compensation() *model.Compensation {
	switch {
	case n.Kind != ByCompensation:
		return nil
	case n.Call != nil:
		return n.Call.Compensate
	case n.Step != nil:
		return n.Step.Compensate
	case n.Failure != nil:
		return n.Failure.OnFailure
	}
	return nil
}

// What names what is relied on: front.OrderPlaced, pay.Approve.
func (n *Need) What() string {
	context := n.Provider.Context.Name + "."
	switch {
	case n.Message != nil:
		return context + n.Message.Event.Name
	case n.Operation.Command != nil:
		return context + n.Operation.Command.Name
	}
	return context + n.Operation.ID
}

// Consumer is who relies on something: exactly one of Service, Actor and
// Gateway is set.
type Consumer struct {
	Service *Service
	Actor   *model.Actor
	Gateway bool
}

// Name is the consumer's, as the model has it.
func (c Consumer) Name() string {
	switch {
	case c.Service != nil:
		return c.Service.Context.Name
	case c.Actor != nil:
		return c.Actor.Name
	}
	return "gateway"
}

// Object is the schema of fields, as of an event that is not public; those that
// are names only are left out.
func (s *System) Object(fields ...*model.Field) *Schema {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.schemas.object(fields...)
}

// Relied reports whether some service relies on another.
func (s *System) Relied() bool {
	return slices.ContainsFunc(s.Services, func(v *Service) bool { return len(v.Needs) > 0 })
}

// Service finds what is made of a context; nil: nothing is.
func (s *System) Service(c *model.Context) *Service {
	for _, v := range s.Services {
		if v.Context == c {
			return v
		}
	}
	return nil
}

// Public reports whether a service answers anything to those outside.
func (s *Service) Public() bool {
	return len(s.Hooks) > 0 || slices.ContainsFunc(s.Operations, func(o *Operation) bool { return o.Public != nil })
}

// Asked reports whether another service of the system asks an operation.
func (o *Operation) Asked() bool {
	return slices.ContainsFunc(o.consumers, func(n *Need) bool { return n.Consumer.Service != nil })
}

// Consumers are the needs of others that an operation meets.
func (o *Operation) Consumers() []*Need { return o.consumers }

// Consumers are the needs of others that a message meets.
func (m *Message) Consumers() []*Need { return m.consumers }
