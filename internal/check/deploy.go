package check

import (
	"slices"

	"github.com/esgen/esgen/internal/diag"
	"github.com/esgen/esgen/internal/rule"
	"github.com/esgen/esgen/internal/source"
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

// documents judges the contexts that keep their data in a database of documents:
// not all that the language has is kept there.
func (c *checker) documents() {
	for _, x := range c.sys.Contexts {
		d := c.sys.Deployment(x)
		if d.Database != model.MongoDB {
			continue
		}
		for _, t := range c.tabled(x) {
			c.say(rule.NoDocument, t.pos, "%s keeps its data in MongoDB, and there %s", x.Name, t.lacks).
				With(diag.At(d.Pos, "it is said here where"), diag.Fix("leave database out, or move this to a context that keeps tables"))
		}
	}
}

// tabled is something that is kept in tables only, and what lacks elsewhere.
type tabled struct {
	pos   source.Pos
	lacks string
}

// tabled is what of a context is kept in tables only.
func (c *checker) tabled(x *model.Context) (out []tabled) {
	add := func(pos source.Pos, lacks string) { out = append(out, tabled{pos, lacks}) }
	if x.Language == model.InPython {
		add(x.Pos, "no service is written in Python")
	}
	for _, a := range x.Aggregates {
		if a.Sourced {
			add(a.Pos, "events are told, not kept")
		}
		if a.Person != nil {
			add(a.Person.Pos, "persons have no keys")
		}
		refs := slices.Clone(a.Lookup)
		for _, u := range a.Unique {
			refs = append(refs, u.Fields...)
		}
		for _, r := range refs {
			if r.Field != nil && r.Field.Type != nil && r.Field.Type.Value().Scalar().Kind == model.Decimal {
				add(r.Pos, "nothing is found by a decimal")
			}
		}
		for _, m := range a.Commands {
			for _, call := range m.Calls {
				add(call.Pos, "commands call nobody")
			}
		}
	}
	for _, p := range x.Policies {
		switch {
		case p.Timer != nil:
			add(p.Timer.Pos, "no policy waits")
		case p.Window != nil:
			add(p.Window.Pos, "no policy looks back")
		case p.Each != nil:
			add(p.Each.Pos, "no policy goes through all")
		}
	}
	for _, v := range x.Views {
		add(v.Pos, "are no views")
	}
	for _, e := range c.sys.Externals {
		if e.Receiver == x && len(e.Events) > 0 {
			add(e.Pos, "nothing is taken in from external systems")
		}
	}
	return append(out, c.orchestrated(x)...)
}

// orchestrated is what a context has to do with sagas.
func (c *checker) orchestrated(x *model.Context) (out []tabled) {
	for _, s := range x.Sagas {
		out = append(out, tabled{s.Pos, "are no sagas"})
	}
	for _, other := range c.sys.Contexts {
		for _, s := range other.Sagas {
			for _, step := range s.Steps {
				if m := step.Do.Command; m != nil && m.Aggregate.Context == x && other != x {
					out = append(out, tabled{step.Do.Pos, "sagas give no commands"})
				}
			}
		}
	}
	return out
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
