package check

import (
	"fmt"
	"slices"

	"github.com/esgen/esgen/internal/diag"
	"github.com/esgen/esgen/internal/expr"
	"github.com/esgen/esgen/internal/rule"
	"github.com/esgen/esgen/model"
)

func (c *checker) aggregate(a *model.Aggregate) {
	c.typed(&a.Node, "the state of "+a.Name, a.State)
	c.fields(a.Context, "the state of "+a.Name, a.State)
	c.likeID(a.State)
	if len(a.Commands) == 0 && len(a.Events) == 0 {
		c.incomplete(&a.Node, a.Pos, "say what can be asked of it and what can happen to it", "%s has no commands and no events yet", a.Name)
	}
	c.scalars(a.Lookup, "a lookup field")
	for _, u := range a.Unique {
		c.scalars(u.Fields, "a unique field")
	}
	state := scope(a.Context, a.Name, notInState, c.state(a), expr.IDVar())
	for _, r := range a.Invariants {
		c.condition(r.That, at(state, "invariant", r.Name, "of", a.Name))
	}
	c.condition(a.Allow, askedBy(scope(a.Context, "allow of "+a.Name, notInAllow, c.state(a), expr.StampsVar(), expr.IDVar(), expr.NowVar()), readersOf(a), false))
	for _, m := range a.Commands {
		c.command(m)
	}
	for _, e := range a.Events {
		c.apply(a, e)
	}
	for _, l := range a.Lifecycles {
		c.paths(a, l)
	}
	c.begins(a)
}

// scalars checks fields by which the database finds things.
func (c *checker) scalars(refs []*model.FieldRef, what string) {
	for _, r := range refs {
		if f := r.Field; f != nil && f.Type != nil && !isScalar(f.Type.Value()) {
			c.say(rule.ScalarField, r.Pos, "%s cannot be %s: it is %s", r.Text, what, f.Type).
				With(diag.At(f.Pos, "%s here", f.Type), diag.Fix("take a field that holds a single value"))
		}
	}
}

// isScalar reports whether a value of the type is a single one, which a column
// can hold and a database compare.
func isScalar(t *model.Type) bool {
	switch s := t.Scalar(); s.Kind {
	case model.List, model.Map, model.Optional:
		return false
	case model.Named:
		return s.IsEnum()
	}
	return true
}

// apply checks how an event changes the state.
func (c *checker) apply(a *model.Aggregate, e *model.Event) {
	c.fields(a.Context, e.Name, e.Fields)
	c.likeID(e.Fields)
	if !c.typed(&e.Node, e.Name, e.Fields, c.givers(e)...) {
		return
	}
	if e.Deletes && len(e.Apply) > 0 {
		c.say(rule.DeletesApply, e.Apply[0].Pos, "%s deletes the %s: there is no state left to change", e.Name, a.Name).
			With(diag.Fix("remove apply, or deletes"))
	}
	from := supplies{}
	from.fields(byEvent, e.Name, c.event(e))
	c.versions(e)
	list := c.fill(filling{
		what: "the state of " + a.Name, pos: e.Pos, key: "apply",
		fields: a.State, with: e.Apply, from: from, partial: true,
		scope: scope(a.Context, e.Name, notInApply, c.state(a), c.event(e), expr.MetaVar(), expr.IDVar()),
	})
	first := c.firstOf(e)
	c.out.Events[e] = Event{Apply: list, Creates: len(first) > 0 || c.unborn(a), Once: c.happensOnce(e, first)}
	for _, x := range list {
		if x.Value == nil {
			continue
		}
		if len(first) > 0 {
			c.beforeCreation(a, e, x.Value, first[0])
		}
		if l := lifecycleOf(a, x.Field); l != nil && len(l.States) > 0 {
			c.transition(a, e, l, x, first)
		}
	}
}

// givers are the fields that an event's own take their types from.
func (c *checker) givers(e *model.Event) [][]*model.Field {
	out := [][]*model.Field{e.Aggregate.State}
	for _, m := range c.index.emitters[e] {
		out = append(out, m.Input)
	}
	return out
}

// firstOf lists the commands that may create an instance by this event: those
// in which no other event surely comes before it.
func (c *checker) firstOf(e *model.Event) []*model.Command {
	var out []*model.Command
	for _, m := range c.index.emitters[e] {
		if m.Creates == model.Existing {
			continue
		}
		if slices.ContainsFunc(outcomes(m), func(emits []*model.Emit) bool { return mayBegin(c.birth(emits), e) }) {
			out = append(out, m)
		}
	}
	return out
}

// unborn reports whether nothing says how instances of an aggregate begin: no
// command creates them, or one that does not tell its events.
func (c *checker) unborn(a *model.Aggregate) bool {
	told := false
	for _, m := range a.Commands {
		if m.Creates == model.Existing {
			continue
		}
		if told = true; len(m.Emits) == 0 {
			return true
		}
	}
	return !told
}

// mayBegin reports whether an event may be the first of those emitted.
func mayBegin(emits []*model.Emit, e *model.Event) bool {
	for _, x := range emits {
		if x.Event.Event == e {
			return true
		}
		if x.Sure() {
			return false
		}
	}
	return false
}

// beforeCreation reports an apply that reads what a new instance has not got.
func (c *checker) beforeCreation(a *model.Aggregate, e *model.Event, t *expr.Tree, m *model.Command) {
	expr.Walk(t, func(t *expr.Tree) {
		if !t.Reads("state") || !startsWithout(a, t.Field) {
			return
		}
		pos := e.Pos
		for _, x := range e.Apply {
			if c.out.Trees[x.Value] != nil && contains(c.out.Trees[x.Value], t) {
				pos = x.Value.Node.PosAt(t.Offset)
			}
		}
		c.say(rule.BeforeCreation, pos, "%s creates the %s by %s: there is no state.%s before it", m.Name, a.Name, e.Name, t.Field.Name).
			With(diag.At(t.Field.Pos, "the field has no default"), diag.Fix("give %s a default", t.Field.Name))
	})
}

// startsWithout reports whether a new instance has no value for a field.
func startsWithout(a *model.Aggregate, f *model.Field) bool {
	return f != a.ID && !hasStart(f) && lifecycleOf(a, f) == nil
}

// hasStart reports whether a field has a value before anybody gives it one.
func hasStart(f *model.Field) bool {
	if f.Default != nil || f.Type == nil {
		return true
	}
	switch f.Type.Kind {
	case model.Optional, model.List, model.Map:
		return true
	}
	return false
}

func lifecycleOf(a *model.Aggregate, f *model.Field) *model.Lifecycle {
	for _, l := range a.Lifecycles {
		if l.Field.Field == f {
			return l
		}
	}
	return nil
}

// transition checks the states an event puts into a lifecycle field, as far as
// they are written down.
func (c *checker) transition(a *model.Aggregate, e *model.Event, l *model.Lifecycle, x Assigned, first []*model.Command) {
	var states []string
	for _, s := range l.States {
		states = append(states, s.Value.Value)
		for _, to := range s.To {
			states = append(states, to.Value)
		}
	}
	slices.Sort(states)
	states = slices.Compact(states)
	pos := e.Pos
	for _, w := range e.Apply {
		if w.Field == x.Field {
			pos = w.Value.Pos()
		}
	}
	for _, v := range results(x.Value) {
		if v.Op != expr.Enum || v.Enum == nil {
			continue
		}
		if !slices.Contains(states, v.Enum.Name) {
			c.say(rule.LifecycleState, pos, "%s puts the %s into %s, which its lifecycle does not know", e.Name, a.Name, v.Enum.Name).
				With(diag.At(l.Pos, "the lifecycle"), diag.Fix("say in the lifecycle from which states it is reached"))
		} else if initial := l.States[0].Value; v.Enum.Name != initial.Value && c.onlyCreates(e, first) && x.Value == v {
			c.say(rule.LifecycleInitial, pos, "%s creates the %s as %s, but its lifecycle begins with %s", first[0].Name, a.Name, v.Enum.Name, initial.Value).
				With(diag.At(initial.Pos, "the first state"), diag.Fix("begin the lifecycle with %s, or apply %s", v.Enum.Name, initial.Value))
		}
	}
}

// onlyCreates reports whether an event never happens to an existing instance.
func (c *checker) onlyCreates(e *model.Event, first []*model.Command) bool {
	for _, m := range c.index.emitters[e] {
		if m.Creates != model.New || !slices.Contains(first, m) {
			return false
		}
	}
	return len(first) > 0
}

// happensOnce reports whether an event is nothing but the beginning of an
// instance: its commands emit it once, too.
func (c *checker) happensOnce(e *model.Event, first []*model.Command) bool {
	return c.onlyCreates(e, first) && !slices.ContainsFunc(first, func(m *model.Command) bool {
		emits := slices.DeleteFunc(slices.Clone(m.Emits), func(x *model.Emit) bool { return x.Event.Event != e })
		return m.Custom || len(emits) != 1 || emits[0].Each != nil
	})
}

// results are the trees one of which gives the value of an expression.
func results(t *expr.Tree) []*expr.Tree {
	switch t.Op {
	case expr.Cond:
		return append(results(t.Args[1]), results(t.Args[2])...)
	case expr.Convert:
		return results(t.Args[0])
	}
	return []*expr.Tree{t}
}

// creation checks that a command that creates leaves no field of the state
// without a value.
func (c *checker) creation(m *model.Command) {
	if m.Creates == model.Existing || len(m.Emits) == 0 {
		return
	}
	for _, emits := range outcomes(m) {
		c.born(m, c.birth(emits))
	}
}

// born checks one outcome of a command that creates.
func (c *checker) born(m *model.Command, emits []*model.Emit) {
	a := m.Aggregate
	var lasting []*model.Event
	for _, e := range emits {
		if ev := e.Event.Event; ev == nil || !allTyped(ev.Fields) {
			return
		} else if !ev.Deletes {
			lasting = append(lasting, ev)
		}
	}
	if len(lasting) == 0 {
		if len(emits) > 0 {
			c.say(rule.CreatesNothing, m.Pos, "%s creates the %s and deletes it at once", m.Name, a.Name).
				With(diag.At(emits[0].Event.Pos, "it deletes"))
		}
		return
	}
	for _, f := range a.State {
		if !startsWithout(a, f) || surely(emits, false, func(e *model.Event) bool { return sets(e, f) }) {
			continue
		}
		i := slices.IndexFunc(lasting, func(e *model.Event) bool { return !sets(e, f) })
		c.say(rule.UnsetField, f.Pos, "%s of %s is not set when %s creates it", f.Name, a.Name, m.Name).
			With(diag.At(m.Pos, "%s emits %s", m.Name, listed(eventNames(lasting), "and")),
				diag.Fix("add %s to the fields of %s, set it in its apply, %sor make it %s", f.Name, lasting[max(i, 0)].Name, beginnings(f), optional(f.Type)))
	}
}

// beginnings are the ways for a field to have a value that no event carries.
func beginnings(f *model.Field) string {
	if v := f.Type.Value(); v != nil && v.IsEnum() && len(v.Def.Enum) > 0 {
		first := v.Def.Enum[0].Name
		return fmt.Sprintf("give it a default (%s: {type: %s, default: %s}) or a lifecycle, whose first state it begins in, ", f.Name, f.Type, first)
	}
	return fmt.Sprintf("give it a default (%s: {type: %s, default: …}), ", f.Name, f.Type)
}

// sets reports whether an event gives a field of the state a value.
func sets(e *model.Event, f *model.Field) bool {
	return named(e.Fields, f.Name) != nil || slices.ContainsFunc(e.Apply, func(a *model.Assign) bool { return a.Field == f || a.Name == f.Name })
}

// begins checks that instances come to exist, and that what is there is used.
// Of an aggregate nobody has worked out yet nothing is asked.
func (c *checker) begins(a *model.Aggregate) {
	creates, worked := false, false
	unknown := false // which events there will be
	for _, m := range a.Commands {
		creates = creates || m.Creates != model.Existing
		unknown = unknown || m.Custom || slices.ContainsFunc(possible(m), func(e *model.Emit) bool { return e.Event.Event == nil })
		if len(m.Emits) == 0 && !m.Custom {
			continue
		}
		worked = true
		if len(m.Actors) == 0 && !c.index.sent[m] {
			c.say(rule.NeverSent, m.Pos, "nobody sends %s: it has no actor, and no policy or call leads to it", m.Name).
				With(diag.Fix("give it an actor, or a policy"))
		}
	}
	for _, e := range a.Events {
		if worked && !unknown && len(c.index.emitters[e]) == 0 {
			c.say(rule.NeverEmitted, e.Pos, "no command emits %s", e.Name).With(diag.Fix("add it to the emit of a command of %s", a.Name))
		}
		if worked && len(c.index.emitters[e]) > 0 {
			c.heard(e)
		}
		c.exposed(a, e)
	}
	if worked && !creates {
		c.say(rule.NeverCreated, a.Pos, "no command creates instances of %s", a.Name).With(diag.Fix("give one of its commands `creates: true`"))
	}
	if worked && len(a.Invariants) == 0 && len(a.Lifecycles) == 0 {
		c.say(rule.Unguarded, a.Pos, "%s has no invariant and no lifecycle: it guards nothing", a.Name)
	}
}

// heard notes an event without any effect.
func (c *checker) heard(e *model.Event) {
	x := c.index
	switch {
	case changes(x, e), len(x.listeners[e]) > 0, len(x.started[e]) > 0, len(x.shown[e]) > 0, x.ended[e], x.awaited[e]:
	case slices.ContainsFunc(x.emitters[e], func(m *model.Command) bool { return x.asked[m] }):
	default:
		c.say(rule.NeverHeard, e.Pos, "%s changes nothing, and no policy, saga or view hears it", e.Name).
			With(diag.Fix("let one hear it, or ask whether anybody needs it"))
	}
}

// changes reports whether something is otherwise after an event.
func changes(x *index, e *model.Event) bool {
	if e.Aggregate == nil {
		return false
	}
	return e.Deletes || e.Erases || len(e.Apply) > 0 ||
		slices.ContainsFunc(e.Fields, func(f *model.Field) bool { return named(e.Aggregate.State, f.Name) != nil }) ||
		slices.ContainsFunc(x.emitters[e], func(m *model.Command) bool { return m.Creates != model.Existing })
}

// exposed warns of personal data in events that others read.
func (c *checker) exposed(a *model.Aggregate, e *model.Event) {
	if e.Private || a.Person != nil {
		return // what is enciphered goes nowhere
	}
	for _, f := range e.Fields {
		own := named(a.State, f.Name)
		if own != nil && own.PII || f.IsPersonal() {
			c.say(rule.PublicPII, f.Pos, "%s carries personal data (%s) out of %s", e.Name, f.Name, a.Context.Name).
				With(diag.Fix("leave it out, write `visibility: private`, or say whose it is: `person` of %s", a.Name))
		}
	}
}

// passedOn warns of personal data in what an external system tells: all may hear it.
func (c *checker) passedOn(e *model.Event) {
	x := e.External.Receiver
	for _, f := range e.Fields {
		if x != nil && f.IsPersonal() {
			c.say(rule.PublicPII, f.Pos, "%s carries personal data (%s) through %s to all who listen", e.Name, f.Name, x.Name).
				With(diag.Fix("leave it out: what the model does not ask for is passed over"))
		}
	}
}
