package check

import (
	"slices"

	"github.com/esgen/esgen/internal/diag"
	"github.com/esgen/esgen/internal/expr"
	"github.com/esgen/esgen/internal/rule"
	"github.com/esgen/esgen/model"
)

// paths checks that an aggregate comes into every state of its lifecycle, and
// from each to an end, where there is one. Where an event computes the state,
// nothing is known; of an aggregate nobody has worked out yet nothing is asked.
func (c *checker) paths(a *model.Aggregate, l *model.Lifecycle) {
	if len(l.States) == 0 || l.Field.Field == nil || !l.Field.Field.Type.Value().IsEnum() {
		return
	}
	into, known := c.statesSet(a, l)
	switch {
	case !known:
		return
	case len(into) == 0:
		if len(l.States) > 1 && c.workedOut(a) {
			c.say(rule.LifecycleUnreached, l.Pos, "no event sets %s of the %s: it stays %s", l.Field.Text, a.Name, l.States[0].Value.Value).
				With(diag.At(l.Field.Field.Pos, "the field"), diag.Fix("apply its states by events, or leave the lifecycle out"))
		}
		return
	}
	initial := l.States[0].Value.Value
	reached := closure([]string{initial}, func(s string) []string { return following(l, s) })
	ends := ends(l)
	for _, s := range l.States {
		name := s.Value.Value
		switch {
		case !slices.ContainsFunc(l.Field.Field.Type.Value().Def.Enum, func(v *model.EnumValue) bool { return v.Name == name }):
			// reported when the model was read
		case name != initial && !into[name]:
			c.say(rule.LifecycleUnreached, s.Value.Pos, "no event brings the %s into %s", a.Name, name).
				With(diag.Fix("apply it by an event, or take it out of the lifecycle"))
		case !reached[name]:
			c.say(rule.LifecycleUnreached, s.Value.Pos, "no way leads the %s from %s to %s", a.Name, initial, name).
				With(diag.At(l.States[0].Value.Pos, "the first state"), diag.Fix("say in the lifecycle which state it follows"))
		case len(ends) > 0 && !endsSomewhere(l, name):
			c.say(rule.LifecycleStuck, s.Value.Pos, "from %s the %s comes to none of its ends, %s", name, a.Name, listed(ends, "or")).
				With(diag.Fix("say which end may follow"))
		}
	}
}

// workedOut reports whether the commands of an aggregate say which events they
// emit.
func (c *checker) workedOut(a *model.Aggregate) bool {
	return len(a.Commands) > 0 && !slices.ContainsFunc(a.Commands, func(m *model.Command) bool {
		return len(m.Emits) == 0 || slices.ContainsFunc(m.Emits, func(e *model.Emit) bool { return e.Event.Event == nil })
	})
}

// statesSet are the states that events put an aggregate into; known is false
// when an event computes it, or is not right itself.
func (c *checker) statesSet(a *model.Aggregate, l *model.Lifecycle) (into map[string]bool, known bool) {
	into = map[string]bool{}
	for _, e := range a.Events {
		facts, ok := c.out.Events[e]
		if !ok && len(e.Apply) > 0 || slices.ContainsFunc(e.Apply, func(x *model.Assign) bool { return x.Field == nil }) {
			return nil, false
		}
		for _, x := range facts.Apply {
			if x.Field != l.Field.Field {
				continue
			}
			if x.Value == nil {
				return nil, false
			}
			for _, v := range results(x.Value) {
				if v.Op != expr.Enum || v.Enum == nil {
					return nil, false
				}
				into[v.Enum.Name] = true
			}
		}
	}
	return into, true
}

// following are the states that may follow one.
func following(l *model.Lifecycle, state string) []string {
	var out []string
	for _, s := range l.States {
		if s.Value.Value == state {
			for _, to := range s.To {
				out = append(out, to.Value)
			}
		}
	}
	return out
}

// ends are the states that none follows.
func ends(l *model.Lifecycle) []string {
	var out []string
	for _, s := range l.States {
		if len(s.To) == 0 {
			out = append(out, s.Value.Value)
		}
	}
	return out
}

func endsSomewhere(l *model.Lifecycle, state string) bool {
	all := closure([]string{state}, func(s string) []string { return following(l, s) })
	return slices.ContainsFunc(ends(l), func(end string) bool { return all[end] })
}

// closure is what can be come to from somewhere, the beginning included.
func closure[T comparable](from []T, next func(T) []T) map[T]bool {
	all := map[T]bool{}
	for len(from) > 0 {
		x := from[len(from)-1]
		from = from[:len(from)-1]
		if !all[x] {
			all[x] = true
			from = append(from, next(x)...)
		}
	}
	return all
}
