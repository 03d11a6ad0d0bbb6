package model

import "github.com/esgen/esgen/internal/source"

// Kind is the shape of a type.
type Kind uint8

// The kinds of Type.
const (
	String Kind = iota + 1
	Bool
	Int      // 64 bit
	Decimal  // exact
	Date     // a day
	Time     // an instant, microseconds
	Duration // 8d, 15m
	ID       // opaque
	Ref      // the id of another aggregate
	Optional // of Elem
	List     // of Elem
	Map      // string to Elem
	Named    // Def
)

// Type is the type of a field. Types are compared with Same, not with ==.
type Type struct {
	Kind      Kind
	Elem      *Type      // of Optional, List, Map
	Def       *TypeDef   // of Named
	Aggregate *Aggregate // of Ref
	Pos       source.Pos // where it was written; invalid for computed types
}

// Same reports whether two types are one: a ref is the id it holds.
func (t *Type) Same(o *Type) bool {
	if t == nil || o == nil {
		return t == o
	}
	switch {
	case t.IsID() && o.IsID():
		return true
	case t.Kind != o.Kind:
		return false
	case t.Kind == Named:
		return t.Def == o.Def
	case t.Elem != nil:
		return t.Elem.Same(o.Elem)
	}
	return true
}

// IsID reports whether the type is an id, of whatever.
func (t *Type) IsID() bool { return t != nil && (t.Kind == ID || t.Kind == Ref) }

// Value is the type without its optional( ).
func (t *Type) Value() *Type {
	if t != nil && t.Kind == Optional {
		return t.Elem
	}
	return t
}

// IsEnum reports whether the type is an enum.
func (t *Type) IsEnum() bool { return t != nil && t.Kind == Named && t.Def.Enum != nil }

// IsObject reports whether the type is a value object.
func (t *Type) IsObject() bool { return t != nil && t.Kind == Named && t.Def.Fields != nil }

// Scalar is the type below a constrained scalar, the type itself otherwise.
func (t *Type) Scalar() *Type {
	for t != nil && t.Kind == Named && t.Def.Is != nil {
		t = t.Def.Is
	}
	return t
}

// Form is what kind of type it is, as a word: that of the language, of a built-in
// one; "enum", "object" or "checked" of one with a name.
func (t *Type) Form() string {
	switch {
	case t.IsEnum():
		return "enum"
	case t.IsObject():
		return "object"
	case t == nil:
		return "unknown"
	}
	switch t.Kind {
	case Optional:
		return "optional"
	case List:
		return "list"
	case Map:
		return "map"
	case Named:
		return "checked"
	case Ref:
		return "ref"
	}
	return scalarNames[t.Kind]
}

// String is the type as the language writes it.
func (t *Type) String() string {
	if t == nil {
		return "unknown"
	}
	switch t.Kind {
	case Optional:
		return "optional(" + t.Elem.String() + ")"
	case List:
		return "list(" + t.Elem.String() + ")"
	case Map:
		return "map(" + t.Elem.String() + ")"
	case Named:
		return t.Def.Name
	case Ref:
		return "ref(" + t.Aggregate.Name + ")"
	}
	return scalarNames[t.Kind]
}

// scalarNames are the built-in types as the language writes them.
var scalarNames = map[Kind]string{
	String: "string", Bool: "bool", Int: "int", Decimal: "decimal", Date: "date",
	Time: "time", Duration: "duration", ID: "id",
}
