package pact

import (
	"fmt"
	"strconv"
	"strings"
)

// step is one part of a rule's path: $.items[*].price has the steps items, any
// index, and price.
type step struct {
	name  string
	index int // -1: it is a name
	any   bool
}

// location is a place in a document: names of members, and indexes as text.
type location []string

func (l location) member(name string) location { return append(l[:len(l):len(l)], name) }
func (l location) item(index int) location     { return l.member(strconv.Itoa(index)) }

// String is the place as a rule's path would write it.
func (l location) String() string {
	var b strings.Builder
	b.WriteByte('$')
	for _, part := range l {
		switch _, err := strconv.Atoi(part); {
		case err == nil:
			b.WriteString("[" + part + "]")
		case isPlainName(part):
			b.WriteString("." + part)
		default:
			b.WriteString("['" + part + "']")
		}
	}
	return b.String()
}

func isPlainName(s string) bool {
	return s != "" && !strings.ContainsAny(s, " .[]'\"*$")
}

// parsePath reads a path such as $.a['b c'][0][*].*; without $ it is the name
// of a header or a parameter.
func parsePath(text string) ([]step, error) {
	rest, ok := strings.CutPrefix(text, "$")
	if !ok {
		if text == "" {
			return nil, nil
		}
		return []step{{name: text, index: -1}}, nil
	}
	var steps []step
	for rest != "" {
		s, after, err := parseStep(rest)
		if err != nil {
			return nil, fmt.Errorf("path %q: %w", text, err)
		}
		steps, rest = append(steps, s), after
	}
	return steps, nil
}

func parseStep(rest string) (s step, after string, err error) {
	if name, ok := strings.CutPrefix(rest, "."); ok {
		end := strings.IndexAny(name, ".[")
		if end < 0 {
			end = len(name)
		}
		switch name, after = name[:end], name[end:]; name {
		case "":
			return s, "", fmt.Errorf("a name is missing before %q", after)
		case "*":
			return step{any: true, index: -1}, after, nil
		}
		return step{name: name, index: -1}, after, nil
	}
	inner, ok := strings.CutPrefix(rest, "[")
	if !ok {
		return s, "", fmt.Errorf("%q must begin with . or [", rest)
	}
	if quote := inner[:min(1, len(inner))]; quote == "'" || quote == `"` {
		name, after, ok := strings.Cut(inner[1:], quote+"]")
		if !ok {
			return s, "", fmt.Errorf("%q has no end", rest)
		}
		return step{name: name, index: -1}, after, nil
	}
	text, after, ok := strings.Cut(inner, "]")
	if !ok {
		return s, "", fmt.Errorf("%q has no end", rest)
	}
	if text == "*" {
		return step{any: true}, after, nil
	}
	index, err := strconv.Atoi(text)
	if err != nil || index < 0 {
		return s, "", fmt.Errorf("[%s] is no index", text)
	}
	return step{index: index}, after, nil
}

// weigh tells how well a path fits a place: 0 not at all, more the more
// exactly. A path also fits what is below its end.
func weigh(path []step, at location) int {
	if len(path) > len(at) {
		return 0
	}
	weight := 2 // of the root
	for i, s := range path {
		weight *= s.weigh(at[i])
	}
	return weight
}

func (s step) weigh(part string) int {
	index, err := strconv.Atoi(part)
	switch {
	case s.any && (s.index < 0 || err == nil):
		return 1
	case s.any:
		return 0
	case s.index < 0 && s.name == part, s.index >= 0 && err == nil && s.index == index:
		return 2
	}
	return 0
}
