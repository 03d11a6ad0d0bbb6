package model

import (
	"time"

	"github.com/esgen/esgen/internal/diag"
	"github.com/esgen/esgen/internal/source"
)

var sagaForm = &form[Saga]{
	what: "saga",
	doc:  "An orchestrated story: steps in order, undone in reverse when one of them fails.",
	keys: []key[Saga]{
		at("startedBy", "The event it begins with.", eventRef, func(s *Saga) *EventRef { return &s.StartedBy }),
		section("data", "What it knows besides the event: saga in expressions, set by save.", fieldForm, func(s *Saga) *[]*Field { return &s.Data }),
		at("steps", "What it does, in order.", listOf(pointer(one(stepForm))), func(s *Saga) *[]*Step { return &s.Steps }),
		at("onFailure", "What is done when all is undone.", pointer(one(failureForm)), func(s *Saga) **Compensation { return &s.OnFailure }),
		at("timeout", "How long all steps before the pivot may take; default: no limit.", duration, func(s *Saga) *time.Duration { return &s.Timeout }),
	},
	note:  func(s *Saga) *Node { return &s.Node },
	enter: func(d *decoder, s *Saga) { d.saga, s.Context = s, d.context },
	done:  doneSaga,
}

var failureForm = undoForm("onFailure", "What is done when all steps of a saga are undone.")

func doneSaga(d decoder, s *Saga, _ *source.Node) {
	d.postpone(orchestration, &s.Node)
	var pivot *Step
	for _, x := range s.Steps {
		switch {
		case pivot == nil:
		case x.Pivot:
			d.badValue(x.Pos, "saga %s has a second pivot", s.Name).
				With(diag.At(pivot.Pos, "the first"), diag.Fix("after the first there is no way back already: leave it out"))
		case x.Compensate != nil:
			d.badValue(x.Compensate.Pos, "%s comes after the pivot of saga %s and is never undone", x.Do.Text, s.Name).
				With(diag.At(pivot.Pos, "the pivot"), diag.Fix("leave compensate out, or move the pivot"))
		}
		if x.Pivot && pivot == nil {
			pivot = x
		}
	}
}

// stepForm is a step: a name, or {do, target, with, ...}.
var stepForm = &form[Step]{
	what: "step",
	doc:  "A command a saga gives, in any context, or an external's operation.",
	keys: []key[Step]{
		must(at("do", "A command, or an external's operation.", targetRef(commandKind|operationKind), func(s *Step) *Target { return &s.Do })),
		at("if", "When it is done; else it is left out.", expression, func(s *Step) **Expr { return &s.If }),
		at("target", "Which instance.", expression, func(s *Step) **Expr { return &s.Target }),
		at("correlateBy", "The lookup field by which the instance is found.", pointer(fieldRef), func(s *Step) **FieldRef { return &s.Correlate }),
		at("with", "What it is given, besides the same-named.", assigns, func(s *Step) *[]*Assign { return &s.With }),
		at("save", "What the saga keeps of the reply, in its data.", assigns, func(s *Step) *[]*Assign { return &s.Save }),
		at("compensate", "What undoes it.", pointer(one(compensationForm)), func(s *Step) **Compensation { return &s.Compensate }),
		at("pivot", "true: from here on there is no way back; later steps are retried until they succeed.", trueOrFalse, func(s *Step) *bool { return &s.Pivot }),
	},
	short: short(targetRef(commandKind|operationKind), func(s *Step) *Target { return &s.Do }),
	enter: func(d *decoder, s *Step) { s.Saga = d.saga },
	done: func(d decoder, s *Step, n *source.Node) {
		s.Pos = n.Pos
		d.oneInstance(s.Target, s.Correlate)
		d.settle(func() {
			d.assignInput(s.With, &s.Do)
			d.correlate(s.Correlate, &s.Do)
			d.assignTo(s.Save, s.Saga.Data, nil, "data of saga "+s.Saga.Name)
		})
	},
}

// oneInstance reports two ways of naming one instance.
func (d decoder) oneInstance(target *Expr, correlate *FieldRef) {
	if target != nil && correlate != nil {
		d.badValue(correlate.Pos, "%s names its instance both by target and by correlateBy", d.about).
			With(diag.Fix("leave one out"))
	}
}
