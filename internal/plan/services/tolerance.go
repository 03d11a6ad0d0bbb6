package services

import (
	"fmt"
	"slices"

	"github.com/esgen/esgen/internal/check"
	"github.com/esgen/esgen/internal/contract"
	"github.com/esgen/esgen/internal/naming"
	"github.com/esgen/esgen/internal/quote"
	"github.com/esgen/esgen/model"
)

// What a service gets of others it reads tolerantly: its structs have the
// fields that it looks at, and no more, so that the others may come and go.

// heardFields are the fields that a context looks at of an event; of its own
// events all of them.
func (b *builder) heardFields(c *model.Context, e *model.Event) []*model.Field {
	if t := c.Translation(e); t != nil {
		return t.Means.Carries()
	}
	all := e.Carries()
	if e.Home() == c {
		return all
	}
	return only(all, b.looksAt(c, func(n *contract.Need) bool { return n.Message != nil && n.Message.Event == e }))
}

// heardEvent plans the struct of an event of another context.
func (b *builder) heardEvent(g gotypes, c *model.Context, e *model.Event) *Event {
	out := b.event(g, e, b.heardFields(c, e))
	out.Note = fmt.Sprintf("values.Event{Type: %s, Topic: %s%s}", quote.Go(naming.EventType(e)), quote.Go(out.Topic), ofVersion(out))
	return out
}

// policyReads reports whether a policy looks at a field of its events.
func (b *builder) policyReads(p *model.Policy, f *model.Field) bool {
	return b.looksAt(p.Context, func(n *contract.Need) bool { return n.Policy == p })[contract.JSON(f)]
}

// replyFields are the fields that a command looks at of a reply. Nobody knows
// which those are of a decision that is made in Go.
func (b *builder) replyFields(m *model.Command, call *model.Call) []*model.Field {
	all := b.model.Calls[call].Reply
	if m.Custom || call.To.Command == nil {
		return all // of a query, what is looked at is within its rows
	}
	return only(all, b.looksAt(m.Aggregate.Context, isCall(call)))
}

// fallbackReply is a reply that is made up, as far as it is looked at.
func (b *builder) fallbackReply(m *model.Command, call *model.Call) []check.Assigned {
	fields := b.replyFields(m, call)
	return slices.DeleteFunc(slices.Clone(b.model.Fallbacks[call.Fallback].Reply), func(x check.Assigned) bool {
		return !slices.ContainsFunc(fields, func(f *model.Field) bool { return f.Name == x.Field.Name })
	})
}

// readRows notes what a service looks at of the rows of others.
func (b *builder) readRows(s *Service) {
	s.types.read = map[*model.TypeDef]map[string]bool{}
	custom := map[*model.TypeDef]bool{}
	for _, a := range s.Context.Aggregates {
		for _, m := range a.Commands {
			for _, call := range m.Calls {
				if call.To.Query == nil || call.To.Query.View.Context == s.Context || len(b.model.Calls[call].Reply) == 0 {
					continue
				}
				row := b.model.Calls[call].Reply[0].Type.Elem.Def
				if custom[row] = custom[row] || m.Custom; custom[row] {
					delete(s.types.read, row)
					continue
				}
				view := call.To.Query.View
				s.types.read[row] = b.looksAt(s.Context, func(n *contract.Need) bool {
					return n.Kind == contract.ByCall && n.Operation != nil && n.Operation.View == view
				})
			}
		}
	}
}

// rowFields counts the fields of the rows that a query answers, as the service has
// them.
func (b *builder) rowFields(s *Service, call *model.Call) int {
	row := b.model.Calls[call].Reply[0].Type.Elem.Def
	if read, narrow := s.types.read[row]; narrow {
		return len(only(row.Fields, read))
	}
	return len(row.Fields)
}

func isCall(call *model.Call) func(*contract.Need) bool {
	return func(n *contract.Need) bool { return n.Kind == contract.ByCall && n.Call == call }
}

// looksAt are the fields, by JSON name, that are looked at because of some needs
// of a context, in others and in itself.
func (b *builder) looksAt(c *model.Context, which func(*contract.Need) bool) map[string]bool {
	out := map[string]bool{}
	if s := b.contracts.Service(c); s != nil {
		for _, n := range slices.Concat(s.Needs, s.Own) {
			if which(n) {
				for _, name := range n.Reads {
					out[name] = true
				}
			}
		}
	}
	return out
}

func only(fields []*model.Field, read map[string]bool) []*model.Field {
	return slices.DeleteFunc(slices.Clone(fields), func(f *model.Field) bool { return !read[contract.JSON(f)] })
}
