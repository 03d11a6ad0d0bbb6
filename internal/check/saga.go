package check

import (
	"slices"

	"github.com/esgen/esgen/internal/diag"
	"github.com/esgen/esgen/internal/expr"
	"github.com/esgen/esgen/internal/rule"
	"github.com/esgen/esgen/model"
)

// story is a saga on its way: what it has surely saved grows with every step.
type story struct {
	*checker
	saga  *model.Saga
	on    occasion
	data  expr.Var
	saved []*expr.Tree // has(saga.x) of every x that is there by now
}

func (c *checker) saga(s *model.Saga) {
	c.typed(&s.Node, "the data of "+s.Name, s.Data)
	c.fields(s.Context, "the data of "+s.Name, s.Data)
	for _, f := range s.Data {
		if !hasStart(f) {
			c.say(rule.UnsetField, f.Pos, "%s of %s has no value when the saga begins", f.Name, s.Name).
				With(diag.Fix("make it %s, or give it a default", optional(f.Type)))
		}
	}
	if s.StartedBy.Text == "" || len(s.Steps) == 0 {
		c.incomplete(&s.Node, s.Pos, "write startedBy and steps", "%s does not say yet what starts it and what its steps are", s.Name)
		return
	}
	e := s.StartedBy.Event
	if e == nil || c.onHomeless(&s.Node, "is started by", &s.StartedBy) {
		return
	}
	c.abroad(&s.StartedBy, s.Context)
	event := c.event(s.Context.Means(e))
	data := expr.Var{Name: "saga", Type: c.object(dataOf{s}, "the data of "+s.Name, nil, s.Data)}
	st := &story{checker: c, saga: s, data: data, on: occasion{
		event: &event, events: []*model.Event{e},
		scope: scope(s.Context, s.Name, notInSaga, event, expr.MetaVar(), data),
	}}
	st.steps()
	st.wayBack()
	if s.OnFailure != nil {
		st.saved = nil // whatever failed may have been the first step
		st.undo(s.OnFailure, "onFailure", st.sameInstance(st.on, aggregateOf(&s.OnFailure.Do)), false)
	}
}

// scope is what an expression of the saga can name, and what is there by now.
func (s *story) scope(place ...string) expr.Scope {
	out := at(s.on.scope, place...)
	out.Given = s.saved
	return out
}

// supplies are the values that fields take by name: the saga's own, which are
// later, before the event's.
func (s *story) supplies() supplies {
	from := s.on.supplies()
	from.fields(byLet, s.data.Type.Def.Name, s.data)
	for _, has := range s.saved {
		if has.Op != expr.Has || has.Args[0].Ident != "saga" {
			continue // the condition of a step knows of other things, too
		}
		if f := has.Field; f.Type.Kind == model.Optional {
			value := &expr.Tree{Op: expr.Convert, Type: f.Type.Elem, Args: []*expr.Tree{read(s.data, f)}}
			from[f.Name][len(from[f.Name])-1].tree = value
		}
	}
	return from
}

// steps checks the steps in order. Those that begin together know nothing of
// what the others save.
func (s *story) steps() {
	var before, after []*expr.Tree // what is surely there when a step begins, and when it is done
	for i, x := range s.saga.Steps {
		if !x.Beside {
			before = after
		}
		s.saved = before
		s.step(x)
		after = append(after[:len(after):len(after)], s.saved[len(before):]...)
		s.savesTwice(i)
	}
	s.saved = after
}

// savesTwice reports a field that a step and one beside it save.
func (s *story) savesTwice(i int) {
	x := s.saga.Steps[i]
	for x.Beside && i > 0 {
		i--
		other := s.saga.Steps[i]
		for _, a := range x.Save {
			for _, b := range other.Save {
				if a.Field != nil && a.Field == b.Field {
					s.say(rule.TwoSources, a.Pos, "%s of %s is saved by %s as well, and nothing says which of them is later", a.Field.Name, s.saga.Name, other.Text()).
						With(diag.At(b.Pos, "here"), diag.Fix("save it in another field, or make one a step after the other"))
				}
			}
		}
		if !other.Beside {
			return
		}
	}
}

func (s *story) step(x *model.Step) {
	place := x.Text() + " of " + s.saga.Name
	base := given(s.scope("step", place), s.condition(x.If, s.scope("if of", place)))
	var facts Step
	if x.Awaits() {
		if x.Await.Event == nil {
			return
		}
		s.abroad(&x.Await, s.saga.Context)
		facts.Target = s.awaited(x, base)
	} else {
		if _, ok := inputOfTarget(&x.Do); !ok {
			return
		}
		facts.Sending = s.sending(addressing{
			to: &x.Do, with: x.With, pos: x.Do.Pos, explicit: x.Target, correlate: x.Correlate,
			scope: base, from: s.supplies(), event: s.on.event, itself: s.sameInstance(s.on, aggregateOf(&x.Do)), fresh: true,
		})
	}
	before := s.saved
	s.saved = base.Given
	facts.Reply, facts.Saves = s.save(x)
	s.out.Steps[x] = facts
	known := s.saved
	if x.Do.Operation != nil {
		s.saved = base.Given // an external system that ran out of time may have done it, and nobody knows what it answered
	}
	if x.Compensate != nil {
		to := &x.Compensate.Do
		if a := stepAggregate(x); a != nil && a == aggregateOf(to) {
			s.undo(x.Compensate, "compensate of "+x.Text(), facts.Target, true)
		} else {
			s.undo(x.Compensate, "compensate of "+x.Text(), s.sameInstance(s.on, aggregateOf(to)), false)
		}
	}
	if s.saved = known; x.If != nil {
		s.saved = before // a step that was left out has saved nothing
	}
}

// stepAggregate is the one that a step is about; nil: an external system.
func stepAggregate(x *model.Step) *model.Aggregate {
	if x.Await.Event != nil {
		return x.Await.Event.Aggregate
	}
	return aggregateOf(&x.Do)
}

// awaited is the instance whose event a step waits for: said by target; else the
// one that started the saga, else the one that a field named like the id names.
func (s *story) awaited(x *model.Step, base expr.Scope) *expr.Tree {
	a := x.Await.Event.Aggregate
	if a == nil {
		s.say(rule.NoTarget, x.Await.Pos, "%s happens to no instance of an aggregate: nothing says whose it is", x.Text()).
			With(diag.Fix("wait for an event of an aggregate: a command that it leads to can emit one"))
		return nil
	}
	if x.Target != nil {
		return s.expr(x.Target, at(base, "target of", x.Text()), idType)
	}
	if itself := s.sameInstance(s.on, a); itself != nil {
		return itself
	}
	if best := s.supplies().best(a.ID.Name); len(best) == 1 {
		if best[0].tree == nil {
			return nil
		}
		if t := s.env.Fit(best[0].tree, a.ID.Type); t != nil {
			s.takes(a.ID, best)
			return t
		}
	}
	s.say(rule.NoTarget, x.Await.Pos, "which %s is %s awaited of?", a.Name, x.Text()).
		With(diag.At(x.Await.Event.Pos, "it happens to a %s", a.Name), diag.Fix("write target: …"))
	return nil
}

// save checks what a step keeps of its reply. It makes what it keeps known to be
// there: to later steps, and to its own compensation, which of a step without a
// reply takes the instance the step was for.
func (s *story) save(x *model.Step) (fields []*model.Field, saves []Assigned) {
	what := "the reply of " + x.Text()
	if e := x.Await.Event; e != nil {
		what, fields = "the event "+x.Text(), s.event(s.saga.Context.Means(e)).Type.Def.Fields
	} else {
		var ok bool
		if fields, ok = s.reply(&x.Do); !ok {
			return nil, nil
		}
	}
	reply := expr.Var{Name: "reply", Type: s.object(replyOf{x}, what, nil, fields)}
	if len(x.Save) == 0 {
		return fields, nil
	}
	saves = s.fill(filling{
		what: s.data.Type.Def.Name, pos: x.Pos, key: "save", fields: s.saga.Data, with: x.Save,
		scope: with(s.scope(s.saga.Name), reply), partial: true,
	})
	for _, a := range saves {
		if a.Value != nil && isThere(a.Value) {
			s.saved = append(s.saved[:len(s.saved):len(s.saved)], s.there(a.Field))
		}
	}
	return fields, saves
}

// isThere reports whether an expression surely has a value.
func isThere(t *expr.Tree) bool {
	if t.Op == expr.Convert && t.Type.Kind == model.Optional {
		t = t.Args[0]
	}
	return t.Type.Kind != model.Optional
}

// there is the knowledge that the saga has a value: has(saga.x).
func (s *story) there(f *model.Field) *expr.Tree {
	return &expr.Tree{Op: expr.Has, Type: boolType, Field: f, Args: []*expr.Tree{{Op: expr.Name, Ident: "saga", Type: s.data.Type}}}
}

// undo checks a command that is given when the saga fails. Itself is the
// instance it is for when nothing is said.
func (s *story) undo(x *model.Compensation, place string, itself *expr.Tree, derived bool) {
	s.out.Compensations[x] = Compensation{Sending: s.sending(addressing{
		to: &x.Do, with: x.With, pos: x.Pos, explicit: x.Target, correlate: x.Correlate,
		scope: s.scope(place, "of", s.saga.Name), from: s.supplies(),
		event: s.on.event, itself: itself, derived: derived, fresh: true,
	})}
}

// wayBack warns of steps that are undone by nothing as long as there is a way
// back.
func (s *story) wayBack() {
	for _, x := range s.saga.Steps[:len(s.saga.Steps)-1] {
		if x.Pivot {
			return
		}
		if x.Compensate == nil && s.leavesTraces(x) {
			s.say(rule.NoCompensation, x.Pos, "when %s fails after %s, nothing undoes it", s.saga.Name, x.Text()).
				With(diag.Fix("name the command that undoes it: compensate: …"))
		}
	}
}

// leavesTraces reports whether a step changes something that onFailure does not
// take care of.
func (s *story) leavesTraces(x *model.Step) bool {
	m := x.Do.Command
	if m == nil || s.saga.OnFailure != nil && s.saga.OnFailure.Do.Command != nil && s.saga.OnFailure.Do.Command.Aggregate == m.Aggregate {
		return false
	}
	return slices.ContainsFunc(possible(m), func(e *model.Emit) bool { return e.Event.Event != nil && changes(s.index, e.Event.Event) })
}
