package compat

import (
	"fmt"
	"slices"

	"github.com/esgen/esgen/internal/contract"
	"github.com/esgen/esgen/model"
)

// sealed tells of what others cannot read any more in an event.
func (c *comparison) sealed(m, n *contract.Message, needs []*contract.Need) {
	for _, f := range n.Payload.Fields {
		was := m.Payload.Field(f.Name)
		if !f.Enciphered || was == nil || was.Enciphered {
			continue
		}
		others := slices.DeleteFunc(reading(needs, f.Name), func(need *contract.Need) bool { return need.Consumer.Service == n.Service })
		c.add(Finding{Rule: BreakingPayload, Service: n.Service.Context.Name, Verdict: judged(others), Consumers: consumers(others),
			What: fmt.Sprintf("%s of event %s is enciphered, and was told in plain", f.Name, n.Event.Name),
			Why:  "only its own context has the keys", Pos: n.Event.Pos, Old: m.Event.Pos})
	}
}

// enciphered compares whose the personal data of an aggregate's instances are.
func (c *comparison) enciphered(s *contract.Service, was, is *model.Aggregate) {
	name := func(a *model.Aggregate) string {
		if a.Person == nil {
			return ""
		}
		return a.Person.Text
	}
	if name(was) == name(is) {
		return
	}
	f := own(s, "aggregate "+is.Name, "", "", is.Pos, was.Pos)
	switch {
	case is.Person == nil:
		f.What, f.Why = fmt.Sprintf("what is personal of %s is not enciphered any more", is.Name), "what was enciphered is read no more, and nobody is erased"
	case was.Person == nil:
		f.What, f.Why = fmt.Sprintf("what is personal of %s is enciphered", is.Name), "replicas of before, which run until they are replaced, cannot read it"
		f.Verdict, f.Step = Unclear, Minor
	default:
		f.What, f.Why = fmt.Sprintf("the personal data of %s are those of %s, and were those of %s", is.Name, is.Person.Text, was.Person.Text), "what was stored stays enciphered for whom it was"
		f.Verdict = Unclear
	}
	c.add(f)
}
