package main

import (
	"slices"
	"strings"

	"github.com/esgen/esgen/internal/source"
)

// removed are the ends of the paths of what is taken out. A star stands for any
// name or number.
var removed = ends(
	"commands.*.actor", "views.*.actor", "queries.*.actor",
	"commands.*.allow", "aggregates.*.allow", "views.*.allow", "queries.*.allow",
	"commands.*.creates", "read.*.missing",
	"commands.*.require.*", "call.*.require.*", "aggregates.*.invariants.*",
	"commands.*.call.*", "call.*.compensate", "call.*.fallback", "call.*.rejected.*",
	"emit.*", "emit.*.if", "emit.*.otherwise", "emit.*.each", "emit.*.with.*",
	"events.*.apply.*", "events.*.deletes", "events.*.versions.*",
	"aggregates.*.lifecycle.*.*.*", "aggregates.*.unique.*",
	"types.*.check", "state.*.default", "input.*.default", "fields.*.default",
	"policies.*", "policies.*.if", "policies.*.missing", "policies.*.with.*", "policies.*.onRejected",
	"policies.*.unless", "policies.*.by", "policies.*.each.where", "policies.*.each.sort", "policies.*.each.max",
	"steps.*", "steps.*.if", "steps.*.compensate", "steps.*.pivot", "steps.*.timeout", "steps.*.all.*", "steps.*.save.*", "sagas.*.onFailure", "sagas.*.timeout",
	"views.*.from.*", "from.*.set.*", "from.*.missing", "from.*.delete", "from.*.where",
	"queries.*.where", "queries.*.search.*", "queries.*.sort",
)

// stepping are the ends of the paths of values that are no expressions, and
// whose neighbours are tried.
var stepping = ends(
	"default", "policies.*.after", "policies.*.within", "policies.*.every", "policies.*.each.max",
	"call.*.attempts", "call.*.breaker.failures", "call.*.breaker.of", "call.*.breaker.open",
)

// ends splits the ends of paths.
func ends(paths ...string) [][]string {
	var all [][]string
	for _, p := range paths {
		all = append(all, strings.Split(p, "."))
	}
	return all
}

// at reports whether a place is at the end of a path.
func (p place) at(end string) bool { return p.endsIn(strings.Split(end, ".")) }

func (p place) endsIn(end []string) bool {
	if len(p.path) < len(end) {
		return false
	}
	for i, name := range p.path[len(p.path)-len(end):] {
		if end[i] != "*" && end[i] != name {
			return false
		}
	}
	return true
}

// structure mutates what is no expression.
func (c *collector) structure() {
	for _, p := range c.places {
		if slices.ContainsFunc(removed, p.endsIn) {
			c.remove(p)
		}
		switch {
		case p.at("commands.*.actor"), p.at("views.*.actor"), p.at("queries.*.actor"):
			c.otherActors(p)
		case p.at("aggregates.*.lifecycle.*"):
			c.moreTransitions(p)
		case p.at("queries.*.sort"), p.at("read.*.sort"), p.at("each.sort"):
			c.reversed(p)
		case p.at("policies.*"):
			c.skipping(p)
		case p.node.Kind == source.Scalar && slices.ContainsFunc(stepping, p.endsIn):
			for _, v := range otherLiterals(p.node.Value) {
				c.rewrite(p, v)
			}
		}
	}
}

// otherActors leaves something to somebody else.
func (c *collector) otherActors(p place) {
	for _, a := range c.model.Actors {
		if !slices.ContainsFunc(append(slices.Clone(p.node.Items), p.node), func(n *source.Node) bool { return n.Value == a.Name }) {
			c.replace(p, text(a.Name))
			return
		}
	}
}

// moreTransitions allows, for every state of a lifecycle, the first change to
// another state that it forbids. Nothing leads back to the first state.
func (c *collector) moreTransitions(p place) {
	var states []string
	add := func(name string) {
		if !slices.Contains(states, name) {
			states = append(states, name)
		}
	}
	for _, s := range p.node.Pairs {
		add(s.Key.Value)
		for _, to := range s.Value.Items {
			add(to.Value)
		}
	}
	if len(states) == 0 {
		return
	}
	for _, from := range states {
		known := p.node.Get(from)
		for _, to := range states[1:] {
			if to == from || known != nil && slices.ContainsFunc(known.Items, func(n *source.Node) bool { return n.Value == to }) {
				continue
			}
			more := *p.node
			if known == nil {
				more.Pairs = append(slices.Clone(p.node.Pairs), source.Pair{Key: text(from), Value: list(text(to))})
			} else {
				more = *replaced(p.node, known, list(append(slices.Clone(known.Items), text(to))...))
			}
			c.change(p, "", from+": [.., "+to+"]", p.node, &more)
			break
		}
	}
}

// reversed turns an order round.
func (c *collector) reversed(p place) {
	for _, k := range p.node.Items {
		by, down := strings.CutPrefix(k.Value, "-")
		if !down {
			by = "-" + by
		}
		c.replace(p, replaced(p.node, k, text(by)))
	}
}

// skipping lets a policy skip an event whose instance is not there, where it
// does not say so: it retries then.
func (c *collector) skipping(p place) {
	if p.node.Get("missing") != nil || p.node.Get("target") == nil && p.node.Get("correlateBy") == nil {
		return
	}
	skips := *p.node
	skips.Pairs = append(slices.Clone(p.node.Pairs), source.Pair{Key: text("missing"), Value: text("skip")})
	c.change(p, "missing: retry", "missing: skip", p.node, &skips)
}
