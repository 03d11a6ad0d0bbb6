package model

import (
	"github.com/esgen/esgen/internal/diag"
	"github.com/esgen/esgen/internal/source"
)

// lateRef reads who hears late: store.CancelTicket, or of whose events alone:
// {front.OrderStatus: store.Ticket}.
var lateRef = reader[Late]{
	shape: Shape{Kind: EitherShape, Says: "a policy, view or saga, or {one: an aggregate}", Any: []Shape{hearerRef.shape, {Kind: EntriesShape, Of: &aggregateRef.shape}}},
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
		return hearerRef.read(d, v, n.Pairs[0].Key) && pointer(aggregateRef).read(d, &v.Of, n.Pairs[0].Value)
	},
}

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
