package python

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/esgen/esgen/internal/check"
	"github.com/esgen/esgen/internal/expr"
	"github.com/esgen/esgen/internal/names"
	"github.com/esgen/esgen/internal/naming"
	"github.com/esgen/esgen/internal/plan/services"
	"github.com/esgen/esgen/internal/quote"
	"github.com/esgen/esgen/model"
)

// Policy reacts to events.
type Policy struct {
	Func  string
	Known string // what it is known by outside of the code
	Doc   quote.Text
	Heard []Heard
	If    string // Python condition under which nothing is done; "": there is none
	Acts  []Act
	// UsesEvent: what it does depends on what the event says.
	UsesEvent bool
	UsesMeta  bool
	Types     string // of the event: the classes that it may be of
}

// Heard is an event as somebody hears it.
type Heard struct {
	Class string // qualified
	Topic string
	Type  string
	Needs []string // the fields that are looked at, in JSON
}

// Act is one thing that a policy does: it asks an external system.
type Act struct {
	Client   string // field of Clients
	Method   string
	Request  string // class of module clients
	Key      string // Python expression of the idempotency key
	Values   []Value
	MakesIDs bool
}

// Value is what an attribute is set to.
type Value struct{ Attribute, Expr string }

// Client is an external system that is asked.
type Client struct {
	Name       string // class
	Field      string // of Clients
	Title      quote.Text
	Env        string // variable that holds its address
	Operations []*Operation

	of map[*model.Operation]*Operation
}

// Operation is a request to an external system.
type Operation struct {
	Method  string // of the client
	Field   string
	Label   string // of metrics and logs
	Doc     quote.Text
	Request Class
	HTTP    string
	Path    string
	Timeout string // in seconds
}

// event plans the record of an event that is heard.
func (b *builder) event(e *services.Event) *Class {
	m := e.Model
	name := b.module("events").Take(names.Of(&m.Node).Go, "Of"+names.Of(m.Owner()).Go, naming.By(&m.Node))
	c := &Class{Name: name, Doc: doc(name, "it happened in "+m.Owner().Name, &m.Node), Topic: e.Topic, Type: e.Type}
	b.events[m] = c
	var fields []*model.Field
	for _, f := range e.Fields {
		fields = append(fields, f.Model)
	}
	c.Members = b.fields("events", "events."+name, fields)
	return c
}

func (b *builder) heard(ref services.EventRef) Heard {
	return Heard{Class: "events." + b.events[ref.Model].Name, Topic: ref.Subscription, Type: ref.FullType, Needs: ref.Needs}
}

func (b *builder) policy(p *services.Policy) *Policy {
	m := p.Model
	out := &Policy{
		Func: b.module("policies").Take(expr.PyName(names.Of(&m.Node).Snake), "_policy", naming.By(&m.Node)), Known: p.Known,
	}
	out.Doc = services.Called(out.Func, &m.Node) + ": " + p.Story
	var classes []string
	for _, ref := range p.Events {
		h := b.heard(ref)
		out.Heard, classes = append(out.Heard, h), append(classes, h.Class)
	}
	out.Types = strings.Join(classes, " | ")
	vars := map[string]string{"event": "e", "meta": "m.meta"}
	var read []*expr.Tree
	if m.If != nil {
		t := b.model.Trees[m.If]
		read = append(read, t)
		out.If = b.expr("policies", &expr.Tree{Op: expr.Unary, Ident: "!", Type: t.Type, Args: []*expr.Tree{t}}, vars)
	}
	for i, r := range m.Then {
		facts := b.model.Reactions[r]
		read = append(read, check.Values(facts.Assigns)...)
		out.Acts = append(out.Acts, b.act(p.Then[i], r, facts.Assigns, vars))
	}
	for _, t := range read {
		out.UsesEvent = out.UsesEvent || t != nil && expr.Uses(t, "event")
	}
	return out
}

func (b *builder) act(a *services.Act, r *model.Reaction, assigns []check.Assigned, vars map[string]string) Act {
	client := b.clients[a.Operation.Dependency]
	op := client.operation(b, r.Do.Operation)
	out := Act{
		Client: client.Field, Method: op.Method, Request: "clients." + op.Request.Name, Key: quote.JSON(a.Effect+"/") + " + m.id",
		MakesIDs: slices.ContainsFunc(check.Values(assigns), expr.MakesID),
	}
	for _, x := range assigns {
		out.Values = append(out.Values, Value{b.attribute(x.Field), b.value("policies", x, vars)})
	}
	return out
}

// value is what a field is given, in Python.
func (b *builder) value(in string, x check.Assigned, vars map[string]string) string {
	if x.Value == nil {
		return "None"
	}
	return b.expr(in, x.Value, vars)
}

func (b *builder) client(d *services.Dependency) *Client {
	names := b.module("clients")
	c := &Client{
		Name: names.Take(d.Name.Go, "Client", naming.By(d.Node())), Title: d.Title, Env: d.Env, of: map[*model.Operation]*Operation{},
	}
	c.Field = b.space("clients.Clients").Add("dependencies").Take(expr.PyName(d.Name.Snake), "_client", naming.By(d.Node()))
	b.clients[d] = c
	return c
}

// operation finds or adds a request.
func (c *Client) operation(b *builder, m *model.Operation) *Operation {
	if op := c.of[m]; op != nil {
		return op
	}
	n := names.Of(&m.Node)
	own := b.space("clients." + c.Name).Add("dependencies")
	route := naming.Operation(m)
	op := &Operation{
		Method: own.Take(expr.PyName(n.Snake), "_operation", naming.By(&m.Node)), Label: m.External.Name + "." + m.Name,
		HTTP: route.Method, Path: route.Path, Timeout: "2.0",
	}
	op.Field = "_" + op.Method
	op.Doc = services.Called(op.Method, &m.Node)
	if t := m.External.Timeout; t > 0 {
		op.Timeout = strconv.FormatFloat(t.Seconds(), 'f', -1, 64)
	}
	name := b.module("clients").Take(c.Name+n.Go, "Request", naming.By(&m.Node))
	op.Request = Class{Name: name, Doc: quote.Text(fmt.Sprintf("%s is what %s is asked.", name, op.Label))}
	op.Request.Members = b.fields("clients", "clients."+name, m.Input)
	for i, f := range op.Request.Members {
		if f.Default != "" { // what nobody says is not sent
			f.Default, f.Form, f.Type = "", "forms.Optional("+f.Form+")", f.Type+" | None"
		}
		f.Check = ""
		op.Request.Members[i] = f
	}
	c.of[m] = op
	c.Operations = append(c.Operations, op)
	return op
}
