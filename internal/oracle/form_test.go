package oracle

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/esgen/esgen/internal/expr"
	"github.com/esgen/esgen/internal/names"
	"github.com/esgen/esgen/model"
)

// encode is a value of the interpreter as JSON has it in a service. A value that
// is none of its type is written as it is.
func encode(v any, t *model.Type) any {
	switch v := v.(type) {
	case nil:
		return nil
	case []any:
		out := make([]any, len(v))
		for i, x := range v {
			out[i] = encode(x, elem(t))
		}
		return out
	case map[string]any:
		out := make(map[string]any, len(v))
		if t = bare(t); t.IsObject() {
			for _, f := range t.Def.Fields {
				if x, ok := v[f.Name]; ok && x != nil {
					out[names.Of(&f.Node).JSON] = encode(x, f.Type)
				}
			}
			return out
		}
		for k, x := range v {
			out[k] = encode(x, elem(t))
		}
		return out
	case string:
		if t = bare(t); t.IsEnum() {
			for _, e := range t.Def.Enum {
				if e.Name == v {
					return names.EnumValue(e)
				}
			}
		}
		return v
	case bool:
		return v
	case int64:
		return json.Number(fmt.Sprint(v))
	}
	return expr.Text(v)
}

// bare is a type without that it may be absent, and without its constraints.
func bare(t *model.Type) *model.Type { return t.Value().Scalar() }

func elem(t *model.Type) *model.Type {
	if t = bare(t); t == nil {
		return nil
	}
	return t.Elem
}

// encodeFields is encode of values by their fields.
func encodeFields(v map[string]any, fields []*model.Field) map[string]any {
	return encode(v, expr.Object("", fields...)).(map[string]any)
}

// encodeInput is encodeFields of what somebody asks: null is something else than
// nothing for an optional field.
func encodeInput(v map[string]any, fields []*model.Field) map[string]any {
	out := encodeFields(v, fields)
	for _, f := range fields {
		if x, there := v[f.Name]; there && x == nil && f.Type.Kind == model.Optional {
			out[names.Of(&f.Node).JSON] = nil
		}
	}
	return out
}

// withID are fields and before them an aggregate's id.
func withID(a *model.Aggregate, fields []*model.Field) []*model.Field {
	return append([]*model.Field{a.ID}, fields...)
}

// writer writes JSON so that values that are the same in the language are
// spelled alike: 1.50 and 1.5, none and an empty list.
type writer struct {
	id func(string) string // an id, as the other side has it
}

func (w writer) object(v map[string]any, fields []*model.Field) string {
	return w.value(v, expr.Object("", fields...))
}

func (w writer) value(v any, t *model.Type) string {
	t = t.Scalar()
	switch {
	case t.Kind == model.Optional && v == nil:
		return "none"
	case t.Kind == model.Optional:
		return w.value(v, t.Elem)
	case t.Kind == model.List:
		list, _ := v.([]any)
		parts := make([]string, len(list))
		for i, x := range list {
			parts[i] = w.value(x, t.Elem)
		}
		return "[" + strings.Join(parts, " ") + "]"
	case t.Kind == model.Map:
		entries, _ := v.(map[string]any)
		var parts []string
		for k, x := range entries {
			parts = append(parts, w.id(k)+": "+w.value(x, t.Elem))
		}
		slices.Sort(parts)
		return "{" + strings.Join(parts, ", ") + "}"
	case t.IsObject():
		object, _ := v.(map[string]any)
		var parts []string
		for _, f := range t.Def.Fields {
			parts = append(parts, f.Name+": "+w.value(object[names.Of(&f.Node).JSON], f.Type))
		}
		return "{" + strings.Join(parts, ", ") + "}"
	}
	text := fmt.Sprint(v)
	switch t.Kind {
	case model.Decimal:
		if d, err := decimal.NewFromString(text); err == nil {
			return d.String()
		}
	case model.Time:
		if at, err := time.Parse(time.RFC3339, text); err == nil {
			return at.UTC().Format(time.RFC3339Nano)
		}
	case model.String, model.ID, model.Ref:
		return w.id(text)
	}
	return text
}
