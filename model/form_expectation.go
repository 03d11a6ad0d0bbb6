package model

import (
	"strconv"

	"github.com/esgen/esgen/internal/rule"
	"github.com/esgen/esgen/internal/source"
)

// expectationForm is what must have happened or be so: the name of an event, or
// a map that says what.
var expectationForm = &form[Expectation]{
	what: "expectation",
	doc:  "What must have happened in this step, or be so after it.",
	keys: []key[Expectation]{
		at("event", "An event that happened.", pointer(eventRef), func(x *Expectation) **EventRef { return &x.Event }),
		at("view", "A view that has such a row.", pointer(viewRef), func(x *Expectation) **ViewRef { return &x.View }),
		at("state", "An aggregate of which there is such an instance.", pointer(aggregateRef), func(x *Expectation) **AggregateRef { return &x.State }),
		at("called", "An external's operation that was called so.", pointer(targetRef(operationKind)), func(x *Expectation) **Target { return &x.Called }),
		at("with", "What the event or the request says; what is not listed is not compared.", values, func(x *Expectation) *[]*Value { return &x.With }),
		at("row", "What the row holds.", values, func(x *Expectation) *[]*Value { return &x.With }),
		at("is", "What the state holds; the id of the instance among it.", values, func(x *Expectation) *[]*Value { return &x.With }),
		at("times", "Exactly how often, 0: never; default: at least once.", pointer(times), func(x *Expectation) **int { return &x.Times }),
	},
	short: short(pointer(eventRef), func(x *Expectation) **EventRef { return &x.Event }),
	done:  doneExpectation,
}

// aspects are what an expectation can be about, and the key that says more.
var aspects = []struct{ of, by string }{{"event", "with"}, {"view", "row"}, {"state", "is"}, {"called", "with"}}

func doneExpectation(d decoder, x *Expectation, n *source.Node) {
	x.Pos = n.Pos
	about := 0
	for _, a := range aspects {
		if n.Get(a.of) != nil {
			about++
		}
	}
	if n.Kind == source.Mapping && about != 1 {
		d.diags.Errorf(rule.MissingKey, n.Pos, "%s needs one of event, view, state and called", d.about)
		return
	}
	d.onlyWith(n, "with", "event", "called")
	d.onlyWith(n, "row", "view")
	d.onlyWith(n, "is", "state")
	d.settle(func() { d.settleExpectation(x) })
}

func (d decoder) settleExpectation(x *Expectation) {
	switch {
	case x.Event != nil:
		d.settleEvent(x)
	case x.View != nil && x.View.View != nil:
		v := x.View.View
		d.valuesOf(x.With, v.Fields, "view "+v.Name, len(v.Fields) == 0)
	case x.State != nil && x.State.Aggregate != nil:
		a := x.State.Aggregate
		d.valuesOf(x.With, append([]*Field{a.ID}, a.State...), "state of "+a.Name, len(a.State) == 0)
	case x.Called != nil && x.Called.Operation != nil:
		o := x.Called.Operation
		d.valuesOf(x.With, o.Input, "input of "+o.Name, len(o.Input) == 0)
	}
}

// settleEvent checks what an event must say.
func (d decoder) settleEvent(x *Expectation) {
	if e := x.Event.Event; e != nil {
		d.valuesOf(x.With, e.Carries(), "event "+e.Name, saysNothing(e))
	}
}

// saysNothing reports whether an event is a name only, as far as one can see.
func saysNothing(e *Event) bool {
	return len(e.Fields) == 0 && (e.Aggregate == nil || len(e.Aggregate.State) == 0)
}

var aggregateRef = referTo("an aggregate",
	func(v *AggregateRef, name Text) { v.Text, v.Pos = name.Value, name.Pos },
	func(d decoder, v *AggregateRef, name Text) {
		if s := d.lookup(name, aggregateKind); s != nil {
			v.Aggregate = s.ref.(*Aggregate)
		}
	})

// times reads how often: 0 is a count, too.
var times = scalar("a number", NumberShape, func(d decoder, v *int, n *source.Node) bool {
	i, err := strconv.Atoi(n.Value)
	if err != nil || i < 0 {
		d.badValue(n.Pos, "%s must be a whole number, not %q", d.place(), n.Value)
		return false
	}
	*v = i
	return true
})

// values reads plain values given to fields by name: {stock: 0, title: DDD}.
var values = reader[[]*Value]{
	shape: Shape{Kind: EntriesShape, Says: "a map of fields and values", Of: &Shape{Kind: PlainShape, Says: "a value"}},
	read: func(d decoder, v *[]*Value, n *source.Node) bool {
		if n.Kind != source.Mapping {
			d.wrongKind(n, "a map of fields and values")
			return false
		}
		for i := range n.Pairs {
			if k := n.Pairs[i].Key; d.checkName(k) {
				*v = append(*v, &Value{Name: nfc(k.Value), Pos: k.Pos, Node: n.Pairs[i].Value})
			}
		}
		d.sys.values = append(d.sys.values, *v...)
		return true
	},
}

// valuesOf finds the fields that values are given to, and checks the values. Of
// a sketch, which lists no fields yet, nothing is asked.
func (d decoder) valuesOf(values []*Value, fields []*Field, whose string, sketch bool) {
	for _, v := range values {
		v.Field = fieldNamed(fields, v.Name)
		d.offerFields(v.Name, fields)
		switch {
		case v.Field != nil:
			d.useField(v.Pos, v.Name, v.Field)
			d.checkPlain(v.Node, v.Field.Type)
		case !sketch:
			d.diags.Errorf(rule.UnknownName, v.Pos, "%s has no field %s", whose, v.Name).With(d.nearField(v.Name, fields))
		}
	}
}
