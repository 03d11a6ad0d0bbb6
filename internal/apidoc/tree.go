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
	is      byte   // '{' of an object, '[' of a list, '"' of a text, 0 of a number, of true, false and null
	text    string // of a text; of what is neither object nor list as JSON has it
	members []Member[node]
	items   []node
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
func treeOf(v any) (node, error) { return planter{}.tree(v) }

// planter makes trees. It knows the fields of the structs it has met: there are few
// kinds of them, and many of each.
type planter map[reflect.Type][]field

// field is one of a struct, as JSON has it.
type field struct {
	name      string
	omitEmpty bool
}

func (p planter) tree(v any) (node, error) {
	switch v := v.(type) {
	case json.RawMessage:
		return parsed(v)
	case ordered:
		members := v.inOrder()
		n := node{is: '{', members: make([]Member[node], 0, len(members))}
		for _, m := range members {
			value, err := p.tree(m.Value)
			if err != nil {
				return node{}, fmt.Errorf("%s: %w", m.Name, err)
			}
			n.members = append(n.members, Member[node]{m.Name, value})
		}
		return n, nil
	}
	switch r := reflect.ValueOf(v); r.Kind() {
	case reflect.String:
		return textNode(r.String()), nil
	case reflect.Pointer:
		if !r.IsNil() {
			return p.tree(r.Elem().Interface())
		}
	case reflect.Struct:
		return p.structure(r)
	case reflect.Slice:
		n := node{is: '[', items: make([]node, r.Len())}
		for i := range r.Len() {
			var err error
			if n.items[i], err = p.tree(r.Index(i).Interface()); err != nil {
				return node{}, err
			}
		}
		return n, nil
	case reflect.Map:
		if m, ok := v.(map[string][]string); ok {
			n := node{is: '{'}
			for _, name := range slices.Sorted(maps.Keys(m)) {
				value, err := p.tree(m[name])
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
	return node{text: string(data)}, err
}

func textNode(s string) node { return node{is: '"', text: strings.ToValidUTF8(s, "\ufffd")} }

// structure has the fields of a struct by their tags.
func (p planter) structure(r reflect.Value) (node, error) {
	fields := p.fields(r.Type())
	n := node{is: '{', members: make([]Member[node], 0, len(fields))}
	for i, of := range fields {
		f := r.Field(i)
		if of.omitEmpty && isNothing(f) {
			continue
		}
		value, err := p.tree(f.Interface())
		if err != nil {
			return node{}, fmt.Errorf("%s: %w", of.name, err)
		}
		n.members = append(n.members, Member[node]{of.name, value})
	}
	return n, nil
}

func (p planter) fields(t reflect.Type) []field {
	known, ok := p[t]
	if !ok {
		for i := range t.NumField() {
			name, option, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
			known = append(known, field{name, option == "omitempty"})
		}
		p[t] = known
	}
	return known
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
