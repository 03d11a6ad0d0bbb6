package services

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/esgen/esgen/internal/check"
	"github.com/esgen/esgen/internal/contract"
	"github.com/esgen/esgen/internal/names"
	"github.com/esgen/esgen/internal/naming"
	"github.com/esgen/esgen/internal/quote"
	"github.com/esgen/esgen/internal/sample"
	"github.com/esgen/esgen/model"
)

// Dependency is another context or an external system that a service calls:
// an interface of app, and its client.
type Dependency struct {
	Service   *Service
	Name      names.Name
	Title     quote.Text
	External  bool
	Dir       string // of the service that is asked; "" of an external system
	Env       string // variable that holds its address: PAY_URL
	Field     string // of App
	Interface string // of app
	Local     string // variable of main
	Client    string // type of package clients
	New       string // function of package clients that makes one
	Config    string // field of the configuration
	Methods   []*Method

	node any // *model.Context or *model.External
	of   *model.Node
}

// Node is the note of the context or the external system.
func (d *Dependency) Node() *model.Node { return d.of }

// Method is one request to a dependency.
type Method struct {
	Dependency *Dependency
	Name       string // PlaceOrderPayment
	Known      string // of one that undoes: by which it is kept what is to be undone
	Doc        quote.Text
	Local      string   // field of the client
	Label      string   // of metrics and logs: pay.Approve
	Request    string   // Go type, qualified
	Reply      string   // Go type, qualified; "" where nothing is read
	RowType    string   // of a query: Go type of a row, qualified
	Narrow     bool     // of a query: only the fields of Needs are looked at
	Needs      []string // JSON names
	Command    bool     // a command of another context: POST to its internal route
	Query      bool     // a query of another context
	Undo       bool     // compensates an earlier call
	Learns     *Method  // that call, where undoing needs its answer; else nil
	HTTP       string   // method
	Path       string
	Policy     CallPolicy
	ByHand     *Asking // how it is asked is written by people; nil: by HTTP
}

// CallPolicy bounds a call. Durations are Go expressions.
type CallPolicy struct {
	Timeout  string
	Total    string
	Attempts int
	Failures int
	Of       int
	Open     string
	Bulkhead int
}

// Call is a request a command makes while it is decided.
type Call struct {
	callMethods
	Command  *Command
	Func     string // method of App: placeOrderPayment
	Var      string // field of the decision: Payment
	Name     string // payment
	Text     string // pay.Approve
	Request  Struct
	Values   []Assignment // of the request
	Reply    Struct
	Target   string // Go expression of the instance; "" for a created one
	TargetID string // Go field of the request that holds it; "" of queries and operations
	Derived  bool   // the instance is called after the key of the call
	Creates  bool
	Require  []Rule
	Rejected []Rename
	Method   *Method
	Makes    string // the function of package command that makes it
	Undo     *Undo
	Fallback *Fallback

	Model *model.Call
}

// Rename gives a rejection another code.
type Rename struct{ From, To string }

// Undo compensates a call.
type Undo struct {
	Struct
	Values   []Assignment
	Target   string // Go expression
	TargetID string
	Derived  bool // the instance is called after the key of the call
	Method   *Method
	// NeedsReply: what to ask is known only from the reply; without one, only
	// the instance is, which was derived from the key.
	NeedsReply bool
	// Learned is what is taken from the answer as it is; where it is said, the
	// answer can be asked for once more.
	Learned []Learned
}

// Learned is a member of what undoes a call, and the one of the answer that it is.
type Learned struct{ Field, From string }

// Learns reports whether what the call answered is asked for once more.
func (u *Undo) Learns() bool { return len(u.Learned) > 0 }

// Fallback says how to go on without a reply: with events of its own, or with
// a reply that is made up.
type Fallback struct {
	*Emission
	Reply []Assignment
}

func (b *builder) call(c *Command, m *model.Call) *Call {
	g := c.Aggregate.types
	out := &Call{Command: c, Var: c.members[&m.Node], Name: m.Known(), Text: m.To.Text, callMethods: c.methods[m], Model: m}
	prefix := c.Go + out.Var
	request := c.Aggregate.names.Take(prefix+"Request", "Type", naming.By(&m.Node))
	out.Request = Struct{Name: request, Doc: quote.Text(request + " is what " + m.To.Text + " is asked.")}
	sent := b.model.Calls[m].Sending
	out.Request.Fields, out.Values = b.asked(g, m.To, sent.Assigns, c.vars)
	replied := b.replyFields(c.Model, m)
	out.Reply = Struct{Name: c.replies[m], Doc: quote.Text(c.replies[m] + " is what " + m.To.Text + " answers."), Fields: g.fields(replied)}
	b.defaults(&out.Reply, g, replied)
	if callee := m.To.Command; callee != nil {
		id := g.field(callee.Aggregate.ID)
		out.TargetID = id.Go
		out.Request.Fields = append([]Field{id}, out.Request.Fields...)
		out.Creates = callee.Creates != model.Existing
	}
	if t := sent.Target; t != nil {
		out.Target = g.expr(t, c.vars)
	}
	out.Derived = out.TargetID != "" && out.Target == ""
	out.Values = about(out.TargetID, out.Target, out.Values)
	out.Func = c.Aggregate.Service.app.Take(names.OfText(prefix).Local, "Call", naming.By(&m.Node))
	for _, r := range m.Require {
		out.Require = append(out.Require, b.rule(g, r, c.vars, 422))
	}
	for _, r := range m.Rejected {
		out.Rejected = append(out.Rejected, Rename{contract.CalleeCode(m.To.Command, r.From.Value), contract.Code(r.To.Value)})
	}
	out.Method = b.method(c.Aggregate.Service, &m.Node, m.To, prefix, policy(m))
	out.Method.Request = c.Aggregate.Package + "." + out.Request.Name
	out.Method.Reply = c.Aggregate.Package + "." + out.Reply.Name
	out.Makes = "To"
	if out.Method.Query || out.Method.HTTP == "GET" || out.Method.HTTP == "HEAD" { // it has no effect
		out.Makes = "Query"
	}
	if out.Method.Query {
		out.Method.RowType = strings.TrimPrefix(out.Reply.Fields[0].Type, "[]")
		if !c.Custom { // else nobody knows
			out.Method.Needs = slices.Sorted(maps.Keys(b.looksAt(c.Aggregate.Service.Context, isCall(m))))
			out.Method.Narrow = len(out.Method.Needs) < b.rowFields(c.Aggregate.Service, m)
		}
	}
	out.Method.Doc = quote.Text("asks " + m.To.Text + " on behalf of " + c.Go + ".")
	if m.Compensate != nil {
		out.Undo = b.undo(c, m, prefix)
		if out.Undo.Learns() {
			out.Undo.Method.Learns = out.Method
		}
		if out.Undo.TargetID != "" && out.Undo.Target == "" {
			out.Undo.Target, out.Undo.Derived = out.Target, out.Target == ""
		}
		target := out.Undo.Target
		if out.Undo.Derived {
			target = "id"
		}
		out.Undo.Values = about(out.Undo.TargetID, target, out.Undo.Values)
	}
	if m.Fallback != nil {
		out.Fallback = &Fallback{Reply: b.assignments(g, b.fallbackReply(c.Model, m), c.vars)}
		if len(m.Fallback.Emits) > 0 {
			e := b.emission(c, m.Fallback.Emits)
			out.Fallback.Emission = &e
		}
	}
	return out
}

func (b *builder) undo(c *Command, m *model.Call, prefix string) *Undo {
	g := c.Aggregate.types
	k := m.Compensate
	name := c.Aggregate.names.Take(prefix+"Undo", "Type", naming.By(&m.Node))
	u := &Undo{Struct: Struct{Name: name, Doc: quote.Text(name + " is what " + k.Do.Text + " is asked when the call was in vain.")}}
	sent := b.model.Compensations[k]
	u.Fields, u.Values = b.asked(g, k.Do, sent.Assigns, c.vars)
	if k.Do.Command != nil {
		id := g.field(k.Do.Command.Aggregate.ID)
		u.TargetID = id.Go
		u.Fields = append([]Field{id}, u.Fields...)
	}
	if t := sent.Target; t != nil {
		u.Target = g.expr(t, c.vars)
	}
	u.Method = b.method(c.Aggregate.Service, &m.Node, k.Do, "Undo"+prefix, CallPolicy{Attempts: 1})
	u.Method.Undo, u.Method.Known = true, u.Method.Name
	if call := &m.Node; len(c.Model.Was)+len(call.Was) > 0 {
		u.Method.Known = "Undo" + names.Kept(&c.Model.Node).Go + names.Kept(call).Go
	}
	u.NeedsReply = sent.NeedsReply
	for _, l := range sent.Learned {
		u.Learned = append(u.Learned, Learned{g.field(l.Field).JSON, g.field(l.From).JSON})
	}
	u.Method.Request = c.Aggregate.Package + "." + u.Name
	u.Method.Doc = quote.Text("asks " + k.Do.Text + " to undo what " + c.Go + " asked in vain.")
	return u
}

// asked are the fields of a request, and their values. A service is told what
// somebody gives, null included, and fills in the rest by itself.
func (b *builder) asked(g gotypes, to model.Target, list []check.Assigned, vars map[string]string) ([]Field, []Assignment) {
	var fields []Field
	var said []check.Assigned
	for _, x := range list {
		f := g.field(x.Field)
		if to.Operation == nil {
			if x.Unsaid {
				continue
			}
			f.Tag = tagged(`json:"` + f.JSON + `"`)
		}
		said, fields = append(said, x), append(fields, f)
	}
	return fields, b.assignments(g, said, vars)
}

// Without reports whether the command goes on with events of its own where the
// call is not answered.
func (c *Call) Without() bool { return c.Fallback != nil && c.Fallback.Emission != nil }

// Question is what is asked, as Go.
func (c *Call) Question() string {
	if c.Undo != nil && c.Undo.Learns() {
		return "ask"
	}
	return "d." + c.AskFunc + "()"
}

// Plain reports whether what comes of the call is passed on as it is.
func (c *Call) Plain() bool {
	return len(c.Rejected) == 0 && (c.Fallback == nil || c.Without())
}

// Asks are the methods that the app asks for: the others undo.
func (d *Dependency) Asks() []*Method {
	return slices.DeleteFunc(slices.Clone(d.Methods), func(m *Method) bool { return m.Undo })
}

// Asked are the dependencies that the app asks.
func (s *Service) Asked() []*Dependency {
	return slices.DeleteFunc(slices.Clone(s.Dependencies), func(d *Dependency) bool { return len(d.Asks()) == 0 })
}

// Signature is the method's parameters and results, as package app writes them.
func (m *Method) Signature() string { return m.SignatureOf("app") }

// SignatureOf is the method's parameters and results, as a package writes them.
func (m *Method) SignatureOf(pkg string) string {
	if m.Undo {
		return "(ctx context.Context, intent command.Intent) error"
	}
	ask := strings.TrimPrefix(m.Request, pkg+".")
	if m.Reply == "" {
		return "(ctx context.Context, cause command.Cause, ask " + ask + ") error"
	}
	return "(ctx context.Context, cause command.Cause, ask " + ask + ") (" + strings.TrimPrefix(m.Reply, pkg+".") + ", error)"
}

// policy spells the bounds of a call.
func policy(m *model.Call) CallPolicy {
	p := CallPolicy{Timeout: Duration(m.Timeout), Attempts: max(m.Attempts, 1), Bulkhead: m.Bulkhead}
	if m.Total > 0 {
		p.Total = Duration(m.Total)
	}
	if k := m.Breaker; k != nil {
		p.Failures, p.Of, p.Open = k.Failures, k.Of, Duration(k.Open)
	}
	return p
}

// Duration spells a duration as a person would: 610 * time.Millisecond.
func Duration(d time.Duration) string {
	for _, unit := range []struct {
		name string
		size time.Duration
	}{{"Hour", time.Hour}, {"Minute", time.Minute}, {"Second", time.Second}, {"Millisecond", time.Millisecond}, {"Microsecond", time.Microsecond}} {
		if d%unit.size == 0 {
			if d == unit.size {
				return "time." + unit.name
			}
			return fmt.Sprintf("%d * time.%s", d/unit.size, unit.name)
		}
	}
	return fmt.Sprintf("%d * time.Nanosecond", d)
}

// method adds a request to the dependency it goes to.
func (b *builder) method(s *Service, by *model.Node, to model.Target, name string, p CallPolicy) *Method {
	own := s.asks.Take(name, "Call", naming.By(by))
	m := &Method{Name: own, Local: s.asks.Take(names.OfText(own).Local, "Client", naming.By(by)), Label: to.Text, Policy: p}
	switch {
	case to.Command != nil:
		callee := to.Command
		m.Dependency = s.toContext(callee.Aggregate.Context)
		m.Command, m.HTTP = true, "POST"
		m.Path = naming.InternalCommand(callee)
	case to.Query != nil:
		m.Dependency = s.toContext(to.Query.View.Context)
		m.Query, m.HTTP = true, "POST"
		m.Path = naming.InternalQuery(to.Query)
	default:
		op := operation(to.Operation)
		x := to.Operation.External
		m.Dependency = s.toExternal(x)
		m.HTTP, m.Path = op.Method, op.Path
		if x.Custom {
			m.ByHand = b.asking(s, to.Operation)
		}
		if x.Timeout > 0 && m.Policy.Timeout == "" {
			m.Policy.Timeout = Duration(x.Timeout)
		}
	}
	if m.Policy.Timeout == "" {
		m.Policy.Timeout = "2 * time.Second"
	}
	m.Dependency.Methods = append(m.Dependency.Methods, m)
	return m
}

// toContext finds or adds the dependency on another context.
func (s *Service) toContext(x *model.Context) *Dependency {
	return s.dependency(&x.Node, Dependency{
		Name: names.Of(&x.Node), Title: x.Called(), Dir: naming.Dir(x), Env: naming.ContextAddress(s.System.Model.System, x), node: x,
	})
}

// toExternal finds or adds the dependency on an external system.
func (s *Service) toExternal(x *model.External) *Dependency {
	return s.dependency(&x.Node, Dependency{
		Name: naming.ExternalName(s.System.Model.System, x), Title: x.Called(), External: true,
		Env: naming.ExternalAddress(s.System.Model.System, x), node: x,
	})
}

// dependency finds or adds a dependency.
func (s *Service) dependency(of *model.Node, d Dependency) *Dependency {
	for _, known := range s.Dependencies {
		if known.node == d.node {
			return known
		}
	}
	by := naming.By(of)
	d.of, d.Service, d.Field, d.Local = of, s, s.app.Take(d.Name.Go, "Client", by), s.locals.Take(d.Name.Local, "Client", by)
	d.Client = s.clients.Take(d.Name.Go, "Client", by)
	d.New = s.clients.Take("New"+d.Client, "Client", by)
	d.Config = names.OfText(d.Env).Go
	d.Interface = d.Field + "Port"
	s.Dependencies = append(s.Dependencies, &d)
	return &d
}

func external(x *model.External) *External {
	out := &External{Name: names.Of(&x.Node), Title: x.Called()}
	for _, o := range x.Operations {
		out.Operations = append(out.Operations, operation(o))
	}
	return out
}

func operation(o *model.Operation) Operation {
	route := naming.Operation(o)
	return Operation{
		Name: names.Of(&o.Node), Title: o.Called(), Method: route.Method, Path: route.Path,
		Reply: sample.Encode(sample.Plausible{Number: 1}.Object(o.Reply)),
	}
}
