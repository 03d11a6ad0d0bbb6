package model

import (
	"slices"

	"github.com/esgen/esgen/internal/diag"
	"github.com/esgen/esgen/internal/rule"
	"github.com/esgen/esgen/internal/source"
)

var policyForm = &form[Policy]{
	what: "policy",
	doc:  "Whenever an event, then a command.",
	keys: slices.Concat([]key[Policy]{
		at("whenever", "The event it reacts to, or a list.", oneOrMore(pointer(eventRef)), func(p *Policy) *[]*EventRef { return &p.Whenever }),
	}, timerKeys, []key[Policy]{
		at("if", "When it reacts.", expression, func(p *Policy) **Expr { return &p.If }),
		at("each", "Every matching row or instance.", pointer(one(eachForm)), func(p *Policy) **Each { return &p.Each }),
		at("then", "A command of this context, or an external's operation.", targetRef(commandKind|operationKind), func(p *Policy) *Target { return &p.Then }),
		at("target", "Which instance.", expression, func(p *Policy) **Expr { return &p.Target }),
		at("correlateBy", "The lookup field that equals the event's.", pointer(fieldRef), func(p *Policy) **FieldRef { return &p.Correlate }),
		at("missing", "When the instance is not there: retry, then park (the default), or skip.",
			choice(word[OnMissing]{"retry", Retry}, word[OnMissing]{"skip", Skip}), func(p *Policy) *OnMissing { return &p.Missing }),
		at("with", "What the command is given; default: the same-named fields.", assigns, func(p *Policy) *[]*Assign { return &p.With }),
		at("onRejected", "A command for when it is rejected.", pointer(targetRef(commandKind|operationKind)), func(p *Policy) **Target { return &p.OnRejected }),
	}),
	note:  func(p *Policy) *Node { return &p.Node },
	enter: func(d *decoder, p *Policy) { p.Context, p.Missing = d.context, Retry },
	done:  donePolicy,
}

func donePolicy(d decoder, p *Policy, n *source.Node) {
	doneTimer(d, p, n)
	doneWindow(d, p, n)
	if p.Timer != nil || p.Window != nil {
		d.postpone(timerPolicy, &p.Node)
	}
	d.oneInstance(p.Target, p.Correlate)
	d.settle(func() {
		d.ownCommand(&p.Then)
		if p.OnRejected != nil {
			d.ownCommand(p.OnRejected)
		}
		d.assignInput(p.With, &p.Then)
		d.correlate(p.Correlate, &p.Then)
	})
}

// ownCommand reports a policy that commands another context.
func (d decoder) ownCommand(t *Target) {
	if t.Command == nil || t.Command.Aggregate.Context == d.context {
		return
	}
	there := t.Command.Aggregate.Context.Name
	d.diags.Errorf(rule.ForeignCommand, t.Pos, "command %s belongs to context %s: a policy commands its own context", t.Text, there).
		With(diag.At(t.Command.Pos, "the command"), diag.Fix("move the policy to context %s", there))
}

var eachForm = &form[Each]{
	what: "each",
	doc:  "Every matching row of a view, or instance of an aggregate, of this context.",
	keys: []key[Each]{
		must(at("of", "A view or an aggregate.", reference, func(e *Each) *Text { return &e.Of })),
		at("where", "What must hold of it.", expression, func(e *Each) **Expr { return &e.Where }),
		at("sort", "In which order.", oneOrMore(sortKey), func(e *Each) *[]SortKey { return &e.Sort }),
		at("max", "How many at most.", number(), func(e *Each) *int { return &e.Max }),
	},
	done: func(d decoder, e *Each, n *source.Node) {
		e.Pos = n.Pos
		if e.Of.Value == "" {
			return
		}
		d.resolve(func() { d.resolveEach(e) })
		d.settle(func() {
			switch {
			case e.View != nil:
				d.resolveSort(e.Sort, e.View.Fields, "view "+e.View.Name)
			case e.Aggregate != nil:
				d.resolveSort(e.Sort, append([]*Field{e.Aggregate.ID}, e.Aggregate.State...), "state of "+e.Aggregate.Name)
			}
		})
	},
}

// resolveEach finds the view or aggregate a policy goes through.
func (d decoder) resolveEach(e *Each) {
	s := d.lookup(e.Of, viewKind|aggregateKind)
	if s == nil {
		return
	}
	if s.context != d.context {
		d.diags.Errorf(rule.ForeignView, e.Of.Pos, "%s belongs to context %s: a policy goes through views and aggregates of its own", e.Of.Value, s.context.Name).
			With(diag.At(s.node.Pos, "%s", e.Of.Value), diag.Fix("keep a view of the same events in context %s", d.context.Name))
		return
	}
	switch of := s.ref.(type) {
	case *View:
		e.View = of
	case *Aggregate:
		e.Aggregate = of
	}
}
