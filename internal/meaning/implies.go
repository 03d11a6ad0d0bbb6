package meaning

import (
	"slices"
	"strings"

	"github.com/esgen/esgen/internal/expr"
	"github.com/esgen/esgen/model"
)

// Answer is what is known of a question.
type Answer uint8

// The answers.
const (
	Unknown Answer = iota
	Yes            // proven
	No             // there is an example
)

// Example says for which values a condition does not hold.
type Example []Sample

// Sample is the value of one thing.
type Sample struct {
	Name  string // input.price
	Value any    // as package expr has values
}

func (e Example) String() string {
	parts := make([]string, len(e))
	for i, s := range e {
		parts[i] = s.Name + " = " + spoken(s.Value)
	}
	return strings.Join(parts, ", ")
}

func spoken(v any) string {
	const most = 40
	text := "nothing"
	switch v := v.(type) {
	case nil:
	case string:
		text = "'" + v + "'"
	case []any:
		parts := make([]string, len(v))
		for i, x := range v {
			parts[i] = spoken(x)
		}
		text = "[" + strings.Join(parts, ", ") + "]"
	case map[string]any:
		text = "{…}"
	default:
		text = expr.Text(v)
	}
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return text
}

// Checks finds the tree of a condition over value, of a constrained scalar or of
// a field; nil: none is known.
type Checks func(*model.Expr) *expr.Tree

// Implies reports whether a condition holds wherever all of others do. When it
// does not, an example says where.
func Implies(given []*expr.Tree, then *expr.Tree, checks Checks) (Answer, Example) {
	things := paths(append(slices.Clone(given), then)...)
	for _, p := range things {
		given = append(slices.Clip(given), p.checked(checks)...)
	}
	all := make([]condition, 0, len(given)+1)
	for _, g := range given {
		all = append(all, reading{}.condition(g))
	}
	is := reading{}.condition(then)
	for _, g := range all {
		if g.key() == is.key() {
			return Yes, nil
		}
	}
	cases, ok := joined(and, false, append(all, is.not())...).cases()
	var tries [][]example
	for _, claims := range cases {
		if examples, ok := possible(claims); ok {
			tries = append(tries, examples)
		}
	}
	if ok && len(tries) == 0 {
		if mayFault(then) {
			return Unknown, nil // it may come to no value where the others hold
		}
		return Yes, nil
	}
	if e := newSampler(things, append(slices.Clone(given), then), checks).refute(given, then, tries); e != nil {
		return No, e
	}
	return Unknown, nil
}
