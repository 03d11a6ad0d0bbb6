package plan

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/esgen/esgen/internal/contract"
	"github.com/esgen/esgen/internal/expr"
	"github.com/esgen/esgen/internal/names"
	"github.com/esgen/esgen/model"
)

// ServiceTests is what the tests of a service need to know: every route with a
// good request, rows to read, and what others answer.
type ServiceTests struct {
	*Service
	Routes []TestRoute
	Rows   []TestRow
	Fakes  []Fake
}

// TestRoute is a route, and a good request for it.
type TestRoute struct {
	Name      string
	Is        string // of package badinput
	Public    string // "POST /orders"
	Role      string
	Internal  string // path
	Row       string // of a view: "/{orderId}"
	Creates   bool
	Uncertain bool
	Body      string
	Fields    []TestField
}

// TestField is a value of a good request.
type TestField struct {
	At       string // JSON pointer
	Kind     string // of package badinput
	Required bool
	Null     bool
	Refused  string // JSON of a value that a check of the model refuses
}

// TestRow is a row of a read model that is there before the tests.
type TestRow struct {
	View *View
	JSON string
}

// Fake stands in for a dependency.
type Fake struct {
	*Dependency
	Answers []FakeAnswer
}

// FakeAnswer is what a fake answers to one request.
type FakeAnswer struct {
	*Method
	JSON string
}

// PolicyTests is what the tests of a service's policies need to know.
type PolicyTests struct {
	*ServiceTests
	Handled []TestPolicy
}

// TestPolicy is a policy with an event that it handles.
type TestPolicy struct {
	*Policy
	EventType string // in the envelope
	Event     string // JSON
}

// AggregateTests is what the tests of an aggregate's package need to know.
type AggregateTests struct {
	*Aggregate
	Machines []Machine
	Initial  string      // JSON of the fields that a new instance has, beside zeros
	Examples []EventTest // of every event
}

// Machine is a lifecycle as a table.
type Machine struct {
	Lifecycle
	Steps []LifecycleState // every state, with those that may follow it
}

// EventTest is an event with an example.
type EventTest struct {
	*Event
	JSON string
	// Changes are the fields it sets, as JSON; "" when what it sets them to is
	// more than a copy or a constant.
	Changes string
}

// Changing reports whether some example says what its event changes.
func (t *AggregateTests) Changing() bool {
	return slices.ContainsFunc(t.Examples, func(e EventTest) bool { return e.Changes != "" })
}

// addTests adds the units of a service's tests.
func (b *builder) addTests(p *Plan, s *Service, imports map[string]string) {
	imports = maps.Clone(imports)
	imports["sync"] = "sync"
	imports["given"] = s.System.Module + "/platform/given"
	imports["pact"] = s.System.Module + "/platform/pact"
	imports["badinput"] = s.System.Module + "/platform/badinput"
	imports["grpctest"] = s.System.Module + "/platform/grpc/grpctest"
	imports["servicetest"] = s.Module + "/internal/servicetest"
	t := b.serviceTests(s)
	p.add("service-tests", t, imports)
	if s.Proto != nil {
		p.add("grpc-tests", t, imports)
	}
	b.addContractTests(p, t, imports)
	if policies := b.policyTests(t); len(policies.Handled) > 0 {
		p.add("policy-tests", policies, imports)
	}
	for _, a := range s.Aggregates {
		p.add("aggregate-tests", b.aggregateTests(a), imports)
	}
}

func (b *builder) serviceTests(s *Service) *ServiceTests {
	t := &ServiceTests{Service: s}
	replies := map[*Method]string{}
	for _, a := range s.Aggregates {
		if len(a.Roles) > 0 {
			t.Routes = append(t.Routes, TestRoute{Name: a.Name.Go, Is: "Resource", Public: "GET " + a.Path + "/{id}", Role: a.Roles[0]})
		}
		for _, c := range a.Commands {
			t.Routes = append(t.Routes, b.commandRoute(c))
			for i, call := range c.Calls {
				replies[call.Method] = b.sampleObject(b.model.Calls[c.model.Calls[i]].Reply).json
			}
		}
	}
	for _, v := range s.Views {
		t.Routes = append(t.Routes, b.viewRoutes(v)...)
		t.Rows = append(t.Rows, TestRow{v, b.sampleObject(v.model.Fields).json})
	}
	for _, d := range s.Dependencies {
		f := Fake{Dependency: d}
		for _, m := range d.Methods {
			f.Answers = append(f.Answers, FakeAnswer{m, replies[m]})
		}
		t.Fakes = append(t.Fakes, f)
	}
	return t
}

// policyTests are the policies, with an event each.
func (b *builder) policyTests(t *ServiceTests) *PolicyTests {
	out := &PolicyTests{ServiceTests: t}
	for _, p := range t.Service.Policies {
		if len(p.Events) == 0 {
			continue
		}
		e := p.Events[0]
		if event := e.Aggregate.eventNamed(e.Type); event != nil {
			out.Handled = append(out.Handled, TestPolicy{p, e.FullType, b.eventSample(event).json})
		}
	}
	return out
}

func (b *builder) commandRoute(c *Command) TestRoute {
	input := b.sampleObject(append([]*model.Field{c.Aggregate.model.ID}, c.model.Input...))
	r := TestRoute{
		Name: c.FullName, Is: "Command", Internal: c.Internal, Creates: c.model.Creates != model.Existing,
		Body: input.json, Fields: input.fields, Uncertain: input.uncertain,
	}
	r.Fields[0].Required = c.model.Creates != model.New // an id can be made
	if c.Path != "" {
		r.Public, r.Role = c.Method+" "+c.Path, c.Roles[0]
	}
	return r
}

// viewRoutes are the routes of a view and its queries.
func (b *builder) viewRoutes(v *View) []TestRoute {
	list := TestRoute{Name: v.Name.Go, Is: "View", Internal: v.Internal}
	for _, k := range v.Key {
		list.Row += "/{" + k.JSON + "}"
	}
	var filters []*model.Field
	for _, f := range v.model.Fields {
		if columnKind(f.Type) != "JSON" && !reservedParameter[names.Of(&f.Node).JSON] {
			filters = append(filters, f)
		}
	}
	row := b.sampleObject(filters)
	list.Body, list.Fields = row.json, row.fields
	if len(v.Roles) > 0 {
		list.Public, list.Role = "GET "+v.Path, v.Roles[0]
	}
	routes := []TestRoute{list}
	for i, q := range v.Queries {
		input := b.sampleObject(v.model.Queries[i].Input)
		r := TestRoute{
			Name: v.Name.Go + "." + q.Name.Go, Is: "Query", Internal: q.Internal,
			Body: input.json, Fields: input.fields, Uncertain: input.uncertain,
		}
		if len(q.Roles) > 0 {
			r.Public, r.Role = "GET "+q.Path, q.Roles[0]
		}
		routes = append(routes, r)
	}
	return routes
}

// reservedParameter are the parameters of a list that no filter can be named by.
var reservedParameter = map[string]bool{"limit": true, "cursor": true, "sort": true, "q": true}

func (b *builder) aggregateTests(a *Aggregate) *AggregateTests {
	t := &AggregateTests{Aggregate: a}
	var initial jsonObject
	for i, l := range a.Lifecycles {
		m := a.model.Lifecycles[i]
		machine := Machine{Lifecycle: l}
		for _, s := range m.States {
			step := LifecycleState{Value: enumConst(a.types, m.Field.Field.Type, s.Value.Value)}
			for _, to := range s.To {
				step.To = append(step.To, enumConst(a.types, m.Field.Field.Type, to.Value))
			}
			machine.Steps = append(machine.Steps, step)
		}
		for _, v := range m.Field.Field.Type.Value().Def.Enum {
			value := enumConst(a.types, m.Field.Field.Type, v.Name)
			if !slices.ContainsFunc(machine.Steps, func(s LifecycleState) bool { return s.Value == value }) {
				machine.Steps = append(machine.Steps, LifecycleState{Value: value})
			}
		}
		t.Machines = append(t.Machines, machine)
		if f := m.Field.Field; f.Default == nil && len(m.States) > 0 {
			initial.set(names.Of(&f.Node).JSON, enumJSON(f.Type, m.States[0].Value.Value))
		}
	}
	for _, f := range a.model.State {
		if f.Default != nil {
			if text, ok := b.defaultJSON(f); ok {
				initial.set(names.Of(&f.Node).JSON, text)
			}
		}
	}
	if len(initial.members) > 0 {
		initial.members = append([]string{quote(names.Of(&a.model.ID.Node).JSON) + ":" + quote(sampleID)}, initial.members...)
		t.Initial = initial.text()
	}
	for _, e := range a.Events {
		t.Examples = append(t.Examples, EventTest{e, b.eventSample(e).json, b.changes(e)})
	}
	return t
}

// changes is what an event's example sets, as far as that is plain.
func (b *builder) changes(e *Event) string {
	var out jsonObject
	for _, x := range b.model.Events[e.model].Apply {
		value, ok := b.plainValue(x.Value)
		if !ok {
			return ""
		}
		out.set(names.Of(&x.Field.Node).JSON, value)
	}
	if len(out.members) == 0 {
		return ""
	}
	return out.text()
}

// plainValue is the value of an expression that is a field of the event, or a
// constant.
func (b *builder) plainValue(t *expr.Tree) (text string, ok bool) {
	switch {
	case t == nil:
		return "", false
	case t.Op == expr.Convert:
		return b.plainValue(t.Args[0])
	case t.Op == expr.Enum:
		return jsonText(contract.EnumValue(t.Enum)), true
	case t.Op == expr.Select && t.Args[0].Op == expr.Name && t.Args[0].Ident == "event":
		s, ok := b.sampleField(t.Field, "", 0)
		return s.json, ok
	case t.Op == expr.Const:
		v, err := expr.Eval(t, nil)
		if err != nil {
			return "", false
		}
		return valueJSON(t.Type.Scalar(), v)
	}
	return "", false
}

// enumJSON is an enum's value of a name.
func enumJSON(t *model.Type, name string) string {
	for _, v := range t.Value().Def.Enum {
		if v.Name == name {
			return quote(contract.EnumValue(v))
		}
	}
	return quote(name)
}

// defaultJSON is the default of a field of a simple type, as JSON.
func (b *builder) defaultJSON(f *model.Field) (string, bool) {
	t := f.Type.Value()
	if d := f.Default; d.Expr != nil {
		v, err := expr.Eval(b.model.Trees[d.Expr], nil)
		if err != nil {
			return "", false
		}
		return valueJSON(t.Scalar(), v)
	} else if d.Value.Items != nil || d.Value.Pairs != nil || d.Value.IsEmpty() {
		return "", false
	}
	text := f.Default.Value.Value
	switch s := t.Scalar(); {
	case s.Kind == model.Bool, s.Kind == model.Int:
		return text, true
	case s.Kind == model.String, s.Kind == model.ID, s.Kind == model.Ref:
		return jsonText(text), true
	case s.Kind == model.Named && s.Def.Enum != nil:
		return enumJSON(s, text), true
	case s.Kind == model.Duration:
		return "", false
	}
	v, err := constantOf(t.Scalar().Kind, text)
	if err != nil {
		return "", false
	}
	return valueJSON(t.Scalar(), v)
}

// eventNamed is the event of a type.
func (a *Aggregate) eventNamed(eventType string) *Event {
	for _, e := range a.Events {
		if e.Type == eventType {
			return e
		}
	}
	return nil
}

func (b *builder) eventSample(e *Event) sampled {
	return b.sampleObject(append([]*model.Field{e.model.Aggregate.ID}, e.model.Fields...))
}

func jsonText(s string) string {
	data, err := json.Marshal(s)
	if err != nil {
		return `""`
	}
	return string(data)
}

// Literal spells a text of a test: in backquotes, where it can be.
func (ServiceTests) Literal(text string) string { return literalText(text) }

// Literal spells a text of a test: in backquotes, where it can be.
func (AggregateTests) Literal(text string) string { return literalText(text) }

func literalText(text string) string {
	if strings.ContainsAny(text, "`\r") || !strings.Contains(text, `"`) {
		return quote(text)
	}
	return "`" + text + "`"
}

// FakeSignature is the method's parameters and results, as a fake writes them.
func (a FakeAnswer) FakeSignature() string {
	switch {
	case a.Undo:
		return "(_ context.Context, intent command.Intent) error"
	case a.Reply == "":
		return "(_ context.Context, call client.Call, _ " + a.Request + ") error"
	}
	return "(_ context.Context, call client.Call, _ " + a.Request + ") (" + a.Reply + ", error)"
}

// KeyGo is the Go expression of the request's idempotency key.
func (a FakeAnswer) KeyGo() string {
	if a.Undo {
		return "intent.UndoKey()"
	}
	return "call.Key"
}
