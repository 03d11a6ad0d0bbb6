package apidoc

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
)

// node is a part of a document, before it is written in JSON or YAML.
type node struct {
	scalar  string // as JSON has it: text in its quotes
	members []Member[node]
	items   []node
	is      byte // '{' of an object, '[' of a list, 0 of a scalar
}

// ordered is a Map, whatever it is of.
type ordered interface{ inOrder() []Member[any] }

func (m Map[T]) inOrder() []Member[any] {
	out := make([]Member[any], len(m))
	for i, x := range m {
		out[i] = Member[any]{x.Name, x.Value}
	}
	return out
}

// treeOf makes nodes of what encoding/json would make text of, by the same
// rules. Once, and not at every level as that does for types that marshal
// themselves: documents are deep.
func treeOf(v any) (node, error) {
	switch v := v.(type) {
	case json.RawMessage:
		return parsed(v)
	case ordered:
		n := node{is: '{', members: make([]Member[node], 0, len(v.inOrder()))}
		for _, m := range v.inOrder() {
			value, err := treeOf(m.Value)
			if err != nil {
				return node{}, fmt.Errorf("%s: %w", m.Name, err)
			}
			n.members = append(n.members, Member[node]{m.Name, value})
		}
		return n, nil
	}
	switch r := reflect.ValueOf(v); r.Kind() {
	case reflect.Pointer:
		if !r.IsNil() {
			return treeOf(r.Elem().Interface())
		}
	case reflect.Struct:
		return structure(r)
	case reflect.Slice:
		n := node{is: '[', items: make([]node, r.Len())}
		for i := range r.Len() {
			var err error
			if n.items[i], err = treeOf(r.Index(i).Interface()); err != nil {
				return node{}, err
			}
		}
		return n, nil
	case reflect.Map:
		if m, ok := v.(map[string][]string); ok {
			n := node{is: '{'}
			for _, name := range slices.Sorted(maps.Keys(m)) {
				value, err := treeOf(m[name])
				if err != nil {
					return node{}, err
				}
				n.members = append(n.members, Member[node]{name, value})
			}
			return n, nil
		}
		return node{}, fmt.Errorf("a document has no %T: its order would be anybody's guess", v)
	default:
	}
	data, err := encode(v)
	return node{scalar: string(data)}, err
}

// structure has the fields of a struct by their tags.
func structure(r reflect.Value) (node, error) {
	n := node{is: '{'}
	for i := range r.NumField() {
		name, option, _ := strings.Cut(r.Type().Field(i).Tag.Get("json"), ",")
		f := r.Field(i)
		if option == "omitempty" && isNothing(f) {
			continue
		}
		value, err := treeOf(f.Interface())
		if err != nil {
			return node{}, fmt.Errorf("%s: %w", name, err)
		}
		n.members = append(n.members, Member[node]{name, value})
	}
	return n, nil
}

// isNothing is what omitempty leaves out.
func isNothing(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Slice, reflect.Map:
		return v.Len() == 0
	case reflect.Struct:
		return false
	default:
		return v.IsZero()
	}
}

// parsed reads JSON, and keeps its order.
func parsed(data json.RawMessage) (node, error) {
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	return next(d)
}

func next(d *json.Decoder) (node, error) {
	t, err := d.Token()
	if err != nil {
		return node{}, err
	}
	delim, ok := t.(json.Delim)
	if !ok {
		text, err := encode(t)
		return node{scalar: string(text)}, err
	}
	n := node{is: byte(delim)}
	for d.More() {
		if n.is == '[' {
			item, err := next(d)
			if err != nil {
				return node{}, err
			}
			n.items = append(n.items, item)
			continue
		}
		name, err := d.Token()
		if err != nil {
			return node{}, err
		}
		value, err := next(d)
		if err != nil {
			return node{}, err
		}
		n.members = append(n.members, Member[node]{name.(string), value}) // of an object, JSON has no other
	}
	_, err = d.Token()
	return n, err
}
