package apidoc

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// Map is a JSON object whose members keep the order they were given in.
type Map[T any] []Member[T]

// Member is a name with what it stands for.
type Member[T any] struct {
	Name  string
	Value T
}

// inOrder marks a Map, whatever it is of.
func (Map[T]) inOrder() {}

// Set replaces a member, or adds it at the end.
func (m *Map[T]) Set(name string, value T) {
	for i := range *m {
		if (*m)[i].Name == name {
			(*m)[i].Value = value
			return
		}
	}
	*m = append(*m, Member[T]{name, value})
}

// Get finds a member; ok is false when there is none of the name.
func (m Map[T]) Get(name string) (value T, ok bool) {
	for _, x := range m {
		if x.Name == name {
			return x.Value, true
		}
	}
	return value, false
}

// MarshalJSON writes the members in their order.
func (m Map[T]) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, x := range m {
		if i > 0 {
			b.WriteByte(',')
		}
		name, err := encode(x.Name)
		if err != nil {
			return nil, err
		}
		value, err := encode(x.Value)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", x.Name, err)
		}
		b.Write(name)
		b.WriteByte(':')
		b.Write(value)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// encode writes JSON for people: < and & stay what they are.
func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}
