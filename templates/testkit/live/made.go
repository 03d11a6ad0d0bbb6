package live

import (
	"encoding/json"
	"maps"
	"net/url"
	"reflect"
	"slices"
	"strings"
)

// made are the ids that the system makes itself: a scenario calls them as the
// interpreter has counted them, id-1 or order-1, and the system knows them by others,
// which are learned when they are seen first; "": not yet.
type made map[string]string

// same compares what is expected with what is there.
func (m made) same(want, have any) bool {
	switch want := want.(type) {
	case string:
		id, itself := m[want]
		if !itself || id != "" {
			return m.id(want) == have
		}
		text, is := have.(string)
		if !is || slices.Contains(slices.Collect(maps.Values(m)), text) {
			return false
		}
		m[want] = text
		return true
	case []any:
		list, is := have.([]any)
		if !is || len(list) != len(want) {
			return false
		}
		for i := range want {
			if !m.same(want[i], list[i]) {
				return false
			}
		}
		return true
	case map[string]any:
		object, is := have.(map[string]any)
		if !is || len(object) != len(want) {
			return false
		}
		for _, name := range slices.Sorted(maps.Keys(want)) {
			value, there := object[m.id(name)]
			if !there || !m.same(want[name], value) {
				return false
			}
		}
		return true
	}
	return reflect.DeepEqual(want, have)
}

// id is what the system knows something by.
func (m made) id(said string) string {
	if id := m[said]; id != "" {
		return id
	}
	return said
}

// With is a request with the ids by which the system knows what a scenario calls
// otherwise.
func (w When) With(ids map[string]string) When { return made(ids).put(w) }

// Says reports whether a request mentions an id.
func (w When) Says(id string) bool {
	const other = "\x00"
	with := w.With(map[string]string{id: other})
	return with.Path != w.Path || string(with.Body) != string(w.With(nil).Body)
}

// put says a request with the ids of the system.
func (m made) put(w When) When {
	path, query, asks := strings.Cut(w.Path, "?")
	parts := strings.Split(path, "/")
	for i, part := range parts {
		if said, err := url.PathUnescape(part); err == nil && m[said] != "" {
			parts[i] = url.PathEscape(m[said])
		}
	}
	w.Path = strings.Join(parts, "/")
	if values, err := url.ParseQuery(query); asks && err == nil {
		for _, list := range values {
			for i := range list {
				list[i] = m.id(list[i])
			}
		}
		w.Path += "?" + values.Encode()
	}
	var body any
	if len(w.Body) > 0 && decode(w.Body, &body) == nil {
		w.Body, _ = json.Marshal(m.replaced(body)) // it was JSON
	}
	return w
}

func (m made) replaced(v any) any {
	switch v := v.(type) {
	case string:
		return m.id(v)
	case []any:
		for i := range v {
			v[i] = m.replaced(v[i])
		}
	case map[string]any:
		out := make(map[string]any, len(v))
		for name, x := range v {
			out[m.id(name)] = m.replaced(x)
		}
		return out
	}
	return v
}
