package check

import (
	"slices"
	"strings"

	"github.com/esgen/esgen/internal/diag"
	"github.com/esgen/esgen/internal/rule"
	"github.com/esgen/esgen/internal/source"
	"github.com/esgen/esgen/model"
)

// arrow leads from one command to the next.
type arrow struct {
	to  *model.Command
	pos source.Pos
	by  string // "OrderPlaced, then PrepareDelivery"
}

// policyCycles reports policies and sagas that set one another off for ever: a
// circle of events and commands without any condition on the way. One that always
// holds is none, and a day's delay ends nothing.
func (c *checker) policyCycles() {
	c.circles(func(m *model.Command) []arrow {
		if slices.ContainsFunc(m.Require, func(r *model.Rule) bool { return !c.surely(r.That) }) {
			return nil // a rejection ends it
		}
		var out []arrow
		for _, e := range m.Emits {
			if ev := e.Event.Event; ev != nil && c.surely(e.If) && !e.Otherwise && e.Each == nil && e.Choice == nil {
				out = append(out, c.brings(ev)...)
			}
		}
		for _, x := range m.Calls {
			if x.To.Command != nil {
				out = append(out, arrow{x.To.Command, x.To.Pos, "call"})
			}
		}
		return out
	}, func(at arrow, names []string, policy bool) {
		if policy {
			c.say(rule.PolicyCycle, at.pos, "this goes round for ever: %s", strings.Join(names, " -> ")).
				With(diag.Fix("give a policy or step of the circle an `if`, or a command a `require` that ends it"))
		}
	})
}

// brings are the commands that an event brings about, whatever is so.
func (c *checker) brings(e *model.Event) []arrow {
	var out []arrow
	for _, p := range c.index.listeners[e] {
		ends := p.Custom || p.Each != nil && !c.surely(p.Each.Where) || p.Timer != nil && len(p.Timer.Unless) > 0
		if ends || !c.surely(p.If) {
			continue
		}
		for _, r := range p.Then {
			if r.Do.Command != nil {
				out = append(out, arrow{r.Do.Command, p.Pos, e.Name + ", " + p.Name})
			}
		}
	}
	for _, s := range c.index.started[e] {
		for _, st := range s.Steps {
			if st.Awaits() {
				break // what it waits for need not come
			}
			if st.Do.Command != nil && c.surely(st.If) {
				out = append(out, arrow{st.Do.Command, st.Pos, e.Name + ", " + s.Name})
			}
		}
	}
	return out
}

// surely reports whether a condition is absent, or always holds.
func (c *checker) surely(x *model.Expr) bool { return x == nil || always(c.out.Trees[x]) }

// callCycles reports commands that wait for one another, and warns of calls
// that wait for further calls.
func (c *checker) callCycles() {
	c.circles(func(m *model.Command) []arrow {
		var out []arrow
		for _, x := range m.Calls {
			if x.To.Command != nil {
				out = append(out, arrow{x.To.Command, x.To.Pos, "call"})
			}
		}
		return out
	}, func(at arrow, names []string, _ bool) {
		c.say(rule.CallCycle, at.pos, "these commands wait for one another: %s", strings.Join(names, " -> ")).
			With(diag.Fix("let one of them answer by an event and a policy"))
	})
}

// circles finds the circles of arrows and reports each once, at the arrow from
// the last command to the first.
func (c *checker) circles(next func(*model.Command) []arrow, report func(at arrow, names []string, policy bool)) {
	const open, done = 1, 2
	state := map[*model.Command]int{}
	var path []*model.Command
	var by []arrow
	var visit func(m *model.Command)
	visit = func(m *model.Command) {
		state[m] = open
		path = append(path, m)
		for _, a := range next(m) {
			by = append(by, a)
			switch state[a.to] {
			case open:
				i := slices.Index(path, a.to)
				names, policy := []string{path[i].Name}, false
				for j, step := range by[i:] {
					if step.by != "call" {
						names, policy = append(names, step.by), true
					}
					if j+1 < len(by[i:]) {
						names = append(names, step.to.Name)
					}
				}
				report(a, append(names, a.to.Name), policy)
			case 0:
				visit(a.to)
			}
			by = by[:len(by)-1]
		}
		path = path[:len(path)-1]
		state[m] = done
	}
	c.commands(func(m *model.Command) {
		if state[m] == 0 {
			visit(m)
		}
	})
}
