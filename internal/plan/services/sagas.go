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

// Saga is an orchestrated story: a variable of package app.
type Saga struct {
	Service *Service
	Name    string // BookTrip
	File    string // of app: book_trip
	ID      string // trips.BookTrip: by which its requests are known
	Doc     quote.Text
	Event   EventRef
	Story   string // Go type: BookTripStory
	Data    Struct
	Timeout string // Go expression; "": none
	Steps   []*Step
	Awaits  []EventRef   // events that steps wait for
	Last    *SagaRequest // nil: nothing is left to do when all is undone

	Model *model.Saga
}

// AsksOthers reports whether it asks other services for something.
func (g *Saga) AsksOthers() bool {
	return slices.ContainsFunc(contract.Asks(g.Model), func(a contract.Ask) bool {
		return a.To.Command != nil && a.To.Command.Aggregate.Context != g.Service.Context
	})
}

// Step is a step of a saga: a request, or an event of an instance.
type Step struct {
	*SagaRequest
	Await   string // type of the event that is waited for; "": it is a request
	Beside  bool   // it begins together with the one before
	If      string // Go condition; "": always
	Reply   Struct
	Saves   []Assignment // of the saga's data; none: no reply is read
	Pivot   bool
	Timeout string       // Go expression; "": none of its own
	Undo    *SagaRequest // nil: nothing undoes it

	UsesIf, UsesSave bool // the story
}

// SagaRequest is what a saga contract.Asks for.
type SagaRequest struct {
	Saga      *Saga
	Text      string // hotels.Reserve
	Topic     string // on which it is asked for
	Type      string // of the message
	Command   string // Room.Reserve; "": an operation
	Input     Struct
	Values    []Assignment
	Instance  string // Go expression; "": not said
	By        *Correlation
	Operation *Method // nil: a command
	Uses      bool    // the story
	IDs       string  // Go expression of what the ids that it makes derive from; "": it makes none
}

// Order is a command of a service that sagas give.
type Order struct {
	*Command
	Type string
	By   []Lookup // by which its instances are found
}

// Lookup is a column by which an instance is found.
type Lookup struct{ Column, Type string }

// sagaTopics finds out what a service is asked for by sagas, and on which topics
// it asks, is asked and answers.
func (b *builder) sagaTopics(s *Service) {
	own := func(topic *string, name string) {
		if *topic == "" {
			*topic = name
			s.SagaTopics = append(s.SagaTopics, name)
		}
	}
	writes := map[string]bool{}
	for _, c := range b.model.System.Contexts {
		for _, g := range contract.Orchestrated(b.model, c) {
			if c == s.Context {
				own(&s.RepliesTopic, naming.RepliesTopic(b.model.System, c))
			}
			for _, a := range contract.Asks(g) {
				asked := c
				if a.To.Command != nil {
					asked = a.To.Command.Aggregate.Context
				}
				if c == s.Context {
					writes[naming.CommandsTopic(b.model.System, asked)] = true
				}
				if asked == s.Context {
					writes[naming.RepliesTopic(b.model.System, c)] = true
					own(&s.CommandsTopic, naming.CommandsTopic(b.model.System, asked))
				}
			}
		}
	}
	for topic := range writes {
		s.Asks = append(s.Asks, topic)
	}
	slices.Sort(s.Asks)
}

func (b *builder) sagas(s *Service) {
	for _, m := range contract.Orchestrated(b.model, s.Context) {
		s.Sagas = append(s.Sagas, b.saga(s, m))
	}
	for _, c := range b.model.System.Contexts {
		for _, g := range contract.Orchestrated(b.model, c) {
			for _, a := range contract.Asks(g) {
				if a.To.Command != nil && a.To.Command.Aggregate.Context == s.Context {
					s.order(a)
				}
			}
		}
	}
	if told := b.contracts.Service(s.Context); told != nil {
		s.Cancels = slices.ContainsFunc(told.Orders, func(o *contract.Order) bool { return o.CalledOff })
	}
	s.Topics = append(s.Topics, s.SagaTopics...)
}

// order finds or adds a command that sagas give, with how its instances are found.
func (s *Service) order(a contract.Ask) {
	i := slices.IndexFunc(s.Orders, func(o *Order) bool { return o.Model == a.To.Command })
	if i < 0 {
		i = len(s.Orders)
		s.Orders = append(s.Orders, &Order{Command: s.commandOf(a.To.Command), Type: naming.CommandType(a.To.Command)})
	}
	if o := s.Orders[i]; a.By != nil {
		o.Aggregate.Found = true
		by := Lookup{naming.ColumnOf(a.By.Field), gotypes{s.types, "kafka"}.Type(a.By.Field.Type.Value())}
		if !slices.Contains(o.By, by) {
			o.By = append(o.By, by)
		}
	}
}

// SagaOperations are the operations of external systems that its sagas ask for.
func (s *Service) SagaOperations() []*SagaRequest {
	var out []*SagaRequest
	for _, g := range s.Sagas {
		for _, step := range g.Steps {
			out = append(out, step.SagaRequest, step.Undo)
		}
		out = append(out, g.Last)
	}
	return slices.DeleteFunc(out, func(r *SagaRequest) bool { return r == nil || r.Operation == nil })
}

// storyVars are what the code of a saga calls what its expressions can name.
var storyVars = map[string]string{"event": "s.Event", "meta": "s.Meta", "saga": "s.Data", "reply": "reply", expr.NewID: "fresh.New"}

// usesStory reports whether an expression looks at the story.
func usesStory(trees ...*expr.Tree) bool {
	return uses(trees, "event") || uses(trees, "meta") || uses(trees, "saga")
}

func (b *builder) saga(s *Service, m *model.Saga) *Saga {
	g, by, space := gotypes{s.types, "app"}, naming.By(&m.Node), s.space(naming.Go, "internal/app")
	out := &Saga{Service: s, Name: space.Take(names.Of(&m.Node).Go, "Saga", by), ID: naming.SagaID(m), Model: m}
	out.File, out.Story = names.OfText(out.Name).Snake, space.Take(out.Name+"Story", "Type", by)
	out.Event = b.listened(s, m.StartedBy.Event, func(n *contract.Need) bool { return n.Saga == m })
	out.Data = Struct{Name: space.Take(out.Name+"Data", "Type", by), Fields: g.fields(m.Data)}
	out.Data.Doc = quote.Text(out.Data.Name + " is what the saga " + m.Name + " keeps.")
	b.defaults(&out.Data, g, m.Data)
	if m.Timeout > 0 {
		out.Timeout = Duration(m.Timeout)
	}
	var does []string
	for i, x := range m.Steps {
		out.Steps = append(out.Steps, b.step(out, i, x))
		does = append(does, sequel(i, x))
		if e := x.Await.Event; e != nil && !slices.ContainsFunc(m.Steps[:i], func(o *model.Step) bool { return o.Await.Event == e }) {
			out.Awaits = append(out.Awaits, b.listened(s, e, func(n *contract.Need) bool { return n.Kind == contract.ByAwait && n.Step.Saga == m }))
		}
	}
	if l := m.OnFailure; l != nil && (l.Do.Command != nil || l.Do.Operation != nil) {
		out.Last = b.request(out, contract.Ask{To: &l.Do, By: l.Correlate, Name: "last"}, "Last", b.model.Compensations[l].Sending)
	}
	out.Doc = Called(out.Name, &m.Node) + quote.Text(": after "+out.Event.Text+" "+strings.Join(does, "")+".")
	return out
}

func (b *builder) step(p *Saga, i int, x *model.Step) *Step {
	g, facts, name := gotypes{p.Service.types, "app"}, b.model.Steps[x], fmt.Sprint(i+1)
	out := &Step{Pivot: x.Pivot, Beside: x.Beside}
	if e := x.Await.Event; e != nil {
		out.SagaRequest = &SagaRequest{Saga: p, Text: x.Text(), Instance: g.expr(facts.Target, storyVars), Uses: usesStory(facts.Target)}
		out.Await = naming.EventType(e)
	} else {
		out.SagaRequest = b.request(p, contract.Ask{To: &x.Do, By: x.Correlate, Name: name}, "", facts.Sending)
	}
	if x.Timeout > 0 {
		out.Timeout = Duration(x.Timeout)
	}
	if t := b.model.Trees[x.If]; x.If != nil {
		out.If, out.UsesIf = g.expr(t, storyVars), usesStory(t)
	}
	if len(facts.Saves) > 0 {
		replied, called, answers := facts.Reply, strings.TrimSuffix(out.Input.Name, "Request")+"Reply", " answers."
		if x.Do.Operation == nil {
			replied = only(replied, b.looksAt(p.Service.Context, func(n *contract.Need) bool {
				return (n.Kind == contract.ByStep || n.Kind == contract.ByAwait) && n.Step == x
			}))
		}
		if e := x.Await.Event; e != nil {
			called, answers = p.Name+names.Of(&e.Node).Go, " tells it."
		}
		out.Reply = Struct{Name: p.take(called), Fields: g.fields(replied)}
		out.Reply.Doc = quote.Text(out.Reply.Name + " is what " + x.Text() + answers)
		b.defaults(&out.Reply, g, replied)
		for _, saved := range facts.Saves {
			out.Saves = append(out.Saves, Assignment{Go: g.Field(saved.Field), Value: g.change(saved.Value, storyVars)})
		}
		out.UsesSave = uses(check.Values(facts.Saves), "reply")
		if out.Operation != nil {
			out.Operation.Reply = "app." + out.Reply.Name
		}
	}
	if u := x.Compensate; u != nil && (u.Do.Command != nil || u.Do.Operation != nil) {
		out.Undo = b.request(p, contract.Ask{To: &u.Do, By: u.Correlate, Name: name + ".undo"}, "Undo", b.model.Compensations[u].Sending)
	}
	return out
}

// sequel tells in a comment what a step does after the ones before it.
func sequel(i int, x *model.Step) string {
	text := x.Text()
	if x.Awaits() {
		text = "waits for " + text
	}
	switch {
	case i == 0:
		return text
	case x.Beside:
		return " and " + text
	}
	return ", then " + text
}

// take gives a type of the saga its name.
func (p *Saga) take(name string) string {
	return p.Service.space(naming.Go, "internal/app").Take(name, "OfSaga", naming.By(&p.Model.Node))
}

// request plans what a saga contract.Asks for, as what.
func (b *builder) request(p *Saga, a contract.Ask, what string, sent check.Sending) *SagaRequest {
	g := gotypes{p.Service.types, "app"}
	out := &SagaRequest{Saga: p, Text: a.To.Text}
	out.Input.Fields, out.Values = b.asked(g, *a.To, sent.Assigns, storyVars)
	out.Uses = usesStory(append(check.Values(sent.Assigns), sent.Target, sent.Correlated)...)
	if slices.ContainsFunc(check.Values(sent.Assigns), expr.MakesID) {
		out.IDs, out.Uses = quote.Go(p.ID+"/")+" + string(s.Meta.ID) + "+quote.Go("/"+a.Name), true
	}
	if m := a.To.Command; m != nil {
		out.Input.Name = p.take(p.Name + what + names.Of(&m.Node).Go + "Request")
		out.Topic, out.Type = naming.CommandsTopic(b.model.System, m.Aggregate.Context), naming.CommandType(m)
		out.Command = naming.CommandName(m)
		if sent.Target != nil {
			out.Instance = g.expr(sent.Target, storyVars)
		}
		if a.By != nil {
			out.By = &Correlation{Column: naming.ColumnOf(a.By.Field), Value: g.expr(sent.Correlated, storyVars)}
		}
	} else {
		name := p.Name + what + names.Of(&a.To.Operation.Node).Go
		out.Input.Name = p.take(name + "Request")
		out.Topic, out.Type = p.Service.CommandsTopic, naming.AskType(p.Model, a.Name)
		out.Operation = b.method(p.Service, &p.Model.Node, *a.To, name, CallPolicy{Attempts: 1})
		out.Operation.Request = "app." + out.Input.Name
		out.Operation.Doc = quote.Text("asks " + a.To.Text + " on behalf of the saga " + p.Model.Name + ".")
	}
	out.Input.Doc = quote.Text(out.Input.Name + " is what " + a.To.Text + " is asked.")
	return out
}
