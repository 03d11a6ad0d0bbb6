package rest

import (
	"bytes"
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"

	"github.com/esgen/esgen/templates/chassis/values"
)

// shape knows the fields of a resource's type, by their JSON names.
type shape struct{ fields map[string]int }

func shapeOf(t reflect.Type) shape {
	s := shape{fields: map[string]int{}}
	if t.Kind() != reflect.Struct {
		return s
	}
	for i := range t.NumField() {
		f := t.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == "" {
			name = f.Name
		}
		if f.IsExported() && name != "-" {
			s.fields[name] = i
		}
	}
	return s
}

// extra is a member that is added to a resource.
type extra struct {
	name  string
	value any
}

// extend is a resource as JSON with members added at its end, unless it has
// fields of their names.
func (s shape) extend(resource any, extras ...extra) (json.RawMessage, error) {
	data, err := values.Marshal(resource)
	if err != nil {
		return nil, err
	}
	return extendObject(data, func(name string) bool {
		_, taken := s.fields[name]
		return taken
	}, extras...)
}

// extendObject is an object of JSON with members added at its end, unless their
// names are taken.
func extendObject(object []byte, taken func(name string) bool, extras ...extra) (json.RawMessage, error) {
	if len(object) < 2 || object[len(object)-1] != '}' {
		return nil, errors.New("a resource must be an object")
	}
	b := bytes.NewBuffer(make([]byte, 0, len(object)+256)) // which most extras fit into
	b.Write(object[:len(object)-1])
	for _, x := range extras {
		if taken(x.name) {
			continue
		}
		value, err := json.Marshal(x.value)
		if err != nil {
			return nil, err
		}
		if b.Len() > len("{") {
			b.WriteByte(',')
		}
		fmt.Fprintf(b, "%q:%s", x.name, value)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// stamped is what is added to a row about when and by whom; nothing where that
// is not known, as of rows that are older than the service's knowledge.
func stamped[R any](stamps func(*R) *values.Stamps, row R) []extra {
	if stamps == nil {
		return nil
	}
	if m := stamps(&row); !m.CreatedAt.IsZero() {
		return []extra{{"meta", m}}
	}
	return nil
}

// text is a field of a resource as it stands in a path.
func (s shape) text(resource any, name string) (string, error) {
	i, ok := s.fields[name]
	if !ok {
		return "", fmt.Errorf("there is no field %s", name)
	}
	text, ok := textOf(reflect.ValueOf(resource).Field(i).Interface())
	if !ok {
		return "", fmt.Errorf("there is no value of %s", name)
	}
	return text, nil
}

// textOf is a value as it stands in a URL; ok is false where there is none.
func textOf(value any) (text string, ok bool) {
	if v := reflect.ValueOf(value); v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return "", false
		}
		value = v.Elem().Interface()
	}
	if m, spelled := value.(encoding.TextMarshaler); spelled {
		data, err := m.MarshalText()
		return string(data), err == nil
	}
	return fmt.Sprint(value), true
}

// members are the names at the top of an object of JSON, as they are written.
// The object is one that this service wrote: it is not checked.
func members(object []byte) map[string]bool {
	names := map[string]bool{}
	depth := 0
	for i := 0; i < len(object); i++ {
		switch object[i] {
		case '{', '[':
			depth++
		case '}', ']':
			depth--
		case '"':
			from := i + 1
			for i++; i < len(object) && object[i] != '"'; i++ {
				if object[i] == '\\' {
					i++
				}
			}
			if depth == 1 && i+1 < len(object) && object[i+1] == ':' {
				names[string(object[from:i])] = true
			}
		}
	}
	return names
}
