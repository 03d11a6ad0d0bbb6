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
		{name: "then", doc: "A command of this context, or an external's operation; or a list of them, done in order.", shape: reactions.shape, read: readThen},
		at("custom", "true: what is given, and to which instances, is Go in a file of yours, in place of target, correlateBy and with.", trueOrFalse,
			func(p *Policy) *bool { return &p.Custom }),
	}, onlyReaction(reactionKeys)),
	note:  func(p *Policy) *Node { return &p.Node },
	enter: func(d *decoder, p *Policy) { p.Context, p.only = d.context, &Reaction{Missing: Retry} },
	done:  donePolicy,
}

// reactionForm is one of several things that a policy does.
var reactionForm = &form[Reaction]{
	what: "then",
	doc:  "One of several things that a policy does.",
	keys: slices.Concat([]key[Reaction]{
		must(at("do", "A command of this context, or an external's operation.", reactionTarget, func(r *Reaction) *Target { return &r.Do })),
	}, reactionKeys),
	short: short(reactionTarget, func(r *Reaction) *Target { return &r.Do }),
	enter: func(_ *decoder, r *Reaction) { r.Missing = Retry },
	done:  func(d decoder, r *Reaction, _ *source.Node) { doneReaction(d, r) },
}

var (
	reactionTarget = targetRef(commandKind | operationKind)
	reactions      = oneOrMore(pointer(one(reactionForm)))
)

// reactionKeys stand beside the command that they are about.
var reactionKeys = []key[Reaction]{
	at("target", "Which instance.", expression, func(r *Reaction) **Expr { return &r.Target }),
	at("correlateBy", "The lookup field that equals the event's.", pointer(fieldRef), func(r *Reaction) **FieldRef { return &r.Correlate }),
	at("missing", "When the instance is not there: retry, then park (the default), or skip.",
		choice(word[OnMissing]{"retry", Retry}, word[OnMissing]{"skip", Skip}), func(r *Reaction) *OnMissing { return &r.Missing }),
	at("with", "What the command is given; default: the same-named fields.", assigns, func(r *Reaction) *[]*Assign { return &r.With }),
	at("onRejected", "A command for when it is rejected.", pointer(reactionTarget), func(r *Reaction) **Target { return &r.OnRejected }),
}

// onlyReaction makes the keys of a reaction keys of a policy that has one.
func onlyReaction(keys []key[Reaction]) []key[Policy] {
	out := make([]key[Policy], len(keys))
	for i, k := range keys {
		out[i] = key[Policy]{name: k.name, doc: k.doc, shape: k.shape, read: func(d decoder, p *Policy, n *source.Node) {
			k.read(d, p.only, n)
		}}
	}
	return out
}

// readThen reads a name, whose options stand beside it, or what has options of
// its own.
func readThen(d decoder, p *Policy, n *source.Node) {
	if n.Kind == source.Mapping || n.Kind == source.Sequence {
		reactions.read(d, &p.Then, n)
		return
	}
	if reactionTarget.read(d, &p.only.Do, n) {
		p.Then = []*Reaction{p.only}
	}
}

func donePolicy(d decoder, p *Policy, n *source.Node) {
	doneTimer(d, p, n)
	doneWindow(d, p, n)
	if p.Each != nil {
		for _, r := range p.Then {
			if r.Correlate != nil {
				d.badValue(r.Correlate.Pos, "policy %s goes through each %s already: correlateBy finds nothing more", p.Name, p.Each.Of.Value).
					With(diag.Fix("name the instance by target, or find it by where of each"))
			}
		}
	}
	d.byHand(p)
	then := n.Get("then")
	if then == nil || then.Kind == source.Scalar {
		doneReaction(d, p.only)
		return
	}
	if then.Kind == source.Sequence && len(then.Items) == 0 {
		d.badValue(then.Pos, "policy %s does nothing: then is an empty list", p.Name).With(diag.Fix("leave then out while it is not known"))
	}
	for _, k := range reactionKeys {
		if v := n.Get(k.name); v != nil {
			d.badValue(v.Pos, "%s of policy %s is about none of what stands in then", k.name, p.Name).
				With(diag.At(then.Pos, "then"), diag.Fix("write it beside the one it is for: then: [{do: …, %s: …}]", k.name))
		}
	}
}

// byHand reports what a policy says itself of that which its custom decision says.
func (d decoder) byHand(p *Policy) {
	if !p.Custom {
		return
	}
	for _, r := range p.Then {
		var said []source.Pos
		if r.Target != nil {
			said = append(said, r.Target.Pos())
		}
		if r.Correlate != nil {
			said = append(said, r.Correlate.Pos)
		}
		for _, a := range r.With {
			said = append(said, a.Pos)
		}
		if len(said) > 0 {
			d.badValue(said[0], "policy %s is custom: its decision in Go says what %s is given, and to which instance", p.Name, r.Do.Text).
				With(diag.Fix("leave out target, correlateBy and with, or custom"))
		}
	}
}

func doneReaction(d decoder, r *Reaction) {
	d.oneInstance(r.Target, r.Correlate)
	d.settle(func() {
		d.ownCommand(&r.Do)
		if r.OnRejected != nil {
			d.ownCommand(r.OnRejected)
		}
		d.assignInput(r.With, &r.Do)
		d.correlate(r.Correlate, &r.Do)
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
