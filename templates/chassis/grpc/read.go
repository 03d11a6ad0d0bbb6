package grpc

import (
	"encoding/json"
	"maps"
	"slices"
	"time"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/esgen/esgen/templates/chassis/values"
)

// reader writes a message as JSON, for the strict decoder that all ways in
// share. What a message can hold and JSON cannot say becomes text that the
// decoder refuses at its place.
type reader struct {
	schema *schema
	out    []byte
}

// toJSON is a message as JSON.
func (s *schema) toJSON(m protoreflect.Message) []byte {
	r := &reader{schema: s}
	r.message(m)
	return r.out
}

// message writes the fields that are set.
func (r *reader) message(m protoreflect.Message) {
	if f := r.schema.wraps(m.Descriptor()); f != nil {
		r.field(f, m.Get(f))
		return
	}
	r.out = append(r.out, '{')
	fields := m.Descriptor().Fields()
	first := true
	for i := range fields.Len() {
		f := fields.Get(i)
		if !m.Has(f) {
			continue
		}
		if !first {
			r.out = append(r.out, ',')
		}
		first = false
		r.text(f.JSONName())
		r.out = append(r.out, ':')
		r.field(f, m.Get(f))
	}
	r.out = append(r.out, '}')
}

func (r *reader) field(f protoreflect.FieldDescriptor, v protoreflect.Value) {
	switch {
	case f.IsMap():
		r.dict(f.MapValue(), v.Map())
	case f.IsList():
		r.list(f, v.List())
	default:
		r.single(f, v)
	}
}

func (r *reader) list(f protoreflect.FieldDescriptor, list protoreflect.List) {
	r.out = append(r.out, '[')
	for i := range list.Len() {
		if i > 0 {
			r.out = append(r.out, ',')
		}
		r.single(f, list.Get(i))
	}
	r.out = append(r.out, ']')
}

// dict writes a map in the order of its keys, so that the same message is the
// same JSON.
func (r *reader) dict(f protoreflect.FieldDescriptor, m protoreflect.Map) {
	entries := map[string]protoreflect.Value{}
	m.Range(func(k protoreflect.MapKey, v protoreflect.Value) bool {
		entries[k.String()] = v
		return true
	})
	r.out = append(r.out, '{')
	for i, key := range slices.Sorted(maps.Keys(entries)) {
		if i > 0 {
			r.out = append(r.out, ',')
		}
		r.text(key)
		r.out = append(r.out, ':')
		r.single(f, entries[key])
	}
	r.out = append(r.out, '}')
}

func (r *reader) single(f protoreflect.FieldDescriptor, v protoreflect.Value) {
	if f.Message() != nil && !isWellKnown(f.Message()) {
		r.message(v.Message())
		return
	}
	text, quoted := r.schema.scalar(f, v)
	if quoted {
		r.text(text)
		return
	}
	r.out = append(r.out, text...)
}

func (r *reader) text(s string) {
	quoted, _ := json.Marshal(s) // of a string it never fails
	r.out = append(r.out, quoted...)
}

// scalar is a single value as text, and whether it has quotes in JSON. What is
// no value (an enum's 0, a time out of range) is the empty text, which none of
// these types take.
func (s *schema) scalar(f protoreflect.FieldDescriptor, v protoreflect.Value) (text string, quoted bool) {
	switch f.Kind() {
	case protoreflect.MessageKind:
		if f.Message().FullName() == timestamp {
			return timeText(v.Message()), true
		}
		return durationText(v.Message()), true
	case protoreflect.EnumKind:
		if value := f.Enum().Values().ByNumber(v.Enum()); value != nil {
			return s.enums[value.Name()], true
		}
		return "", true
	case protoreflect.StringKind:
		return v.String(), true
	}
	return v.String(), false // numbers, and true and false
}

// seconds are the two fields that Timestamp and Duration have.
func seconds(m protoreflect.Message) (s, nanos int64) {
	fields := m.Descriptor().Fields()
	return m.Get(fields.ByNumber(1)).Int(), m.Get(fields.ByNumber(2)).Int()
}

func timeText(m protoreflect.Message) string {
	s, nanos := seconds(m)
	t := time.Unix(s, nanos).UTC()
	if nanos < 0 || nanos >= int64(time.Second) || t.Unix() != s || t.Year() < 1 || t.Year() > 9999 {
		return ""
	}
	return t.Format(time.RFC3339Nano)
}

func durationText(m protoreflect.Message) string {
	s, nanos := seconds(m)
	if max(s, -s) > int64(values.Longest/values.Second) || max(nanos, -nanos) >= int64(time.Second) || s > 0 && nanos < 0 || s < 0 && nanos > 0 || nanos%1000 != 0 {
		return "" // too long, malformed, or finer than a microsecond
	}
	d := values.Duration(s)*values.Second + values.Duration(nanos/1000)
	if max(d, -d) > values.Longest {
		return ""
	}
	return d.String()
}
