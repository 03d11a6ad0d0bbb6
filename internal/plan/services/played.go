package services

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/esgen/esgen/internal/expr"
	"github.com/esgen/esgen/internal/quote"
	"github.com/esgen/esgen/model"
)

// Member is a field of a literal, with its value in Go.
type Member struct {
	Go    string
	Value string
	Empty bool // a person leaves it out
}

// Members are the fields of a struct with what the interpreter computed for them.
func (a *Aggregate) Members(fields []Field, values map[string]any) []Member {
	var out []Member
	for _, f := range fields {
		if f.Model == nil || f.Model.Type == nil {
			continue
		}
		m := Member{Go: f.Go, Value: zero(f.Type), Empty: true}
		if v := values[f.Model.Name]; !absent(v) {
			m.Value, m.Empty = a.types.played(f.Model.Type, v), false
		}
		out = append(out, m)
	}
	return out
}

// zero is the value of what is absent.
func zero(goType string) string {
	if goType == "time.Time" {
		return "time.Time{}"
	}
	return "nil"
}

// Literal is a struct with members.
func Literal(of string, members []Member) string {
	var elements []string
	for _, m := range members {
		if !m.Empty {
			elements = append(elements, m.Go+": "+m.Value)
		}
	}
	return Composite(of, elements)
}

// Played is the Go literal of a struct with what the interpreter computed.
func (a *Aggregate) Played(of string, fields []Field, values map[string]any) string {
	return Literal(of, a.Members(fields, values))
}

// PlayedField is what the interpreter computed for a field, in Go.
func (a *Aggregate) PlayedField(f Field, v any) string {
	if v == nil {
		return "nil"
	}
	return a.types.played(f.Model.Type, v)
}

// widest is how long a literal may be on one line.
const widest = 110

// Fits reports whether an expression is one line that is not too long.
func Fits(text string) bool { return len(text) <= widest && !strings.ContainsRune(text, '\n') }

// Composite is a composite literal: on one line, or with a line for each element
// where that were too long.
func Composite(of string, elements []string) string {
	if line := of + "{" + strings.Join(elements, ", ") + "}"; len(elements) == 0 || Fits(line) {
		return line
	}
	return of + "{\n" + strings.Join(elements, ",\n") + ",\n}"
}

// absent reports whether a value is like none.
func absent(v any) bool {
	switch v := v.(type) {
	case nil:
		return true
	case []any:
		return len(v) == 0
	case map[string]any:
		return len(v) == 0
	case time.Time:
		return v.IsZero()
	}
	return false
}

// played is the Go expression of a computed value where its type is known: of a
// field, of an element. An untyped constant does there.
func (g gotypes) played(t *model.Type, v any) string {
	switch {
	case t.Kind == model.Optional:
		if v == nil {
			return "nil"
		}
		return "new(" + g.playedTyped(t.Elem, v) + ")"
	case t.Kind == model.List:
		list, _ := v.([]any)
		elements := make([]string, len(list))
		for i, x := range list {
			elements[i] = g.playedElement(t.Elem, x)
		}
		return g.Type(t) + "{" + strings.Join(elements, ", ") + "}"
	case t.Kind == model.Map:
		entries, _ := v.(map[string]any)
		var elements []string
		for _, key := range slices.Sorted(maps.Keys(entries)) {
			elements = append(elements, quote.Go(key)+": "+g.playedElement(t.Elem, entries[key]))
		}
		return g.Type(t) + "{" + strings.Join(elements, ", ") + "}"
	case t.IsObject():
		return g.Type(t) + g.playedMembers(t.Def, v)
	case t.IsEnum():
		return g.playedEnum(t, v)
	case t.Kind == model.Named: // a constrained scalar
		if g.played(t.Def.Is, v) == g.constant(v) {
			return g.constant(v)
		}
		return g.Type(t) + "(" + g.played(t.Def.Is, v) + ")"
	}
	return g.playedScalar(v)
}

// playedTyped is a value that has its type wherever it stands.
func (g gotypes) playedTyped(t *model.Type, v any) string {
	switch t.Kind {
	case model.String, model.Bool:
		return g.played(t, v)
	case model.Int, model.ID, model.Ref:
		return g.Type(t) + "(" + g.played(t, v) + ")"
	case model.Named:
		if text := g.played(t, v); !t.IsObject() && text == g.constant(v) {
			return g.Type(t) + "(" + text + ")"
		}
	}
	return g.played(t, v)
}

// playedElement is an element of a list or a map, without the type of an object.
func (g gotypes) playedElement(t *model.Type, v any) string {
	if t.IsObject() {
		return g.playedMembers(t.Def, v)
	}
	return g.played(t, v)
}

func (g gotypes) playedMembers(d *model.TypeDef, v any) string {
	object, _ := v.(map[string]any)
	var members []string
	for _, f := range g.defs.fieldsOf(d) {
		if x := object[f.Name]; f.Type != nil && !absent(x) {
			members = append(members, g.Field(f)+": "+g.played(f.Type, x))
		}
	}
	return "{" + strings.Join(members, ", ") + "}"
}

func (g gotypes) playedEnum(t *model.Type, v any) string {
	name, _ := v.(string)
	if value := enumConst(g, t, name); value != "" {
		return value
	}
	return quote.Go(name) // nobody has given it a value
}

func (g gotypes) playedScalar(v any) string {
	switch v := v.(type) {
	case decimal.Decimal:
		if v.IsInteger() && v.Abs().LessThan(decimal.New(1, 15)) {
			return "values.Int(" + v.String() + ")"
		}
		return "values.MustDecimal(" + quote.Go(v.String()) + ")"
	case expr.Date:
		return "values.MustDate(" + quote.Go(string(v)) + ")"
	case time.Time:
		return PlayedTime(v)
	case expr.Span:
		return "values.MustDuration(" + quote.Go(expr.Text(v)) + ")"
	}
	return g.constant(v)
}

// constant is the untyped constant of a value; "" of one that has none.
func (gotypes) constant(v any) string {
	switch v := v.(type) {
	case string:
		return quote.Go(v)
	case bool:
		return strconv.FormatBool(v)
	case int64:
		return strconv.FormatInt(v, 10)
	}
	return ""
}

// PlayedTime is an instant in Go.
func PlayedTime(at time.Time) string { return "values.MustTime(" + quote.Go(expr.Text(at.UTC())) + ")" }
