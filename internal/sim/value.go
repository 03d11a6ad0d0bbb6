package sim

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/esgen/esgen/internal/expr"
	"github.com/esgen/esgen/internal/source"
	"github.com/esgen/esgen/model"
)

// empty is the value of a type nobody has given one: none of an optional, an
// empty list, and of the others what Go's zero value is in a generated service.
func empty(t *model.Type) any {
	switch t = t.Scalar(); {
	case t == nil:
		return nil
	case t.IsEnum():
		return ""
	case t.IsObject():
		out := make(map[string]any, len(t.Def.Fields))
		for _, f := range t.Def.Fields {
			out[f.Name] = empty(f.Type)
		}
		return out
	}
	switch t.Kind {
	case model.Bool:
		return false
	case model.Int:
		return int64(0)
	case model.Decimal:
		return decimal.Zero
	case model.Date:
		return expr.Date("0001-01-01")
	case model.Time:
		return time.Time{}
	case model.Duration:
		return expr.Span(0)
	case model.Optional:
		return nil
	case model.List:
		return []any{}
	case model.Map:
		return map[string]any{}
	}
	return ""
}

// plain reads a value as the model writes it, by its type.
func plain(n *source.Node, t *model.Type) (any, error) {
	if t == nil {
		return nil, fmt.Errorf("its type is not known")
	}
	if t.Kind == model.Optional {
		if n.IsEmpty() || n.Kind == source.Scalar && n.Style == source.Plain && (n.Value == "null" || n.Value == "~") {
			return nil, nil
		}
		return plain(n, t.Elem)
	}
	t = t.Scalar()
	switch {
	case t.Kind == model.List:
		return plainList(n, t)
	case t.Kind == model.Map:
		return plainMap(n, t)
	case t.IsObject():
		return plainObject(n, t.Def)
	case n.Kind != source.Scalar:
		return nil, fmt.Errorf("a value of type %s cannot be %s", t, n.Kind)
	case t.IsEnum():
		return enumValue(t.Def, n.Value)
	}
	return expr.Parse(t.Kind, n.Value)
}

func plainList(n *source.Node, t *model.Type) (any, error) {
	if n.Kind != source.Sequence {
		return nil, fmt.Errorf("a value of type %s is a list", t)
	}
	out := make([]any, len(n.Items))
	for i, item := range n.Items {
		v, err := plain(item, t.Elem)
		if err != nil {
			return nil, err
		}
		out[i] = v
	}
	return out, nil
}

func plainMap(n *source.Node, t *model.Type) (any, error) {
	if n.Kind != source.Mapping {
		return nil, fmt.Errorf("a value of type %s is a map", t)
	}
	out := make(map[string]any, len(n.Pairs))
	for _, p := range n.Pairs {
		v, err := plain(p.Value, t.Elem)
		if err != nil {
			return nil, err
		}
		out[p.Key.Value] = v
	}
	return out, nil
}

// plainObject reads an object. Fields that are not written are empty, or have
// their plain default.
func plainObject(n *source.Node, d *model.TypeDef) (any, error) {
	if n.Kind != source.Mapping {
		return nil, fmt.Errorf("a value of type %s is a map of its fields", d.Name)
	}
	out := make(map[string]any, len(d.Fields))
	for _, f := range d.Fields {
		at := n.Get(f.Name)
		if at == nil {
			if at = plainDefault(f); at == nil {
				out[f.Name] = empty(f.Type)
				continue
			}
		}
		v, err := plain(at, f.Type)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", f.Name, err)
		}
		out[f.Name] = v
	}
	return out, nil
}

func plainDefault(f *model.Field) *source.Node {
	if f.Default == nil {
		return nil
	}
	return f.Default.Value
}

// enumValue finds a value of an enum by its name, with or without the enum's.
func enumValue(d *model.TypeDef, text string) (any, error) {
	bare := strings.TrimPrefix(text, d.Name+".")
	for _, v := range d.Enum {
		if v.Name == bare || v.Code != "" && v.Code == bare {
			return v.Name, nil
		}
	}
	return nil, fmt.Errorf("%s is none of %s", text, d.Name)
}

// Show is a value as a person writes it: {menuId: m1, quantity: 2}.
func Show(v any) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case string:
		return showText(v)
	case []any:
		parts := make([]string, len(v))
		for i, x := range v {
			parts[i] = Show(x)
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case map[string]any:
		return showFields(v, slices.Sorted(maps.Keys(v)))
	}
	return expr.Text(v)
}

// showText quotes a text where it would be taken for something else.
func showText(s string) string {
	if s == "" || s != strings.TrimSpace(s) || s == "null" || strings.ContainsAny(s, "\n\"{}[],:#") {
		return strconv.Quote(s)
	}
	return s
}

// showFields is an object with its fields in an order; what is absent is left
// out.
func showFields(v map[string]any, order []string) string {
	var parts []string
	for _, name := range order {
		if x, ok := v[name]; ok && x != nil {
			parts = append(parts, name+": "+Show(x))
		}
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

func fieldNames(id *model.Field, fields []*model.Field) []string {
	var out []string
	if id != nil {
		out = append(out, id.Name)
	}
	for _, f := range fields {
		if id == nil || f.Name != id.Name {
			out = append(out, f.Name)
		}
	}
	return out
}

// keyText makes of values a text that only equal values have.
func keyText(values ...any) string {
	var b strings.Builder
	for _, v := range values {
		text := Show(v)
		fmt.Fprintf(&b, "%d:%s", len(text), text)
	}
	return b.String()
}
