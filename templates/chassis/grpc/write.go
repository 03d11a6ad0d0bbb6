package grpc

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/esgen/esgen/templates/chassis/values"
)

// fromJSON fills a message with what is in JSON. What the message has no field
// for is left out.
func (s *schema) fromJSON(data []byte, m protoreflect.Message) error {
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	var v any
	if err := decoder.Decode(&v); err != nil {
		return err
	}
	return s.fill(m, v)
}

// fromValue fills a message with a value, by way of its JSON.
func (s *schema) fromValue(v any, m protoreflect.Message) error {
	data, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return s.fromJSON(data, m)
}

func (s *schema) fill(m protoreflect.Message, v any) error {
	if f := s.wraps(m.Descriptor()); f != nil {
		return s.set(m, f, v)
	}
	object, ok := v.(map[string]any)
	if !ok {
		return misfit(m.Descriptor(), v)
	}
	for name, value := range object {
		f := m.Descriptor().Fields().ByJSONName(name)
		if f == nil || value == nil {
			continue
		}
		if err := s.set(m, f, value); err != nil {
			return fmt.Errorf("%s: %w", f.Name(), err)
		}
	}
	return nil
}

func (s *schema) set(m protoreflect.Message, f protoreflect.FieldDescriptor, v any) error {
	switch {
	case f.IsMap():
		object, ok := v.(map[string]any)
		if !ok {
			return misfit(f, v)
		}
		into := m.Mutable(f).Map()
		for key, element := range object {
			value, err := s.value(f.MapValue(), element, into.NewValue)
			if err != nil {
				return err
			}
			into.Set(protoreflect.ValueOfString(key).MapKey(), value)
		}
	case f.IsList():
		list, ok := v.([]any)
		if !ok {
			return misfit(f, v)
		}
		into := m.Mutable(f).List()
		for _, element := range list {
			value, err := s.value(f, element, into.NewElement)
			if err != nil {
				return err
			}
			into.Append(value)
		}
	default:
		value, err := s.value(f, v, func() protoreflect.Value { return m.NewField(f) })
		if err != nil {
			return err
		}
		m.Set(f, value)
	}
	return nil
}

// value is a single value; fresh makes an empty one of a message.
func (s *schema) value(f protoreflect.FieldDescriptor, v any, fresh func() protoreflect.Value) (protoreflect.Value, error) {
	switch v := v.(type) {
	case bool:
		if f.Kind() == protoreflect.BoolKind {
			return protoreflect.ValueOfBool(v), nil
		}
	case json.Number:
		switch f.Kind() {
		case protoreflect.Int64Kind:
			n, err := strconv.ParseInt(v.String(), 10, 64)
			return protoreflect.ValueOfInt64(n), err
		case protoreflect.StringKind:
			return protoreflect.ValueOfString(v.String()), nil // a decimal, written as a number
		}
	case string:
		switch {
		case f.Kind() == protoreflect.StringKind:
			return protoreflect.ValueOfString(v), nil
		case f.Kind() == protoreflect.EnumKind:
			return protoreflect.ValueOfEnum(s.number(f.Enum(), v)), nil
		case f.Message() != nil && isWellKnown(f.Message()):
			return wellKnown(fresh(), v)
		}
	}
	if f.Message() == nil || isWellKnown(f.Message()) {
		return protoreflect.Value{}, misfit(f, v)
	}
	m := fresh()
	return m, s.fill(m.Message(), v)
}

// number is that of an enum's text; 0 for one that the model has no longer.
func (s *schema) number(e protoreflect.EnumDescriptor, text string) protoreflect.EnumNumber {
	all := e.Values()
	for i := range all.Len() {
		if known, ok := s.enums[all.Get(i).Name()]; ok && known == text {
			return all.Get(i).Number()
		}
	}
	return 0
}

// wellKnown sets a Timestamp or a Duration to what a text says.
func wellKnown(into protoreflect.Value, text string) (protoreflect.Value, error) {
	m := into.Message()
	fields := m.Descriptor().Fields()
	set := func(s int64, nanos int32) {
		m.Set(fields.ByNumber(1), protoreflect.ValueOfInt64(s))
		m.Set(fields.ByNumber(2), protoreflect.ValueOfInt32(nanos))
	}
	if m.Descriptor().FullName() == timestamp {
		t, err := values.ParseTime(text)
		set(t.Unix(), int32(t.Nanosecond()))
		return into, err
	}
	d, err := values.ParseDuration(text)
	set(int64(d/values.Second), int32((d % values.Second).Std()))
	return into, err
}

func misfit(d protoreflect.Descriptor, v any) error {
	return fmt.Errorf("%s cannot hold a %T", d.FullName(), v)
}
