package apidoc

import (
	"bytes"
	"encoding/json"
	"fmt"

	"gopkg.in/yaml.v3"
)

// Map is a JSON object whose members keep the order they were given in.
type Map[T any] []Member[T]

// Member is a name with what it stands for.
type Member[T any] struct {
	Name  string
	Value T
}

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

// asJSON is a document as indented JSON.
func asJSON(doc any) (string, error) {
	data, err := encode(doc)
	if err != nil {
		return "", err
	}
	var b bytes.Buffer
	if err := json.Indent(&b, data, "", "  "); err != nil {
		return "", err
	}
	b.WriteByte('\n')
	return b.String(), nil
}

// asYAML is a document as YAML. The order of its members is that of the JSON
// it would be: every JSON text is YAML already, and only loses its braces.
func asYAML(doc any) (string, error) {
	data, err := encode(doc)
	if err != nil {
		return "", err
	}
	var root yaml.Node
	if err := yaml.Unmarshal(data, &root); err != nil {
		return "", err
	}
	inBlocks(&root)
	var b bytes.Buffer
	enc := yaml.NewEncoder(&b)
	enc.SetIndent(2)
	if err := enc.Encode(&root); err != nil {
		return "", err
	}
	return b.String(), enc.Close()
}

// inBlocks takes braces and needless quotes from YAML. Short lists of words stay
// on one line.
func inBlocks(n *yaml.Node) {
	if n.Kind != yaml.SequenceNode || !allScalars(n) {
		n.Style = 0
	}
	for _, c := range n.Content {
		inBlocks(c)
	}
}

func allScalars(n *yaml.Node) bool {
	length := 0
	for _, c := range n.Content {
		if c.Kind != yaml.ScalarNode {
			return false
		}
		length += len(c.Value) + 2
	}
	return length < 90
}
