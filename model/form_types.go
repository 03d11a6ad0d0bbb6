package model

import (
	"strings"
	"unicode"

	"github.com/esgen/esgen/internal/diag"
	"github.com/esgen/esgen/internal/rule"
	"github.com/esgen/esgen/internal/source"
)

var typeForm = &form[TypeDef]{
	what: "type",
	doc:  "A value object, an enum or a constrained scalar.",
	keys: []key[TypeDef]{
		section("fields", "The fields of a value object.", fieldForm, func(t *TypeDef) *[]*Field { return &t.Fields }),
		section("enum", "The values of an enum.", enumForm, func(t *TypeDef) *[]*EnumValue { return &t.Enum }),
		at("is", "The scalar type a constrained scalar is of.", typeName, func(t *TypeDef) **Type { return &t.Is }),
		at("check", "What must hold of a constrained scalar, over value.", expression, func(t *TypeDef) **Expr { return &t.Check }),
	},
	note:  func(t *TypeDef) *Node { return &t.Node },
	name:  checkTypeName,
	enter: func(d *decoder, t *TypeDef) { t.Context = d.context },
	done:  checkTypeDef,
}

// checkTypeDef requires exactly one of fields, enum and is.
func checkTypeDef(d decoder, t *TypeDef, n *source.Node) {
	kinds := 0
	for _, k := range []string{"fields", "enum", "is"} {
		if n.Get(k) != nil {
			kinds++
		}
	}
	switch {
	case kinds == 0:
		d.diags.Errorf(rule.MissingKey, t.Pos, "type %s says neither fields, nor enum, nor is", t.Name).
			With(diag.Fix("%s: {fields: {...}}, {enum: [...]} or {is: string}", t.Name))
	case kinds > 1:
		d.badValue(t.Pos, "type %s is more than one of fields, enum and is", t.Name)
	case t.Check != nil && n.Get("is") == nil:
		d.badValue(t.Check.Pos(), "only a type with is can have a check").With(diag.Fix("put the check on a field"))
	case n.Get("fields") != nil && len(t.Fields) == 0:
		d.badValue(t.Pos, "type %s has no fields", t.Name)
	case n.Get("enum") != nil && len(t.Enum) == 0:
		d.badValue(t.Pos, "type %s has no values", t.Name)
	}
	if t.Fields == nil && t.Enum == nil {
		d.settle(func() { d.checkScalarOf(t) })
	}
}

// checkScalarOf makes sure that a constrained scalar rests on a scalar.
func (d decoder) checkScalarOf(t *TypeDef) {
	if t.Is == nil {
		return
	}
	seen := map[*TypeDef]bool{t: true}
	for is := t.Is; ; is = is.Def.Is {
		switch {
		case is == nil: // reported where it stands
			t.Is = nil
			return
		case is.Kind != Named && is.Elem == nil && is.Kind != Ref:
			return
		case is.Kind == Named && seen[is.Def]:
			d.diags.Errorf(rule.RecursiveType, t.Pos, "type %s is made of itself", t.Name)
			t.Is = nil
			return
		case is.Kind == Named && is.Def.Fields == nil && is.Def.Enum == nil:
			seen[is.Def] = true
		default:
			d.diags.Errorf(rule.BadType, t.Is.Pos, "%s cannot be constrained: is names a scalar", t.Is).
				With(diag.Fix("one of string, bool, int, decimal, date, time, duration, id, or a type that is one"))
			t.Is = nil
			return
		}
	}
}

var enumForm = &form[EnumValue]{
	what: "value",
	doc:  "One value of an enum.",
	keys: []key[EnumValue]{
		at("wire", "What it is on the wire: in JSON, events, databases, parameters; default: its name.", wireValue, func(v *EnumValue) *Text { return &v.Wire }),
	},
	short: short(wireValue, func(v *EnumValue) *Text { return &v.Wire }),
	note:  func(v *EnumValue) *Node { return &v.Node },
	name:  checkEnumName,
}

// maxWire is how many bytes a value on the wire may have.
const maxWire = 200

// wireValue reads what a value of an enum is outside of a service.
var wireValue = scalar("a text", TextShape, func(d decoder, v *Text, n *source.Node) bool {
	if s := n.Value; s == "" || strings.TrimSpace(s) != s || strings.ContainsFunc(s, unicode.IsControl) || len(s) > maxWire {
		d.badValue(n.Pos, "%s: %q cannot be a value on the wire", d.place(), s).
			With(diag.Fix("write a text on one line, without blanks around it, of at most %d bytes", maxWire))
		return false
	}
	*v = Text{Value: n.Value, Pos: n.Pos}
	return true
})

// checkEnumName judges the name of a value. What the outside calls it otherwise
// stands beside a name.
func checkEnumName(d decoder, n *source.Node) {
	if s := nfc(n.Value); n.Kind != source.Scalar || n.IsEmpty() || isName(s) {
		checkFieldName(d, n)
		return
	}
	name := fittingName(n.Value)
	if name == "" {
		name = "a_name"
	}
	d.diags.Errorf(rule.BadName, n.Pos, "%q is no name", n.Value).
		With(diag.Fix("expressions need a name; what others call it stands beside it: enum: {%s: %q}", name, n.Value))
}

// fieldForm is a field: name: type, or name: {type, default, ...}, or the
// name alone.
var fieldForm = &form[Field]{
	what: "field",
	doc:  "A named, typed slot.",
	keys: []key[Field]{
		typeKey("type", "The type; without one it is that of the same-named field it comes from."),
		at("default", "The value when nobody sets one: plain, or {cel: ...}.", defaultValue, func(f *Field) **Default { return &f.Default }),
		at("check", "What must hold, over value.", expression, func(f *Field) **Expr { return &f.Check }),
		at("pii", "Personal: redacted in logs, marked in schemas.", trueOrFalse, func(f *Field) *bool { return &f.PII }),
	},
	short: shortType(),
	note:  func(f *Field) *Node { return &f.Node },
	name:  checkFieldName,
	done: func(d decoder, f *Field, _ *source.Node) {
		if f.Default != nil && f.Default.Value != nil {
			d.computed = true
			d.settle(func() { d.checkPlain(f.Default.Value, f.Type) })
		}
	},
}

func typeKey(name, doc string) key[Field] {
	return key[Field]{name: name, doc: doc, shape: typeName.shape, read: func(d decoder, f *Field, n *source.Node) {
		f.Declared = true
		typeName.read(d, &f.Type, n)
	}}
}

func shortType() *key[Field] {
	k := typeKey("", "")
	return &k
}

// defaultValue reads a plain value, or {cel: an expression}.
var defaultValue = reader[*Default]{
	shape: anything,
	read: func(d decoder, v **Default, n *source.Node) bool {
		if cel := n.Get("cel"); cel != nil && len(n.Pairs) == 1 {
			x := &Default{}
			if !expression.read(d, &x.Expr, cel) {
				return false
			}
			*v = x
			return true
		}
		if n.IsEmpty() {
			d.diags.Errorf(rule.MissingValue, n.Pos, "%s must be a value, not nothing", d.place()).
				With(diag.Fix("an empty text is written \"\""))
			return false
		}
		*v = &Default{Value: n}
		return true
	},
}
