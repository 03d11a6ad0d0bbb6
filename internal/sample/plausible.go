package sample

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/esgen/esgen/internal/names"
	"github.com/esgen/esgen/model"
)

// Plausible makes values that a person takes for real ones. Those of one number
// agree with one another: order-1 of orderId in all commands and views.
type Plausible struct{ Number int }

// Encode writes JSON for a person: < and & stay what they are.
func Encode(v any) string {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if enc.Encode(v) != nil {
		return "{}"
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// Object is a JSON object whose members keep their order.
type Object []member

type member struct {
	name  string
	value any
}

// MarshalJSON writes the members in their order.
func (o Object) MarshalJSON() ([]byte, error) {
	var b strings.Builder
	for i, m := range o {
		if i == 0 {
			b.WriteByte('{')
		} else {
			b.WriteByte(',')
		}
		b.WriteString(Encode(m.name) + ":" + Encode(m.value))
	}
	if len(o) == 0 {
		b.WriteByte('{')
	}
	return []byte(b.String() + "}"), nil
}

// Take removes a member and returns its value as text.
func (o *Object) Take(name string) string {
	for i, m := range *o {
		if m.name == name {
			*o = slices.Delete(*o, i, i+1)
			return fmt.Sprint(m.value)
		}
	}
	return ""
}

// Object has a value for each field.
func (x Plausible) Object(fields []*model.Field) Object { return x.object(fields, 0) }

func (x Plausible) object(fields []*model.Field, depth int) Object {
	var out Object
	for _, f := range fields {
		if f.Type != nil {
			name := names.JSON(&f.Node)
			out = append(out, member{name, x.value(f.Type, name, depth)})
		}
	}
	return out
}

// ID is the id in a field of that name: order-1 in orderId.
func (x Plausible) ID(field string) string {
	name := field
	for _, ending := range []string{"Id", "ID", "_id"} {
		if cut, ok := strings.CutSuffix(field, ending); ok && cut != "" {
			name = cut
		}
	}
	return fmt.Sprintf("%s-%d", names.OfText(name).Kebab, x.Number)
}

// maxExampleDepth ends recursive types.
const maxExampleDepth = 4

// value is a plausible value of a type for a field of that name.
func (x Plausible) value(t *model.Type, name string, depth int) any {
	if depth > maxExampleDepth {
		return nil
	}
	switch t.Kind {
	case model.Bool:
		return true
	case model.Int:
		return 1
	case model.Decimal:
		return "1000"
	case model.Date:
		return "2026-12-01"
	case model.Time:
		return "2026-12-01T09:00:00Z"
	case model.Duration:
		return "1h"
	case model.ID:
		return x.ID(name)
	case model.Ref:
		return x.ID(names.JSON(&t.Aggregate.ID.Node))
	case model.Optional:
		return x.value(t.Elem, name, depth)
	case model.List:
		return []any{x.value(t.Elem, name, depth+1)}
	case model.Map:
		return Object{{"key", x.value(t.Elem, name, depth+1)}}
	case model.Named:
		switch {
		case t.Def.Enum != nil:
			return names.EnumValue(t.Def.Enum[0])
		case t.Def.Is != nil:
			return x.value(t.Def.Is, name, depth)
		}
		return x.object(t.Def.Fields, depth+1)
	}
	return name
}
