package model

import (
	"strconv"

	"github.com/esgen/esgen/internal/diag"
	"github.com/esgen/esgen/internal/source"
)

// lateRef reads who hears late: store.CancelTicket; of whose events alone:
// {front.OrderStatus: store.Ticket}; which step of a saga alone: {CreateOrder: 2}.
var lateRef = reader[Late]{
	shape: Shape{Kind: EitherShape, Says: "a policy, view or saga, {one: an aggregate} or {a saga: the number of a step}", Any: []Shape{hearerRef.shape, {Kind: EntriesShape, Of: &partShape}}},
	read: func(d decoder, v *Late, n *source.Node) bool {
		v.Pos = n.Pos
		if n.Kind != source.Mapping {
			return hearerRef.read(d, v, n)
		}
		if len(n.Pairs) != 1 {
			d.badValue(n.Pos, "%s names %d who hear late", d.place(), len(n.Pairs)).
				With(diag.Fix("one of whose events: {a policy: an aggregate}; several are a list"))
			return false
		}
		of := n.Pairs[0].Value
		if !hearerRef.read(d, v, n.Pairs[0].Key) {
			return false
		}
		if number, err := strconv.Atoi(of.Value); err == nil && of.Kind == source.Scalar {
			d.resolve(func() { d.lateStep(v, number, of.Pos) })
			return true
		}
		return pointer(aggregateRef).read(d, &v.Of, of)
	},
}

var partShape = Shape{Kind: EitherShape, Says: "an aggregate, or the number of a step", Any: []Shape{aggregateRef.shape, {Kind: NumberShape}}}

var hearerRef = referTo("a policy, a view or a saga",
	func(v *Late, name Text) { v.Text, v.Pos = name.Value, name.Pos },
	func(d decoder, v *Late, name Text) {
		s := d.lookup(name, policyKind|viewKind|sagaKind)
		if s == nil {
			return
		}
		if view, is := s.ref.(*View); is && view.Inline {
			d.badValue(name.Pos, "view %s changes with the command: it is never late", name.Value).
				With(diag.At(view.Pos, "it is inline"), diag.Fix("leave it out"))
			return
		}
		v.Who = s.ref
	})

// lateStep finds the step of a saga that is late.
func (d decoder) lateStep(v *Late, number int, at source.Pos) {
	saga, is := v.Who.(*Saga)
	switch {
	case v.Who == nil: // it is reported
	case !is:
		d.badValue(at, "%s is no saga: it has no steps", v.Text).With(diag.Fix("name an aggregate"))
	case number < 1 || number > len(saga.Steps):
		d.badValue(at, "saga %s has no step %d", v.Text, number).With(diag.At(saga.Pos, "it has %d", len(saga.Steps)))
	default:
		v.Step = saga.Steps[number-1]
	}
}
