package sim

import (
	"maps"
	"slices"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/shopspring/decimal"

	"github.com/esgen/esgen/internal/expr"
	"github.com/esgen/esgen/model"
)

// validated is the input of a command as its service reads it: whole, of the
// declared types, within their checks. The instance may be missing from one
// that creates.
func (w *World) validated(m *model.Command, given map[string]any) (map[string]any, *refusal) {
	id := m.Aggregate.ID
	out, refused := w.wellFormed(m.Input, given)
	if refused != nil {
		return nil, refused
	}
	for _, f := range m.Kept() {
		if _, there := given[f.Name]; !there {
			delete(out, f.Name) // it is as the instance has it
		}
	}
	v, there := given[id.Name]
	switch {
	case !there && m.Creates == model.New, v == nil && m.Creates == model.New:
	default:
		if refused := w.fits(id.Name, v, id.Type); refused != nil {
			return nil, refused
		}
		out[id.Name] = v
	}
	for _, name := range slices.Sorted(maps.Keys(given)) {
		if name != id.Name && fieldNamed(m.Input, name) == nil {
			return nil, malformed("/%s is not known here", name)
		}
	}
	return out, nil
}

// wellFormed checks given values against fields, and fills in what may be left
// out.
func (w *World) wellFormed(fields []*model.Field, given map[string]any) (map[string]any, *refusal) {
	out := make(map[string]any, len(fields)+1)
	for _, f := range fields {
		v, there := given[f.Name]
		if !there || v == nil && f.Type.Kind != model.Optional {
			if !omissible(f) {
				return nil, malformed("/%s is missing", f.Name)
			}
			var refused *refusal
			if v, refused = w.start(f); refused != nil {
				return nil, refused
			}
		}
		if v != nil {
			if refused := w.fits(f.Name, v, f.Type); refused != nil {
				return nil, refused
			}
			if refused := w.checked(f.Name, f.Check, v); refused != nil {
				return nil, refused
			}
		}
		out[f.Name] = v
	}
	return out, nil
}

// omissible reports whether a request may leave a field out: there is a
// default, or nothing is a value of its type. An empty list is none.
func omissible(f *model.Field) bool {
	switch f.Type.Scalar().Kind {
	case model.Optional, model.List, model.Map:
		return true
	}
	return f.Default != nil
}

func fieldNamed(fields []*model.Field, name string) *model.Field {
	for _, f := range fields {
		if f.Name == name {
			return f
		}
	}
	return nil
}

// checked holds a value against the check of its field or type.
func (w *World) checked(path string, check *model.Expr, v any) *refusal {
	ok, refused := w.holds(check, map[string]any{"value": v})
	switch {
	case refused != nil:
		return refused
	case !ok:
		return malformed("/%s must hold: %s", path, check.Text)
	}
	return nil
}

// fits reports a value that is none of a type.
func (w *World) fits(path string, v any, t *model.Type) *refusal {
	if t.Kind == model.Optional {
		if v == nil {
			return nil
		}
		return w.fits(path, v, t.Elem)
	}
	if t.Kind == model.Named && t.Def.Is != nil {
		if refused := w.fits(path, v, t.Def.Is); refused != nil {
			return refused
		}
		return w.checked(path, t.Def.Check, v)
	}
	switch {
	case t.IsEnum():
		if slices.ContainsFunc(t.Def.Enum, func(e *model.EnumValue) bool { return e.Name == v }) {
			return nil
		}
	case t.IsObject():
		if object, ok := v.(map[string]any); ok {
			return w.objectFits(path, object, t.Def)
		}
	case t.Kind == model.List:
		if list, ok := v.([]any); ok {
			return w.eachFits(path, list, t.Elem)
		}
	case t.Kind == model.Map:
		if entries, ok := v.(map[string]any); ok {
			for _, k := range slices.Sorted(maps.Keys(entries)) {
				if refused := w.fits(path+"/"+k, entries[k], t.Elem); refused != nil {
					return refused
				}
			}
			return nil
		}
	case isScalarOf(v, t.Kind):
		return nil
	}
	return malformed("/%s is no %s", path, t)
}

func (w *World) eachFits(path string, list []any, elem *model.Type) *refusal {
	for i, x := range list {
		if refused := w.fits(path+"/"+expr.Text(int64(i)), x, elem); refused != nil {
			return refused
		}
	}
	return nil
}

func (w *World) objectFits(path string, object map[string]any, d *model.TypeDef) *refusal {
	for _, f := range d.Fields {
		v := object[f.Name]
		if v == nil && omissible(f) {
			continue
		}
		if v == nil {
			return malformed("/%s/%s is missing", path, f.Name)
		}
		if refused := w.fits(path+"/"+f.Name, v, f.Type); refused != nil {
			return refused
		}
		if refused := w.checked(path+"/"+f.Name, f.Check, v); refused != nil {
			return refused
		}
	}
	return nil
}

func isScalarOf(v any, k model.Kind) bool {
	switch v := v.(type) {
	case string:
		return k == model.String || (k == model.ID || k == model.Ref) && isID(v)
	case bool:
		return k == model.Bool
	case int64:
		return k == model.Int
	case decimal.Decimal:
		return k == model.Decimal
	case expr.Date:
		return k == model.Date
	case time.Time:
		return k == model.Time
	case expr.Span:
		return k == model.Duration
	}
	return false
}

// maxID is how many bytes an id may have.
const maxID = 200

// isID reports whether a text may name an instance.
func isID(s string) bool {
	if s == "" || len(s) > maxID || !utf8.ValidString(s) {
		return false
	}
	for _, r := range s {
		if unicode.IsControl(r) {
			return false
		}
	}
	return true
}
