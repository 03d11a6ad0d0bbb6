package apidoc

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"sync"
)

// node is a part of a document, before it is written in JSON or YAML.
type node struct {
	is      byte   // '{' of an object, '[' of a list, '"' of a text, 0 of a number, of true, false and null
	text    string // of a text; of what is neither object nor list as JSON has it
	members []Member[node]
	items   []node
}

// treeOf makes nodes of what encoding/json would make text of, by the same
// rules. Once, and not at every level as that does for types that marshal
// themselves: documents are deep.
func treeOf(v any) (node, error) { return tree(reflect.ValueOf(v)) }

func tree(r reflect.Value) (node, error) {
	switch r.Kind() {
	case reflect.String:
		return textNode(r.String()), nil
	case reflect.Pointer, reflect.Interface:
		if !r.IsNil() {
			return tree(r.Elem())
		}
		return node{text: "null"}, nil
	case reflect.Struct:
		return structure(r)
	case reflect.Slice:
		return list(r)
	case reflect.Map:
		if m, ok := r.Interface().(map[string][]string); ok {
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
		return node{}, fmt.Errorf("a document has no %s: its order would be anybody's guess", r.Type())
	case reflect.Invalid:
		return node{text: "null"}, nil
	default:
		data, err := encode(r.Interface())
		return node{text: string(data)}, err
	}
}

// list is a list, the members of a Map, or what JSON says.
func list(r reflect.Value) (node, error) {
	is := kindOf(r.Type())
	if is.raw {
		return parsed(r.Bytes())
	}
	if !is.ordered {
		n := node{is: '[', items: make([]node, r.Len())}
		for i := range r.Len() {
			var err error
			if n.items[i], err = tree(r.Index(i)); err != nil {
				return node{}, err
			}
		}
		return n, nil
	}
	n := node{is: '{', members: make([]Member[node], r.Len())}
	for i := range r.Len() {
		m := r.Index(i)
		name := m.Field(0).String()
		value, err := tree(m.Field(1))
		if err != nil {
			return node{}, fmt.Errorf("%s: %w", name, err)
		}
		n.members[i] = Member[node]{name, value}
	}
	return n, nil
}

func textNode(s string) node { return node{is: '"', text: strings.ToValidUTF8(s, "\ufffd")} }

// structure has the fields of a struct by their tags.
func structure(r reflect.Value) (node, error) {
	var said int
	fields := kindOf(r.Type()).fields
	for i, of := range fields {
		if !of.omitEmpty || !isNothing(r.Field(i)) {
			said++
		}
	}
	n := node{is: '{', members: make([]Member[node], 0, said)}
	for i, of := range fields {
		f := r.Field(i)
		if of.omitEmpty && isNothing(f) {
			continue
		}
		value, err := tree(f)
		if err != nil {
			return node{}, fmt.Errorf("%s: %w", of.name, err)
		}
		n.members = append(n.members, Member[node]{of.name, value})
	}
	return n, nil
}

// kind is what is known of a type: there are few of them in documents, and many
// values of each.
type kind struct {
	raw     bool // it holds JSON
	ordered bool // it is a Map
	fields  []field
}

// field is one of a struct, as JSON has it.
type field struct {
	name      string
	omitEmpty bool
}

var kinds sync.Map // reflect.Type to *kind

func kindOf(t reflect.Type) *kind {
	if known, ok := kinds.Load(t); ok {
		return known.(*kind)
	}
	k := &kind{raw: t == reflect.TypeFor[json.RawMessage](), ordered: t.Implements(reflect.TypeFor[interface{ inOrder() }]())}
	if t.Kind() == reflect.Struct {
		for f := range t.Fields() {
			name, option, _ := strings.Cut(f.Tag.Get("json"), ",")
			k.fields = append(k.fields, field{name, option == "omitempty"})
		}
	}
	kinds.Store(t, k)
	return k
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
		if s, ok := t.(string); ok {
			return textNode(s), nil
		}
		text, err := encode(t)
		return node{text: string(text)}, err
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
