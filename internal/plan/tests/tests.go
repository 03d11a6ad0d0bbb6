// Package tests plans the tests of generated services: good requests, rows to
// read, events with what they change, and what others answer.
package tests

import (
	"slices"

	"github.com/esgen/esgen/internal/check"
	"github.com/esgen/esgen/internal/expr"
	"github.com/esgen/esgen/internal/names"
	"github.com/esgen/esgen/internal/plan/services"
	"github.com/esgen/esgen/internal/sample"
	"github.com/esgen/esgen/model"
)

// Service is what the tests of a service need to know: every route with a
// good request, rows to read, and what others answer.
type Service struct {
	*services.Service
	Routes []Route
	Rows   []Row
	Fakes  []Fake

	model   *check.Model
	samples sample.Sampler
}

// Route is a route, and a good request for it.
type Route struct {
	Name      string
	Is        string // of package badinput
	Public    string // "POST /orders"
	Role      string
	Internal  string // path
	Row       string // of a view: "/{orderId}"
	Creates   bool
	Uncertain bool
	Body      string
	Fields    []sample.Part
}

// Row is a row of a read model that is there before the tests.
type Row struct {
	View *services.View
	JSON string
}

// Fake stands in for a dependency.
type Fake struct {
	*services.Dependency
	Answers []Answer
}

// Answer is what a fake answers to one request.
type Answer struct {
	*services.Method
	JSON string
}

// Policies is what the tests of a service's policies need to know.
type Policies struct {
	*Service
	Handled []Policy
}

// Policy is a policy with an event that it handles.
type Policy struct {
	*services.Policy
	EventType string // in the envelope
	Event     string // JSON
}

// Aggregate is what the tests of an aggregate's package need to know.
type Aggregate struct {
	*services.Aggregate
	Machines []Machine
	Initial  string  // JSON of the fields that a new instance has, beside zeros
	Examples []Event // of every event
}

// Machine is a lifecycle as a table.
type Machine struct {
	services.Lifecycle
	Steps []services.LifecycleState // every state, with those that may follow it
}

// Event is an event with an example.
type Event struct {
	*services.Event
	JSON string
	// Changes are the fields it sets, as JSON; "" when what it sets them to is
	// more than a copy or a constant.
	Changes string
}

// Changing reports whether some example says what its event changes.
func (t *Aggregate) Changing() bool {
	return slices.ContainsFunc(t.Examples, func(e Event) bool { return e.Changes != "" })
}

// Of plans the tests of a service.
func Of(s *services.Service) *Service {
	t := &Service{Service: s, model: s.System.Model, samples: sample.New(s.System.Model)}
	replies := map[*services.Method]string{}
	for _, a := range s.Aggregates {
		if len(a.Roles) > 0 {
			t.Routes = append(t.Routes, Route{Name: a.Name.Go, Is: "Resource", Public: "GET " + a.Path + "/{id}", Role: a.Roles[0]})
		}
		for _, c := range a.Commands {
			t.Routes = append(t.Routes, t.commandRoute(c))
			for i, call := range c.Calls {
				replies[call.Method] = t.samples.Object(t.model.Calls[c.Model.Calls[i]].Reply).JSON
			}
		}
	}
	for _, v := range s.Views {
		t.Routes = append(t.Routes, t.viewRoutes(v)...)
		t.Rows = append(t.Rows, Row{v, t.samples.Object(v.Model.Fields).JSON})
	}
	for _, d := range s.Dependencies {
		f := Fake{Dependency: d}
		for _, m := range d.Methods {
			f.Answers = append(f.Answers, Answer{m, replies[m]})
		}
		t.Fakes = append(t.Fakes, f)
	}
	return t
}

// OfPolicies plans the tests of the service's policies.
func (t *Service) OfPolicies() *Policies {
	out := &Policies{Service: t}
	for _, p := range t.Policies {
		if len(p.Events) == 0 {
			continue
		}
		e := p.Events[0]
		if event := e.Aggregate.EventNamed(e.Type); event != nil {
			out.Handled = append(out.Handled, Policy{p, e.FullType, t.eventSample(event).JSON})
		}
	}
	return out
}

func (t *Service) commandRoute(c *services.Command) Route {
	input := t.samples.Object(append([]*model.Field{c.Aggregate.Model.ID}, c.Model.Input...))
	r := Route{
		Name: c.FullName, Is: "Command", Internal: c.Internal, Creates: c.Model.Creates != model.Existing,
		Body: input.JSON, Fields: input.Parts, Uncertain: input.Uncertain,
	}
	r.Fields[0].Required = c.Model.Creates != model.New // an id can be made
	if c.Path != "" {
		r.Public, r.Role = c.Method+" "+c.Path, c.Roles[0]
	}
	return r
}

// viewRoutes are the routes of a view and its queries.
func (t *Service) viewRoutes(v *services.View) []Route {
	list := Route{Name: v.Name.Go, Is: "View", Internal: v.Internal}
	for _, k := range v.Key {
		list.Row += "/{" + k.JSON + "}"
	}
	var filters []*model.Field
	for _, f := range v.Model.Fields {
		if services.ColumnKind(f.Type) != "JSON" && !names.IsPageParameter(names.Of(&f.Node).JSON) {
			filters = append(filters, f)
		}
	}
	row := t.samples.Object(filters)
	list.Body, list.Fields = row.JSON, row.Parts
	if len(v.Roles) > 0 {
		list.Public, list.Role = "GET "+v.Path, v.Roles[0]
	}
	routes := []Route{list}
	for i, q := range v.Queries {
		input := t.samples.Object(v.Model.Queries[i].Input)
		r := Route{
			Name: v.Name.Go + "." + q.Name.Go, Is: "Query", Internal: q.Internal,
			Body: input.JSON, Fields: input.Parts, Uncertain: input.Uncertain,
		}
		if len(q.Roles) > 0 {
			r.Public, r.Role = "GET "+q.Path, q.Roles[0]
		}
		routes = append(routes, r)
	}
	return routes
}

// OfAggregates plans the tests of the packages of its aggregates.
func (t *Service) OfAggregates() []*Aggregate {
	var out []*Aggregate
	for _, a := range t.Aggregates {
		out = append(out, t.aggregate(a))
	}
	return out
}

func (t *Service) aggregate(a *services.Aggregate) *Aggregate {
	out := &Aggregate{Aggregate: a}
	var initial sample.Members
	for i, l := range a.Lifecycles {
		m := a.Model.Lifecycles[i]
		machine := Machine{Lifecycle: l}
		for _, s := range m.States {
			step := services.LifecycleState{Value: a.EnumConst(m.Field.Field.Type, s.Value.Value)}
			for _, to := range s.To {
				step.To = append(step.To, a.EnumConst(m.Field.Field.Type, to.Value))
			}
			machine.Steps = append(machine.Steps, step)
		}
		for _, v := range m.Field.Field.Type.Value().Def.Enum {
			value := a.EnumConst(m.Field.Field.Type, v.Name)
			if !slices.ContainsFunc(machine.Steps, func(s services.LifecycleState) bool { return s.Value == value }) {
				machine.Steps = append(machine.Steps, services.LifecycleState{Value: value})
			}
		}
		out.Machines = append(out.Machines, machine)
		if f := m.Field.Field; f.Default == nil && len(m.States) > 0 {
			initial.Set(names.Of(&f.Node).JSON, sample.EnumJSON(f.Type, m.States[0].Value.Value))
		}
	}
	for _, f := range a.Model.State {
		if f.Default != nil {
			if text, ok := t.defaultJSON(f); ok {
				initial.Set(names.Of(&f.Node).JSON, text)
			}
		}
	}
	if len(initial) > 0 {
		var id sample.Members
		id.Set(names.Of(&a.Model.ID.Node).JSON, sample.TextJSON(sample.ID))
		initial = append(id, initial...)
		out.Initial = initial.Text()
	}
	for _, e := range a.Events {
		out.Examples = append(out.Examples, Event{e, t.eventSample(e).JSON, t.changes(e)})
	}
	return out
}

// changes is what an event's example sets, as far as that is plain.
func (t *Service) changes(e *services.Event) string {
	var out sample.Members
	for _, x := range t.model.Events[e.Model].Apply {
		value, ok := t.plainValue(x.Value)
		if !ok {
			return ""
		}
		out.Set(names.Of(&x.Field.Node).JSON, value)
	}
	if len(out) == 0 {
		return ""
	}
	return out.Text()
}

// plainValue is the value of an expression that is a field of the event, or a
// constant.
func (t *Service) plainValue(x *expr.Tree) (text string, ok bool) {
	switch {
	case x == nil:
		return "", false
	case x.Op == expr.Convert:
		return t.plainValue(x.Args[0])
	case x.Op == expr.Enum:
		return sample.TextJSON(names.EnumValue(x.Enum)), true
	case x.Op == expr.Select && x.Args[0].Op == expr.Name && x.Args[0].Ident == "event":
		return t.samples.Field(x.Field).JSON, true
	case x.Op == expr.Const:
		v, err := expr.Eval(x, nil)
		if err != nil {
			return "", false
		}
		return sample.ValueJSON(x.Type.Scalar(), v)
	}
	return "", false
}

// defaultJSON is the default of a field of a simple type, as JSON.
func (t *Service) defaultJSON(f *model.Field) (string, bool) {
	of := f.Type.Value()
	if d := f.Default; d.Expr != nil {
		v, err := expr.Eval(t.model.Trees[d.Expr], nil)
		if err != nil {
			return "", false
		}
		return sample.ValueJSON(of.Scalar(), v)
	} else if d.Value.Items != nil || d.Value.Pairs != nil || d.Value.IsEmpty() {
		return "", false
	}
	text := f.Default.Value.Value
	switch s := of.Scalar(); {
	case s.Kind == model.Bool, s.Kind == model.Int:
		return text, true
	case s.Kind == model.String, s.Kind == model.ID, s.Kind == model.Ref:
		return sample.TextJSON(text), true
	case s.Kind == model.Named && s.Def.Enum != nil:
		return sample.EnumJSON(s, text), true
	case s.Kind == model.Duration:
		return "", false
	}
	v, err := sample.ConstantOf(of.Scalar().Kind, text)
	if err != nil {
		return "", false
	}
	return sample.ValueJSON(of.Scalar(), v)
}

func (t *Service) eventSample(e *services.Event) sample.Value {
	return t.samples.Object(append([]*model.Field{e.Model.Aggregate.ID}, e.Model.Fields...))
}

// FakeSignature is the method's parameters and results, as a fake writes them.
func (a Answer) FakeSignature() string {
	switch {
	case a.Undo:
		return "(_ context.Context, intent command.Intent) error"
	case a.Reply == "":
		return "(_ context.Context, call client.Call, _ " + a.Request + ") error"
	}
	return "(_ context.Context, call client.Call, _ " + a.Request + ") (" + a.Reply + ", error)"
}

// KeyGo is the Go expression of the request's idempotency key.
func (a Answer) KeyGo() string {
	if a.Undo {
		return "intent.UndoKey()"
	}
	return "call.Key"
}
