package check

import (
	"slices"

	"github.com/esgen/esgen/internal/diag"
	"github.com/esgen/esgen/internal/rule"
	"github.com/esgen/esgen/model"
)

// danger warns of what will work and may hurt.
func (c *checker) danger(m *model.Command) {
	here := m.Aggregate.Context
	for _, x := range m.Calls {
		there := calledContext(x)
		if there != nil && x.Fallback == nil && rankOf(here) == model.Core && rankOf(there) != model.Core {
			c.say(rule.CoreWaits, x.To.Pos, "%s is core and waits for %s, which is %s: while that is away, %s is refused", here.Name, there.Name, there.Domain, m.Name).
				With(diag.Fix("add a fallback, or let a policy ask and an event answer"))
		}
		if to := x.To.Command; to != nil && len(to.Calls) > 0 && !waitsFor(to, m, nil) {
			c.say(rule.CallChain, x.To.Pos, "%s waits for %s, which waits for %s", m.Name, to.Name, to.Calls[0].To.Text).
				With(diag.At(to.Calls[0].To.Pos, "the further call"), diag.Fix("let one of them answer by an event and a policy"))
		}
	}
	for _, r := range m.Reads {
		v := r.View.View
		if v == nil || v.Inline {
			continue
		}
		for _, e := range m.Emits {
			if ev := e.Event.Event; ev != nil && slices.Contains(c.index.shown[ev], v) {
				c.say(rule.StaleRead, r.Pos, "%s decides on %s, which lags behind the %s it emits itself", m.Name, v.Name, ev.Name).
					With(diag.At(v.Pos, "the view"), diag.Fix("make the view inline, or decide on the state"))
				break
			}
		}
	}
}

// waitsFor reports whether a command waits for another, if only in the end:
// then they wait in a circle, which is reported as that.
func waitsFor(m, other *model.Command, seen []*model.Command) bool {
	if slices.Contains(seen, m) {
		return false
	}
	return slices.ContainsFunc(m.Calls, func(x *model.Call) bool {
		to := x.To.Command
		return to != nil && (to == other || to == m || waitsFor(to, other, append(seen, m)))
	})
}

func rankOf(x *model.Context) model.Domain {
	if x.Domain == "" {
		return model.Core
	}
	return x.Domain
}

func calledContext(x *model.Call) *model.Context {
	switch {
	case x.To.Command != nil:
		return x.To.Command.Aggregate.Context
	case x.To.Query != nil:
		return x.To.Query.View.Context
	}
	return nil
}
