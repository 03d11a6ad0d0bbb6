package model

import (
	"cmp"
	"slices"
	"strconv"

	"github.com/esgen/esgen/internal/diag"
	"github.com/esgen/esgen/internal/source"
)

var eventForm = &form[Event]{
	what: "event",
	doc:  "Something that happened.",
	keys: []key[Event]{
		section("fields", "What it says; types come from the state, else from the input of the command that emits it.", fieldForm,
			func(e *Event) *[]*Field { return &e.Fields }),
		at("apply", "State fields it changes, besides the same-named ones.", assigns, func(e *Event) *[]*Assign { return &e.Apply }),
		at("deletes", "true: the instance is gone.", trueOrFalse, func(e *Event) *bool { return &e.Deletes }),
		at("erases", "true: the person is erased whose data the aggregate has.", trueOrFalse, func(e *Event) *bool { return &e.Erases }),
		at("visibility", "public (the default) or private: it never leaves the context.",
			choice(word[bool]{"public", false}, word[bool]{"private", true}), func(e *Event) *bool { return &e.Private }),
		at("versions", "Older versions by their numbers, each with an upcast to the next.", versions, func(e *Event) *[]*Version { return &e.Versions }),
	},
	note:  func(e *Event) *Node { return &e.Node },
	enter: func(d *decoder, e *Event) { e.Aggregate, e.Context, e.Version = d.aggregate, d.context, 1 },
	done:  doneEvent,
}

func doneEvent(d decoder, e *Event, _ *source.Node) {
	doneVersions(d, e)
	a := e.Aggregate
	if a == nil {
		for _, apply := range e.Apply {
			d.badValue(apply.Pos, "event %s hangs on no aggregate whose state it could change", e.Name)
		}
		return
	}
	d.resolve(func() {
		e.Fields = d.withoutID(a, e.Fields)
		for _, v := range e.Versions {
			v.Fields = d.withoutID(a, v.Fields)
		}
	})
	d.settle(func() { d.assignTo(e.Apply, a.State, a.ID, "state of "+a.Name) })
}

// versions reads {1: {fields, upcast}, 2: ...}, in whatever order.
var versions = reader[[]*Version]{
	shape: Shape{Kind: EntriesShape, Says: "a map of version numbers", Of: &Shape{Kind: MapShape, Says: versionForm.wants(), Construct: versionForm.describe()}},
	read: func(d decoder, v *[]*Version, n *source.Node) bool {
		if n.Kind != source.Mapping {
			d.wrongKind(n, "a map of version numbers")
			return false
		}
		for i := range n.Pairs {
			k := n.Pairs[i].Key
			number, err := strconv.Atoi(k.Value)
			if err != nil || number < 1 || strconv.Itoa(number) != k.Value {
				d.badValue(k.Pos, "%s: %q is no version number", d.place(), k.Value).With(diag.Fix("versions are 1, 2, 3, …"))
				continue
			}
			x := &Version{Number: number, Pos: k.Pos}
			d := d
			d.about = "version " + k.Value + " of " + d.about
			versionForm.readInto(d, x, n.Pairs[i].Value)
			*v = append(*v, x)
		}
		slices.SortStableFunc(*v, func(a, b *Version) int { return cmp.Compare(a.Number, b.Number) })
		return true
	},
}

var versionForm = &form[Version]{
	what: "version",
	doc:  "An older shape of an event.",
	keys: []key[Version]{
		section("fields", "What it said then; types come from the next version.", fieldForm, func(v *Version) *[]*Field { return &v.Fields }),
		at("upcast", "Fields of the next version, over old and meta; same-named fields are copied besides.", assigns, func(v *Version) *[]*Assign { return &v.Upcast }),
	},
}

// doneVersions joins the older versions to the event: without gaps, each to
// the next.
func doneVersions(d decoder, e *Event) {
	if len(e.Versions) == 0 {
		return
	}
	for i, v := range e.Versions {
		v.Event = e
		if v.Number != i+1 {
			d.badValue(v.Pos, "version %d of event %s follows no version %d", v.Number, e.Name, i+1).
				With(diag.Fix("number the older versions from 1 without gaps; the event itself is the newest"))
			e.Versions = e.Versions[:i]
			break
		}
	}
	e.Version = len(e.Versions) + 1
	d.settle(func() {
		var id *Field
		if e.Aggregate != nil {
			id = e.Aggregate.ID
		}
		for i, v := range e.Versions {
			next, whose := e.Fields, "event "+e.Name
			if i+1 < len(e.Versions) {
				next, whose = e.Versions[i+1].Fields, "version "+strconv.Itoa(v.Number+1)+" of event "+e.Name
			}
			d.assignTo(v.Upcast, next, id, whose)
		}
	})
}
