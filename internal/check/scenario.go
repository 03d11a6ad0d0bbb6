package check

import (
	"slices"

	"github.com/esgen/esgen/internal/diag"
	"github.com/esgen/esgen/internal/rule"
	"github.com/esgen/esgen/model"
)

// scenario checks that an example can happen at all.
func (c *checker) scenario(s *model.Scenario) {
	for _, g := range s.Given {
		c.history(g)
	}
	c.begun(s)
	may := closure(c.causes(s), c.effects)
	for _, st := range s.Steps {
		if st.When != nil && st.Then != nil {
			c.answer(st.When, st.Then)
		}
		for _, x := range st.Eventually {
			c.comes(x, may)
		}
	}
}

// causes are what makes something happen in a scenario: what is done in it, and
// timers that its history arms, or for which time passes.
func (c *checker) causes(s *model.Scenario) []any {
	var out []any
	for _, g := range s.Given {
		if g.Event == nil || g.Event.Event == nil {
			continue
		}
		for _, p := range c.index.listeners[g.Event.Event] {
			if p.Timer != nil {
				out = append(out, p)
			}
		}
	}
	for _, st := range s.Steps {
		if st.Advance > 0 {
			out = append(out, c.index.clocks...)
		}
		switch w := st.When; {
		case w == nil:
		case w.Do.Command != nil:
			out = append(out, w.Do.Command)
		case w.Event != nil && w.Event.Event != nil:
			out = append(out, w.Event.Event)
		}
	}
	return out
}

// comes checks that an event that is expected in the end can come of what the
// scenario does.
func (c *checker) comes(x *model.Expectation, may map[any]bool) {
	if x.Event == nil || x.Event.Event == nil || x.Times != nil && *x.Times == 0 {
		return
	}
	e := x.Event.Event
	if !may[e] && (e.External != nil || slices.ContainsFunc(c.index.emitters[e], func(m *model.Command) bool { return len(m.Emits) > 0 })) {
		c.say(rule.NeverHappens, x.Event.Pos, "nothing that is done here brings about %s", e.Name).
			With(diag.At(e.Pos, "the event"), diag.Fix("do what it follows from, or give the policy that is missing"))
	}
}

// history checks that an event of the past says what it always says.
func (c *checker) history(g *model.Given) {
	if g.Event == nil || g.Event.Event == nil {
		return
	}
	e := g.Event.Event
	if len(e.Fields) == 0 && (e.Aggregate == nil || len(e.Aggregate.State) == 0) {
		return // a sketch
	}
	fields := e.Fields
	if g.Version > 0 && g.Version <= len(e.Versions) {
		fields = e.Versions[g.Version-1].Fields
	}
	if id := idField(e); id != nil {
		fields = append([]*model.Field{id}, fields...)
	}
	var missing []string
	var first *model.Field
	for _, f := range fields {
		if f.Type != nil && !hasStart(f) && !slices.ContainsFunc(g.With, func(v *model.Value) bool { return v.Name == f.Name }) {
			missing = append(missing, f.Name)
			if first == nil {
				first = f
			}
		}
	}
	if first != nil {
		c.say(rule.GivenField, g.Pos, "%s always says its %s, and this one does not", e.Name, listed(missing, "and")).
			With(diag.At(first.Pos, "%s", first.Name), diag.Fix("add it: with: {%s: …}", first.Name))
	}
}

// begun checks that what happened, happened to something: the history of an
// instance begins with an event that creates it, and it is created once.
func (c *checker) begun(s *model.Scenario) {
	there := map[*model.Aggregate]map[string]bool{}
	for _, g := range s.Given {
		if g.Event == nil || g.Event.Event == nil || g.Event.Event.Aggregate == nil {
			continue
		}
		e, a := g.Event.Event, g.Event.Event.Aggregate
		facts, known := c.out.Events[e]
		i := slices.IndexFunc(g.With, func(v *model.Value) bool { return v.Name == a.ID.Name })
		if !known || i < 0 {
			continue // reported
		}
		id := g.With[i].Node.Value
		if there[a] == nil {
			there[a] = map[string]bool{}
		}
		if !there[a][id] && !facts.Creates {
			c.say(rule.GivenCreation, g.Pos, "%s cannot be the first that happened to %s %s: it creates none", e.Name, a.Name, id).
				With(diag.At(e.Pos, "the event"), c.creationFix(a, id))
		}
		if there[a][id] && facts.Once {
			c.say(rule.GivenCreation, g.Pos, "%s cannot happen to %s %s again: it creates one, and it is there already", e.Name, a.Name, id).
				With(diag.At(e.Pos, "the event"), diag.Fix("leave it out, or give it another %s", a.ID.Name))
		}
		there[a][id] = !e.Deletes
	}
}

// creationFix says by which events an aggregate begins.
func (c *checker) creationFix(a *model.Aggregate, id string) diag.Option {
	for _, e := range a.Events {
		if c.out.Events[e].Creates {
			return diag.Fix("begin with {event: %s, with: {%s: %s}}", e.Name, a.ID.Name, id)
		}
	}
	return diag.Fix("begin with the event that creates it")
}

// answer checks that a command can be answered so.
func (c *checker) answer(w *model.When, t *model.Then) {
	m := w.Do.Command
	if m == nil {
		return
	}
	if code := t.Rejected; code.Value != "" && !m.Custom {
		codes := rejections(m, nil)
		c.absentRow(m, code)
		if !slices.Contains(codes, code.Value) && !model.IsRejection(code.Value) {
			c.say(rule.UnknownRejection, code.Pos, "%s does not reject with %s", m.Name, code.Value).
				With(diag.At(m.Pos, "the command"), didYouMean(code.Value, codes))
		}
	}
	for _, x := range t.Events {
		if x.Event == nil || x.Event.Event == nil {
			continue
		}
		e := x.Event.Event
		if len(m.Emits) == 0 && (!m.Custom || e.Aggregate == m.Aggregate) || slices.Contains(c.index.emitters[e], m) {
			continue
		}
		c.say(rule.NeverHappens, x.Event.Pos, "%s does not emit %s", m.Name, e.Name).
			With(diag.At(m.Pos, "the command"), c.laterFix(m, e))
	}
}

// laterFix says where an event belongs that is not the command's own.
func (c *checker) laterFix(m *model.Command, e *model.Event) diag.Option {
	if closure([]any{m}, c.effects)[e] {
		return diag.Fix("it follows later: expect it in eventually")
	}
	var own []string
	for _, x := range possible(m) {
		if x.Event.Event != nil && !slices.Contains(own, x.Event.Event.Name) {
			own = append(own, x.Event.Event.Name)
		}
	}
	return didYouMean(e.Name, own)
}

// played is what the scenarios speak of, and what happens in them without being
// spoken of: the events of their commands, what the commands read, and the
// policies and sagas that hear the events.
func (c *checker) played() map[any]bool {
	told := map[any]bool{}
	event := func(r *model.EventRef) {
		if r == nil || r.Event == nil {
			return
		}
		told[r.Event] = true
		for _, p := range c.index.listeners[r.Event] {
			told[p] = true
		}
		for _, s := range c.index.started[r.Event] {
			told[s] = true
		}
	}
	for _, s := range c.sys.Scenarios {
		for _, g := range s.Given {
			event(g.Event)
		}
		for _, st := range s.Steps {
			if w := st.When; w != nil {
				event(w.Event)
				if w.View != nil {
					told[w.View] = true
				}
				if q := w.Do.Query; q != nil {
					told[q], told[q.View] = true, true
				}
				if m := w.Do.Command; m != nil {
					told[m] = true
					for _, x := range possible(m) {
						event(&x.Event)
					}
					for _, r := range m.Reads {
						if r.View.View != nil {
							told[r.View.View] = true
						}
					}
				}
			}
			if st.Then != nil {
				for _, x := range st.Then.Events {
					event(x.Event)
				}
			}
			for _, x := range st.Eventually {
				event(x.Event)
				if x.View != nil && x.View.View != nil {
					told[x.View.View] = true
				}
			}
		}
	}
	for _, x := range c.sys.Contexts {
		for _, p := range x.Policies {
			for _, r := range p.Then {
				if told[p] && r.Do.Command != nil {
					told[r.Do.Command] = true
				}
			}
		}
	}
	return told
}

// untried warns of commands that no scenario gives, and that follow from none
// that one gives. Where there is no scenario, nobody has begun.
func (c *checker) untried() {
	if len(c.sys.Scenarios) == 0 {
		return
	}
	var given []any
	for _, s := range c.sys.Scenarios {
		given = append(given, c.causes(s)...)
	}
	tried := closure(given, c.effects)
	c.commands(func(m *model.Command) {
		if !tried[m] && !c.out.Incomplete[&m.Node] {
			c.say(rule.Untried, m.Pos, "no scenario gives %s", m.Name).With(diag.Fix("write one: when: {do: %s}, then: …", m.Name))
		}
	})
}
