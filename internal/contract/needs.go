package contract

import (
	"github.com/esgen/esgen/internal/check"
	"github.com/esgen/esgen/internal/expr"
	"github.com/esgen/esgen/model"
)

// needs finds what a service relies on, in others and in itself.
func (b *builder) needs(s *Service) {
	for _, a := range s.Context.Aggregates {
		for _, m := range a.Commands {
			for _, c := range m.Calls {
				b.call(s, m, c)
			}
		}
	}
	for _, v := range s.Context.Views {
		for _, p := range v.From {
			b.projection(s, v, p)
		}
	}
	for _, p := range s.Context.Policies {
		b.policy(s, p)
	}
	for _, g := range s.Context.Sagas {
		b.saga(s, g)
		for _, step := range g.Steps {
			b.step(s, g, step)
		}
		if l := g.OnFailure; l != nil {
			last := b.Model.Compensations[l].Sending
			b.need(s, &Need{Kind: ByCompensation, Operation: b.asked(&l.Do), By: "saga " + g.Name, Failure: g, Sends: sends(&l.Do, last), Omits: omits(last)})
		}
	}
}

// need notes a need, unless nobody here meets it. What stays in its own context
// is nobody else's business.
func (b *builder) need(s *Service, n *Need) {
	switch {
	case n.Operation != nil:
		n.Provider = n.Operation.Service
	case n.Message != nil:
		n.Provider = n.Message.Service
	}
	n.Consumer = Consumer{Service: s}
	switch n.Provider {
	case nil:
	case s:
		s.Own = append(s.Own, n)
	default:
		s.Needs = append(s.Needs, n)
	}
}

// asked is the operation at the far end of an arrow; nil: an external system's.
func (b *builder) asked(to *model.Target) *Operation {
	switch {
	case to.Command != nil:
		return b.operations[to.Command]
	case to.Query != nil:
		return b.operations[to.Query]
	}
	return nil
}

func (b *builder) call(s *Service, m *model.Command, c *model.Call) {
	by, asks := "command "+m.Name, b.Model.Calls[c]
	n := &Need{Kind: ByCall, Operation: b.asked(&c.To), By: by, Call: c, Sends: sends(&c.To, asks.Sending), Omits: omits(asks.Sending), Compares: compared(Decision(b.Model, m)...)}
	if n.Operation != nil && n.Operation.Kind == AskQuery {
		n.Reads = b.rowsRead(m, c.To.Query.View)
	} else if n.Operation != nil {
		n.Reads = b.read(c.Name, n.Operation.Reply, Decision(b.Model, m)...)
	}
	for _, r := range c.Rejected {
		n.Codes = append(n.Codes, CalleeCode(c.To.Command, r.From.Value))
	}
	b.need(s, n)
	if k := c.Compensate; k != nil {
		undo := b.Model.Compensations[k].Sending
		b.need(s, &Need{Kind: ByCompensation, Operation: b.asked(&k.Do), By: by, Call: c, Sends: sends(&k.Do, undo), Omits: omits(undo)})
	}
}

// sends are the fields that somebody gives a value, the instance first.
func sends(to *model.Target, s check.Sending) []string {
	var out []string
	if to.Command != nil {
		out = append(out, JSON(to.Command.Aggregate.ID))
	}
	for _, x := range s.Assigns {
		if x.Value != nil {
			out = append(out, JSON(x.Field))
		}
	}
	return out
}

// omits are the fields whose value may be absent itself.
func omits(s check.Sending) []string {
	var out []string
	for _, x := range s.Assigns {
		if x.Value != nil && x.Value.Type.Kind == model.Optional && x.Value.Op != expr.Convert {
			out = append(out, JSON(x.Field))
		}
	}
	return out
}

func (b *builder) projection(s *Service, v *model.View, p *model.Projection) {
	m := b.messages[p.Event.Event]
	if m == nil {
		return
	}
	facts := b.Model.Projections[p]
	trees := append(check.Values(facts.Key, facts.Set), b.Model.Trees[p.Where])
	reads := b.told(s, m, "event", trees...)
	if p.Custom {
		reads = fieldNames(m.Payload) // nobody knows what Go looks at
	}
	b.need(s, &Need{Kind: ByView, Message: m, By: "view " + v.Name, Reads: reads, Compares: compared(trees...), Projection: p})
}

func (b *builder) policy(s *Service, p *model.Policy) {
	trees := []*expr.Tree{b.Model.Trees[p.If]}
	if p.Each != nil {
		trees = append(trees, b.Model.Trees[p.Each.Where])
	}
	for _, r := range p.Then {
		facts := b.Model.Reactions[r]
		trees = append(append(trees, sent(facts.Sending)...), sent(facts.OnRejected)...)
	}
	hears := func(ref *model.EventRef, reads func(*Message) []string) {
		if m := b.messages[ref.Event]; m != nil {
			b.need(s, &Need{Kind: ByPolicy, Message: m, By: "policy " + p.Name, Reads: reads(m), Compares: compared(trees...), Policy: p})
		}
	}
	heard := p.Whenever
	if t := p.Timer; t != nil && t.Since != nil {
		heard, trees = []*model.EventRef{t.Since}, append(trees, b.Model.Trees[t.Due])
	}
	for _, w := range heard {
		hears(w, func(m *Message) []string {
			if p.Custom || s.Context.Translation(m.Event) != nil {
				return fieldNames(m.Payload) // nobody knows what Go looks at
			}
			return b.heard(p, m.Payload, trees...)
		})
	}
	if t := p.Timer; t != nil && t.Since != nil {
		for _, u := range t.Unless {
			hears(u, func(m *Message) []string {
				if s.Context.Translation(m.Event) != nil {
					return fieldNames(m.Payload)
				}
				return b.callsOff(t, m)
			})
		}
	}
}

// told lists the fields of an event that a service looks at through a variable: all of
// one that it translates, since nobody knows what Go looks at.
func (b *builder) told(s *Service, m *Message, variable string, trees ...*expr.Tree) []string {
	if s.Context.Translation(m.Event) != nil {
		return fieldNames(m.Payload)
	}
	return b.read(variable, m.Payload, trees...)
}

// callsOff are the fields of an event that say what it calls off: none of one of
// the same aggregate, which happens to the instance.
func (b *builder) callsOff(t *model.Timer, m *Message) []string {
	of := t.Since.Event.Aggregate
	if of == nil || m.Event.Aggregate == of {
		return nil
	}
	return those(m.Payload, func(f *Field) bool { return f.Model.Name == of.ID.Name })
}

// saga notes what a saga looks at of the event that starts it.
func (b *builder) saga(s *Service, g *model.Saga) {
	m := b.messages[g.StartedBy.Event]
	if m == nil {
		return
	}
	var trees []*expr.Tree
	for _, step := range g.Steps {
		facts := b.Model.Steps[step]
		trees = append(append(append(trees, b.Model.Trees[step.If]), sent(facts.Sending)...), check.Values(facts.Saves)...)
		if step.Compensate != nil {
			trees = append(trees, sent(b.Model.Compensations[step.Compensate].Sending)...)
		}
	}
	if g.OnFailure != nil {
		trees = append(trees, sent(b.Model.Compensations[g.OnFailure].Sending)...)
	}
	b.need(s, &Need{Kind: BySaga, Message: m, By: "saga " + g.Name, Reads: b.told(s, m, "event", trees...), Compares: compared(trees...), Saga: g})
}

func (b *builder) step(s *Service, g *model.Saga, step *model.Step) {
	by, facts := "saga "+g.Name, b.Model.Steps[step]
	if m := b.messages[step.Await.Event]; m != nil {
		saves := check.Values(facts.Saves)
		b.need(s, &Need{Kind: ByAwait, Message: m, By: by, Step: step, Reads: b.told(s, m, "reply", saves...), Compares: compared(saves...)})
	}
	if o := b.asked(&step.Do); o != nil {
		b.need(s, &Need{
			Kind: ByStep, Operation: o, By: by, Step: step, Sends: sends(&step.Do, facts.Sending), Omits: omits(facts.Sending),
			Compares: compared(check.Values(facts.Saves)...),
			Reads:    b.read("reply", o.Reply, check.Values(facts.Saves)...),
		})
	}
	if k := step.Compensate; k != nil {
		undo := b.Model.Compensations[k].Sending
		b.need(s, &Need{Kind: ByCompensation, Operation: b.asked(&k.Do), By: by, Step: step, Sends: sends(&k.Do, undo), Omits: omits(undo)})
	}
}

// outside finds what is relied on by those that are no context: actors at the
// public routes, and the gateway.
func (b *builder) outside() {
	for _, s := range b.Services {
		for _, o := range s.Operations {
			if o.Public == nil {
				continue
			}
			for _, a := range o.Actors {
				n := &Need{Kind: ByActor, Consumer: Consumer{Actor: a}, Provider: s, Operation: o, By: a.Name}
				if o.Input != nil {
					n.Sends = fieldNames(o.Input)
					n.Omits = those(o.Input, func(f *Field) bool { return f.MayMiss(true) })
				}
				n.Reads = fieldNames(o.Reply)
				for _, p := range o.Problems {
					n.Codes = append(n.Codes, p.Code)
				}
				b.Outside = append(b.Outside, n)
			}
		}
	}
	for _, c := range b.Model.Compositions {
		if c.List != nil && c.List.View != nil {
			if o := b.operations[rows{c.List.View}]; o != nil {
				b.Outside = append(b.Outside, &Need{
					Kind: ByComposition, Consumer: Consumer{Gateway: true}, Provider: o.Service, Operation: o,
					By: "composition " + c.Name, Reads: fieldNames(o.Reply),
				})
			}
		}
		for _, p := range c.Parts {
			if o := b.operations[row{p.From.View}]; p.From.View != nil && o != nil {
				b.Outside = append(b.Outside, &Need{
					Kind: ByComposition, Consumer: Consumer{Gateway: true}, Provider: o.Service, Operation: o,
					By: "composition " + c.Name, Reads: fieldNames(o.Reply), Part: p,
				})
			}
		}
	}
}

func fieldNames(s *Schema) []string {
	out := make([]string, len(s.Fields))
	for i, f := range s.Fields {
		out[i] = f.Name
	}
	return out
}
