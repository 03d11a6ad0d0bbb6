package apidoc

import (
	"bytes"
	"encoding/json"
	"net/url"
	"slices"

	"github.com/esgen/esgen/internal/contract"
)

// Examples are JSON objects; these look into them, and keep the order of their
// members.

// membersOf are an object's members; of anything else there are none.
func membersOf(object []byte) Map[any] {
	dec := json.NewDecoder(bytes.NewReader(object))
	if t, err := dec.Token(); err != nil || t != json.Delim('{') {
		return nil
	}
	var out Map[any]
	for dec.More() {
		name, err := dec.Token()
		if err != nil {
			return nil
		}
		var value json.RawMessage
		if dec.Decode(&value) != nil {
			return nil
		}
		out = append(out, Member[any]{name.(string), value})
	}
	return out
}

// memberOf is a member of the one object, or else of the other; nil: neither
// has it.
func memberOf(one, other []byte, name string) json.RawMessage {
	for _, object := range [][]byte{one, other} {
		if v, ok := membersOf(object).Get(name); ok {
			return v.(json.RawMessage)
		}
	}
	return nil
}

// memberText is a member as it stands in a path.
func memberText(object []byte, name string) string { return url.PathEscape(memberRaw(object, name)) }

// memberRaw is a member as text.
func memberRaw(object []byte, name string) string {
	value := memberOf(object, nil, name)
	var s string
	if json.Unmarshal(value, &s) != nil {
		return string(value)
	}
	return s
}

// without is an object without some of its members; nil: nothing is left.
func without(object []byte, names []string) []byte {
	members := slices.DeleteFunc(membersOf(object), func(m Member[any]) bool { return slices.Contains(names, m.Name) })
	if len(members) == 0 {
		return nil
	}
	return mustEncode(members)
}

// withMembers is an object with more members, but for those it has.
func withMembers(object []byte, more ...Member[any]) []byte {
	members := membersOf(object)
	for _, m := range more {
		if _, there := members.Get(m.Name); !there {
			members = append(members, m)
		}
	}
	return mustEncode(members)
}

// extended is an example of an instance with what a service adds to it; nil:
// there is none.
func extended(object []byte, reply *contract.Schema, self string, more ...Member[any]) []byte {
	if object == nil {
		return nil
	}
	all := append([]Member[any]{
		{"id", memberOf(object, nil, reply.Fields[0].Name)},
		{"version", 1},
	}, more...)
	all = append(all, Member[any]{"_links", halSelf(self)})
	all = slices.DeleteFunc(all, func(m Member[any]) bool { return reply.Field(m.Name) != nil }) // also where theirs is absent
	return withMembers(object, all...)
}

// exampleTime is when things happen in examples.
const exampleTime = "2026-01-02T15:04:05Z"

// exampleStamps is an example of meta.
func exampleStamps() Map[any] {
	return Map[any]{{"createdAt", exampleTime}, {"createdBy", "ann"}, {"changedAt", exampleTime}, {"changedBy", "ann"}}
}

// examples are those of a schema; of nothing there are none.
func examples(one []byte) []json.RawMessage {
	if len(one) == 0 {
		return nil
	}
	return []json.RawMessage{one}
}

// halSelf are the links of what is read at a path; "": nowhere.
func halSelf(path string) Map[any] {
	if path == "" {
		return Map[any]{}
	}
	return Map[any]{{"self", Map[any]{{"href", path}}}}
}

// mustEncode encodes what came from JSON.
func mustEncode(v any) []byte {
	data, err := encode(v)
	if err != nil {
		return nil
	}
	return data
}

func rawJSON(data []byte) json.RawMessage { return data }
