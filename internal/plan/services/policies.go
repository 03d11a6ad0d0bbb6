package services

import (
	"fmt"
	"slices"
	"strings"

	"github.com/esgen/esgen/internal/check"
	"github.com/esgen/esgen/internal/contract"
	"github.com/esgen/esgen/internal/expr"
	"github.com/esgen/esgen/internal/names"
	"github.com/esgen/esgen/internal/naming"
	"github.com/esgen/esgen/internal/quote"
	"github.com/esgen/esgen/model"
)

// Policy reacts to events.
type Policy struct {
	Service   *Service
	Name      string // method of App
	Known     string // what it is known by outside of the code: what the method was called first
	Title     quote.Text
	Doc       quote.Text
	Story     quote.Text // when it does what
	Events    []EventRef
	Param     string  // Go type of the event: of the only one, or of the common fields
	Common    *Struct // the common fields, when there are several events
	If        string
	Unless    string
	Each      *Each
	Then      []*Act  // what it does, in order
	Handled   string  // Go type of the event, as package kafka writes it
	Timer     *Timer  // it waits since an event
	Clock     *Clock  // it acts at times of the clock
	Window    *Window // it looks at the events of the last while
	ByHand    *ByHand // what it gives is decided by people; nil: the model says it
	UsesEvent bool
	UsesMeta  bool
	UsesState bool
	UsesNow   bool

	Model *model.Policy

	former *names.Name // which it had before; nil: it is as it is called
}

// Names is what the policy is called, in every spelling.
func (p *Policy) Names() names.Name {
	if p.former != nil {
		return *p.former
	}
	return names.Of(&p.Model.Node)
}

// Called is the policy's Go name with what the business calls it.
func (p *Policy) Called() quote.Text { return Called(p.Name, &p.Model.Node) }

// Timer has a policy act some time after its event.
type Timer struct {
	Due       string // function of app
	At        string // Go expression of a time
	UsesEvent bool
	Unless    []CallOff
}

// CallOff is an event that ends the waiting.
type CallOff struct {
	EventRef
	Instance string // Go expression of a *values.ID that the event carries; "": it happened to the instance
}

// Clock has a policy act again and again.
type Clock struct {
	Schedule string // Go expression of a timer.Schedule
	CatchUp  string // Go constant of package timer
}

// Window is what a policy looks back at.
type Window struct {
	Local  string // variable of the adapter
	Within string // Go expression of a time.Duration
	By     string // Go expression over e; "": all events together
	Used   bool
}

// Act is one thing that a policy does.
type Act struct {
	*Policy
	Effect     string   // the name by which what comes of it is known
	Command    *Command // exactly one of Command and Operation
	Operation  *Method
	Request    Struct // of the operation
	Fields     []Assignment
	Target     string // Go expression of the instance
	Correlate  *Correlation
	Skips      bool // an instance that is not there: it is done
	OnRejected *Reaction
	ID         string // Go expression of the instance the command is for; "" of a new one
	Sub        string // Go expression that tells the commands of one event apart; "": there is one
	Key        string // Go expression of the idempotency key: of an operation, and of the ids that are made
	Given      string // variable with what a decision by hand gives; "": there is none
	MakesIDs   bool
}

// Only is the one thing that the policy does; nil: it does several.
func (p *Policy) Only() *Act {
	if len(p.Then) > 1 {
		return nil
	}
	return p.Then[0]
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
	Where     string // Go code of a where.Cond
	Sort      string // Go code of []where.Order
	Max       int
}

// Reaction is the command that answers a rejection.
type Reaction struct {
	Command *Command
	Fields  []Assignment
}

func (b *builder) policies(s *Service) {
	for _, m := range s.Context.Policies {
		if b.waits(m) {
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
	if s.TimersTopic != "" {
		s.Topics = append(s.Topics, s.TimersTopic)
	}
}

// waits reports whether a policy cannot be generated yet, because it, or what
// it connects, is a name only; check has said so. Nobody tells of the events of a
// big picture.
func (b *builder) waits(m *model.Policy) bool {
	names := b.model.Incomplete
	if names[&m.Node] || slices.ContainsFunc(m.Then, func(r *model.Reaction) bool { return r.Do.Command != nil && names[&r.Do.Command.Node] }) {
		return true
	}
	if m.Each != nil && (m.Each.View != nil && names[&m.Each.View.Node] || m.Each.Aggregate != nil && names[&m.Each.Aggregate.Node]) {
		return true
	}
	return slices.ContainsFunc(occasions(m), func(e *model.EventRef) bool {
		return e.Event == nil || e.Event.Home() == nil || names[&e.Event.Node]
	})
}

// occasions are the events on which a policy acts, at once or later; none: the
// clock has it act.
func occasions(m *model.Policy) []*model.EventRef {
	if m.Timer != nil && m.Timer.Since != nil {
		return []*model.EventRef{m.Timer.Since}
	}
	return m.Whenever
}

func (b *builder) policy(s *Service, m *model.Policy) *Policy {
	n := names.Of(&m.Node)
	g := gotypes{s.types, "app"}
	p := &Policy{Service: s, Model: m, Name: s.app.Take(n.Go, "Policy", naming.By(&m.Node)), Title: m.Called()}
	if p.Known = p.Name; len(m.Was) > 0 {
		p.Known = s.app.Take(naming.ListenerName(&m.Node), "Policy", naming.By(&m.Node))
	}
	hears := func(n *contract.Need) bool { return n.Policy == m }
	for _, w := range occasions(m) {
		p.Events = append(p.Events, b.listened(s, w.Event, hears))
	}
	if len(p.Events) > 0 {
		p.Param, p.Handled = p.Events[0].GoType, p.Events[0].GoType
	}
	if len(p.Events) > 1 {
		p.Common = b.commonFields(g, p, m)
		for i := range p.Events {
			p.Events[i].Narrow = p.Events[i].Foreign && !p.Events[i].Translated
		}
		p.Param, p.Handled = p.Common.Name, "app."+p.Common.Name
		if m.Custom {
			p.Param = "policies." + p.Common.Name
			p.Handled = p.Param
		}
	}
	vars := map[string]string{"event": "e", "meta": "meta", "now": "now", "window": "window", "row": "row", "state": "state", "id": "instance.ID", expr.NewID: "fresh.New"}
	b.times(p, hears, vars)
	if m.If != nil {
		t := b.model.Trees[m.If]
		p.If, p.Unless = g.expr(t, vars), g.expr(negate(t), vars)
	}
	if m.Each != nil {
		p.Each = b.each(s, g, m.Each, vars)
	}
	for i := range m.Then {
		p.Then = append(p.Then, b.act(p, i, vars))
	}
	b.mentions(p)
	if m.Custom {
		p.byHand()
	}
	p.Story = policyStory(p, m)
	p.Doc = Called(p.Name, &m.Node) + ": " + p.Story
	return p
}

// act plans the i-th thing that a policy does. The first is known by the name
// of the policy.
func (b *builder) act(p *Policy, i int, vars map[string]string) *Act {
	s, g, r := p.Service, gotypes{p.Service.types, "app"}, p.Model.Then[i]
	facts := b.model.Reactions[r]
	a := &Act{Policy: p, Effect: p.Name, Skips: r.Missing == model.Skip, Fields: b.assignments(g, facts.Assigns, vars)}
	asks := p.Name
	if i > 0 {
		a.Effect, asks = fmt.Sprint(p.Name, "/", i+1), s.app.Take(fmt.Sprint(p.Name, i+1), "Policy", naming.By(&p.Model.Node))
	}
	a.MakesIDs = slices.ContainsFunc(check.Values(facts.Assigns), expr.MakesID)
	if facts.Target != nil {
		a.Target = g.expr(facts.Target, vars)
	}
	switch {
	case r.Do.Command != nil:
		a.Command = s.commandOf(r.Do.Command)
		a.Fields = append(a.Fields, a.Command.leftOut(facts.Assigns)...)
	case r.Do.Operation != nil:
		a.Operation = b.method(s, &p.Model.Node, r.Do, asks, CallPolicy{Attempts: 1})
		in := "app"
		if a.Request.Name = asks + "Request"; p.Model.Custom {
			in = "policies"
			a.Request.Name = p.policies().Take(p.Name+names.Of(&r.Do.Operation.Node).Go+"Request", "Policy", naming.By(&p.Model.Node))
			a.Request.Fields = g.fields(r.Do.Operation.Input)
		}
		for _, x := range facts.Assigns {
			a.Request.Fields = append(a.Request.Fields, g.field(x.Field))
		}
		a.Request.Doc = quote.Text(a.Request.Name + " is what " + r.Do.Text + " is asked.")
		a.Operation.Request = in + "." + a.Request.Name
		a.Operation.Doc = quote.Text("asks " + r.Do.Text + " on behalf of the policy " + p.Model.Name + ".")
	}
	if r.Correlate != nil {
		a.Command.Aggregate.Found = true
		a.Correlate = &Correlation{
			Column: naming.ColumnOf(r.Correlate.Field),
			Value:  g.expr(facts.Correlated, vars),
		}
	}
	if r.OnRejected != nil && r.OnRejected.Command != nil && !b.model.Incomplete[&r.OnRejected.Command.Node] {
		to, sent := s.commandOf(r.OnRejected.Command), facts.OnRejected.Assigns
		a.OnRejected = &Reaction{Command: to, Fields: append(b.assignments(g, sent, vars), to.leftOut(sent)...)}
		if t := facts.OnRejected.Target; t != nil {
			a.OnRejected.Fields = about(to.Aggregate.ID.Go, g.expr(t, vars), a.OnRejected.Fields)
		}
	}
	a.identify()
	return a
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
		e.Aggregate.Selected = true
	}
	e.Where = b.where(g, e.Var, m.Where, vars)
	return e
}

// commonFields is the struct of the fields all events of a policy have.
func (b *builder) commonFields(g gotypes, p *Policy, m *model.Policy) *Struct {
	out := &Struct{Name: p.Name + "Event"}
	if m.Custom {
		out.Name = p.policies().Take(out.Name, "Policy", naming.By(&m.Node))
	}
	out.Doc = quote.Text(out.Name + " is what the events have in common that " + p.Name + " reacts to.")
	first := m.Whenever[0].Event
	candidates := m.Context.Means(first).Carries()
	for _, f := range candidates {
		everywhere := true
		for _, w := range m.Whenever[1:] {
			everywhere = everywhere && hasField(m.Context.Means(w.Event), f)
		}
		if everywhere && (m.Context.Translation(first) != nil || b.policyReads(m, f)) {
			out.Fields = append(out.Fields, g.field(f))
			b.defaults(out, g, []*model.Field{f})
		}
	}
	return out
}

func hasField(e *model.Event, f *model.Field) bool {
	for _, o := range e.Carries() {
		if o.Name == f.Name && o.Type.Same(f.Type) {
			return true
		}
	}
	return false
}

// policyStory tells the policy's story in a sentence.
func policyStory(p *Policy, m *model.Policy) quote.Text {
	var events []string
	for _, e := range p.Events {
		events = append(events, e.Text)
	}
	var does []string
	for _, r := range m.Then {
		does = append(does, r.Do.Text)
	}
	then := ", then " + strings.Join(does, ", then ") + "."
	return quote.Text(when(m, strings.Join(events, " or ")) + then)
}

// tellApart is the Go expression of what tells the commands of one event apart:
// the instance, or the row, that each is for.
func (a *Act) tellApart() string {
	switch {
	case a.Correlate != nil:
		return "string(id)"
	case a.Each == nil:
		return ""
	case a.Each.Aggregate != nil:
		return "string(instance.ID)"
	case len(a.Each.View.Key) == 1 && a.Each.View.Key[0].Type == "values.ID":
		return "string(row." + a.Each.View.Key[0].Go + ")"
	}
	var parts []string
	for _, k := range a.Each.View.Key {
		parts = append(parts, "row."+k.Go)
	}
	return "fmt.Sprint(" + strings.Join(parts, `, "/", `) + ")"
}

// identify decides which instance the command is for, and how the commands of one
// event are told apart.
func (a *Act) identify() {
	switch {
	case a.Target != "":
		a.ID = a.Target
	case a.Correlate != nil:
		a.ID = "id"
	case a.Each != nil && a.Each.Aggregate != nil && a.Command != nil && a.Command.Aggregate == a.Each.Aggregate:
		a.ID = "instance.ID"
	}
	if a.Command != nil {
		a.Fields = about(a.Command.Aggregate.ID.Go, a.ID, a.Fields)
	}
	a.Sub = a.tellApart()
	a.Key = quote.Go(a.Effect+"/") + " + string(m.ID)"
	if a.Sub != "" {
		a.Key += ` + "/" + ` + a.Sub
	}
}

// trees are the expressions of what a policy does, and whether it does.
func (b *builder) trees(p *Policy) []*expr.Tree {
	all := []*expr.Tree{b.model.Trees[p.Model.If]}
	for _, r := range p.Model.Then {
		facts := b.model.Reactions[r]
		all = append(append(all, check.Values(facts.Assigns)...), facts.Target, facts.Correlated)
		if r.OnRejected != nil {
			all = append(append(all, check.Values(facts.OnRejected.Assigns)...), facts.OnRejected.Target)
		}
	}
	return all
}

// mentions decides what of its surroundings the code of a policy reads.
func (b *builder) mentions(p *Policy) {
	all := b.trees(p)
	p.UsesState = uses(all, "state") // of the condition of each the database reads it
	if p.Each != nil {
		all = append(all, b.model.Trees[p.Model.Each.Where])
	}
	p.UsesEvent, p.UsesMeta, p.UsesNow = uses(all, "event"), uses(all, "meta"), uses(all, "now")
	if p.Window != nil {
		p.Window.Used = uses(all, "window")
	}
}
