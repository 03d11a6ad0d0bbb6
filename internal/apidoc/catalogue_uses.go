package apidoc

import (
	"slices"

	"github.com/esgen/esgen/internal/quote"
	"github.com/esgen/esgen/model"
)

// uses are the parts of the system that use things of it: by thing, in the order
// of the model.
type uses map[any][]use

// use is what uses a thing: a policy, a view, a command, called how.
type use struct {
	how quote.Markdown
	key any
}

func (u uses) add(how quote.Markdown, key any, of ...any) {
	for i, x := range of {
		if !slices.Contains(of[:i], x) { // once, however often
			u[x] = append(u[x], use{how, key})
		}
	}
}

// links are links to all that use a thing.
func (c *Catalogue) links(from *Page, to []use) []quote.Markdown {
	out := make([]quote.Markdown, len(to))
	for i, u := range to {
		out[i] = u.how + " " + c.to(from, u.key)
	}
	return out
}

// ends are the commands and operations at the far end of arrows.
func ends(targets ...*model.Target) []any {
	var out []any
	for _, t := range targets {
		switch {
		case t == nil:
		case t.Command != nil:
			out = append(out, t.Command)
		case t.Operation != nil:
			out = append(out, t.Operation)
		}
	}
	return out
}

// givenBy finds the parts of the system that give commands, or send requests to
// external systems.
func givenBy(m *model.System) uses {
	u := uses{}
	for _, context := range m.Contexts {
		for _, x := range context.Policies {
			for _, r := range x.Then {
				u.add("policy", x, ends(&r.Do, r.OnRejected)...)
			}
		}
		for _, g := range context.Sagas {
			for _, step := range g.Steps {
				u.add("saga", g, ends(&step.Do, undoing(step.Compensate))...)
			}
		}
		for _, a := range context.Aggregates {
			for _, m := range a.Commands {
				for _, call := range m.Calls {
					u.add("command", m, ends(&call.To, undoing(call.Compensate))...)
				}
			}
		}
	}
	return u
}

func undoing(k *model.Compensation) *model.Target {
	if k == nil {
		return nil
	}
	return &k.Do
}

// heardBy finds the policies, sagas and views that hear events.
func heardBy(m *model.System) uses {
	u := uses{}
	for _, context := range m.Contexts {
		for _, x := range context.Policies {
			if t := x.Timer; t != nil {
				for _, ref := range append([]*model.EventRef{t.Since}, t.Unless...) {
					if ref != nil {
						u.add("policy", x, ref.Event)
					}
				}
			}
			for _, ref := range x.Whenever {
				u.add("policy", x, ref.Event)
			}
		}
		for _, g := range context.Sagas {
			heard := []any{g.StartedBy.Event}
			for _, step := range g.Steps {
				if step.Awaits() {
					heard = append(heard, step.Await.Event)
				}
			}
			u.add("saga", g, heard...)
		}
		for _, v := range context.Views {
			for _, f := range v.From {
				u.add("view", v, f.Event.Event)
			}
		}
	}
	return u
}

// readBy finds the parts of the system that look at views.
func readBy(m *model.System) uses {
	u := uses{}
	for _, context := range m.Contexts {
		for _, a := range context.Aggregates {
			for _, m := range a.Commands {
				for _, r := range m.Reads {
					u.add("command", m, r.View.View)
				}
				for _, call := range m.Calls {
					if q := call.To.Query; q != nil {
						u.add("command", m, q.View)
					}
				}
			}
		}
		for _, x := range context.Policies {
			if x.Each != nil && x.Each.View != nil {
				u.add("policy", x, x.Each.View)
			}
		}
	}
	return u
}
