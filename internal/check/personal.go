package check

import (
	"maps"
	"slices"

	"github.com/esgen/esgen/internal/diag"
	"github.com/esgen/esgen/internal/expr"
	"github.com/esgen/esgen/internal/rule"
	"github.com/esgen/esgen/internal/source"
	"github.com/esgen/esgen/model"
)

// personal checks that who is erased is erased: what is personal of aggregates with a
// person can do without, and goes nowhere where it would stay.
func (c *checker) personal() {
	for _, x := range c.sys.Contexts {
		for _, a := range x.Aggregates {
			c.person(a)
		}
		for _, v := range x.Views {
			c.personalView(v)
		}
		for _, p := range x.Policies {
			c.personalPolicy(p)
		}
		for _, s := range x.Sagas {
			c.personalSaga(s)
		}
	}
}

// secrets are the names of the personal fields of each variable of a place; under ""
// are variables that are personal themselves.
type secrets map[string][]string

func (s secrets) add(variable string, fields []*model.Field) {
	for _, f := range fields {
		s[variable] = append(s[variable], f.Name)
	}
}

// in finds where an expression reads what is personal; nil: nowhere.
func (s secrets) in(t *expr.Tree) (found *expr.Tree) {
	expr.Walk(t, func(t *expr.Tree) {
		for variable, fields := range s {
			switch {
			case found != nil:
			case variable != "" && t.Reads(variable) && slices.Contains(fields, t.Field.Name):
				found = t
			case variable == "" && t.Op == expr.Name && slices.ContainsFunc(fields, func(name string) bool { return expr.Uses(t, name) }):
				found = t
			}
		}
	})
	return found
}

func (c *checker) person(a *model.Aggregate) {
	for _, e := range a.Events {
		if e.Erases && a.Person == nil {
			c.say(rule.BadValue, e.Pos, "%s erases nobody: %s does not say whose its personal data are", e.Name, a.Name).
				With(diag.At(a.Pos, "aggregate %s", a.Name), diag.Fix("add `person` to %s", a.Name))
		}
	}
	if a.Person == nil || a.Person.Field == nil || a.Person.Field.Type == nil {
		return
	}
	if k := a.Person.Field.Type.Kind; k != model.ID && k != model.Ref {
		c.say(rule.BadType, a.Person.Pos, "a person is known by an id, and %s is %s", a.Person.Text, a.Person.Field.Type).
			With(diag.At(a.Person.Field.Pos, "%s here", a.Person.Field.Type), diag.Fix("take a field of type id, which is always there"))
		return
	}
	c.erasable(a.Personal(), "the state of "+a.Name)
	for _, u := range a.Unique {
		for _, r := range u.Fields {
			if f := r.Field; f != nil && named(a.Personal(), f.Name) != nil && hasStart(f) && f.Type.Kind != model.Optional {
				c.say(rule.Unerasable, r.Pos, "%s of %s is personal, and two who are erased would share its default", f.Name, a.Name).
					With(diag.At(f.Pos, "the field"), diag.Fix("make it %s", optional(f.Type)))
			}
		}
	}
	for _, e := range a.Events {
		told := e.PersonalEver()
		if e.Erases && len(told) > 0 {
			c.say(rule.BadValue, told[0].Pos, "%s of %s is gone with the event that tells it", told[0].Name, e.Name).
				With(diag.Fix("leave it out: who is erased has none"))
		}
		c.absent(told, e.Name)
		c.personalApply(a, e)
	}
	for _, m := range a.Commands {
		c.personalCommand(m)
	}
}

// erasable checks that fields of states and rows have something to be without a value.
func (c *checker) erasable(fields []*model.Field, of string) {
	for _, f := range fields {
		if !hasStart(f) {
			c.say(rule.Unerasable, f.Pos, "%s of %s is personal and can be erased, and must have a value", f.Name, of).
				With(diag.Fix("make it %s, or give it a default", optional(f.Type)))
		}
	}
}

// absent checks that fields of events can be absent.
func (c *checker) absent(fields []*model.Field, of string) {
	for _, f := range fields {
		if !f.CanBeAbsent() {
			c.say(rule.Unerasable, f.Pos, "%s of %s is personal and can be erased, and must have a value", f.Name, of).
				With(diag.Fix("make it %s", optional(f.Type)))
		}
	}
}

// stays tells of a field that keeps what is personal, and is not personal itself.
func (c *checker) stays(list []Assigned, of string, pos func(Assigned) source.Pos, from secrets, erased []*model.Field) {
	for _, x := range list {
		if t := from.in(x.Value); t != nil && named(erased, x.Field.Name) == nil {
			c.say(rule.PersonalKept, pos(x), "%s of %s is made of what is personal, and is not erased with it", x.Field.Name, of).
				With(diag.At(x.Field.Pos, "the field"), diag.Fix("mark it: `pii: true`, in an aggregate with a `person`"))
		}
	}
}

// where is the place of an assignment: that of what is written, else of whoever takes it by name.
func where(with []*model.Assign, else_ source.Pos) func(Assigned) source.Pos {
	return func(x Assigned) source.Pos {
		for _, a := range with {
			if a.Field == x.Field {
				return a.Value.Pos()
			}
		}
		return else_
	}
}

func (c *checker) personalApply(a *model.Aggregate, e *model.Event) {
	from := secrets{}
	from.add("event", e.Personal())
	from.add("state", a.Personal())
	c.stays(c.out.Events[e].Apply, "the state of "+a.Name, where(e.Apply, e.Pos), from, a.Personal())
	for i, v := range e.Versions {
		from, next := secrets{}, e.Fields
		from.add("old", versionPersonal(e, v))
		if i+1 < len(e.Versions) {
			next = e.Versions[i+1].Fields
		}
		c.stays(c.out.Versions[v].Upcast, e.Name, where(v.Upcast, v.Pos), from, slices.DeleteFunc(slices.Clone(next), func(f *model.Field) bool {
			return named(e.PersonalEver(), f.Name) == nil
		}))
	}
}

func versionPersonal(e *model.Event, v *model.Version) []*model.Field {
	return slices.DeleteFunc(slices.Clone(v.Fields), func(f *model.Field) bool { return named(e.PersonalEver(), f.Name) == nil })
}

func (c *checker) personalCommand(m *model.Command) {
	from := secrets{}
	from.add("input", m.Personal())
	from.add("state", m.Aggregate.Personal())
	for _, r := range m.Reads {
		if r.View.View != nil {
			from.add(r.Name, c.columns(r.View.View))
		}
	}
	for _, l := range m.Lets {
		personal := from.in(c.out.Trees[l.Expr]) != nil
		for _, row := range l.Table {
			personal = personal || from.in(c.out.Trees[row.If]) != nil || from.in(c.out.Trees[row.Is]) != nil
		}
		if personal {
			from[""] = append(from[""], l.Name)
		}
	}
	for _, e := range possible(m) {
		all := from
		if e.Each != nil && from.in(c.out.Trees[e.Each]) != nil {
			all = maps.Clone(from)
			all[""] = append(slices.Clone(from[""]), e.As)
		}
		if event := e.Event.Event; event != nil {
			c.stays(c.out.Emits[e].Assigns, event.Name, where(e.With, e.Pos), all, event.Personal())
		}
	}
}

// columns are the fields of a view that what is personal is in.
func (c *checker) columns(v *model.View) []*model.Field {
	var out []*model.Field
	for _, p := range v.From {
		if e := p.Event.Event; e != nil && e.Home() == v.Context {
			out = append(out, c.out.PersonalColumns(p)...)
		}
	}
	slices.SortFunc(out, func(a, b *model.Field) int { return slices.Index(v.Fields, a) - slices.Index(v.Fields, b) })
	return slices.Compact(out)
}

// PersonalColumns are the fields of a row that an event sets to what is personal of it.
func (m *Model) PersonalColumns(p *model.Projection) []*model.Field {
	e := p.Event.Event
	if e == nil || len(e.Personal()) == 0 {
		return nil
	}
	from := secrets{}
	from.add("event", e.Personal())
	var out []*model.Field
	for _, x := range m.Projections[p].Set {
		if from.in(x.Value) != nil {
			out = append(out, x.Field)
		}
	}
	return out
}

func (c *checker) personalView(v *model.View) {
	columns := c.columns(v)
	c.erasable(columns, v.Name)
	row := secrets{}
	row.add("row", columns)
	for _, p := range v.From {
		e := p.Event.Event
		if e == nil {
			continue
		}
		c.unreadable(v.Context, e, append(Values(c.out.Projections[p].Key, c.out.Projections[p].Set), c.out.Trees[p.Where]), p.Event.Pos)
		event := secrets{}
		event.add("event", e.Personal())
		for _, x := range c.out.Projections[p].Key {
			if event.in(x.Value) != nil {
				c.say(rule.PersonalKept, p.Event.Pos, "rows of %s would be known by what is personal: %s", v.Name, x.Field.Name).
					With(diag.Fix("take an id for its key"))
			}
		}
		for _, x := range c.out.Projections[p].Set {
			if row.in(x.Value) != nil {
				c.say(rule.PersonalKept, where(p.Set, p.Event.Pos)(x), "%s of %s would be made of what is personal of a row: whose it is could not be told", x.Field.Name, v.Name).
					With(diag.Fix("set it from the event alone"))
			}
		}
	}
}

// unreadable refuses that another context reads what is personal: it has no keys.
func (c *checker) unreadable(x *model.Context, e *model.Event, trees []*expr.Tree, pos source.Pos) {
	if e.Home() == x {
		return
	}
	event := secrets{}
	event.add("event", e.Personal())
	for _, t := range trees {
		if found := event.in(t); found != nil {
			c.say(rule.PersonalKept, pos, "%s of %s is enciphered for %s alone, and %s cannot read it", found.Field.Name, e.Name, e.Home().Name, x.Name).
				With(diag.At(e.Pos, "event %s", e.Name), diag.Fix("ask %s for it where it is needed: by a call, a link or a composition", e.Home().Name))
			return
		}
	}
}

func (c *checker) personalPolicy(p *model.Policy) {
	events := p.Whenever
	if p.Timer != nil && p.Timer.Since != nil {
		events = append(slices.Clone(events), p.Timer.Since)
	}
	trees := []*expr.Tree{c.out.Trees[p.If]}
	if p.Timer != nil {
		trees = append(trees, c.out.Trees[p.Timer.Due])
	}
	from := secrets{}
	if p.Each != nil {
		trees = append(trees, c.out.Trees[p.Each.Where])
		if v := p.Each.View; v != nil {
			from.add("row", c.columns(v))
		}
		if a := p.Each.Aggregate; a != nil {
			from.add("state", a.Personal())
		}
	}
	for _, r := range p.Then {
		facts := c.out.Reactions[r]
		trees = append(trees, Values(facts.Assigns, facts.OnRejected.Assigns)...)
		trees = append(trees, facts.Target, facts.Correlated)
	}
	for _, ref := range events {
		e := ref.Event
		if e == nil {
			continue
		}
		c.unreadable(p.Context, e, trees, ref.Pos)
		if p.Window != nil && len(e.Personal()) > 0 {
			c.say(rule.PersonalKept, ref.Pos, "%s looks back at %s, which tells what is personal: it would be kept as it is", p.Name, e.Name).
				With(diag.Fix("look back at an event without it"))
		}
		if e.Home() == p.Context {
			from.add("event", e.Personal())
		}
	}
	for _, r := range p.Then {
		if m := r.Do.Command; m != nil {
			c.stays(c.out.Reactions[r].Assigns, "the input of "+m.Name, where(r.With, p.Pos), from, m.Personal())
		}
	}
}

// personalSaga refuses what sagas would keep, and tell in messages, as it is.
func (c *checker) personalSaga(s *model.Saga) {
	refuse := func(pos source.Pos, what string) {
		c.say(rule.PersonalKept, pos, "%s, and sagas keep and tell it as it is", what).
			With(diag.Fix("tell the saga an id, and let whoever needs the rest ask for it"))
	}
	events := []*model.EventRef{&s.StartedBy}
	commands := []*model.Target{}
	if s.OnFailure != nil {
		commands = append(commands, &s.OnFailure.Do)
	}
	for _, step := range s.Steps {
		events = append(events, &step.Await)
		commands = append(commands, &step.Do)
		if step.Compensate != nil {
			commands = append(commands, &step.Compensate.Do)
		}
	}
	for _, ref := range events {
		if e := ref.Event; e != nil && len(e.Personal()) > 0 {
			refuse(ref.Pos, e.Name+" tells what is personal")
		}
	}
	for _, do := range commands {
		m := do.Command
		if m == nil {
			continue
		}
		answers := slices.ContainsFunc(possible(m), func(e *model.Emit) bool { return e.Event.Event != nil && len(e.Event.Event.Personal()) > 0 })
		if len(m.Personal()) > 0 || answers {
			refuse(do.Pos, m.Name+" is given or answers what is personal")
		}
	}
}
