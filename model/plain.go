package model

import (
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/esgen/esgen/internal/diag"
	"github.com/esgen/esgen/internal/rule"
	"github.com/esgen/esgen/internal/source"
)

// plainScalars say of each scalar type which texts are values of it.
var plainScalars = map[Kind]struct {
	is   func(s string) bool
	like string
}{
	Bool:     {func(s string) bool { return s == "true" || s == "false" }, "true or false"},
	Int:      {isInt, "a whole number such as 42"},
	Decimal:  {regexp.MustCompile(`^-?[0-9]+(\.[0-9]+)?$`).MatchString, "a decimal number such as 9.50"},
	Date:     {isDate, "a day such as 2026-12-01"},
	Time:     {isTime, "an instant such as 2026-12-01T08:59:00+09:00"},
	Duration: {isDuration, "a duration such as 8d or 15m"},
	ID:       {isID, idLike},
	Ref:      {isID, idLike},
}

// maxID is how many bytes services take for an id.
const (
	maxID  = 200
	idLike = "a text on one line of at most 200 bytes"
)

func isID(s string) bool { return len(s) <= maxID && !strings.ContainsFunc(s, unicode.IsControl) }

func isInt(s string) bool {
	_, err := strconv.ParseInt(s, 10, 64)
	return err == nil && s[0] != '+'
}

func isDate(s string) bool {
	_, err := time.Parse(time.DateOnly, s)
	return err == nil
}

func isTime(s string) bool {
	_, err := time.Parse(time.RFC3339Nano, s)
	return err == nil
}

func isDuration(s string) bool {
	_, err := ParseDuration(s)
	return err == nil
}

// isNull reports whether a value is nothing, or written as null.
func isNull(n *source.Node) bool {
	return n.IsEmpty() || n.Kind == source.Scalar && n.Style == source.Plain && (n.Value == "null" || n.Value == "~")
}

// checkPlain reports a plain value that is none of its type. Null is a value of
// what is optional.
func (d decoder) checkPlain(n *source.Node, t *Type) {
	if t == nil || t.Kind == Optional && isNull(n) {
		return
	}
	t = t.Value()
	switch {
	case n.IsEmpty():
		d.diags.Errorf(rule.MissingValue, n.Pos, "a value of type %s must be something", t).
			With(diag.Fix("an empty text is written \"\", no elements []"))
	case t.Kind == List:
		d.checkPlainList(n, t)
	case t.Kind == Map:
		d.checkPlainMap(n, t)
	case t.IsObject():
		d.checkPlainObject(n, t.Def)
	case n.Kind != source.Scalar:
		d.badValue(n.Pos, "a value of type %s cannot be %s", t, n.Kind)
	case t.IsEnum():
		d.checkEnumValue(t.Def, textOf(n))
	default:
		d.checkPlainScalar(n, t)
	}
}

func (d decoder) checkPlainScalar(n *source.Node, t *Type) {
	scalar := t.Scalar()
	if scalar == nil {
		return
	}
	if scalar.Kind == Bool {
		d.offerWords(n.Value, []string{"true", "false"})
	}
	if s, ok := plainScalars[scalar.Kind]; ok && !s.is(n.Value) {
		fix := "write " + s.like
		if d.computed {
			fix += "; an expression is written {cel: ...}"
		}
		d.badValue(n.Pos, "%q is no %s", n.Value, t).With(diag.Fix("%s", fix))
	}
}

func (d decoder) checkPlainList(n *source.Node, t *Type) {
	if n.Kind != source.Sequence {
		d.badValue(n.Pos, "a value of type %s is a list, not %s", t, n.Kind)
		return
	}
	for _, item := range n.Items {
		d.checkPlain(item, t.Elem)
	}
}

func (d decoder) checkPlainMap(n *source.Node, t *Type) {
	if n.Kind != source.Mapping {
		d.badValue(n.Pos, "a value of type %s is a map, not %s", t, n.Kind)
		return
	}
	for i := range n.Pairs {
		d.checkPlain(n.Pairs[i].Value, t.Elem)
	}
}

func (d decoder) checkPlainObject(n *source.Node, t *TypeDef) {
	if n.Kind != source.Mapping {
		d.badValue(n.Pos, "a value of type %s is a map of its fields, not %s", t.Name, n.Kind)
		return
	}
	for i := range n.Pairs {
		f := fieldNamed(t.Fields, nfc(n.Pairs[i].Key.Value))
		d.offerFields(n.Pairs[i].Key.Value, t.Fields)
		d.useField(n.Pairs[i].Key.Pos, nfc(n.Pairs[i].Key.Value), f)
		if f == nil {
			d.diags.Errorf(rule.UnknownName, n.Pairs[i].Key.Pos, "%s has no field %s", t.Name, n.Pairs[i].Key.Value).
				With(near(n.Pairs[i].Key.Value, fieldNames(t.Fields)))
			continue
		}
		d.checkPlain(n.Pairs[i].Value, f.Type)
	}
	for _, f := range t.Fields {
		optional := f.Type == nil || f.Type.Kind == Optional || f.Type.Kind == List || f.Type.Kind == Map
		if !optional && f.Default == nil && n.Get(f.Name) == nil {
			d.diags.Errorf(rule.MissingKey, n.Pos, "a value of type %s needs %s", t.Name, f.Name)
		}
	}
}
