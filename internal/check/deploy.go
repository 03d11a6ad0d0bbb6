package check

import (
	"slices"

	"github.com/esgen/esgen/internal/diag"
	"github.com/esgen/esgen/internal/rule"
	"github.com/esgen/esgen/model"
)

// deploy judges how services run in a cluster.
func (c *checker) deploy() {
	if c.sys.Deploy == nil {
		return
	}
	c.scaled("a service", c.sys.Deployment(nil), nil)
	first := map[*model.Context]*model.ContextDeployment{}
	for _, x := range c.sys.Deploy.Contexts {
		if x.Context == nil || first[x.Context] != nil {
			continue // reported when it was read
		}
		first[x.Context] = x
		d := c.sys.Deployment(x.Context)
		c.scaled(x.Context.Name, d, &x.Deployment)
		if x.Scale != nil && x.Scale.Lag > 0 && !hears(x.Context) {
			c.say(rule.LagUnheard, x.Scale.Pos, "%s hears no events: it is never behind", x.Context.Name).
				With(diag.Fix("leave lag out"))
		}
	}
}

// scaled judges how many replicas there may be. What a context takes from the
// defaults is told of the defaults alone.
func (c *checker) scaled(who string, d model.Deployment, own *model.Deployment) {
	if d.Scale == nil || own != nil && own.Scale == nil && own.Replicas == 0 {
		return
	}
	pos := d.Scale.Pos
	if own != nil {
		pos = own.Pos
	}
	switch {
	case d.Scale.Min > d.Scale.Max:
		c.say(rule.ScaleRange, pos, "%s has at least %d replicas and at most %d", who, d.Scale.Min, d.Scale.Max).
			With(diag.Fix("raise max, or lower min"))
	case d.Replicas < d.Scale.Min || d.Replicas > d.Scale.Max:
		c.say(rule.ScaleRange, pos, "%s has %d replicas, and scales between %d and %d", who, d.Replicas, d.Scale.Min, d.Scale.Max).
			With(diag.Fix("leave replicas out: it begins with the least"))
	}
}

// hears reports whether something in a context is set off by events.
func hears(x *model.Context) bool {
	return len(x.Sagas) > 0 ||
		slices.ContainsFunc(x.Policies, func(p *model.Policy) bool { return len(p.Whenever) > 0 || p.Timer != nil && p.Timer.Since != nil }) ||
		slices.ContainsFunc(x.Views, func(v *model.View) bool { return !v.Inline && len(v.From) > 0 })
}
