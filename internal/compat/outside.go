package compat

import (
	"fmt"
	"slices"
	"strings"

	"github.com/esgen/esgen/internal/contract"
	"github.com/esgen/esgen/internal/names"
	"github.com/esgen/esgen/model"
)

// externals compares what systems of somebody else send, and what they are
// asked.
func (c *comparison) externals() {
	for _, x := range c.was.Model.Externals {
		for _, was := range x.Events {
			c.webhook(x, was, c.sameWebhook(x, was))
		}
		i := slices.IndexFunc(c.is.Model.Externals, func(y *model.External) bool { return names.Kept(&y.Node).Go == names.Kept(&x.Node).Go })
		if i >= 0 && len(x.Events) > 0 {
			c.toldOtherwise(x, c.is.Model.Externals[i])
		}
		if i < 0 {
			continue // whoever asked it asks something else: that is told of them
		}
		for _, o := range x.Operations {
			j := slices.IndexFunc(c.is.Model.Externals[i].Operations, func(n *model.Operation) bool { return names.Kept(&n.Node).Go == names.Kept(&o.Node).Go })
			if j >= 0 {
				c.external(x, o, c.is.Model.Externals[i].Operations[j])
			}
		}
	}
}

// toldOtherwise compares how an external system is taken to tell of its events.
func (c *comparison) toldOtherwise(was, is *model.External) {
	f := Finding{Rule: BreakingWebhook, Consumers: []Consumer{{was.Name, ""}}, Pos: is.Pos, Old: was.Pos,
		What: fmt.Sprintf("what %s tells is read otherwise", is.Name), Why: "the other system tells it as it always did"}
	c.told(f, toldOf(was, is), toldOf(is, was))
}

func (c *comparison) external(x *model.External, was, is *model.Operation) {
	f := Finding{Rule: BreakingExternal, Verdict: Unclear, Consumers: []Consumer{{x.Name, ""}}, Pos: is.Pos, Old: was.Pos,
		What: fmt.Sprintf("operation %s of %s is asked otherwise", is.Name, x.Name), Why: "the other system takes and answers what it always did"}
	c.told(f, c.askedOf(was, c.was), c.askedOf(is, c.is))
}

func (c *comparison) askedOf(o *model.Operation, in *contract.System) []trait {
	route := ""
	if o.HTTP != nil {
		route = o.HTTP.Method + " " + o.HTTP.Path
	}
	return []trait{
		{about: "where", says: route, pos: o.Pos},
		{about: "with what", says: fields(in.Object(o.Input...)), pos: o.Pos},
		{about: "for what", says: fields(in.Object(o.Reply...)), pos: o.Pos},
	}
}

// fields spells what an object holds.
func fields(s *contract.Schema) string {
	var out []string
	for _, f := range s.Fields {
		out = append(out, fmt.Sprintf("%s %s %t", f.Name, word(f.Schema), f.MayMiss(false)))
	}
	slices.Sort(out)
	return strings.Join(out, "; ")
}

// gateway compares what is let in from outside, by whatever way it comes.
func (c *comparison) gateway() {
	was, is := c.was.Model.Gateway, c.is.Model.Gateway
	f := Finding{Rule: BreakingGateway, What: "the gateway lets in something else", Why: "what came through before may not any more",
		Consumers: c.everybody(), Pos: c.is.Model.Pos, Old: c.was.Model.Pos}
	lets := func(t trait) bool { return more(t.about, was, is) }
	before, now := doorkeeping(was), doorkeeping(is)
	if wider := slices.DeleteFunc(c.differing(before, now), func(t trait) bool { return !lets(t) }); len(wider) > 0 {
		c.add(Finding{Rule: BreakingGateway, Verdict: Compatible, Pos: f.Pos, Old: f.Old, What: "the gateway lets in more: " + listed(abouts(wider)), Why: "what came through before still does"})
	}
	c.told(f, slices.DeleteFunc(before, lets), slices.DeleteFunc(now, lets))
}

// What the gateway minds.
const (
	origins = "whose pages may ask"
	rate    = "how often one may ask"
)

// more reports whether of what the gateway minds it lets in all that it did.
func more(about string, was, is *model.Gateway) bool {
	if was == nil {
		was = &model.Gateway{}
	}
	if is == nil {
		is = &model.Gateway{}
	}
	switch about {
	case origins:
		return !slices.ContainsFunc(was.CORS, func(o model.Text) bool {
			return !slices.ContainsFunc(is.CORS, func(n model.Text) bool { return n.Value == o.Value })
		})
	case rate:
		if was.Rate == nil || is.Rate == nil {
			return is.Rate == nil
		}
		return float64(is.Rate.Count)*was.Rate.Per.Seconds() >= float64(was.Rate.Count)*is.Rate.Per.Seconds() && is.Rate.Count >= was.Rate.Count
	}
	return false
}

// everybody outside comes through the gateway.
func (c *comparison) everybody() []Consumer {
	var out []Consumer
	for _, n := range c.was.Outside {
		if n.Kind == contract.ByActor {
			out = joined(out, []Consumer{{n.Consumer.Name(), ""}})
		}
	}
	return out
}

func doorkeeping(g *model.Gateway) []trait {
	if g == nil {
		return nil
	}
	var out []trait
	add := func(about, says string) { out = append(out, trait{about: about, says: says, pos: g.Pos}) }
	if len(g.CORS) > 0 {
		var pages []string
		for _, o := range g.CORS {
			pages = append(pages, o.Value)
		}
		slices.Sort(pages)
		add(origins, strings.Join(pages, " "))
	}
	if g.Rate != nil {
		add(rate, fmt.Sprint(g.Rate.Count, " per ", g.Rate.Per))
	}
	if g.Body != (model.Quantity{}) {
		add("how large a request may be", fmt.Sprint(g.Body))
	}
	if g.Timeout != 0 {
		add("how long a request may take", g.Timeout.String())
	}
	for _, r := range g.Routes {
		if r.To.URL != "" {
			add("where "+r.Name+" leads", fmt.Sprint(r.To.URL, " ", r.Rewritten.Pos.IsValid(), " ", r.Rewritten.Value))
		}
	}
	return out
}
