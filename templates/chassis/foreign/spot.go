package foreign

import (
	"encoding/json"
	"errors"
	"strconv"
	"strings"

	"github.com/esgen/esgen/templates/chassis/strictjson"
	"github.com/esgen/esgen/templates/chassis/values"
)

// Spot is a place in what is told: a JSON Pointer into its value, RecordKey, or
// the name of a header.
type Spot string

// RecordKey is where the key of a record is.
const RecordKey Spot = "key"

func (s Spot) isPointer() bool { return s == "" || s[0] == '/' }

// find is what stands in a place; false: nothing does.
func (t told) find(s Spot, in json.RawMessage) (json.RawMessage, bool) {
	switch {
	case s.isPointer():
		return pick(in, s)
	case s == RecordKey:
		return quoted(t.key), t.key != ""
	case t.header == nil:
		return nil, false
	}
	text := t.header(string(s))
	return quoted(text), text != ""
}

// text is what stands in a place, as text.
func (t told) text(s Spot) (string, error) {
	value, found := t.find(s, t.value)
	if !found {
		return "", errors.New("it is missing")
	}
	if isNumber(value) {
		return string(value), nil
	}
	var text string
	if err := json.Unmarshal(value, &text); err != nil {
		return "", errors.New("it is no text")
	}
	return text, values.ID(text).Check()
}

// fields are those of an event: from where they are said to be, and all that
// stands beside one another where the data are.
func (t told) fields(from From) (map[string]json.RawMessage, []strictjson.Problem) {
	fields := map[string]json.RawMessage{}
	if err := json.Unmarshal(t.data, &fields); err != nil || fields == nil {
		return nil, malformed("", "the data are no object")
	}
	picked := map[string]json.RawMessage{}
	for name, s := range from {
		if value, found := t.find(s, t.data); found {
			picked[name] = value
		}
		delete(fields, name)
	}
	for name, value := range picked {
		fields[name] = value
	}
	return fields, nil
}

// pick follows a JSON Pointer; false: it leads nowhere.
func pick(value json.RawMessage, s Spot) (json.RawMessage, bool) {
	if s == "" {
		return value, true
	}
	for token := range strings.SplitSeq(string(s[1:]), "/") {
		token = strings.ReplaceAll(strings.ReplaceAll(token, "~1", "/"), "~0", "~")
		var object map[string]json.RawMessage
		var list []json.RawMessage
		if json.Unmarshal(value, &object) == nil {
			next, found := object[token]
			if !found {
				return nil, false
			}
			value = next
			continue
		}
		i, err := strconv.Atoi(token)
		if err != nil || json.Unmarshal(value, &list) != nil || i < 0 || i >= len(list) {
			return nil, false
		}
		value = list[i]
	}
	return value, true
}

// escape writes a name as a part of a JSON Pointer.
func escape(name string) string {
	return strings.ReplaceAll(strings.ReplaceAll(name, "~", "~0"), "/", "~1")
}

func quoted(text string) json.RawMessage {
	data, _ := json.Marshal(text) // a text always can be
	return data
}

func isNumber(value json.RawMessage) bool {
	return len(value) > 0 && (value[0] == '-' || value[0] >= '0' && value[0] <= '9')
}
