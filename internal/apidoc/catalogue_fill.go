package apidoc

import (
	"encoding/json"
	"strconv"

	"github.com/esgen/esgen/internal/contract"
	"github.com/esgen/esgen/internal/names"
	"github.com/esgen/esgen/internal/naming"
	"github.com/esgen/esgen/internal/quote"
	"github.com/esgen/esgen/model"
)

// fill says what there is to say of everything on a page.
func (p *Page) fill() {
	if p.context.Team != "" {
		p.Facts = append(p.Facts, Fact{"Team", quote.Inline(p.context.Team)})
	}
	p.Facts = append(p.Facts, Fact{"Domain", quote.Markdown(p.context.Domain)})
	if p.Service != nil {
		p.Facts = append(p.Facts, Fact{"Service", quote.Code("services/" + names.Of(&p.context.Node).Kebab)})
	}
	for _, a := range p.context.Aggregates {
		p.state(a)
		for _, m := range a.Commands {
			p.command(m)
		}
		for _, e := range a.Events {
			p.event(e)
		}
	}
	for _, e := range p.told() {
		p.event(e)
	}
	for _, v := range p.context.Views {
		p.view(v)
	}
	for _, x := range p.context.Policies {
		p.policy(x)
	}
	for _, g := range p.context.Sagas {
		p.saga(g)
	}
}

// operation finds how something is asked; nil: it is names only.
func (p *Page) operation(which func(*contract.Operation) bool) *contract.Operation {
	if p.Service == nil {
		return nil
	}
	for _, o := range p.Service.Operations {
		if which(o) {
			return o
		}
	}
	return nil
}

// who are the actors that may.
func (p *Page) who(actors []*model.Actor) quote.Markdown {
	var out []quote.Markdown
	for _, a := range actors {
		out = append(out, p.Catalogue.to(p, a)+" (role "+quote.Code(a.Role)+")")
	}
	return quote.Join(out, ", ")
}

func (p *Page) state(a *model.Aggregate) {
	e := p.Catalogue.entries[a]
	o := p.operation(func(o *contract.Operation) bool { return o.Kind == contract.ReadState && o.Aggregate == a })
	if o == nil {
		return
	}
	e.fact(labelWho, p.who(o.Actors))
	e.fact(labelRoute, answeredAt(p, o))
	if a.Sourced && o.Public != nil {
		e.fact("What happened to it", through(p, naming.EventsRoutes(a)[0]))
	}
	e.Fields, e.example = p.rows(o.Reply, false), func() json.RawMessage { return p.Catalogue.examples.Reply(o) }
}

func (p *Page) command(m *model.Command) {
	c := p.Catalogue
	e := c.entries[m]
	o := p.operation(func(o *contract.Operation) bool { return o.Command == m })
	e.fact("Of", c.to(p, m.Aggregate))
	if o != nil {
		e.fact(labelWho, p.who(o.Actors))
		e.fact(labelRoute, answeredAt(p, o))
		e.fact("Route for services", quote.Code(o.Internal.String()))
		e.Fields, e.example = p.rows(o.Input, true), func() json.RawMessage { return c.examples.Input(o) }
		for _, x := range o.Problems {
			e.Problems = append(e.Problems, ProblemRow{quote.Code(x.Code), x.Status, quote.Inline(x.Message)})
		}
	}
	e.fact("Given by", c.links(p, c.given[m])...)
	var leads, calls, reads []quote.Markdown
	for _, emit := range m.Emits {
		leads = append(leads, c.to(p, emit.Event.Event))
	}
	for _, r := range m.Reads {
		reads = append(reads, c.to(p, r.View.View))
	}
	for _, call := range m.Calls {
		calls = append(calls, c.target(p, &call.To))
		if k := call.Compensate; k != nil {
			calls = append(calls, c.target(p, &k.Do)+" to undo it")
		}
		if call.Fallback != nil {
			for _, emit := range call.Fallback.Emits {
				leads = append(leads, c.to(p, emit.Event.Event))
			}
		}
	}
	e.fact("Reads", reads...)
	e.fact("Calls", calls...)
	e.fact("Leads to", leads...)
}

// target is a link to the far end of an arrow.
func (c *Catalogue) target(from *Page, to *model.Target) quote.Markdown {
	switch {
	case to.Command != nil:
		return c.to(from, to.Command)
	case to.Query != nil:
		return c.to(from, to.Query.View) + " " + quote.Code(to.Query.Name)
	case to.Operation != nil:
		return c.to(from, to.Operation)
	}
	return ""
}

func (p *Page) event(m *model.Event) {
	c := p.Catalogue
	e := c.entries[m]
	if m.External == nil {
		e.fact("Of", c.to(p, m.Aggregate))
	} else {
		e.fact("Told by", p.toldBy(m))
	}
	var message *contract.Message
	if p.Service != nil {
		for _, x := range p.Service.Messages {
			if x.Event == m {
				message = x
			}
		}
	}
	switch {
	case message != nil:
		topic := quote.Code(message.Topic)
		if message.Key != "" {
			topic += ", key " + quote.Code(message.Key)
		}
		e.fact(labelTopic, topic)
		e.fact("Type", quote.Code(message.Type)+", version "+quote.Markdown(strconv.Itoa(message.Version)))
		e.Fields, e.example = p.rows(message.Payload, false), func() json.RawMessage { return c.examples.Payload(message) }
	case m.Private:
		e.fact(labelTopic, "none: it is private to "+quote.Code(p.Name))
	}
	if m.Aggregate != nil {
		e.fact("Emitted by", c.emitters(p, m)...)
	}
	e.fact("Heard by", c.links(p, c.heard[m])...)
}

// told are the events of external systems that the context takes in.
func (p *Page) told() []*model.Event {
	var out []*model.Event
	for _, x := range p.Catalogue.system.Model.Externals {
		if x.Receiver == p.context {
			out = append(out, x.Events...)
		}
	}
	return out
}

// toldBy says how an external system tells of an event.
func (p *Page) toldBy(m *model.Event) quote.Markdown {
	who := quote.Inline(m.External.Called()) + " as " + quote.Code(m.ToldAs.Value)
	if t := m.External.Topic; t != nil {
		return who + ", on its topic " + quote.Code(t.Name.Value)
	}
	return who + ", by the webhook " + through(p, &naming.Path{Method: m.HTTP.Method, Path: m.HTTP.Path}) + ", signed in the header " + quote.Code(m.External.Webhook.Signature)
}

func (c *Catalogue) emitters(from *Page, e *model.Event) []quote.Markdown {
	var out []quote.Markdown
	for _, m := range e.Aggregate.Commands {
		lists := [][]*model.Emit{m.Emits}
		for _, call := range m.Calls {
			if call.Fallback != nil {
				lists = append(lists, call.Fallback.Emits)
			}
		}
		for _, list := range lists {
			for _, emit := range list {
				if emit.Event.Event == e {
					out = append(out, c.to(from, m))
				}
			}
		}
	}
	return out
}

func (p *Page) view(v *model.View) {
	c := p.Catalogue
	e := c.entries[v]
	row := p.operation(func(o *contract.Operation) bool { return o.Kind == contract.ReadRow && o.View == v })
	list := p.operation(func(o *contract.Operation) bool { return o.Kind == contract.ListRows && o.View == v })
	if row != nil {
		e.fact(labelWho, p.who(row.Actors))
		e.fact(labelRoute, answeredAt(p, row))
		e.fact("Route of the list", answeredAt(p, list))
		e.Fields, e.example = p.rows(row.Reply, false), func() json.RawMessage { return c.examples.Reply(row) }
	}
	for _, q := range v.Queries {
		o := p.operation(func(o *contract.Operation) bool { return o.Query == q })
		if o == nil {
			continue
		}
		label := "Query " + quote.Code(q.Name)
		if q.Title != "" {
			label += " (" + quote.Inline(q.Title) + ")"
		}
		var takes []quote.Markdown
		for _, f := range o.Input.Fields {
			takes = append(takes, quote.Code(f.Name)+" "+p.typeOf(f.Schema))
		}
		text := answeredAt(p, o)
		if text == "" {
			text = "services only"
		}
		if len(takes) > 0 {
			text += "; takes " + quote.Join(takes, ", ")
		}
		e.fact(label, text)
	}
	var fed []quote.Markdown
	for _, f := range v.From {
		fed = append(fed, c.to(p, f.Event.Event))
	}
	e.fact("Fed by", fed...)
	e.fact("Read by", c.readers(p, v)...)
}

// readers are the parts of the system that look at a view, compositions last.
func (c *Catalogue) readers(from *Page, v *model.View) []quote.Markdown {
	out := c.links(from, c.read[v])
	for _, x := range c.system.Model.Compositions {
		for _, part := range x.Parts {
			if part.From.View == v {
				out = append(out, "composition "+quote.Code(x.Name))
			}
		}
	}
	return out
}

func (p *Page) policy(x *model.Policy) {
	c := p.Catalogue
	e := c.entries[x]
	var heard []quote.Markdown
	for _, w := range x.Whenever {
		heard = append(heard, c.to(p, w.Event))
	}
	e.fact("Whenever", heard...)
	if t := x.Timer; t != nil {
		switch {
		case t.Since != nil:
			when := quote.Markdown(model.FormatDuration(t.After)) + " after "
			if t.Due != nil {
				when = quote.Code(t.Due.Text) + " after "
			}
			e.fact("When", when+c.to(p, t.Since.Event))
			for _, u := range t.Unless {
				e.fact("Unless", c.to(p, u.Event))
			}
		case t.Cron != nil:
			e.fact("When", quote.Code(t.Cron.Text))
		default:
			e.fact("When", "every "+quote.Markdown(t.Every.String()))
		}
	}
	if x.If != nil {
		e.fact("If", quote.Code(x.If.Text))
	}
	for _, r := range x.Then {
		e.fact("Then", c.target(p, &r.Do))
		if r.OnRejected != nil {
			e.fact("When that is refused", c.target(p, r.OnRejected))
		}
	}
}

func (p *Page) saga(g *model.Saga) {
	c := p.Catalogue
	e := c.entries[g]
	e.fact("Started by", c.to(p, g.StartedBy.Event))
	for i, step := range g.Steps {
		text := c.target(p, &step.Do)
		if step.Awaits() {
			text = "waits for " + c.to(p, step.Await.Event)
		}
		if step.Beside {
			text += ", together with the step before"
		}
		if step.Timeout > 0 {
			text += quote.Markdown(", within " + model.FormatDuration(step.Timeout))
		}
		if step.Compensate != nil {
			text += ", undone by " + c.target(p, &step.Compensate.Do)
		}
		if step.Pivot {
			text += "; from here on there is no way back"
		}
		e.fact(quote.Markdown("Step "+strconv.Itoa(i+1)), text)
	}
	if g.OnFailure != nil {
		e.fact("When it fails", c.target(p, &g.OnFailure.Do))
	}
}

// fillOthers says who may do what, and who asks external systems.
func (c *Catalogue) fillOthers() {
	for _, a := range c.system.Model.Actors {
		e := c.entries[a]
		e.fact("Role", quote.Code(a.Role))
		var may, sees []quote.Markdown
		for _, n := range c.system.Outside {
			if n.Consumer.Actor != a || n.Operation == nil {
				continue
			}
			switch n.Operation.Kind {
			case contract.RunCommand:
				may = append(may, c.to(nil, n.Operation.Command))
			case contract.ReadState:
				sees = append(sees, c.to(nil, n.Operation.Aggregate))
			default:
				sees = append(sees, c.to(nil, n.Operation.View))
			}
		}
		e.fact("Gives", may...)
		e.fact("Sees", sees...)
	}
	for _, x := range c.system.Model.Externals {
		for _, o := range x.Operations {
			c.entries[o].fact("Asked by", c.links(nil, c.given[o])...)
		}
	}
}
