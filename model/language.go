package model

import (
	"slices"

	"github.com/esgen/esgen/internal/source"
)

// ShapeKind tells the kinds of values apart.
type ShapeKind uint8

// The kinds of Shape.
const (
	TextShape       ShapeKind = iota + 1
	NameShape                 // a name, or a reference to one
	ExpressionShape           // CEL
	TypeShape                 // list(string)
	NumberShape               // a whole number
	DurationShape             // 15m
	ChoiceShape               // one of Values
	RouteShape                // POST /orders
	ListShape                 // of Of
	OneOrMoreShape            // Of, or a list of it
	MapShape                  // of the keys of Construct
	NamesShape                // a map of named nodes of Construct, or a list of names
	AssignShape               // a map of fields and expressions
	KeysShape                 // an expression, or a map of key columns and expressions
	EntriesShape              // a map of any names and Of
	EitherShape               // one of Any
	PlainShape                // a plain value of whatever type the place has, or nothing
	AnythingShape
)

// Shape says what may stand in a place of the document.
type Shape struct {
	Kind      ShapeKind
	Says      string // as messages say it: "a duration"
	Values    []string
	Of        *Shape
	Any       []Shape
	Construct *Construct
}

// Construct is a kind of node: what the schema and the reference of the
// language are made of.
type Construct struct {
	Name  string
	Doc   string
	Keys  []Key
	Short *Shape // what may be written in place of the map; nil: nothing
}

// Key is one key of a Construct. The keys title, description, code, was, hotspots
// and covers, which every node has, are not repeated.
type Key struct {
	Name     string
	Doc      string
	Required bool
	Shape    Shape
}

// Language describes the whole document, from the top.
func Language() *Construct { return documentForm.describe() }

// IncludedFile describes a file that a document includes: its keys, but for
// those that belong in the document.
func IncludedFile() *Construct {
	return &Construct{Name: includedForm.what, Doc: includedForm.doc, Keys: describeKeys(sharedKeys)}
}

// NoteKeys describes the keys that every node has.
func NoteKeys() []Key { return describeKeys(noteKeys) }

// accepts reports whether a value of the shape can be of the kind.
func (s Shape) accepts(k source.Kind) bool {
	switch s.Kind {
	case ListShape:
		return k == source.Sequence
	case OneOrMoreShape:
		return k == source.Sequence || s.Of.accepts(k)
	case MapShape:
		return k == source.Mapping || s.Construct.Short != nil && s.Construct.Short.accepts(k)
	case AssignShape, EntriesShape:
		return k == source.Mapping
	case NamesShape:
		return k != source.Scalar
	case EitherShape:
		return slices.ContainsFunc(s.Any, func(one Shape) bool { return one.accepts(k) })
	case PlainShape, AnythingShape:
		return true
	}
	return k == source.Scalar
}

// anything is the shape of what is kept as it stands.
var anything = Shape{Kind: AnythingShape, Says: "anything"}

func mapOf[T any](f *form[T]) Shape {
	return Shape{Kind: MapShape, Says: f.wants(), Construct: f.describe()}
}

func namesOf[T any](f *form[T]) Shape {
	return Shape{Kind: NamesShape, Says: "a map or a list of names", Construct: f.describe()}
}

func (f *form[T]) describe() *Construct {
	c := &Construct{Name: f.what, Doc: f.doc, Keys: describeKeys(f.keys)}
	if f.short != nil {
		c.Short = &f.short.shape
	}
	return c
}

func describeKeys[T any](keys []key[T]) []Key {
	out := make([]Key, len(keys))
	for i, k := range keys {
		out[i] = Key{Name: k.name, Doc: k.doc, Required: k.required, Shape: k.shape}
	}
	return out
}
