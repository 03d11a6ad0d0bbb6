package model

import (
	"slices"
	"time"

	"github.com/esgen/esgen/internal/diag"
	"github.com/esgen/esgen/internal/rule"
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
	s.Steps = flat(s.Steps)
	var pivot *Step
	for _, x := range s.Steps {
		switch {
		case pivot == nil:
		case x.Pivot:
			d.badValue(x.Pos, "saga %s has a second pivot", s.Name).
				With(diag.At(pivot.Pos, "the first"), diag.Fix("after the first there is no way back already: leave it out"))
		case x.Compensate != nil:
			d.badValue(x.Compensate.Pos, "%s comes after the pivot of saga %s and is never undone", x.Text(), s.Name).
				With(diag.At(pivot.Pos, "the pivot"), diag.Fix("leave compensate out, or move the pivot"))
		case x.Timeout > 0:
			d.badValue(x.Pos, "%s comes after the pivot of saga %s: there is no way back when its time is over", x.Text(), s.Name).
				With(diag.At(pivot.Pos, "the pivot"), diag.Fix("leave timeout out, or move the pivot"))
		}
		if x.Pivot && pivot == nil {
			pivot = x
		}
	}
}

// flat puts steps that begin together in line, each beside the one before.
func flat(steps []*Step) []*Step {
	var out []*Step
	for _, x := range steps {
		for i, member := range x.all {
			member.Beside = i > 0
			out = append(out, member)
		}
		if x.all == nil {
			out = append(out, x)
		}
	}
	return out
}

// stepForm is a step: a name, or {do, target, with, ...}.
var stepForm = &form[Step]{
	what: "step",
	doc:  "A command a saga gives, in any context, or an external's operation; an event it waits for; or several of these at once.",
	keys: slices.Concat([]key[Step]{
		at("do", "A command, or an external's operation.", stepTarget, func(s *Step) *Target { return &s.Do }),
		at("await", "In place of do: an event that it waits for.", eventRef, func(s *Step) *EventRef { return &s.Await }),
		at("all", "In place of do: steps that begin together; it goes on when all are done.", listOf(pointer(one(memberForm))), func(s *Step) *[]*Step { return &s.all }),
	}, stepKeys, []key[Step]{
		at("pivot", "true: from here on there is no way back; later steps are retried until they succeed.", trueOrFalse, func(s *Step) *bool { return &s.Pivot }),
	}),
	short: short(stepTarget, func(s *Step) *Target { return &s.Do }),
	enter: func(d *decoder, s *Step) { s.Saga = d.saga },
	done:  doneStep,
}

// memberForm is one of several steps that begin together.
var memberForm = &form[Step]{
	what: "step",
	doc:  "One of several steps that begin together.",
	keys: slices.Concat([]key[Step]{
		at("do", "A command, or an external's operation.", stepTarget, func(s *Step) *Target { return &s.Do }),
		at("await", "In place of do: an event that it waits for.", eventRef, func(s *Step) *EventRef { return &s.Await }),
	}, stepKeys),
	short: short(stepTarget, func(s *Step) *Target { return &s.Do }),
	enter: func(d *decoder, s *Step) { s.Saga = d.saga },
	done:  doneStep,
}

var stepTarget = targetRef(commandKind | operationKind)

// stepKeys stand beside what a step does.
var stepKeys = []key[Step]{
	at("if", "When it is done; else it is left out.", expression, func(s *Step) **Expr { return &s.If }),
	at("target", "Which instance.", expression, func(s *Step) **Expr { return &s.Target }),
	at("correlateBy", "The lookup field by which the instance is found.", pointer(fieldRef), func(s *Step) **FieldRef { return &s.Correlate }),
	at("with", "What it is given, besides the same-named.", assigns, func(s *Step) *[]*Assign { return &s.With }),
	at("save", "What the saga keeps of the reply, or of the event, in its data.", assigns, func(s *Step) *[]*Assign { return &s.Save }),
	at("compensate", "What undoes it.", pointer(one(compensationForm)), func(s *Step) **Compensation { return &s.Compensate }),
	at("timeout", "How long it may take; not after the pivot. Default: no limit of its own.", duration, func(s *Step) *time.Duration { return &s.Timeout }),
}

func doneStep(d decoder, s *Step, n *source.Node) {
	s.Pos = n.Pos
	if n.Kind == source.Mapping && !d.does(s, n) {
		return
	}
	d.oneInstance(s.Target, s.Correlate)
	d.settle(func() {
		if s.Do.Text != "" {
			d.assignInput(s.With, &s.Do)
			d.correlate(s.Correlate, &s.Do)
		}
		d.assignTo(s.Save, s.Saga.Data, nil, "data of saga "+s.Saga.Name)
	})
}

// does reports whether a step says one thing that it does, and nothing beside
// it that is about something else.
func (d decoder) does(s *Step, n *source.Node) bool {
	var said []*source.Pair
	for i, p := range n.Pairs {
		if slices.Contains([]string{"do", "await", "all"}, p.Key.Value) {
			said = append(said, &n.Pairs[i])
		}
	}
	d.key = ""
	switch {
	case len(said) == 0:
		d.diags.Errorf(rule.MissingKey, n.Pos, "%s does nothing: write do, await or all", d.about).
			With(diag.Fix("do: a command; await: an event; all: several steps"))
		return false
	case len(said) > 1:
		d.badValue(said[1].Key.Pos, "%s does one thing: %s or %s", d.about, said[0].Key.Value, said[1].Key.Value).
			With(diag.At(said[0].Key.Pos, "it says %s already", said[0].Key.Value), diag.Fix("make two steps of it, or several that begin together: all: [...]"))
		return false
	}
	switch what := said[0].Key.Value; what {
	case "all":
		if all := said[0].Value; all.Kind == source.Sequence && len(all.Items) < 2 {
			d.badValue(all.Pos, "all of %s is about several steps", d.about).With(diag.Fix("write a single step without all"))
		}
		d.notBeside(n, what, "write it at the step it is for: all: [{do: …, …}]", "if", "target", "correlateBy", "with", "save", "compensate", "timeout")
		d.notBeside(n, what, "make the pivot a step before or after them", "pivot")
		if s.all == nil {
			s.all = []*Step{}
		}
		return false
	case "await":
		d.notBeside(n, what, "an event is given nothing: leave it out", "with")
		d.notBeside(n, what, "name the instance by target", "correlateBy")
	}
	return true
}

// notBeside reports keys that say nothing beside what a step does.
func (d decoder) notBeside(n *source.Node, what, fix string, keys ...string) {
	for _, k := range keys {
		if v := n.Get(k); v != nil {
			d.badValue(v.Pos, "%s of %s says nothing about %s", k, d.about, what).With(diag.Fix("%s", fix))
		}
	}
}

// oneInstance reports two ways of naming one instance.
func (d decoder) oneInstance(target *Expr, correlate *FieldRef) {
	if target != nil && correlate != nil {
		d.badValue(correlate.Pos, "%s names its instance both by target and by correlateBy", d.about).
			With(diag.Fix("leave one out"))
	}
}
