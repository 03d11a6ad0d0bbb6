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
	if len(data) < 2 || data[len(data)-1] != '}' {
		return nil, errors.New("a resource must be an object")
	}
	b := bytes.NewBuffer(data[:len(data)-1])
	for _, x := range extras {
		if _, taken := s.fields[x.name]; taken {
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
	v := reflect.ValueOf(resource).Field(i)
	if m, ok := v.Interface().(encoding.TextMarshaler); ok {
		text, err := m.MarshalText()
		return string(text), err
	}
	return fmt.Sprint(v.Interface()), nil
}
