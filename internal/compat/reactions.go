package compat

import (
	"fmt"
	"slices"
	"strings"

	"github.com/esgen/esgen/internal/check"
	"github.com/esgen/esgen/internal/contract"
	"github.com/esgen/esgen/internal/names"
	"github.com/esgen/esgen/model"
)

// reactions compares what happens by itself: what policies do, and sagas. One
// by another name that does the same is the same.
func (c *comparison) reactions(was, is *contract.Service) {
	s := speller{comparison: c}
	var before, now []reaction
	for _, p := range was.Context.Policies {
		if !c.was.Model.Incomplete[&p.Node] {
			before = append(before, s.policy(p, c.was.Model))
		}
	}
	for _, p := range is.Context.Policies {
		if !c.is.Model.Incomplete[&p.Node] {
			now = append(now, s.policy(p, c.is.Model))
		}
	}
	for _, g := range was.Context.Sagas {
		before = append(before, s.saga(g, c.was.Model))
	}
	for _, g := range is.Context.Sagas {
		now = append(now, s.saga(g, c.is.Model))
	}
	c.compareReactions(is, before, now)
}

// reaction is a policy or a saga.
type reaction struct {
	name     string // "policy Ship"
	node     *model.Node
	traits   []trait
	commands []*model.Command // that it gives
}

func (c *comparison) compareReactions(s *contract.Service, before, now []reaction) {
	gone := map[int]bool{}
	done := map[int]bool{}
	pairUp := func(alike func(a, b reaction) bool, report func(a, b reaction)) {
		for i, a := range before {
			for j, b := range now {
				if !gone[i] && !done[j] && alike(a, b) {
					gone[i], done[j] = true, true
					report(a, b)
				}
			}
		}
	}
	name := func(r reaction) string { return r.name[:strings.IndexByte(r.name, ' ')] + names.Kept(r.node).Go }
	// Of one name first: it is what people mean.
	pairUp(func(a, b reaction) bool { return name(a) == name(b) }, func(a, b reaction) {
		f := c.reacts(s, a, b.node, a.node)
		f.What, f.Why = b.name+" acts otherwise", "what follows from it follows at other times, or is something else"
		c.told(f, a.traits, b.traits)
	})
	pairUp(func(a, b reaction) bool { return len(c.differing(a.traits, b.traits)) == 0 }, func(_, _ reaction) {})
	for i, a := range before {
		if gone[i] || c.triggerless(a) {
			continue
		}
		f := c.reacts(s, a, &s.Context.Node, a.node)
		f.What, f.Why = a.name+" is gone", "what followed from it does not any more"
		c.add(f)
	}
	for j, b := range now {
		if done[j] {
			continue
		}
		f := c.reacts(s, b, b.node, nil)
		f.What, f.Why = b.name+" is new", "what follows from it happens more often than it did"
		if len(f.Consumers) == 0 {
			f.Verdict, f.Rule, f.Why = Compatible, BreakingAddition, "nobody relies yet on what follows from it"
		}
		c.add(f)
	}
}

// triggerless reports whether nothing that set off a reaction is there any
// more: that is told of it.
func (c *comparison) triggerless(r reaction) bool {
	return len(r.commands) > 0 && !slices.ContainsFunc(r.commands, func(m *model.Command) bool { return c.ids[&m.Node] != "" })
}

func (c *comparison) reacts(s *contract.Service, r reaction, is, was *model.Node) Finding {
	f := Finding{Rule: BreakingReaction, Service: s.Context.Name, Verdict: Unclear, Pos: is.Pos}
	if was != nil {
		f.Old = was.Pos
	}
	var hurt []*contract.Need
	for _, m := range r.commands {
		hurt = append(hurt, c.outcomeOfEither(m)...)
	}
	f.Consumers = consumers(hurt)
	return f
}

// outcomeOfEither is the outcome of a command of the old model, or of the one
// that a command of the new model was.
func (c *comparison) outcomeOfEither(m *model.Command) []*contract.Need {
	if c.operations[&m.Node] != nil {
		return c.outcome(m)
	}
	for n, o := range c.operations {
		if o.Command != nil && c.ids[n] != "" && c.ids[n] == c.ids[&m.Node] {
			return c.outcome(o.Command)
		}
	}
	return nil
}

func (s speller) policy(p *model.Policy, m *check.Model) reaction {
	events := func(list []*model.EventRef) string {
		var out []string
		for _, r := range list {
			out = append(out, s.event(r))
		}
		slices.Sort(out)
		return strings.Join(out, ", ")
	}
	r := reaction{name: "policy " + p.Name, node: &p.Node}
	add := func(about, says string, args ...any) {
		r.traits = append(r.traits, trait{about: about, says: fmt.Sprintf(says, args...), pos: p.Pos})
	}
	add("what sets it off", "%s", events(p.Whenever))
	r.traits = append(r.traits, trait{about: "its condition", says: s.expr(p.If), pos: p.Pos, holds: s.all(listOf(p.If))})
	add("whether it is decided by hand", "%t", p.Custom)
	for i, x := range p.Then {
		known, nth := m.Reactions[x], ""
		if i > 0 {
			nth = fmt.Sprintf(" (%d)", i+1)
		}
		add("what it does"+nth, "%s", s.target(x.Do))
		add("for which instance"+nth, "%s %s %s %s", s.tree(known.Target), s.tree(known.Correlated), fieldName(x.Correlate), x.Missing)
		add("what it sends"+nth, "%s", s.input(x.Do, known.Sending))
		if x.OnRejected != nil {
			add("what it does when that is refused"+nth, "%s", s.sending(*x.OnRejected, known.OnRejected))
		}
		for _, to := range []*model.Target{&x.Do, x.OnRejected} {
			if to != nil && to.Command != nil {
				r.commands = append(r.commands, to.Command)
			}
		}
	}
	if e := p.Each; e != nil {
		of := e.Of.Value
		if e.View != nil {
			of = s.id(&e.View.Node)
		}
		add("for each of what", "%s where %s sorted %s at most %d", of, s.expr(e.Where), s.sorted(e.Sort), e.Max)
	}
	if t := p.Timer; t != nil {
		since, cron := "", ""
		if t.Since != nil {
			since = s.event(t.Since)
		}
		if t.Cron != nil {
			cron = strings.Join(strings.Fields(t.Cron.Text), " ") + " in " + t.Cron.Zone.String()
		}
		add("when", "every %s, at %s, %s or at %s after %s unless %s, missed: %s", t.Every, cron, t.After, s.expr(t.Due), since, events(t.Unless), t.CatchUp)
	}
	if w := p.Window; w != nil {
		add("how far it looks back", "%s by %s", w.Within, fieldName(w.By))
	}
	return r
}

func (s speller) saga(g *model.Saga, m *check.Model) reaction {
	r := reaction{name: "saga " + g.Name, node: &g.Node}
	add := func(about, says string, args ...any) {
		r.traits = append(r.traits, trait{about: about, says: fmt.Sprintf(says, args...), pos: g.Pos})
	}
	add("what sets it off", "%s", s.event(&g.StartedBy))
	add("how long it takes", "%s", g.Timeout)
	undo := func(k *model.Compensation) string {
		if k == nil {
			return "nothing"
		}
		if k.Do.Command != nil {
			r.commands = append(r.commands, k.Do.Command)
		}
		return s.sending(k.Do, m.Compensations[k].Sending)
	}
	add("what it does when it fails", "%s", undo(g.OnFailure))
	for i, step := range g.Steps {
		if step.Do.Command != nil {
			r.commands = append(r.commands, step.Do.Command)
		}
		known := m.Steps[step]
		does := s.sending(step.Do, known.Sending)
		if step.Awaits() {
			does = fmt.Sprintf("waits for %s of %s", s.event(&step.Await), s.tree(known.Target))
		}
		add(fmt.Sprintf("step %d", i+1), "%s if %s saves %s undone by %s pivot %t within %s beside the one before %t", does, s.expr(step.If),
			s.assigned(known.Saves), undo(step.Compensate), step.Pivot, step.Timeout, step.Beside)
	}
	return r
}
