package check

import (
	"slices"

	"github.com/esgen/esgen/internal/diag"
	"github.com/esgen/esgen/internal/rule"
	"github.com/esgen/esgen/model"
)

// flow checks a story: each step must follow from one before it. People act
// when they like, and what nobody has worked out yet may follow from anything.
func (c *checker) flow(f *model.Flow) {
	var told []any // what has happened so far
	for i, step := range f.Steps {
		found := c.sys.Find(nil, step.Value)
		switch {
		case len(found) == 0:
			c.say(rule.FlowName, step.Pos, "the story speaks of %s, which is nowhere on the wall", step.Value).
				With(didYouMean(step.Value, c.stickies()))
			told = append(told, nil)
			continue
		case len(found) > 1:
			found = c.meant(found, told)
		}
		if len(found) == 1 {
			c.use(step.Pos, step.Value, found[0])
		}
		if i > 0 && !c.follows(told, found) {
			c.say(rule.FlowGap, step.Pos, "%s does not follow from %s", step.Value, f.Steps[i-1].Value).
				With(c.flowFix(found[0]))
		}
		told = append(told, found[0])
	}
}

// meant chooses among what an ambiguous name can mean that which follows.
func (c *checker) meant(found, told []any) []any {
	for _, x := range found {
		if c.follows(told, []any{x}) {
			return []any{x}
		}
	}
	return found
}

// follows reports whether something follows from the step before it, or from
// an earlier one when the one before starts nothing itself.
func (c *checker) follows(told, found []any) bool {
	for _, x := range found {
		if c.free(x) {
			return true
		}
		for _, before := range slices.Backward(told) {
			if before == nil || c.leads(before, x, 3) {
				return true
			}
		}
	}
	return len(told) == 0
}

// free reports whether something needs no cause on the wall.
func (c *checker) free(x any) bool {
	switch x := x.(type) {
	case *model.Command:
		return len(x.Actors) > 0 || !c.index.sent[x]
	case *model.Event:
		return x.Aggregate == nil || len(c.index.emitters[x]) == 0
	case *model.Policy:
		return x.Timer != nil && x.Timer.Since == nil || x.Timer == nil && len(x.Whenever) == 0
	case *model.Operation, *model.External, *model.Actor:
		return true
	}
	return false
}

// leads reports whether one thing brings about another within some steps that
// the story leaves out.
func (c *checker) leads(from, to any, steps int) bool {
	for _, next := range c.effects(from) {
		if next == to || steps > 0 && c.leads(next, to, steps-1) {
			return true
		}
	}
	return false
}

// effects are what something brings about at once.
func (c *checker) effects(x any) []any {
	var out []any
	add := func(t model.Target) {
		switch {
		case t.Command != nil:
			out = append(out, t.Command)
		case t.Operation != nil:
			out = append(out, t.Operation)
		case t.Query != nil:
			out = append(out, t.Query)
		}
	}
	switch x := x.(type) {
	case *model.Command:
		for _, e := range possible(x) {
			if e.Event.Event != nil {
				out = append(out, e.Event.Event)
			}
		}
		if x.Custom {
			for _, e := range x.Aggregate.Events {
				out = append(out, e)
			}
		}
		for _, call := range x.Calls {
			add(call.To)
			if call.Compensate != nil {
				add(call.Compensate.Do)
			}
		}
	case *model.Event:
		for _, p := range c.index.listeners[x] {
			out = append(out, p)
		}
		for _, s := range c.index.started[x] {
			out = append(out, s)
		}
		for _, v := range c.index.shown[x] {
			out = append(out, v)
		}
	case *model.Saga:
		for _, to := range arrows(x) {
			add(to)
		}
	case *model.Policy:
		for _, r := range x.Then {
			add(r.Do)
			if r.OnRejected != nil {
				add(*r.OnRejected)
			}
		}
	}
	return out
}

// flowFix says what would make something follow.
func (c *checker) flowFix(x any) diag.Option {
	switch x := x.(type) {
	case *model.Command:
		return diag.Fix("let a policy lead to %s, or give it an actor", x.Name)
	case *model.Event:
		return diag.Fix("it comes from %s: tell that first", c.index.emitters[x][0].Name)
	case *model.Policy:
		if len(x.Whenever) > 0 && x.Whenever[0].Event != nil {
			return diag.Fix("it acts whenever %s: tell that first", x.Whenever[0].Event.Name)
		}
	case *model.Saga:
		return diag.Fix("it is started by %s: tell that first", x.StartedBy.Text)
	}
	return diag.Fix("tell first what it follows from")
}

// stickies are the names a story can speak of.
func (c *checker) stickies() []string {
	var names []string
	for _, e := range c.sys.Events {
		names = append(names, e.Name)
	}
	for _, x := range c.sys.Contexts {
		for _, e := range x.Events {
			names = append(names, e.Name)
		}
		for _, a := range x.Aggregates {
			for _, m := range a.Commands {
				names = append(names, m.Name)
			}
			for _, e := range a.Events {
				names = append(names, e.Name)
			}
		}
		for _, p := range x.Policies {
			names = append(names, p.Name)
		}
		for _, s := range x.Sagas {
			names = append(names, s.Name)
		}
		for _, v := range x.Views {
			names = append(names, v.Name)
		}
	}
	return names
}
