package contract

import (
	"slices"

	"github.com/esgen/esgen/internal/check"
	"github.com/esgen/esgen/internal/expr"
	"github.com/esgen/esgen/internal/names"
	"github.com/esgen/esgen/model"
)

// read lists the fields of a message that expressions look at through a
// variable, in the order of the message.
func (b *builder) read(variable string, of *Schema, trees ...*expr.Tree) []string {
	seen := map[string]bool{}
	for _, t := range trees {
		expr.Walk(t, func(t *expr.Tree) {
			if (t.Op == expr.Select || t.Op == expr.Has) && t.Field != nil && t.Args[0].Op == expr.Name && t.Args[0].Ident == variable {
				seen[JSON(t.Field)] = true
			}
		})
	}
	return those(of, func(f *Field) bool { return seen[f.Name] })
}

// heard lists the fields that a policy looks at of its events, in its window
// included.
func (b *builder) heard(p *model.Policy, of *Schema, trees ...*expr.Tree) []string {
	seen := map[string]bool{}
	for _, name := range b.read("event", of, trees...) {
		seen[name] = true
	}
	if p.Window != nil && p.Window.By != nil && p.Window.By.Field != nil {
		seen[JSON(p.Window.By.Field)] = true
	}
	for _, t := range trees {
		window := expr.VarType(t, "window")
		expr.Walk(t, func(t *expr.Tree) {
			if window != nil && t.Field != nil && len(t.Args) > 0 && t.Args[0].Type != nil && t.Args[0].Type.Def == window.Elem.Def {
				seen[JSON(t.Field)] = true
			}
		})
	}
	return those(of, func(f *Field) bool { return seen[f.Name] })
}

// rowsRead lists the fields of a view's rows that a command looks at.
func (b *builder) rowsRead(m *model.Command, v *model.View) []string {
	seen := map[*model.Field]bool{}
	for _, t := range Decision(b.Model, m) {
		expr.Walk(t, func(t *expr.Tree) { seen[t.Field] = true })
	}
	return those(b.schemas.object(v.Fields...), func(f *Field) bool { return seen[f.Model] })
}

// compared lists the values of enums that expressions compare something with.
func compared(trees ...*expr.Tree) map[*model.TypeDef][]string {
	out := map[*model.TypeDef][]string{}
	for _, t := range trees {
		expr.Walk(t, func(t *expr.Tree) {
			if t.Op != expr.Binary || t.Ident != "==" && t.Ident != "!=" && t.Ident != "in" {
				return
			}
			for _, side := range t.Args {
				expr.Walk(side, func(t *expr.Tree) {
					if t.Op == expr.Enum {
						out[t.Type.Def] = append(out[t.Type.Def], names.EnumValue(t.Enum))
					}
				})
			}
		})
	}
	return out
}

func those(s *Schema, which func(*Field) bool) []string {
	var out []string
	for _, f := range s.Fields {
		if which(f) {
			out = append(out, f.Name)
		}
	}
	return out
}

// Personal reports whether a command is for people only: what it decides depends on
// what their tokens say, and nothing in the system gives it.
func Personal(checked *check.Model, m *model.Command) bool {
	return !checked.Sent[m] && slices.ContainsFunc(Decision(checked, m)[1:], expr.ReadsClaims) // but for allow, of which only people are asked
}

// Decision are the checked expressions of a command, in the order in which it
// works; where the model has none there may be a nil.
func Decision(checked *check.Model, m *model.Command) []*expr.Tree {
	var out []*expr.Tree
	add := func(list ...*model.Expr) {
		for _, x := range list {
			out = append(out, checked.Trees[x])
		}
	}
	rules := func(list []*model.Rule) {
		for _, r := range list {
			add(r.That)
		}
	}
	emits := func(list []*model.Emit) {
		for _, e := range list {
			add(e.If, e.Each)
			out = append(out, check.Values(checked.Emits[e].Assigns)...)
		}
	}
	add(m.Allow)
	rules(m.Require)
	for _, r := range m.Reads {
		add(r.Where)
		out = append(out, check.Values(checked.Reads[r].Key)...)
	}
	for _, l := range m.Lets {
		add(l.Expr)
		for _, c := range l.Table {
			add(c.If, c.Is)
		}
	}
	for _, c := range m.Calls {
		out = append(out, sent(checked.Calls[c].Sending)...)
		rules(c.Require)
		if k := c.Compensate; k != nil {
			out = append(out, sent(checked.Compensations[k].Sending)...)
		}
		if f := c.Fallback; f != nil {
			out = append(out, check.Values(checked.Fallbacks[f].Reply)...)
			emits(f.Emits)
		}
	}
	emits(m.Emits)
	return out
}

// sent are the expressions of what is sent along an arrow.
func sent(s check.Sending) []*expr.Tree {
	return append([]*expr.Tree{s.Target, s.Correlated}, check.Values(s.Assigns)...)
}
