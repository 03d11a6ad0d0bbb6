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
	if e == nil {
		return
	}
	c.abroad(&s.StartedBy, s.Context)
	event := c.event(e)
	data := expr.Var{Name: "saga", Type: c.object(dataOf{s}, "the data of "+s.Name, nil, s.Data)}
	st := &story{checker: c, saga: s, data: data, on: occasion{
		event: &event, events: []*model.Event{e},
		scope: scope(s.Context, s.Name, notInSaga, event, expr.MetaVar(), data),
	}}
	for _, step := range s.Steps {
		st.step(step)
	}
	st.wayBack()
	if s.OnFailure != nil {
		st.saved = nil // whatever failed may have been the first step
		st.undo(s.OnFailure, "onFailure", st.sameInstance(st.on, &s.OnFailure.Do), false)
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

func (s *story) step(x *model.Step) {
	place := x.Do.Text + " of " + s.saga.Name
	base := given(s.scope("step", place), s.condition(x.If, s.scope("if of", place)))
	if _, ok := inputOfTarget(&x.Do); !ok {
		return
	}
	facts := Step{Sending: s.sending(addressing{
		to: &x.Do, with: x.With, pos: x.Do.Pos, explicit: x.Target, correlate: x.Correlate,
		scope: base, from: s.supplies(), event: s.on.event, itself: s.sameInstance(s.on, &x.Do),
	})}
	before := s.saved
	s.saved = base.Given
	facts.Reply, facts.Saves = s.save(x)
	s.out.Steps[x] = facts
	if x.Compensate != nil {
		to := &x.Compensate.Do
		if x.Do.Command != nil && to.Command != nil && x.Do.Command.Aggregate == to.Command.Aggregate {
			s.undo(x.Compensate, "compensate of "+x.Do.Text, facts.Target, true)
		} else {
			s.undo(x.Compensate, "compensate of "+x.Do.Text, s.sameInstance(s.on, to), false)
		}
	}
	if x.If != nil {
		s.saved = before // a step that was left out has saved nothing
	}
}

// save checks what a step keeps of its reply. It makes what it keeps known to be
// there: to later steps, and to its own compensation, which of a step without a
// reply takes the instance the step was for.
func (s *story) save(x *model.Step) (fields []*model.Field, saves []Assigned) {
	fields, ok := s.reply(&x.Do)
	if !ok {
		return nil, nil
	}
	reply := expr.Var{Name: "reply", Type: s.object(replyOf{x}, "the reply of "+x.Do.Text, nil, fields)}
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
		event: s.on.event, itself: itself, derived: derived,
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
			s.say(rule.NoCompensation, x.Pos, "when %s fails after %s, nothing undoes it", s.saga.Name, x.Do.Text).
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
