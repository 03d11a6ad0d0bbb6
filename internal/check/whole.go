package check

import (
	"github.com/esgen/esgen/internal/diag"
	"github.com/esgen/esgen/internal/rule"
	"github.com/esgen/esgen/model"
)

// whole checks what belongs to no context, and what only all of them together
// show.
func (c *checker) whole() {
	c.types(nil, c.sys.Types)
	c.sharedNames()
	for _, e := range c.sys.Events {
		c.homeless(e)
	}
	for _, x := range c.sys.Externals {
		c.external(x)
	}
	c.callCycles()
	for _, f := range c.sys.Flows {
		c.flow(f)
	}
	for _, x := range c.sys.Compositions {
		c.composition(x)
	}
	c.relations()
	c.translations()
	c.deploy()
	c.gateway()
	c.hotspots()
	c.coverage()
	c.postponed()
}

// postponed says what the services will not do, though the model says it.
func (c *checker) postponed() {
	for _, f := range c.sys.Deferred {
		c.say(rule.NotGenerated, f.Pos, "%s understood but not generated yet", f.Are()).
			With(diag.Fix("until then: %s", f.Until()))
	}
}

// afterwards checks what takes the results of all contexts.
func (c *checker) afterwards() {
	c.derivedNames()
	c.policyCycles()
	c.personal()
	for _, x := range c.sys.Contexts {
		for _, p := range x.Policies {
			c.repeats(p)
		}
		for _, a := range x.Aggregates {
			c.twice(a)
		}
	}
	for _, s := range c.sys.Scenarios {
		c.scenario(s)
	}
	c.untried()
}

// commands calls f for every command of the system.
func (c *checker) commands(f func(*model.Command)) {
	for _, x := range c.sys.Contexts {
		for _, a := range x.Aggregates {
			for _, m := range a.Commands {
				f(m)
			}
		}
	}
}
