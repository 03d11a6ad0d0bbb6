package main

import (
	"strings"

	"github.com/esgen/esgen/internal/source"
	"github.com/esgen/esgen/model"
)

// arrows leads what goes from one note to the next elsewhere: an emit to another
// event of its aggregate, a policy to another command or another instance.
func (c *collector) arrows() {
	for _, x := range c.model.Contexts {
		for _, a := range x.Aggregates {
			for _, m := range a.Commands {
				c.otherEvents(m)
			}
		}
		for _, p := range x.Policies {
			for _, r := range p.Then {
				c.reaction(p, r)
			}
		}
	}
}

// reaction leads one thing that a policy does elsewhere.
func (c *collector) reaction(p *model.Policy, r *model.Reaction) {
	c.otherCommands(r)
	c.otherFields(p, r.Target)
	for _, w := range r.With {
		c.otherFields(p, w.Value)
	}
	if f, then := r.Correlate, r.Do.Command; f != nil && then != nil {
		for _, other := range then.Aggregate.Lookup {
			c.otherNames(f.Pos, f.Text, []string{other.Text})
		}
	}
}

// otherEvents lets a command emit another event in place of each of its own.
func (c *collector) otherEvents(m *model.Command) {
	for _, e := range m.Emits {
		for _, other := range m.Aggregate.Events {
			if e.Event.Event != nil && other != e.Event.Event && c.otherNames(e.Event.Pos, e.Event.Text, []string{other.Name}) {
				break
			}
		}
	}
}

// otherCommands lets a policy give another command of the same aggregate, one
// that needs an instance, or none, as well.
func (c *collector) otherCommands(r *model.Reaction) {
	then := r.Do.Command
	if then == nil {
		return
	}
	for _, other := range then.Aggregate.Commands {
		if other != then && other.Creates == then.Creates {
			c.otherNames(r.Do.Pos, r.Do.Text, []string{then.Aggregate.Name + "." + other.Name})
			return
		}
	}
}

// otherFields takes what a policy says of its event from the other fields that
// could be meant: ids in place of ids.
func (c *collector) otherFields(p *model.Policy, x *model.Expr) {
	if x == nil || len(p.Whenever) == 0 {
		return
	}
	name, ok := strings.CutPrefix(x.Text, "event.")
	if !ok {
		return
	}
	ids := idsOf(p)
	for _, id := range ids {
		if id == name {
			var others []string
			for _, other := range ids {
				others = append(others, "event."+other)
			}
			c.otherNames(x.Pos(), x.Text, others)
		}
	}
}

// idsOf are the fields of a policy's event that name an instance.
func idsOf(p *model.Policy) []string {
	if len(p.Whenever) == 0 || p.Whenever[0].Event == nil {
		return nil
	}
	var ids []string
	e := p.Whenever[0].Event
	if e.Aggregate != nil && e.Aggregate.ID != nil {
		ids = append(ids, e.Aggregate.ID.Name)
	}
	for _, f := range e.Fields {
		if f.Type.IsID() {
			ids = append(ids, f.Name)
		}
	}
	return ids
}

// otherNames writes other names at a place, and reports whether there were any.
func (c *collector) otherNames(pos source.Pos, was string, others []string) bool {
	p, ok := c.written[pos]
	if !ok {
		return false
	}
	for _, other := range others {
		if other != was {
			c.rewrite(p, other)
		}
	}
	return true
}
