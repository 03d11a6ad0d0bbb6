package contract

import (
	"fmt"
	"slices"

	"github.com/esgen/esgen/internal/check"
	"github.com/esgen/esgen/internal/names"
	"github.com/esgen/esgen/internal/naming"
	"github.com/esgen/esgen/internal/quote"
	"github.com/esgen/esgen/model"
)

// Order is what sagas ask for by messages: a command of a service, or an operation
// of an external system, which the service of the saga asks itself.
type Order struct {
	Service *Service // that is asked
	ID      string   // Van.Load, Deliver.3
	Title   quote.Text
	Type    string  // ce_type
	Topic   string  // on which it is asked
	Input   *Schema // of a command, without the instance
	Reply   *Schema
	Sagas   []*Saga // that ask for it

	Command *model.Command // nil: an operation
	// CalledOff reports whether it is called off when its time is over: what undoes
	// it does not do that, or needs to know what it answered.
	CalledOff bool
}

// Saga is a story that a service tells.
type Saga struct {
	Service *Service
	Model   *model.Saga
	ID      string   // Deliver
	Replies string   // topic on which it is answered
	Asks    []*Order // each once
}

// Order finds what sagas ask a service for; nil: none asks for it.
func (s *Service) Order(m *model.Command) *Order {
	i := slices.IndexFunc(s.Orders, func(o *Order) bool { return o.Command == m })
	if i < 0 {
		return nil
	}
	return s.Orders[i]
}

// Orchestrated lists the sagas of a context that are more than names.
func Orchestrated(m *check.Model, c *model.Context) []*model.Saga {
	named := func(e *model.Event) bool { return e == nil || e.Home() == nil || m.Incomplete[&e.Node] }
	return slices.DeleteFunc(slices.Clone(c.Sagas), func(g *model.Saga) bool {
		if m.Incomplete[&g.Node] || named(g.StartedBy.Event) {
			return true
		}
		return slices.ContainsFunc(g.Steps, func(s *model.Step) bool { return s.Awaits() && named(s.Await.Event) }) ||
			slices.ContainsFunc(Asks(g), func(a Ask) bool { return a.To.Command != nil && m.Incomplete[&a.To.Command.Node] })
	})
}

// Ask is something that a saga asks for.
type Ask struct {
	To   *model.Target
	By   *model.FieldRef
	Name string // within the saga, of an operation's message, and of what derives from a request
}

// Asks are what a saga asks for, in the order of its story.
func Asks(g *model.Saga) []Ask {
	var out []Ask
	for i, s := range g.Steps {
		out = append(out, Ask{&s.Do, s.Correlate, fmt.Sprint(i + 1)})
		if u := s.Compensate; u != nil {
			by := u.Correlate
			if by == nil && u.Target == nil && u.Do.Command != nil && s.Do.Command != nil && u.Do.Command.Aggregate == s.Do.Command.Aggregate {
				by = s.Correlate // it is undone where it was done
			}
			out = append(out, Ask{&u.Do, by, fmt.Sprint(i+1, ".undo")})
		}
	}
	if l := g.OnFailure; l != nil {
		out = append(out, Ask{&l.Do, l.Correlate, "last"})
	}
	return slices.DeleteFunc(out, func(a Ask) bool { return a.To.Command == nil && a.To.Operation == nil })
}

// sagas finds out what the sagas of a service ask for.
func (b *builder) sagas(s *Service) {
	for _, g := range Orchestrated(b.Model, s.Context) {
		told := &Saga{Service: s, Model: g, ID: names.Of(&g.Node).Go, Replies: naming.RepliesTopic(b.Model.System, s.Context)}
		s.Sagas = append(s.Sagas, told)
		for _, a := range Asks(g) {
			if o := b.order(told, a); o != nil && !slices.Contains(told.Asks, o) {
				told.Asks, o.Sagas = append(told.Asks, o), append(o.Sagas, told)
			}
		}
		for _, x := range undoable(g) {
			for _, o := range told.Asks {
				o.CalledOff = o.CalledOff || x.Do.Command != nil && o.Command == x.Do.Command && mustCallOff(x)
			}
		}
	}
}

// undoable are the steps from which there is a way back.
func undoable(g *model.Saga) []*model.Step {
	pivot := slices.IndexFunc(g.Steps, func(x *model.Step) bool { return x.Pivot })
	if pivot < 0 {
		return g.Steps
	}
	return g.Steps[:pivot+1]
}

// mustCallOff reports whether what undoes a step does not call it off as well, or
// needs to know what it answered.
func mustCallOff(x *model.Step) bool {
	u := x.Compensate
	return len(x.Save) > 0 || u == nil || u.Do.Command == nil || u.Do.Command.Aggregate.Context != x.Do.Command.Aggregate.Context
}

// order finds or makes an order at the service that is asked; nil: nobody is.
func (b *builder) order(g *Saga, a Ask) *Order {
	m := a.To.Command
	if m == nil {
		op := a.To.Operation
		o := &Order{
			Service: g.Service, ID: g.ID + "." + a.Name, Title: op.Called(), Type: naming.AskType(g.Model, a.Name),
			Topic: naming.CommandsTopic(b.Model.System, g.Service.Context), Input: b.schemas.object(op.Input...), Reply: b.schemas.object(op.Reply...),
		}
		g.Service.Orders = append(g.Service.Orders, o)
		return o
	}
	s := b.Service(m.Aggregate.Context)
	if s == nil {
		return nil
	}
	if known := s.Order(m); known != nil {
		return known
	}
	o := &Order{
		Service: s, ID: naming.CommandName(m), Title: m.Called(), Type: naming.CommandType(m), Command: m,
		Topic: naming.CommandsTopic(b.Model.System, m.Aggregate.Context), Input: b.schemas.object(m.Input...), Reply: b.schemas.object(check.Reply(m)...),
	}
	s.Orders = append(s.Orders, o)
	return o
}
