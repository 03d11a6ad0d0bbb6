package model

import (
	"cmp"
	"io/fs"
	"slices"
	"strings"

	"github.com/esgen/esgen/internal/overlay"
	"github.com/esgen/esgen/internal/source"
)

// Offer is something that may be written at a place of a model that is being
// typed.
type Offer struct {
	Text string
	Kind OfferKind
	Doc  string
	Type *Type // of a field
	Ref  any   // what it names; nil: nothing
}

// OfferKind tells what an offer is.
type OfferKind uint8

// The kinds of Offer.
const (
	OfferKey OfferKind = iota + 1
	OfferName
	OfferField
	OfferWord
	OfferType
	OfferValue
)

// Asked is what a model says of a place that is being typed.
type Asked struct {
	Marker string
	Offers []Offer
	Expr   *Expr // the expression the place is in; nil: in none
}

// Ask says what may stand in a model in place of a word that is being typed in a
// file, and that has a marker in it: what the messages about a word that means
// nothing would choose from. The marker is a name that occurs nowhere else. Of what
// a document includes only that file is read; all else is as it was read last.
func (m *Memory) Ask(fsys fs.FS, document string, typed *source.File, marker string) (*System, *Asked) {
	asked := &Asked{Marker: marker}
	before := m.included(typed.Path)
	if before == nil {
		over := overlay.FS{FS: fsys, Files: map[string][]byte{typed.Path: typed.Data}}
		sys, _ := loadFS(over, document, func(l *loader) { l.remembers(m); l.asked = asked })
		return sys, asked
	}
	l := newLoader(nil, "")
	l.remembers(m)
	l.asked = asked
	t := &tree{name: typed.Path, included: true, file: typed}
	t.root, t.faults = source.Parse(typed, source.DefaultLimits())
	told := l.sys
	l.decode(t)
	l.sys = told.beside(m.last, before)
	l.finish(told)
	return l.sys, asked
}

// beside is what one file tells together with what a system says but for another
// file. Nothing of that system changes.
func (s *System) beside(all *System, but *source.File) *System {
	out := *all
	out.Files = slices.Concat(s.Files, slices.DeleteFunc(slices.Clone(all.Files), func(f *source.File) bool { return f == but }))
	out.Requirements = beside(s.Requirements, all.Requirements, but, func(x *Requirement) *Node { return &x.Node })
	out.Types = beside(s.Types, all.Types, but, func(x *TypeDef) *Node { return &x.Node })
	out.Actors = beside(s.Actors, all.Actors, but, func(x *Actor) *Node { return &x.Node })
	out.Externals = beside(s.Externals, all.Externals, but, func(x *External) *Node { return &x.Node })
	out.Contexts = beside(s.Contexts, all.Contexts, but, func(x *Context) *Node { return &x.Node })
	out.Flows = beside(s.Flows, all.Flows, but, func(x *Flow) *Node { return &x.Node })
	out.Events = beside(s.Events, all.Events, but, func(x *Event) *Node { return &x.Node })
	out.Compositions = beside(s.Compositions, all.Compositions, but, func(x *Composition) *Node { return &x.Node })
	out.Scenarios = beside(s.Scenarios, all.Scenarios, but, func(x *Scenario) *Node { return &x.Node })
	out.Gateway, out.Deploy = cmp.Or(s.Gateway, all.Gateway), cmp.Or(s.Deploy, all.Deploy)
	out.uses, out.values, out.expressions, out.ties = s.uses, s.values, s.expressions, nil
	return &out
}

func beside[T any](told, all []*T, but *source.File, node func(*T) *Node) []*T {
	out := slices.Clone(told)
	for _, x := range all {
		if node(x).Pos.File != but {
			out = append(out, x)
		}
	}
	return out
}

// here reports whether a text is the word that is being typed.
func (l *loader) here(text string) bool {
	return l.asked != nil && strings.Contains(text, l.asked.Marker)
}

func (l *loader) offer(o ...Offer) {
	for _, x := range o {
		known := slices.ContainsFunc(l.asked.Offers, func(o Offer) bool { return o.Text == x.Text && o.Kind == x.Kind })
		if !known {
			l.asked.Offers = append(l.asked.Offers, x)
		}
	}
}

// offerKeys offers the keys that a map of a form may have, but for those it has.
func (f *form[T]) offerKeys(d decoder, n *source.Node) {
	offer := func(name, doc string) {
		if n.Get(name) == nil {
			d.offer(Offer{Text: name, Kind: OfferKey, Doc: doc})
		}
	}
	for i := range f.keys {
		if !f.keys[i].misplaced {
			offer(f.keys[i].name, f.keys[i].doc)
		}
	}
	for i := range noteKeys {
		offer(noteKeys[i].name, noteKeys[i].doc)
	}
}

// offerWords offers words to choose from.
func (l *loader) offerWords(text string, words []string) {
	if l.here(text) {
		for _, w := range words {
			l.offer(Offer{Text: w, Kind: OfferWord})
		}
	}
}

// offerNames offers the names of some kinds, as short as they can be.
func (l *loader) offerNames(text string, want kinds, from *Context) {
	if !l.here(text) {
		return
	}
	for _, x := range l.symbols.all {
		if x.kind&want != 0 && !l.here(x.node.Name) {
			l.offer(Offer{Text: l.symbols.shortest(x, want, from), Kind: OfferName, Ref: x.ref, Doc: x.kind.String()})
		}
	}
}

// offerFields offers fields.
func (l *loader) offerFields(text string, fields []*Field) {
	if !l.here(text) {
		return
	}
	for _, f := range fields {
		if f != nil && !l.here(f.Name) {
			l.offer(Offer{Text: f.Name, Kind: OfferField, Type: f.Type, Ref: f})
		}
	}
}

// offerValues offers the values of an enum.
func (l *loader) offerValues(text string, t *TypeDef) {
	if !l.here(text) {
		return
	}
	for _, v := range t.Enum {
		l.offer(Offer{Text: v.Name, Kind: OfferValue, Doc: "value of " + t.Name, Ref: v})
	}
}

// offerTypes offers types.
func (d decoder) offerTypes(text string) {
	if !d.here(text) {
		return
	}
	for _, name := range builtinNames {
		d.offer(Offer{Text: name, Kind: OfferType, Doc: "a type of the language"})
	}
	for _, x := range d.symbols.all {
		switch {
		case x.kind != typeKind:
		case x.context == nil || x.context == d.context:
			d.offer(Offer{Text: x.node.Name, Kind: OfferType, Ref: x.ref})
		default:
			d.offer(Offer{Text: x.context.Name + "." + x.node.Name, Kind: OfferType, Ref: x.ref})
		}
	}
}
