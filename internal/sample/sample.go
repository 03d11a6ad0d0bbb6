// Package sample is the home of made-up values: those that the checks of a model
// let through, for tests and contracts, and plausible ones, for people.
package sample

import (
	"encoding/json"
	"regexp/syntax"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/shopspring/decimal"

	"github.com/esgen/esgen/internal/check"
	"github.com/esgen/esgen/internal/expr"
	"github.com/esgen/esgen/internal/names"
	"github.com/esgen/esgen/model"
)

// ID is the id of everything in the samples of tests: whatever refers to
// something finds it.
const ID = "id-1"

// Sampler makes up values that the checks of a model let through.
type Sampler struct{ model *check.Model }

// New makes a sampler of a model's values.
func New(m *check.Model) Sampler { return Sampler{m} }

// Value is a value that a service accepts, as JSON, and what it is made of:
// the value itself, then its parts.
type Value struct {
	JSON  string
	Parts []Part
	// Uncertain: it is not known that all checks of the model let it through.
	Uncertain bool
	// Refused: of some part of it no value was found that its checks let through.
	Refused bool
}

// Part is a value within a value, as tests spoil it.
type Part struct {
	At       string // JSON pointer
	Kind     string // of package badinput
	Required bool
	Null     bool
	Refused  string // JSON of a value that a check of the model refuses
}

// Members are those of a JSON object, in their order.
type Members []string

// Set adds a member; its value is JSON.
func (m *Members) Set(name, value string) { *m = append(*m, TextJSON(name)+":"+value) }

// Text is the object.
func (m Members) Text() string { return "{" + strings.Join(m, ",") + "}" }

// TextJSON is a text as JSON.
func TextJSON(s string) string {
	data, err := json.Marshal(s)
	if err != nil {
		return `""`
	}
	return string(data)
}

// EnumJSON is an enum's value of a name.
func EnumJSON(t *model.Type, name string) string {
	for _, v := range t.Value().Def.Enum {
		if v.Name == name {
			return TextJSON(names.EnumValue(v))
		}
	}
	return TextJSON(name)
}

// JSON is an object of fields.
func (s Sampler) JSON(fields []*model.Field) json.RawMessage {
	return json.RawMessage(s.Object(fields).JSON)
}

// Example is an object of fields to be shown; nil: none is known that the checks
// of its parts let through.
func (s Sampler) Example(fields []*model.Field) json.RawMessage {
	v := s.Object(fields)
	if v.Refused {
		return nil
	}
	return json.RawMessage(v.JSON)
}

// Object is an object of fields. Of its own parts it has none for itself: it is
// the outermost one.
func (s Sampler) Object(fields []*model.Field) Value { return s.object(fields, "", 0) }

// Field is a value of a field.
func (s Sampler) Field(f *model.Field) Value {
	v, _ := s.field(f, "", 0)
	return v
}

func (s Sampler) object(fields []*model.Field, at string, depth int) Value {
	var members Members
	var out Value
	for _, f := range fields {
		v, ok := s.field(f, at, depth)
		if !ok {
			continue
		}
		members.Set(names.JSON(&f.Node), v.JSON)
		out.Parts = append(out.Parts, v.Parts...)
		out.Uncertain = out.Uncertain || v.Uncertain
		out.Refused = out.Refused || v.Refused
	}
	out.JSON = members.Text()
	return out
}

// field is a value of a field; ok is false where a recursive type ends.
func (s Sampler) field(f *model.Field, at string, depth int) (v Value, ok bool) {
	at += "/" + names.JSON(&f.Node)
	if depth > maxDepth && f.Type.Kind == model.Optional {
		return Value{}, false
	}
	var checks []*expr.Tree
	if f.Check != nil {
		checks = append(checks, s.model.Trees[f.Check])
	}
	v = s.of(f.Type, names.JSON(&f.Node), at, checks, depth)
	own := &v.Parts[0]
	switch f.Type.Kind {
	case model.Optional:
		own.Null = true
	case model.List, model.Map:
	default:
		own.Required = f.Default == nil
	}
	return v, true
}

// maxDepth ends recursive types.
const maxDepth = 3

// of is a value of a type. Of its parts, the first is the value itself.
func (s Sampler) of(t *model.Type, name, at string, checks []*expr.Tree, depth int) Value {
	own := Part{At: at}
	switch {
	case t.Kind == model.Optional:
		return s.of(t.Elem, name, at, checks, depth)
	case t.Kind == model.List:
		own.Kind = "List"
		if depth > maxDepth {
			return Value{JSON: "[]", Parts: []Part{own}}
		}
		e := s.of(t.Elem, name, at+"/0", nil, depth+1)
		return Value{"[" + e.JSON + "]", append([]Part{own}, e.Parts...), e.Uncertain || len(checks) > 0, e.Refused}
	case t.Kind == model.Map:
		own.Kind = "Map"
		e := s.of(t.Elem, name, at+"/key", nil, depth+1)
		return Value{`{"key":` + e.JSON + "}", append([]Part{own}, e.Parts...), e.Uncertain || len(checks) > 0, e.Refused}
	case t.IsObject():
		own.Kind = "Object"
		o := s.object(t.Def.Fields, at, depth+1)
		return Value{o.JSON, append([]Part{own}, o.Parts...), o.Uncertain || len(checks) > 0, o.Refused}
	case t.Kind == model.Named && t.Def.Is != nil:
		if t.Def.Check != nil {
			checks = append(checks, s.model.Trees[t.Def.Check])
		}
		return s.of(t.Def.Is, name, at, checks, depth)
	}
	own.Kind = testKind(t)
	good, refused, certain := choose(candidates(t, name, checks), checks)
	own.Refused = refused
	return Value{good, []Part{own}, !certain, !certain}
}

// testKind is the kind of a scalar, as package badinput calls it.
func testKind(t *model.Type) string {
	switch t.Kind {
	case model.Bool:
		return "Bool"
	case model.Int:
		return "Int"
	case model.Decimal:
		return "Decimal"
	case model.Date:
		return "Date"
	case model.Time:
		return "Time"
	case model.Duration:
		return "Duration"
	case model.ID, model.Ref:
		return "ID"
	case model.Named:
		return "Enum"
	}
	return "Text"
}

// candidate is a value of a type: as JSON, and as expressions see it.
type candidate struct {
	json  string
	value any
}

// choose returns the first candidate that all checks let through, and the first
// one that some check refuses; certain is false when none is let through, and
// good then is one that most of them let through.
func choose(list []candidate, checks []*expr.Tree) (good, refused string, certain bool) {
	most := -1
	for _, c := range list {
		passes := 0
		for _, check := range checks {
			if v, err := expr.Eval(check, map[string]any{"value": c.value}); err == nil && v == true {
				passes++
			}
		}
		if passes > most {
			good, most = c.json, passes
		}
		if passes < len(checks) && refused == "" {
			refused = c.json
		}
	}
	return good, refused, most == len(checks)
}

// candidates are values of a scalar type, likely ones first; checks tell what
// else might be worth a try.
func candidates(t *model.Type, name string, checks []*expr.Tree) []candidate {
	var out []candidate
	text := func(list ...string) {
		for _, s := range list {
			out = append(out, candidate{TextJSON(s), s})
		}
	}
	consts, patterns := constants(checks)
	switch t.Kind {
	case model.Bool:
		return []candidate{{"true", true}, {"false", false}}
	case model.Int:
		for _, n := range append([]int64{1, 10, 100, 0, 1_000_000_007, -1}, around(consts)...) {
			out = append(out, candidate{strconv.FormatInt(n, 10), n})
		}
	case model.Decimal:
		for _, n := range append([]int64{10, 1, 0, 1_000_000_007, -1}, around(consts)...) {
			d := decimal.NewFromInt(n)
			out = append(out, candidate{TextJSON(d.String()), d})
		}
		out = append(out, candidate{`"0.5"`, decimal.RequireFromString("0.5")})
	case model.Date:
		for _, s := range []string{"2026-12-01", "0001-01-01", "9999-12-31"} {
			out = append(out, candidate{TextJSON(s), expr.Date(s)})
		}
	case model.Time:
		for _, s := range []string{"2026-12-01T09:00:00Z", "0001-01-01T00:00:00Z", "9999-12-31T00:00:00Z"} {
			at, _ := time.Parse(time.RFC3339, s)
			out = append(out, candidate{TextJSON(s), at})
		}
	case model.Duration:
		out = []candidate{{`"1h"`, expr.Hour}, {`"0s"`, expr.Span(0)}, {`"1m"`, expr.Minute}, {`"8d"`, 8 * expr.Day}, {`"-1h"`, -expr.Hour}}
	case model.ID, model.Ref:
		text(ID, "x", "")
	case model.Named:
		for _, v := range t.Def.Enum {
			out = append(out, candidate{TextJSON(names.EnumValue(v)), v.Name})
		}
	default:
		text(name)
		var words []string
		for _, c := range consts {
			if s, ok := c.(string); ok {
				words = append(words, s)
			}
			if n, ok := c.(int64); ok && n >= 0 && n < 10_000 {
				text(strings.Repeat("x", int(n)), strings.Repeat("x", int(n)+1))
			}
		}
		for _, p := range patterns {
			text(matching(p))
		}
		text(strings.Join(words, ""), "x"+strings.Join(words, "x"))
		text(words...)
		text("1", "A", "!", "")
	}
	return out
}

// around are the numbers at, before and behind those of the checks.
func around(consts []any) []int64 {
	var out []int64
	for _, c := range consts {
		var n int64
		switch c := c.(type) {
		case int64:
			n = c
		case expr.Decimal:
			n = decimal.RequireFromString(string(c)).IntPart()
		default:
			continue
		}
		if -1e15 < n && n < 1e15 {
			out = append(out, n, n+1, n-1)
		}
	}
	return out
}

// constants are those that checks mention, and of them the patterns.
func constants(checks []*expr.Tree) (consts []any, patterns []string) {
	isPattern := map[*expr.Tree]bool{}
	for _, c := range checks {
		expr.Walk(c, func(t *expr.Tree) { // whole before its parts
			switch {
			case t.Op == expr.Call && t.Func != nil && t.Func.Name == "matches" && len(t.Args) == 2:
				isPattern[t.Args[1]] = true
			case t.Op != expr.Const:
			case isPattern[t]:
				patterns = append(patterns, t.Value.(string))
			default:
				consts = append(consts, t.Value)
			}
		})
	}
	return consts, patterns
}

// matching is a text that a pattern matches, as short as repetitions allow.
func matching(pattern string) string {
	re, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return ""
	}
	var b strings.Builder
	match(&b, re)
	return b.String()
}

func match(b *strings.Builder, re *syntax.Regexp) {
	switch re.Op {
	case syntax.OpLiteral:
		b.WriteString(string(re.Rune))
	case syntax.OpCharClass:
		b.WriteRune(printableOf(re.Rune))
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		b.WriteByte('x')
	case syntax.OpCapture, syntax.OpPlus:
		match(b, re.Sub[0])
	case syntax.OpRepeat:
		for range re.Min {
			match(b, re.Sub[0])
		}
	case syntax.OpConcat:
		for _, s := range re.Sub {
			match(b, s)
		}
	case syntax.OpAlternate:
		match(b, re.Sub[0])
	}
}

// printableOf is a letter or digit of a class, or else its first character.
func printableOf(ranges []rune) rune {
	for i := 0; i+1 < len(ranges); i += 2 {
		for r := ranges[i]; r <= ranges[i+1] && r < ranges[i]+128; r++ {
			if unicode.IsLetter(r) || unicode.IsDigit(r) {
				return r
			}
		}
	}
	if len(ranges) > 0 {
		return ranges[0]
	}
	return 'x'
}

// ConstantOf reads the text of a constant, as expressions see it.
func ConstantOf(k model.Kind, text string) (any, error) {
	switch k {
	case model.Decimal:
		return decimal.NewFromString(text)
	case model.Time:
		return time.Parse(time.RFC3339, text)
	}
	return expr.Date(text), nil
}

// ValueJSON is a value of an expression as JSON; ok is false for those that are
// not simple.
func ValueJSON(t *model.Type, v any) (text string, ok bool) {
	switch v := v.(type) {
	case bool:
		return strconv.FormatBool(v), true
	case int64:
		return strconv.FormatInt(v, 10), true
	case decimal.Decimal:
		return TextJSON(v.String()), true
	case expr.Date:
		return TextJSON(string(v)), true
	case time.Time:
		return TextJSON(v.UTC().Format(time.RFC3339Nano)), true
	case string:
		if t.IsEnum() {
			return EnumJSON(t, v), true
		}
		return TextJSON(v), true
	}
	return "", false
}

// Choices are several values of a scalar field, as JSON, likely ones first: those
// that its checks let through, or where that is not known, one.
func (s Sampler) Choices(f *model.Field) []json.RawMessage {
	var checks []*expr.Tree
	if f.Check != nil {
		checks = append(checks, s.model.Trees[f.Check])
	}
	return s.choices(f.Type, names.JSON(&f.Node), checks)
}

func (s Sampler) choices(t *model.Type, name string, checks []*expr.Tree) (list []json.RawMessage) {
	if t.Kind == model.Named && t.Def.Is != nil {
		if t.Def.Check != nil {
			checks = append(checks, s.model.Trees[t.Def.Check])
		}
		return s.choices(t.Def.Is, name, checks)
	}
	all := candidates(t, name, checks)
	for _, c := range all {
		if _, _, certain := choose([]candidate{c}, checks); certain {
			list = append(list, json.RawMessage(c.json))
		}
	}
	if len(list) == 0 {
		one, _, _ := choose(all, checks)
		list = append(list, json.RawMessage(one))
	}
	return list
}
