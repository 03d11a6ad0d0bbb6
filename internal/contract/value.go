package contract

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strconv"

	"github.com/esgen/esgen/internal/expr"
	"github.com/esgen/esgen/internal/names"
)

// JSON is a value of the interpreter as a service writes it: the members of an
// object in the order of its fields, and what is absent left out. A value that
// is none of the schema's kind is written as text.
func (s *Schema) JSON(v any) json.RawMessage {
	var b bytes.Buffer
	s.write(&b, v)
	return b.Bytes()
}

func (s *Schema) write(b *bytes.Buffer, v any) {
	switch v := v.(type) {
	case nil:
		b.WriteString("null")
	case bool:
		b.WriteString(strconv.FormatBool(v))
	case int64:
		if s.Kind == Decimal {
			writeText(b, strconv.FormatInt(v, 10))
			return
		}
		b.WriteString(strconv.FormatInt(v, 10))
	case []any:
		b.WriteByte('[')
		for i, x := range v {
			if i > 0 {
				b.WriteByte(',')
			}
			s.elem().write(b, x)
		}
		b.WriteByte(']')
	case map[string]any:
		s.writeMembers(b, v)
	case string:
		writeText(b, s.text(v))
	default:
		writeText(b, expr.Text(v))
	}
}

// writeMembers writes an object, or a map, whose keys have no order but their own.
func (s *Schema) writeMembers(b *bytes.Buffer, v map[string]any) {
	more := false
	member := func(name string, of *Schema, x any) {
		if more {
			b.WriteByte(',')
		}
		more = true
		writeText(b, name)
		b.WriteByte(':')
		of.write(b, x)
	}
	b.WriteByte('{')
	if s.Kind == Object {
		for _, f := range s.Fields {
			if x := v[f.Model.Name]; x != nil && !f.Schema.isNothing(x) {
				member(f.Name, f.Schema, x)
			}
		}
	} else {
		for _, k := range slices.Sorted(maps.Keys(v)) {
			member(k, s.elem(), v[k])
		}
	}
	b.WriteByte('}')
}

// isNothing tells of lists and maps without anything in them, which are left out.
func (s *Schema) isNothing(v any) bool {
	switch v := v.(type) {
	case []any:
		return len(v) == 0
	case map[string]any:
		return len(v) == 0 && s.Kind == Map
	}
	return false
}

func (s *Schema) elem() *Schema {
	if s.Items == nil {
		return &Schema{Kind: Text}
	}
	return s.Items
}

// text is a text as it is outside: values of enums have another name there.
func (s *Schema) text(v string) string {
	if s.Kind == Enum && s.Def != nil {
		for _, e := range s.Def.Enum {
			if e.Name == v {
				return names.EnumValue(e)
			}
		}
	}
	return v
}

// writeText quotes for a person: < and & stay what they are.
func writeText(b *bytes.Buffer, s string) {
	enc := json.NewEncoder(b)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(s) // text can always be encoded, into memory
	b.Truncate(b.Len() - 1)
}
