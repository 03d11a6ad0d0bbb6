// Package tests plans the tests of generated services: what the scenarios tell of
// each aggregate, good requests, rows to read, and what others answer.
package tests

import (
	"slices"

	"github.com/esgen/esgen/internal/check"
	"github.com/esgen/esgen/internal/meaning"
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
	Owned     bool // of all who have the role only one may
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

// Of plans the tests of a service.
func Of(s *services.Service) *Service {
	t := &Service{Service: s, model: s.System.Model, samples: sample.New(s.System.Model)}
	replies := map[*services.Method]string{}
	for _, a := range s.Aggregates {
		if len(a.Roles) > 0 {
			t.Routes = append(t.Routes, Route{Name: a.Known, Is: "Resource", Public: "GET " + a.Path + "/{id}", Role: a.Roles[0], Owned: t.owned(a.Model.Allow)})
			if a.Sourced != nil {
				t.Routes = append(t.Routes, Route{Name: a.Known + ".events", Is: "Resource", Public: "GET " + a.Sourced.Path, Role: a.Roles[0], Owned: t.owned(a.Model.Allow)})
			}
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
	for _, g := range s.Sagas {
		for i, step := range g.Steps {
			if step.Operation != nil && step.Operation.Reply != "" {
				replies[step.Operation] = t.samples.Object(t.model.Steps[g.Model.Steps[i]].Reply).JSON
			}
		}
	}
	for _, d := range s.Asked() {
		f := Fake{Dependency: d}
		for _, m := range d.Asks() {
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
		if len(p.Events) == 0 || p.Window != nil {
			continue // it is handled on the clock's times, or beside others
		}
		e := p.Events[0]
		out.Handled = append(out.Handled, Policy{p, e.FullType, t.samples.Object(t.Context.Means(e.Model).Carries()).JSON})
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
		r.Public, r.Role, r.Owned = c.Method+" "+c.Path, c.Roles[0], t.owned(c.Model.Allow)
	}
	return r
}

// owned tells whether of all who have a role only one may.
func (t *Service) owned(allow *model.Expr) bool { return meaning.Owned(t.model.Trees[allow]) }

// Strangers tells whether there is something that only one of a role may.
func (t *Service) Strangers() bool {
	return slices.ContainsFunc(t.Routes, func(r Route) bool { return r.Owned })
}

// viewRoutes are the routes of a view and its queries.
func (t *Service) viewRoutes(v *services.View) []Route {
	list := Route{Name: v.Known, Is: "View", Internal: v.Internal}
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
		list.Public, list.Role, list.Owned = "GET "+v.Path, v.Roles[0], t.owned(v.Model.Allow)
	}
	routes := []Route{list}
	for i, q := range v.Queries {
		input := t.samples.Object(v.Model.Queries[i].Input)
		r := Route{
			Name: q.Known, Is: "Query", Internal: q.Internal,
			Body: input.JSON, Fields: input.Parts, Uncertain: input.Uncertain,
		}
		if len(q.Roles) > 0 {
			r.Public, r.Role, r.Owned = "GET "+q.Path, q.Roles[0], t.owned(v.Model.Queries[i].Allow)
		}
		routes = append(routes, r)
	}
	return routes
}

// FakeSignature is the method's parameters and results, as a fake writes them.
func (a Answer) FakeSignature() string {
	if a.Reply == "" {
		return "(_ context.Context, cause command.Cause, _ " + a.Request + ") error"
	}
	return "(_ context.Context, cause command.Cause, _ " + a.Request + ") (" + a.Reply + ", error)"
}
