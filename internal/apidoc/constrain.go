package apidoc

import (
	"encoding/json"
	"regexp/syntax"

	"github.com/esgen/esgen/internal/contract"
	"github.com/esgen/esgen/internal/expr"
)

// constrain adds a condition over value to a schema. As much of it as JSON
// Schema can say becomes keywords; the whole stands in x-check where that is
// not all.
func (w *shapes) constrain(s *Schema, of *contract.Schema, check *expr.Tree, text string) {
	if !said(s, of, check) {
		s.Check = append(s.Check, text)
	}
}

// said adds keywords that mean the condition; false: it means more than they
// do.
func said(s *Schema, of *contract.Schema, t *expr.Tree) bool {
	switch t = bare(t); {
	case t == nil:
		return false
	case t.Op == expr.Binary && t.Ident == "&&":
		left, right := said(s, of, t.Args[0]), said(s, of, t.Args[1])
		return left && right
	case t.Op == expr.Binary:
		return bounded(s, of, t)
	case t.Op == expr.Call && t.Func.Name == "matches" && isValue(t.Args[0]) && of.Kind == contract.Text:
		return patterned(s, bare(t.Args[1]))
	}
	return false
}

// bare is an expression without conversions, which change no value.
func bare(t *expr.Tree) *expr.Tree {
	for t != nil && t.Op == expr.Convert && len(t.Args) > 0 {
		t = t.Args[0]
	}
	return t
}

func isValue(t *expr.Tree) bool {
	t = bare(t)
	return t != nil && t.Op == expr.Name && t.Ident == "value"
}

// mirrored are the comparisons read from the other side.
var mirrored = map[string]string{"<": ">", "<=": ">=", ">": "<", ">=": "<="}

// bounded says a comparison of the value, or of its size, with a whole number.
func bounded(s *Schema, of *contract.Schema, t *expr.Tree) bool {
	left, right, op := bare(t.Args[0]), bare(t.Args[1]), t.Ident
	if left.Op == expr.Const {
		left, right, op = right, left, mirrored[op]
	}
	if right.Op != expr.Const {
		return false
	}
	if text, ok := right.Value.(string); ok {
		if ok = text == "" && t.Ident == "!=" && isValue(left) && of.Kind == contract.Text; ok {
			s.MinLength = number(1)
		}
		return ok
	}
	n, ok := right.Value.(int64)
	if !ok {
		return false
	}
	least, most := &s.Minimum, &s.Maximum
	switch sized := left.Op == expr.Call && left.Func.Name == "size" && isValue(left.Args[0]); {
	case isValue(left) && of.Kind == contract.Int:
	case sized && of.Kind == contract.Text:
		least, most = &s.MinLength, &s.MaxLength
	case sized && of.Kind == contract.List:
		least, most = &s.MinItems, &s.MaxItems
	default:
		return false
	}
	switch op {
	case ">":
		*least = number(n + 1)
	case ">=":
		*least = number(n)
	case "<":
		*most = number(n - 1)
	case "<=":
		*most = number(n)
	default:
		return false
	}
	return true
}

// patterned says a regular expression that means the same in JSON Schema
// (ECMA 262) as in CEL (RE2).
func patterned(s *Schema, pattern *expr.Tree) bool {
	text, ok := pattern.Value.(string)
	if pattern.Op != expr.Const || !ok || s.Pattern != "" {
		return false
	}
	re, err := syntax.Parse(text, syntax.Perl)
	if err != nil || !portable(text) || !plainOps(re) {
		return false
	}
	s.Pattern = text
	return true
}

// portable refuses what is spelled in RE2's own way: groups with flags, classes
// by name, \A, \z, \Q.
func portable(text string) bool {
	for i := 0; i+1 < len(text); i++ {
		switch text[i : i+2] {
		case "(?", `\A`, `\z`, `\Q`, `\E`, `\p`, `\P`, `\a`, `\x`, `\C`, "[:":
			return false
		case `\\`:
			i++
		}
	}
	return true
}

// plainOps refuses a dot, which CEL lets match what ECMA does not.
func plainOps(re *syntax.Regexp) bool {
	for _, sub := range re.Sub {
		if !plainOps(sub) {
			return false
		}
	}
	return re.Op != syntax.OpAnyChar
}

func raw(texts ...string) []json.RawMessage {
	out := make([]json.RawMessage, len(texts))
	for i, t := range texts {
		out[i] = json.RawMessage(t)
	}
	return out
}
