package services

import (
	"slices"
	"strings"

	"github.com/esgen/esgen/internal/check"
	"github.com/esgen/esgen/internal/names"
	"github.com/esgen/esgen/internal/quote"
	"github.com/esgen/esgen/model"
)

// Policy reacts to events with a command.
type Policy struct {
	Service    *Service
	Name       string // method of App, and the name its effects are known by
	Title      quote.Text
	Doc        quote.Text
	Events     []EventRef
	Param      string  // Go type of the event: of the only one, or of the common fields
	Common     *Struct // the common fields, when there are several events
	If         string
	Unless     string
	Command    *Command // exactly one of Command and Operation
	Operation  *Method
	Request    Struct // of the operation
	Fields     []Assignment
	Target     string // Go expression of the instance
	Correlate  *Correlation
	Each       *Each
	MissingGo  string // of package policy: Retry, Skip
	OnRejected *Reaction
	ID         string // Go expression of the instance the command is for; "" of a new one
	Sub        string // Go expression that tells the commands of one event apart
	Key        string // Go expression of an operation's idempotency key
	Handled    string // Go type of the event, as package kafka writes it
	UsesEvent  bool
	UsesMeta   bool
	UsesState  bool

	Model *model.Policy
}

// Correlation finds the instances whose lookup column equals a field of the
// event.
type Correlation struct {
	Column string
	Value  string // Go expression
}

// Each makes a policy act on every row or instance that matches.
type Each struct {
	View      *View
	Aggregate *Aggregate
	Var       string // row or instance
	Where     string // Go code of a store.Cond
	Sort      string // Go code of []store.Order
	Max       int
}

// Reaction is the command that answers a rejection.
type Reaction struct {
	Command *Command
	Fields  []Assignment
	Target  string
}

// appName gives a method of App a name of its own.
func (s *Service) appName(name, suffix string) string {
	return s.appNames.Take(name, suffix)
}

func (b *builder) policies(s *Service) {
	for _, m := range s.Context.Policies {
		if m.Timer != nil || m.Window != nil || len(m.Whenever) == 0 || b.waits(m) {
			continue // understood, and said so; not generated yet
		}
		s.Policies = append(s.Policies, b.policy(s, m))
	}
	topics := map[string]bool{}
	for _, e := range b.heard(s.Context) {
		ref := b.eventRef(s, e)
		if !topics[ref.Subscription] {
			topics[ref.Subscription] = true
			s.Topics = append(s.Topics, ref.Subscription)
		}
	}
}

// waits reports whether a policy cannot be generated yet, because it, or what
// it connects, is a name only; check has said so. Events of a big picture and
// of external systems are none of an aggregate.
func (b *builder) waits(m *model.Policy) bool {
	names := b.model.Incomplete
	if names[&m.Node] || m.Then.Command != nil && names[&m.Then.Command.Node] {
		return true
	}
	if m.Each != nil && (m.Each.View != nil && names[&m.Each.View.Node] || m.Each.Aggregate != nil && names[&m.Each.Aggregate.Node]) {
		return true
	}
	return slices.ContainsFunc(m.Whenever, func(e *model.EventRef) bool {
		return e.Event == nil || e.Event.Aggregate == nil || names[&e.Event.Node]
	})
}

func (b *builder) policy(s *Service, m *model.Policy) *Policy {
	n := names.Of(&m.Node)
	g := gotypes{s.types, "app"}
	p := &Policy{Service: s, Model: m, Name: s.appName(n.Go, "Policy"), Title: m.Called(), MissingGo: "Retry"}
	if m.Missing == model.Skip {
		p.MissingGo = "Skip"
	}
	for _, w := range m.Whenever {
		p.Events = append(p.Events, b.eventRef(s, w.Event))
	}
	p.Param, p.Handled = p.Events[0].GoType, p.Events[0].GoType
	if len(p.Events) > 1 {
		p.Common = b.commonFields(g, p, m)
		p.Param, p.Handled = p.Common.Name, "app."+p.Common.Name
	}
	vars := map[string]string{"event": "e", "meta": "meta", "row": "row", "state": "state", "id": "instance.ID"}
	facts := b.model.Policies[m]
	if m.If != nil {
		t := b.model.Trees[m.If]
		p.If, p.Unless = g.expr(t, vars), g.expr(negate(t), vars)
	}
	if t := facts.Target; t != nil {
		p.Target = g.expr(t, vars)
	}
	p.Fields = b.assignments(g, facts.Assigns, vars)
	switch {
	case m.Then.Command != nil:
		p.Command = s.commandOf(m.Then.Command)
	case m.Then.Operation != nil:
		p.Request = Struct{Name: p.Name + "Request", Doc: quote.Text(p.Name + "Request is what " + m.Then.Text + " is asked.")}
		for _, x := range facts.Assigns {
			p.Request.Fields = append(p.Request.Fields, g.field(x.Field))
		}
		p.Operation = b.method(s, m.Then, p.Name, CallPolicy{Attempts: 1})
		p.Operation.Request = "app." + p.Request.Name
		p.Operation.Doc = quote.Text("asks " + m.Then.Text + " on behalf of the policy " + m.Name + ".")
	}
	if m.Correlate != nil {
		p.Correlate = &Correlation{
			Column: names.Of(&m.Correlate.Field.Node).Snake,
			Value:  g.expr(facts.Correlated, vars),
		}
	}
	if m.Each != nil {
		p.Each = b.each(s, g, m.Each, vars)
	}
	if m.OnRejected != nil && m.OnRejected.Command != nil && !b.model.Incomplete[&m.OnRejected.Command.Node] {
		p.OnRejected = &Reaction{Command: s.commandOf(m.OnRejected.Command), Fields: b.assignments(g, facts.OnRejected.Assigns, vars)}
		if t := facts.OnRejected.Target; t != nil {
			p.OnRejected.Target = g.expr(t, vars)
		}
	}
	p.identify()
	b.mentions(p, facts)
	p.Doc = policyDoc(p, m)
	return p
}

func (s *Service) commandOf(m *model.Command) *Command {
	for _, a := range s.Aggregates {
		for _, c := range a.Commands {
			if c.Model == m {
				return c
			}
		}
	}
	return nil
}

func (b *builder) each(s *Service, g gotypes, m *model.Each, vars map[string]string) *Each {
	e := &Each{Var: "row", Max: m.Max, Sort: orders(m.Sort)}
	if m.View != nil {
		e.View = s.views[m.View]
	} else {
		e.Aggregate, e.Var = s.aggs[m.Aggregate], "state"
	}
	e.Where = b.where(g, m.Where, vars)
	return e
}

// commonFields is the struct of the fields all events of a policy have.
func (b *builder) commonFields(g gotypes, p *Policy, m *model.Policy) *Struct {
	out := &Struct{Name: p.Name + "Event", Doc: quote.Text(p.Name + "Event is what the events have in common that " + p.Name + " reacts to.")}
	first := m.Whenever[0].Event
	candidates := append([]*model.Field{first.Aggregate.ID}, first.Fields...)
	for _, f := range candidates {
		everywhere := true
		for _, w := range m.Whenever[1:] {
			everywhere = everywhere && hasField(w.Event, f)
		}
		if everywhere && b.policyReads(m, f) {
			out.Fields = append(out.Fields, g.field(f))
		}
	}
	return out
}

func hasField(e *model.Event, f *model.Field) bool {
	for _, o := range append([]*model.Field{e.Aggregate.ID}, e.Fields...) {
		if o.Name == f.Name && o.Type.Same(f.Type) {
			return true
		}
	}
	return false
}

// policyDoc tells the policy's story in a sentence.
func policyDoc(p *Policy, m *model.Policy) quote.Text {
	var events []string
	for _, e := range p.Events {
		events = append(events, e.Text)
	}
	return Called(p.Name, &m.Node) + quote.Text(": whenever "+strings.Join(events, " or ")+", then "+m.Then.Text+".")
}

// tellApart is the Go expression of what tells the commands of one event apart:
// the instance, or the row, that each is for.
func (p *Policy) tellApart() string {
	switch {
	case p.Correlate != nil:
		return "string(id)"
	case p.Each == nil:
		return `""`
	case p.Each.Aggregate != nil:
		return "string(instance.ID)"
	case len(p.Each.View.Key) == 1 && p.Each.View.Key[0].Type == "values.ID":
		return "string(row." + p.Each.View.Key[0].Go + ")"
	}
	var parts []string
	for _, k := range p.Each.View.Key {
		parts = append(parts, "row."+k.Go)
	}
	return "fmt.Sprint(" + strings.Join(parts, `, "/", `) + ")"
}

// identify decides which instance the command is for, and how the commands of one
// event are told apart.
func (p *Policy) identify() {
	switch {
	case p.Target != "":
		p.ID = p.Target
	case p.Correlate != nil:
		p.ID = "id"
	case p.Each != nil && p.Each.Aggregate != nil && p.Command != nil && p.Command.Aggregate == p.Each.Aggregate:
		p.ID = "instance.ID"
	}
	p.Sub = p.tellApart()
	p.Key = quote.Go(p.Name+"/") + " + string(m.ID)"
	if p.Sub != `""` {
		p.Key += ` + "/" + ` + p.Sub
	}
}

// mentions decides what of its surroundings the code of a policy reads.
func (b *builder) mentions(p *Policy, facts check.Policy) {
	all := append(check.Values(facts.Assigns), b.model.Trees[p.Model.If], facts.Target, facts.Correlated)
	if p.OnRejected != nil {
		all = append(append(all, check.Values(facts.OnRejected.Assigns)...), facts.OnRejected.Target)
	}
	p.UsesState = uses(all, "state") // of the condition of each the database reads it
	if p.Each != nil {
		all = append(all, b.model.Trees[p.Model.Each.Where])
	}
	p.UsesEvent, p.UsesMeta = uses(all, "event"), uses(all, "meta")
}
