package model

import (
	"io/fs"
	"slices"
	"strings"

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

// Ask reads a model in which a word that is being typed has a marker in it, and
// says what may stand there in place of the word: what the messages about a word
// that means nothing would choose from. The marker is a name that occurs nowhere
// else.
func Ask(fsys fs.FS, file, marker string, read *Memory) (*System, *Asked) {
	asked := &Asked{Marker: marker}
	sys, _ := loadFS(fsys, file, func(l *loader) { l.memory, l.asked = read, asked })
	return sys, asked
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
