package model

import (
	"strings"

	"github.com/esgen/esgen/internal/diag"
	"github.com/esgen/esgen/internal/rule"
	"github.com/esgen/esgen/internal/source"
)

// The readers of references. A reference is kept as it was written, and
// resolved when all files have been read.

// reference reads a name in any of its forms: OrderPlaced, front.OrderPlaced.
var reference = scalar("a name", NameShape, func(d decoder, v *Text, n *source.Node) bool {
	offset := 0
	for part := range strings.SplitSeq(n.Value, ".") {
		if !d.checkText(part, n.PosAt(offset)) {
			return false
		}
		offset += len(part) + 1
	}
	*v = textOf(n)
	return true
})

// referTo makes a reader of references of some kinds; found says what to do
// with what the name means.
func referTo[V any](says string, keep func(v *V, name Text), found func(d decoder, v *V, name Text)) reader[V] {
	return reader[V]{
		shape: Shape{Kind: NameShape, Says: says},
		read: func(d decoder, v *V, n *source.Node) bool {
			var name Text
			if n.Kind != source.Scalar || n.IsEmpty() {
				d.wrongKind(n, says)
				return false
			}
			if !reference.read(d, &name, n) {
				return false
			}
			keep(v, name)
			d.resolve(func() { found(d, v, name) })
			return true
		},
	}
}

var eventRef = referTo("an event",
	func(v *EventRef, name Text) { v.Text, v.Pos = name.Value, name.Pos },
	func(d decoder, v *EventRef, name Text) {
		if s := d.lookup(name, eventKind); s != nil {
			v.Event = s.ref.(*Event)
		}
	})

var viewRef = referTo("a view",
	func(v *ViewRef, name Text) { v.Text, v.Pos = name.Value, name.Pos },
	func(d decoder, v *ViewRef, name Text) {
		if s := d.lookup(name, viewKind); s != nil {
			v.View = s.ref.(*View)
		}
	})

var actorRef = referTo("an actor",
	func(v *ActorRef, name Text) { v.Text, v.Pos = name.Value, name.Pos },
	func(d decoder, v *ActorRef, name Text) {
		if s := d.lookup(name, actorKind); s != nil {
			v.Actor = s.ref.(*Actor)
		}
	})

var contextRef = referTo("a context",
	func(**Context, Text) {},
	func(d decoder, v **Context, name Text) {
		if s := d.lookup(name, contextKind); s != nil {
			*v = s.ref.(*Context)
		}
	})

// targetRef reads the far end of an arrow.
func targetRef(want kinds) reader[Target] {
	return referTo("a "+want.String(),
		func(v *Target, name Text) { v.Text, v.Pos = name.Value, name.Pos },
		func(d decoder, v *Target, name Text) {
			s := d.lookup(name, want)
			if s == nil {
				return
			}
			switch end := s.ref.(type) {
			case *Command:
				v.Command = end
			case *Query:
				v.Query = end
			case *Operation:
				v.Operation = end
			}
		})
}

// ownEventRef reads an event that a command emits: one of its own aggregate.
var ownEventRef = referTo("an event",
	func(v *EventRef, name Text) { v.Text, v.Pos = name.Value, name.Pos },
	func(d decoder, v *EventRef, name Text) { v.Event = d.ownEvent(name) })

// ownEvent finds an event of the aggregate the decoder is in. An event no
// aggregate holds yet will do: who emits it will hold it.
func (d decoder) ownEvent(name Text) *Event {
	for _, s := range d.symbols.find(name.Value, eventKind, d.context) {
		if e := s.ref.(*Event); e.Aggregate == d.aggregate || d.isLoose(s, e) {
			d.use(name.Pos, name.Value, e)
			return e
		}
	}
	s := d.lookup(name, eventKind)
	if s == nil {
		return nil
	}
	whose := "another context"
	if s.owner != nil {
		whose = s.owner.Name
	}
	d.diags.Errorf(rule.ForeignEvent, name.Pos, "event %s belongs to %s: a command emits events of its own aggregate, %s",
		name.Value, whose, d.aggregate.Name).
		With(diag.At(s.node.Pos, "the event"), diag.Fix("let a policy react to an event of %s and command %s", d.aggregate.Name, whose))
	return nil
}

// isLoose reports whether an event is on the big picture of this context, or
// of the document, and nobody's yet.
func (d decoder) isLoose(s *symbol, e *Event) bool {
	return e.Aggregate == nil && s.owner == nil && (s.context == nil || s.context == d.context)
}

// requirementRef reads the id of a requirement.
var requirementRef = scalar("the id of a requirement", NameShape, func(d decoder, v *Text, n *source.Node) bool {
	name := textOf(n) // where it is kept may be another place by then
	*v = name
	d.resolve(func() {
		if r := d.requirements()[name.Value]; r != nil {
			d.use(name.Pos, name.Value, r)
			return
		}
		ids := make([]string, len(d.sys.Requirements))
		for i, r := range d.sys.Requirements {
			ids[i] = r.Name
		}
		d.offerWords(name.Value, ids)
		d.diags.Errorf(rule.UnknownName, n.Pos, "there is no requirement %s", name.Value).With(near(name.Value, ids))
	})
	return true
})

// requirements are the ids of the requirements, once all files are read.
func (l *loader) requirements() map[string]*Requirement {
	if l.required == nil {
		l.required = make(map[string]*Requirement, len(l.sys.Requirements))
		for _, r := range l.sys.Requirements {
			l.required[r.Name] = r
		}
	}
	return l.required
}
