package check

import (
	"slices"

	"github.com/esgen/esgen/internal/diag"
	"github.com/esgen/esgen/internal/rule"
	"github.com/esgen/esgen/internal/source"
	"github.com/esgen/esgen/model"
)

// dependency is what goes from one context to another: an event that is heard,
// or the answer to a call.
type dependency struct{ up, down *model.Context }

// dependencies are what the model says goes between contexts, and where it says
// so first, in the order of the model.
func (c *checker) dependencies() (all []dependency, where map[dependency]source.Pos) {
	where = map[dependency]source.Pos{}
	add := func(up, down *model.Context, pos source.Pos) {
		d := dependency{up, down}
		if _, known := where[d]; up != nil && down != nil && up != down && !known {
			all, where[d] = append(all, d), pos
		}
	}
	hears := func(down *model.Context, r *model.EventRef) {
		switch {
		case r == nil || r.Event == nil:
		case r.Event.External != nil:
			add(r.Event.External.Receiver, down, r.Pos)
		default:
			add(r.Event.Context, down, r.Pos)
		}
	}
	asks := func(down *model.Context, to *model.Target) {
		switch {
		case to.Command != nil:
			add(to.Command.Aggregate.Context, down, to.Pos)
		case to.Query != nil:
			add(to.Query.View.Context, down, to.Pos)
		}
	}
	for _, x := range c.sys.Contexts {
		for _, a := range x.Aggregates {
			for _, m := range a.Commands {
				for _, call := range m.Calls {
					asks(x, &call.To)
				}
			}
		}
		for _, p := range x.Policies {
			for _, r := range p.Whenever {
				hears(x, r)
			}
			if t := p.Timer; t != nil {
				hears(x, t.Since)
				for _, r := range t.Unless {
					hears(x, r)
				}
			}
		}
		for _, v := range x.Views {
			for _, p := range v.From {
				hears(x, &p.Event)
			}
		}
		for _, s := range x.Sagas {
			hears(x, &s.StartedBy)
			for _, step := range s.Steps {
				asks(x, &step.Do)
				hears(x, &step.Await)
			}
		}
	}
	return all, where
}

// relations compares the context map with what the model says.
func (c *checker) relations() {
	all, where := c.dependencies()
	if len(all) == 0 {
		return // a map alone: nothing is known that could contradict it
	}
	written := func(d dependency) bool {
		return slices.ContainsFunc(c.sys.Relations, func(r *model.Relation) bool {
			one := []*model.Context{r.Upstream, r.Downstream}
			return slices.Contains(one, d.up) && slices.Contains(one, d.down) ||
				slices.Contains(r.Between, d.up) && slices.Contains(r.Between, d.down)
		})
	}
	for _, r := range c.sys.Relations {
		if r.Kind == "separate-ways" {
			for _, d := range all {
				if slices.Contains(r.Between, d.up) && slices.Contains(r.Between, d.down) {
					c.say(rule.SeparateWays, r.Pos, "%s and %s do not go separate ways: %s depends on %s", r.Between[0].Name, r.Between[1].Name, d.down.Name, d.up.Name).
						With(diag.At(where[d], "here"), diag.Fix("take the dependency out, or write what relation it is"))
					break
				}
			}
		}
		if r.Upstream == nil || r.Downstream == nil {
			continue
		}
		_, right := where[dependency{r.Upstream, r.Downstream}]
		back, wrong := where[dependency{r.Downstream, r.Upstream}]
		switch {
		case right:
		case wrong:
			c.say(rule.RelationReversed, r.Pos, "%s depends on %s, not the other way round", r.Upstream.Name, r.Downstream.Name).
				With(diag.At(back, "here"), diag.Fix("write {upstream: %s, downstream: %s}", r.Downstream.Name, r.Upstream.Name))
		default:
			c.say(rule.RelationIdle, r.Pos, "nothing goes from %s to %s", r.Upstream.Name, r.Downstream.Name).
				With(diag.Fix("remove it, or let %s hear or call %s", r.Downstream.Name, r.Upstream.Name))
		}
	}
	if len(c.sys.Relations) == 0 {
		return // nobody draws one
	}
	told := map[dependency]bool{}
	for _, d := range all {
		if !written(d) && !told[dependency{d.down, d.up}] {
			told[d] = true
			c.say(rule.RelationUnwritten, where[d], "%s depends on %s, and the relations do not say so", d.down.Name, d.up.Name).
				With(diag.Fix("add {upstream: %s, downstream: %s}", d.up.Name, d.down.Name))
		}
	}
}

// translations checks what events mean behind an anticorruption layer.
func (c *checker) translations() {
	for _, x := range c.sys.Contexts {
		for _, t := range x.Translations {
			what := t.Event.Text + " in " + x.Name
			c.typed(&t.Means.Node, what, t.Fields, t.Event.Event.Fields)
			c.fields(x, what, t.Fields)
		}
	}
}
