package pact

import (
	"encoding/json"
	"slices"
	"strings"
)

// variantOf is an interaction as a provider of another day might have it.
type variantOf struct {
	name string
	*Interaction
}

// neverHeard is a value that no enum has today.
const neverHeard = "NeverHeardOf"

// variants are an interaction as it is, with more than is known, without what
// may be left out, and with values of enums that nobody knows.
func (i *Interaction) variants() []variantOf {
	out := []variantOf{{"as it is", i}}
	body := i.body()
	if !body.Present || i.Response != nil && i.Response.Status >= 400 {
		return out
	}
	add := func(name string, seen bool, change func(any)) {
		var v any
		if json.Unmarshal(body.Data, &v) != nil {
			return
		}
		change(v)
		data, err := json.Marshal(v)
		if err != nil {
			return
		}
		other := i.with(data)
		if !seen { // the reader sees what it has always seen
			other.read = body.Data
		}
		out = append(out, variantOf{name, other})
	}
	maps := i.paths("maps")
	add("with more than is known", false, func(v any) { grow(v, nil, maps) })
	if paths := i.paths("optional"); len(paths) > 0 {
		add("without what may be left out", true, func(v any) { each(v, paths, func(o map[string]any, name string) { delete(o, name) }) })
	}
	if paths := i.paths("open"); len(paths) > 0 {
		add("with values nobody knows", true, func(v any) {
			each(v, paths, func(o map[string]any, name string) {
				if o[name] != nil {
					o[name] = neverHeard
				}
			})
		})
	}
	return out
}

func (i *Interaction) body() Body {
	if i.Contents != nil {
		return i.Contents.Body
	}
	return i.Response.Body
}

// with is the interaction with another body.
func (i *Interaction) with(data []byte) *Interaction {
	out := *i
	if i.Contents != nil {
		c := *i.Contents
		c.Body.Data = data
		out.Contents = &c
		return &out
	}
	r := *i.Response
	r.Body.Data = data
	out.Response = &r
	return &out
}

// paths are places in the body, from the file's notes.
func (i *Interaction) paths(note string) [][]string {
	list := i.notes(note)
	out := make([][]string, len(list))
	for n, path := range list {
		path = strings.ReplaceAll(strings.TrimPrefix(path, "$"), "[*]", ".[*]")
		out[n] = strings.Split(strings.TrimPrefix(path, "."), ".")
	}
	return out
}

// grow adds members that nobody knows to all objects, but not to maps, whose
// members are all of one type.
func grow(v any, path []string, maps [][]string) {
	below := func(x any, step string) { grow(x, append(path[:len(path):len(path)], step), maps) }
	isMap := slices.ContainsFunc(maps, func(m []string) bool { return slices.Equal(m, path) })
	switch v := v.(type) {
	case map[string]any:
		for name, x := range v {
			if isMap {
				name = "*"
			}
			below(x, name)
		}
		if !isMap {
			v["unknownUntilToday"] = map[string]any{"since": "today"}
		}
	case []any:
		for _, x := range v {
			below(x, "[*]")
		}
	}
}

// each does something with the members at some paths, as far as they are there.
func each(v any, paths [][]string, do func(object map[string]any, name string)) {
	for _, path := range paths {
		at(v, path, do)
	}
}

func at(v any, path []string, do func(object map[string]any, name string)) {
	switch v := v.(type) {
	case map[string]any:
		if len(path) == 1 {
			do(v, path[0])
			return
		}
		if path[0] == "*" {
			for _, x := range v {
				at(x, path[1:], do)
			}
			return
		}
		at(v[path[0]], path[1:], do)
	case []any:
		if len(path) > 1 && path[0] == "[*]" {
			for _, x := range v {
				at(x, path[1:], do)
			}
		}
	}
}
