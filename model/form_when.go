package model

import (
	"slices"
	"strings"

	"github.com/esgen/esgen/internal/diag"
	"github.com/esgen/esgen/internal/rule"
	"github.com/esgen/esgen/internal/source"
)

// whenForm is what somebody does: a name, or {do, with, by}.
var whenForm = &form[When]{
	what: "when",
	doc:  "What somebody does.",
	keys: []key[When]{
		must(at("do", "A command, a view, a query, an aggregate whose state is looked at, or a webhook of an external system.", deed, func(w *When) *When { return w })),
		at("with", "What it is given; the id of the instance among it.", values, func(w *When) *[]*Value { return &w.With }),
		at("by", "Who does it: an actor, or {an actor: a subject, claims: {...}}; default: the first actor of what is done, else the system.", doer, func(w *When) *When { return w }),
	},
	short: short(deed, func(w *When) *When { return w }),
	done: func(d decoder, w *When, n *source.Node) {
		w.Pos = n.Pos
		d.settle(func() { d.settleWhen(w) })
	},
}

// deeds are what can be done before all else that has the same name.
const deeds kinds = commandKind | viewKind | queryKind

// deed reads what is done. A webhook or an aggregate may share its name with
// nothing that can be done besides: those win.
var deed = referTo("a command, view, query, aggregate or webhook",
	func(v *When, name Text) { v.Do.Text, v.Do.Pos = name.Value, name.Pos },
	func(d decoder, v *When, name Text) {
		want := deeds
		if len(d.symbols.find(name.Value, want, nil)) == 0 {
			if e := d.webhook(name); e != nil {
				d.use(name.Pos, name.Value, e)
				v.Event = &EventRef{Text: name.Value, Pos: name.Pos, Event: e}
				return
			}
			want |= aggregateKind
		}
		s := d.lookup(name, want)
		if s == nil {
			return
		}
		switch does := s.ref.(type) {
		case *Aggregate:
			v.State = does
		case *Command:
			v.Do.Command = does
		case *Query:
			v.Do.Query = does
		case *View:
			v.View = does
		}
	})

// webhook is the only one of a name.
func (d decoder) webhook(name Text) *Event {
	var only *Event
	for _, s := range d.symbols.find(name.Value, eventKind, nil) {
		e := s.ref.(*Event)
		if e.External == nil {
			continue
		}
		if only != nil {
			return nil
		}
		only = e
	}
	return only
}

// doer reads who does something: User, or {User: u1}.
var doer = reader[When]{
	shape: Shape{Kind: EitherShape, Says: "an actor or {an actor: a subject}", Any: []Shape{actorRef.shape, {Kind: EntriesShape, Of: &Shape{Kind: EitherShape, Says: "a subject, or claims", Any: []Shape{text.shape, values.shape}}}}},
	read: func(d decoder, v *When, n *source.Node) bool {
		by := pointer(actorRef)
		if n.Kind != source.Mapping {
			if !by.read(d, &v.By, n) {
				return false
			}
			d.resolve(func() {
				if a := v.By.Actor; a != nil {
					v.Who = kebab(a.identifierOf())
				}
			})
			return true
		}
		pairs := slices.DeleteFunc(slices.Clone(n.Pairs), func(p source.Pair) bool { return p.Key.Value == "claims" && p.Value.Kind == source.Mapping })
		if len(pairs) != 1 {
			d.badValue(n.Pos, "%s names %d actors", d.place(), len(pairs)).With(diag.Fix("one does it: {User: u1}"))
			return false
		}
		if says := n.Get("claims"); len(pairs) < len(n.Pairs) && values.read(d, &v.Says, says) {
			d.settle(func() {
				if v.By != nil && v.By.Actor != nil {
					d.valuesOf(v.Says, v.By.Actor.Claims, "claims of "+v.By.Actor.Name, false)
				}
			})
		}
		return by.read(d, &v.By, pairs[0].Key) && subject.read(d, &v.Who, pairs[0].Value)
	},
}

// settleWhen checks the values that are given.
func (d decoder) settleWhen(w *When) {
	switch {
	case w.Do.Command != nil:
		c := w.Do.Command
		sketch := len(c.Input) == 0 && len(c.Emits) == 0 && !c.Custom
		d.valuesOf(w.With, append([]*Field{c.Aggregate.ID}, c.Input...), "input of "+c.Name, sketch)
	case w.Do.Query != nil:
		d.valuesOf(w.With, w.Do.Query.Takes(), "input of "+w.Do.Query.Name, false)
	case w.Event != nil:
		e := w.Event.Event
		d.valuesOf(w.With, e.Fields, "event "+e.Name, saysNothing(e))
	case w.State != nil:
		id := w.State.ID
		d.valuesOf(w.With, []*Field{id}, "the question for "+w.State.Name, false)
		if len(w.With) == 0 {
			d.diags.Errorf(rule.MissingKey, w.Do.Pos, "it is not said which %s is looked at", w.State.Name).
				With(diag.Fix("with: {%s: ...}", id.Name))
		}
	case w.View != nil && len(w.With) > 0:
		d.badValue(w.With[0].Pos, "view %s is looked at as a whole and takes nothing", w.View.Name).
			With(diag.Fix("ask one of its queries, or say which rows are there with eventually: [{view: %s, row: {...}}]", w.Do.Text))
	}
}

// thenForm is the answer: a list of events, {rejected} or {rows}.
var thenForm = &form[Then]{
	what: "then",
	doc:  "The answer to what is done.",
	keys: []key[Then]{
		at("rejected", "The code of the rejection.", rejection, func(t *Then) *Text { return &t.Rejected }),
		at("rows", "The rows of the answer, exact and in order; of each what is compared.", rows, func(t *Then) *[]*Row { return &t.Rows }),
	},
	short: short(oneOrMore(pointer(one(outcomeForm))), func(t *Then) *[]*Expectation { return &t.Events }),
	done: func(d decoder, t *Then, n *source.Node) {
		t.Pos = n.Pos
		if n.Kind == source.Mapping && (n.Get("rejected") == nil) == (n.Get("rows") == nil) {
			d.diags.Errorf(rule.MissingKey, n.Pos, "%s needs either rejected or rows", d.about).
				With(diag.Fix("events are a list: [OrderPlaced, {event: OrderPaid, with: {...}}]"))
		}
	},
}

// rejection reads the code of a rejection: a name of the model's, or one of
// those that every service has, such as not-found.
var rejection = scalar("the code of a rejection", NameShape, func(d decoder, v *Text, n *source.Node) bool {
	if !isName(strings.ReplaceAll(nfc(n.Value), "-", "_")) {
		return plainName.read(d, v, n)
	}
	*v = textOf(n)
	return true
})

var rows = listOf(pointer(row))

var row = reader[Row]{shape: values.shape, read: func(d decoder, v *Row, n *source.Node) bool {
	v.Pos = n.Pos
	return values.read(d, &v.Values, n)
}}

// outcomeForm is an event of an answer: a name, or {event, with}.
var outcomeForm = &form[Expectation]{
	what: "outcome",
	doc:  "An event that must have happened.",
	keys: []key[Expectation]{
		must(at("event", "The event.", pointer(answerEvent), func(x *Expectation) **EventRef { return &x.Event })),
		at("with", "What it must say; what is not listed is not compared.", values, func(x *Expectation) *[]*Value { return &x.With }),
	},
	short: short(pointer(answerEvent), func(x *Expectation) **EventRef { return &x.Event }),
	done:  func(_ decoder, x *Expectation, n *source.Node) { x.Pos = n.Pos },
}

// answerEvent reads an event of an answer. Whose it is depends on what was
// done, which is known when all is resolved.
var answerEvent = referTo("an event",
	func(v *EventRef, name Text) { v.Text, v.Pos = name.Value, name.Pos },
	func(decoder, *EventRef, Text) {})

// settleThen finds the events of an answer, those of the command's aggregate
// first, and checks that the answer is one to what was done.
func (d decoder) settleThen(w *When, t *Then) {
	asked := w.Do.Query != nil || w.View != nil || w.State != nil
	known := asked || w.Do.Command != nil || w.Event != nil
	switch {
	case asked && t.Events != nil:
		d.badValue(t.Pos, "%s is a question: it is answered by rows, not by events", w.Do.Text).
			With(diag.Fix("then: {rows: [...]}"))
		return
	case known && !asked && t.Rows != nil:
		d.badValue(t.Pos, "%s is no question: it is answered by events, not by rows", w.Do.Text).
			With(diag.Fix("then: [...]; rows of a view that follow stand in eventually"))
		return
	}
	for _, x := range t.Events {
		if x.Event == nil {
			continue
		}
		x.Event.Event = d.answeredBy(w, Text{x.Event.Text, x.Event.Pos})
		d.settleEvent(x)
	}
	view := w.View
	if w.Do.Query != nil {
		view = w.Do.Query.View
	}
	for _, r := range t.Rows {
		switch a := w.State; {
		case view != nil:
			d.valuesOf(r.Values, view.Fields, "view "+view.Name, len(view.Fields) == 0)
		case a != nil:
			d.valuesOf(r.Values, append([]*Field{a.ID}, a.State...), "state of "+a.Name, len(a.State) == 0)
		}
	}
}

// answeredBy finds an event that answers what was done.
func (d decoder) answeredBy(w *When, name Text) *Event {
	if c := w.Do.Command; c != nil {
		d.offerNames(name.Value, eventKind, c.Aggregate.Context)
		for _, s := range d.symbols.find(name.Value, eventKind, c.Aggregate.Context) {
			if e := s.ref.(*Event); e.Aggregate == c.Aggregate {
				d.use(name.Pos, name.Value, e)
				return e
			}
		}
	}
	if s := d.lookup(name, eventKind); s != nil {
		return s.ref.(*Event)
	}
	return nil
}
