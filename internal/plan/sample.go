package plan

import (
	"regexp/syntax"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/shopspring/decimal"

	"github.com/esgen/esgen/internal/contract"
	"github.com/esgen/esgen/internal/expr"
	"github.com/esgen/esgen/internal/names"
	"github.com/esgen/esgen/model"
)

// sampleID is the id of everything in the samples of tests: whatever refers to
// something finds it.
const sampleID = "id-1"

// sampled is a value that a service accepts, as JSON, and what it is made of:
// the value itself, then its parts.
type sampled struct {
	json   string
	fields []TestField
	// uncertain: no value was found that all checks of the model let through.
	uncertain bool
}

// jsonObject collects the members of an object.
type jsonObject struct{ members []string }

func (o *jsonObject) set(name, value string) {
	o.members = append(o.members, jsonText(name)+":"+value)
}

func (o *jsonObject) text() string { return "{" + strings.Join(o.members, ",") + "}" }

// sampleObject is an object of fields. Of its own fields it has none for
// itself: it is the outermost one.
func (b *builder) sampleObject(fields []*model.Field) sampled { return b.samples(fields, "", 0) }

func (b *builder) samples(fields []*model.Field, at string, depth int) sampled {
	var o jsonObject
	var out sampled
	for _, f := range fields {
		s, ok := b.sampleField(f, at, depth)
		if !ok {
			continue
		}
		o.set(names.Of(&f.Node).JSON, s.json)
		out.fields = append(out.fields, s.fields...)
		out.uncertain = out.uncertain || s.uncertain
	}
	out.json = o.text()
	return out
}

// sampleField is a value of a field; ok is false where a recursive type ends.
func (b *builder) sampleField(f *model.Field, at string, depth int) (s sampled, ok bool) {
	at += "/" + names.Of(&f.Node).JSON
	if depth > maxSampleDepth && f.Type.Kind == model.Optional {
		return sampled{}, false
	}
	var checks []*expr.Tree
	if f.Check != nil {
		checks = append(checks, b.model.Trees[f.Check])
	}
	s = b.sampleOf(f.Type, names.Of(&f.Node).JSON, at, checks, depth)
	own := &s.fields[0]
	switch f.Type.Kind {
	case model.Optional:
		own.Null = true
	case model.List, model.Map:
	default:
		own.Required = f.Default == nil
	}
	return s, true
}

// maxSampleDepth ends recursive types.
const maxSampleDepth = 3

// sampleOf is a value of a type. Of parts, the first field is the value itself.
func (b *builder) sampleOf(t *model.Type, name, at string, checks []*expr.Tree, depth int) sampled {
	own := TestField{At: at}
	switch {
	case t.Kind == model.Optional:
		return b.sampleOf(t.Elem, name, at, checks, depth)
	case t.Kind == model.List:
		own.Kind = "List"
		if depth > maxSampleDepth {
			return sampled{json: "[]", fields: []TestField{own}}
		}
		e := b.sampleOf(t.Elem, name, at+"/0", nil, depth+1)
		return sampled{"[" + e.json + "]", append([]TestField{own}, e.fields...), e.uncertain || len(checks) > 0}
	case t.Kind == model.Map:
		own.Kind = "Map"
		e := b.sampleOf(t.Elem, name, at+"/key", nil, depth+1)
		return sampled{`{"key":` + e.json + "}", append([]TestField{own}, e.fields...), e.uncertain || len(checks) > 0}
	case t.IsObject():
		own.Kind = "Object"
		o := b.samples(t.Def.Fields, at, depth+1)
		return sampled{o.json, append([]TestField{own}, o.fields...), o.uncertain || len(checks) > 0}
	case t.Kind == model.Named && t.Def.Is != nil:
		if t.Def.Check != nil {
			checks = append(checks, b.model.Trees[t.Def.Check])
		}
		return b.sampleOf(t.Def.Is, name, at, checks, depth)
	}
	own.Kind = testKind(t)
	good, refused, certain := choose(candidates(t, name, checks), checks)
	own.Refused = refused
	return sampled{good, []TestField{own}, !certain}
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
// one that some check refuses; certain is false when none is let through.
func choose(list []candidate, checks []*expr.Tree) (good, refused string, certain bool) {
	for _, c := range list {
		passes := true
		for _, check := range checks {
			v, err := expr.Eval(check, map[string]any{"value": c.value})
			passes = passes && err == nil && v == true
		}
		switch {
		case passes && !certain:
			good, certain = c.json, true
		case !passes && refused == "":
			refused = c.json
		}
	}
	if !certain {
		good = list[0].json
	}
	return good, refused, certain
}

// candidates are values of a scalar type, likely ones first; checks tell what
// else might be worth a try.
func candidates(t *model.Type, name string, checks []*expr.Tree) []candidate {
	var out []candidate
	text := func(list ...string) {
		for _, s := range list {
			out = append(out, candidate{jsonText(s), s})
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
			out = append(out, candidate{jsonText(d.String()), d})
		}
		out = append(out, candidate{`"0.5"`, decimal.RequireFromString("0.5")})
	case model.Date:
		for _, s := range []string{"2026-12-01", "0001-01-01", "9999-12-31"} {
			out = append(out, candidate{jsonText(s), expr.Date(s)})
		}
	case model.Time:
		for _, s := range []string{"2026-12-01T09:00:00Z", "0001-01-01T00:00:00Z", "9999-12-31T00:00:00Z"} {
			at, _ := time.Parse(time.RFC3339, s)
			out = append(out, candidate{jsonText(s), at})
		}
	case model.Duration:
		out = []candidate{{`"1h"`, time.Hour}, {`"0s"`, time.Duration(0)}, {`"1m"`, time.Minute}, {`"8d"`, 8 * 24 * time.Hour}, {`"-1h"`, -time.Hour}}
	case model.ID, model.Ref:
		text(sampleID, "x", "")
	case model.Named:
		for _, v := range t.Def.Enum {
			out = append(out, candidate{jsonText(contract.EnumValue(v)), v.Name})
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

// constants are those that checks mention, apart from patterns.
func constants(checks []*expr.Tree) (consts []any, patterns []string) {
	var walk func(t *expr.Tree)
	walk = func(t *expr.Tree) {
		if t == nil {
			return
		}
		if t.Op == expr.Call && t.Func != nil && t.Func.Name == "matches" && len(t.Args) == 2 && t.Args[1].Op == expr.Const {
			if s, ok := t.Args[1].Value.(string); ok {
				patterns = append(patterns, s)
			}
			walk(t.Args[0])
			return
		}
		if t.Op == expr.Const {
			consts = append(consts, t.Value)
		}
		for _, a := range t.Args {
			walk(a)
		}
	}
	for _, c := range checks {
		walk(c)
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

// constantOf reads the text of a constant, as expressions see it.
func constantOf(k model.Kind, text string) (any, error) {
	switch k {
	case model.Decimal:
		return decimal.NewFromString(text)
	case model.Time:
		return time.Parse(time.RFC3339, text)
	}
	return expr.Date(text), nil
}

// valueJSON is a value of an expression as JSON; ok is false for those that are
// not simple.
func valueJSON(t *model.Type, v any) (text string, ok bool) {
	switch v := v.(type) {
	case bool:
		return strconv.FormatBool(v), true
	case int64:
		return strconv.FormatInt(v, 10), true
	case decimal.Decimal:
		return jsonText(v.String()), true
	case expr.Date:
		return jsonText(string(v)), true
	case time.Time:
		return jsonText(v.UTC().Format(time.RFC3339Nano)), true
	case string:
		if t.IsEnum() {
			return enumJSON(t, v), true
		}
		return jsonText(v), true
	}
	return "", false
}
