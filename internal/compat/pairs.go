package compat

import (
	"maps"
	"slices"

	"github.com/esgen/esgen/internal/contract"
	"github.com/esgen/esgen/internal/names"
	"github.com/esgen/esgen/model"
)

// pairServices finds what became of each service: the one of the same name, or
// else the new one that offers most of the same.
func (c *comparison) pairServices() {
	c.now = pair(c.was.Services, c.is.Services,
		func(s *contract.Service) string { return s.Name.Kebab },
		func(a, b *contract.Service) float64 { return alike(offers(a), offers(b)) })
	c.before = map[*contract.Service]*contract.Service{}
	for was, is := range c.now {
		c.before[is] = was
	}
}

// likely is how alike two things must be for one to be the other's new name:
// more than half of what either has is what both have.
const likely = 0.5

// pair finds, for things of an old model, those of the new one: by name, and
// those that are left over by likeness, the likest first.
func pair[T comparable](was, is []T, name func(T) string, likeness func(a, b T) float64) map[T]T {
	out := map[T]T{}
	taken := map[T]bool{}
	byName := map[string]T{}
	for _, n := range is {
		byName[name(n)] = n
	}
	for _, o := range was {
		if n, ok := byName[name(o)]; ok && !taken[n] {
			out[o], taken[n] = n, true
		}
	}
	for {
		var from, to T
		best := likely
		for _, o := range was {
			if _, known := out[o]; known {
				continue
			}
			for _, n := range is {
				if s := likeness(o, n); !taken[n] && s > best {
					from, to, best = o, n, s
				}
			}
		}
		if best == likely {
			return out
		}
		out[from], taken[to] = to, true
	}
}

// alike is the share of what two sets have in common.
func alike(a, b map[string]bool) float64 {
	all := maps.Clone(a)
	maps.Copy(all, b)
	if len(all) == 0 {
		return 0
	}
	both := 0
	for k := range a {
		if b[k] {
			both++
		}
	}
	return float64(both) / float64(len(all))
}

// offers are the names of what a service offers.
func offers(s *contract.Service) map[string]bool {
	out := map[string]bool{}
	for _, o := range s.Operations {
		out[o.ID] = true
	}
	for _, m := range s.Messages {
		out["event "+m.ID] = true
	}
	return out
}

// operation finds what became of a request: the one of the same name, else one
// of the same shape.
func (c *comparison) operation(o *contract.Operation) *contract.Operation {
	n := c.now[o.Service]
	if n == nil {
		return nil
	}
	if c.became[o.Service] == nil {
		c.became[o.Service] = pair(o.Service.Operations, n.Operations,
			func(o *contract.Operation) string { return o.ID },
			func(a, b *contract.Operation) float64 {
				if a.Kind != b.Kind {
					return 0
				}
				return alike(shape(a.Input, a.Reply), shape(b.Input, b.Reply))
			})
	}
	return c.became[o.Service][o]
}

// message finds what became of an event: the one of the same name, else one of
// the same shape, public or not.
func (c *comparison) message(m *contract.Message) *contract.Message {
	n := c.now[m.Service]
	if n == nil {
		return nil
	}
	if c.sounded[m.Service] == nil {
		c.sounded[m.Service] = pairMessages(m.Service, n)
	}
	return c.sounded[m.Service][m]
}

func pairMessages(was, is *contract.Service) map[*contract.Message]*contract.Message {
	now := aggregates(was, is)
	return pair(everyMessage(was), everyMessage(is),
		func(m *contract.Message) string {
			owner := m.Event.Owner()
			if a := now[m.Event.Aggregate]; a != nil {
				owner = &a.Node
			}
			return names.Kept(owner).Go + "." + names.Kept(&m.Event.Node).Go
		},
		func(a, b *contract.Message) float64 {
			if (a.Event.External == nil) != (b.Event.External == nil) {
				return 0 // who tells of it is another
			}
			if len(a.Payload.Fields) < 2 {
				return 0 // an id alone is no shape to know anything by
			}
			return alike(shape(a.Payload), shape(b.Payload))
		})
}

// aggregates finds what became of a service's aggregates.
func aggregates(was, is *contract.Service) map[*model.Aggregate]*model.Aggregate {
	return pair(was.Context.Aggregates, is.Context.Aggregates,
		func(a *model.Aggregate) string { return names.Kept(&a.Node).Go },
		func(a, b *model.Aggregate) float64 { return alike(notes(a), notes(b)) })
}

func everyMessage(s *contract.Service) []*contract.Message {
	return slices.Concat(s.Messages, s.Private)
}

// shape is the fields of schemas with their types.
func shape(schemas ...*contract.Schema) map[string]bool {
	out := map[string]bool{}
	for _, s := range schemas {
		if s == nil {
			continue
		}
		for _, f := range s.Fields {
			out[f.Name+" "+word(f.Schema)] = true
		}
	}
	return out
}

// field finds what became of a field that is gone: the only new one that holds
// the same.
func field(gone *contract.Field, was, is *contract.Schema) *contract.Field {
	var found *contract.Field
	for _, f := range is.Fields {
		if was.Field(f.Name) != nil || word(f.Schema) != word(gone.Schema) {
			continue
		}
		if found != nil {
			return nil
		}
		found = f
	}
	return found
}
