package compat

import (
	"fmt"

	"github.com/esgen/esgen/internal/contract"
	"github.com/esgen/esgen/model"
)

// events compares what a service published, with what became of it.
func (c *comparison) events(was, is *contract.Service) {
	for _, m := range was.Messages {
		needs := m.Consumers()
		n := onTopic(is, m)
		if n == nil {
			c.eventGone(m, needs)
			continue
		}
		if n.Version != m.Version {
			c.version(m, n, needs)
			continue // who knows the old version reads nothing of the new one
		}
		c.payload(m, n, needs)
	}
	now := aggregates(was, is)
	for _, m := range everyMessage(was) {
		n, a := c.message(m), now[m.Event.Aggregate]
		if n != nil {
			c.history(m, n)
		}
		if a == nil || !a.Sourced || !m.Event.Aggregate.Sourced {
			continue
		}
		if n != nil {
			c.shown(m, n)
		} else {
			c.forgotten(is, m, a)
		}
	}
}

// shown compares what actors are told of an event that happened to an instance.
func (c *comparison) shown(m, n *contract.Message) {
	var needs []*contract.Need
	for _, o := range m.Service.Operations {
		if o.Kind != contract.ReadState || o.Aggregate != m.Event.Aggregate {
			continue
		}
		for _, need := range o.Consumers() {
			shown := *need
			shown.Reads = nil
			for _, f := range m.Payload.Fields {
				shown.Reads = append(shown.Reads, f.Name)
			}
			needs = append(needs, &shown)
		}
	}
	c.answer(answer{service: n.Service, what: "event " + n.Event.Name + " among those of " + n.Event.Aggregate.Name, rule: BreakingReply,
		pos: n.Event.Pos, old: m.Event.Pos, needs: needs, was: m.Payload, is: n.Payload})
}

// forgotten tells of an event that instances are made of, and that is known no more.
func (c *comparison) forgotten(is *contract.Service, m *contract.Message, a *model.Aggregate) {
	c.add(own(is, "aggregate "+a.Name, fmt.Sprintf("event %s is gone, and instances of %s of before are made of it", m.Event.Name, a.Name),
		"an instance to which it happened cannot be loaded", a.Pos, m.Event.Pos))
}

// onTopic finds the event that travels under the same type on the same topic.
func onTopic(s *contract.Service, m *contract.Message) *contract.Message {
	for _, n := range s.Messages {
		if n.Topic == m.Topic && n.Type == m.Type {
			return n
		}
	}
	return nil
}

// eventGone tells of an event that does not come any more, or not that way.
func (c *comparison) eventGone(m *contract.Message, needs []*contract.Need) {
	f := Finding{Rule: BreakingEvent, Service: c.now[m.Service].Context.Name, Verdict: judged(needs), Consumers: consumers(needs),
		What: "event " + m.Event.Name + " is gone", Why: "who waits for it never hears of it",
		Pos: c.near(m.Service, m.Event.Aggregate), Old: m.Event.Pos}
	if n := c.message(m); n != nil {
		f.Pos = n.Event.Pos
		c.came[n] = true
		switch {
		case n.Event.Private:
			f.What = fmt.Sprintf("event %s is private now", n.Event.Name)
		case n.ID != m.ID && n.Topic == m.Topic:
			f.What = fmt.Sprintf("event %s is gone and seems to be %s now", m.Event.Name, n.Event.Name)
		default:
			f.Rule = BreakingTopic
			f.What = fmt.Sprintf("the events of %s come on %s, and came on %s", n.Event.Owner().Name, n.Topic, m.Topic)
			f.Why = "who listens on the old topic never hears of them"
			f.Pos, f.Old = n.Event.Owner().Pos, m.Event.Owner().Pos
		}
	}
	c.add(f)
}

// version tells of an event of another version.
func (c *comparison) version(m, n *contract.Message, needs []*contract.Need) {
	f := Finding{Rule: BreakingVersion, Service: n.Service.Context.Name, Verdict: judged(needs), Consumers: consumers(needs),
		What: fmt.Sprintf("event %s is of version %d, and was of %d", n.Event.Name, n.Version, m.Version),
		Why:  "who knows the old version only sets the event aside until it is released anew", Pos: n.Event.Pos, Old: m.Event.Pos}
	c.add(f)
}

// payload compares what an event says.
func (c *comparison) payload(m, n *contract.Message, needs []*contract.Need) {
	a := answer{service: n.Service, what: "event " + n.Event.Name, rule: BreakingPayload,
		pos: n.Event.Pos, old: m.Event.Pos, needs: needs, was: m.Payload, is: n.Payload}
	if m.Key != n.Key && m.Event.Aggregate != nil && n.Event.Aggregate != nil {
		c.keyed(n.Service, m.Event.Aggregate, n.Event.Aggregate, m.Key, n.Key, reading(needs, m.Key))
		a.was, a.is = withoutField(a.was, m.Key), withoutField(a.is, n.Key)
	}
	c.answer(a)
	c.sealed(m, n, needs)
}

func withoutField(s *contract.Schema, name string) *contract.Schema {
	if s == nil {
		return nil
	}
	out := *s
	out.Fields = nil
	for _, f := range s.Fields {
		if f.Name != name {
			out.Fields = append(out.Fields, f)
		}
	}
	return &out
}
