package randmodel

import (
	"fmt"
	"strconv"
	"strings"
)

// scope is what an expression sees: paths with their types.
type scope struct {
	vars  []variable
	under *boundedContext
}

type variable struct {
	path string
	typ  *typ
}

// with is a scope that sees more.
func (s *scope) with(more ...variable) *scope {
	return &scope{append(s.vars[:len(s.vars):len(s.vars)], more...), s.under}
}

// fieldsOf is a scope that sees fields of a variable, and those of its value
// objects.
func (s *scope) fieldsOf(name string, fields []*field) *scope {
	var more []variable
	for _, f := range fields {
		more = append(more, variable{name + "." + f.name, f.typ})
		if f.typ.kind == "named" && f.typ.def.fields != nil {
			for _, inner := range f.typ.def.fields {
				more = append(more, variable{name + "." + f.name + "." + inner.name, inner.typ})
			}
		}
	}
	return s.with(more...)
}

// of lists the paths of a type.
func (s *scope) of(t *typ) []string {
	var out []string
	for _, v := range s.vars {
		if v.typ.key() == t.key() || t.kind == "decimal" && v.typ.kind == "int" {
			out = append(out, v.path)
		}
	}
	return out
}

// sees reports whether an expression may name a type.
func (s *scope) sees(d *typeDef) bool { return d.context == nil || d.context == s.under }

// writable reports whether an expression of a type can be written at all.
func (g *generator) writable(s *scope, t *typ) bool {
	switch {
	case len(s.of(t)) > 0:
		return true
	case t.kind == "optional" || t.kind == "list" || t.kind == "map":
		return g.writable(s, t.elem)
	case t.kind != "named":
		return true
	case !s.sees(t.def):
		return false
	}
	for _, f := range t.def.fields {
		if !f.optional() && !g.writable(s, f.typ) {
			return false
		}
	}
	return true
}

// expr writes an expression of a type, which is writable.
func (g *generator) expr(s *scope, t *typ, depth int) string {
	if depth <= 0 || g.often(30) {
		return g.leaf(s, t, depth)
	}
	x := func(t *typ) string { return g.expr(s, t, depth-1) }
	if g.often(10) && t.kind != "optional" {
		return "(" + x(boolean) + " ? " + x(t) + " : " + x(t) + ")"
	}
	if o := s.of(&typ{kind: "optional", elem: t}); len(o) > 0 && g.often(40) {
		p := oneOf(g, o)
		return oneOf(g, []string{"(has(" + p + ") ? " + p + " : " + x(t) + ")", "(!has(" + p + ") ? " + x(t) + " : " + p + ")"})
	}
	switch t.kind {
	case "bool":
		return g.condition(s, depth)
	case "int":
		return oneOf(g, []string{"(" + x(t) + oneOf(g, []string{" + ", " - ", " * "}) + x(t) + ")", "size(" + x(stringType) + ")", "abs(" + x(t) + ")", "max(" + x(t) + ", " + x(t) + ")",
			"(" + x(t) + oneOf(g, []string{" / ", " % "}) + x(t) + ")", "(-(" + x(t) + "))", "days(" + x(durationType) + ")", oneOf(g, []string{"year(", "month(", "weekday(", "day("}) + x(oneOf(g, []*typ{dateType, timeType})) + ")", "hour(" + x(timeType) + ")", g.macro(s, "count", depth), "size(" + g.anyList(s, depth) + ")"})
	case "decimal":
		return oneOf(g, []string{"(" + x(t) + oneOf(g, []string{" + ", " - ", " * "}) + x(t) + ")", "round(" + x(t) + " / " + x(t) + ", 2)", "round(" + x(t) + ", 1, 'half-even')", "min(" + x(t) + ", " + x(integer) + ")",
			"decimal(" + x(integer) + ")"})
	case "string":
		return oneOf(g, []string{"(" + x(t) + " + " + x(t) + ")", "string(" + x(oneOf(g, []*typ{integer, decimalType, dateType, timeType, durationType, boolean, idType})) + ")", "upper(" + x(t) + ")", "substring(" + x(t) + ", 1, " + x(integer) + ")", "trim(" + x(t) + ")",
			"[" + x(t) + ", " + x(t) + "].join(" + x(t) + ")"})
	case "date":
		return oneOf(g, []string{"date(" + x(timeType) + ")", "(" + x(t) + " + days(" + strconv.Itoa(g.IntN(30)) + "))", "max(" + x(t) + ", " + x(t) + ")", "addMonths(" + x(t) + ", " + x(integer) + ")", "startOfMonth(" + x(oneOf(g, []*typ{t, timeType})) + ")"})
	case "time":
		return oneOf(g, []string{"time(" + x(dateType) + ")", "addMonths(" + x(t) + ", 1)", "(" + x(t) + " + " + x(durationType) + ")", "min(" + x(t) + ", " + x(t) + ")"})
	case "duration":
		return oneOf(g, []string{"(" + x(t) + " + " + x(t) + ")", "hours(" + strconv.Itoa(g.IntN(30)) + ")", "(" + x(timeType) + " - " + x(timeType) + ")", "(" + x(t) + " * 2)"})
	case "id":
		return "id(" + x(stringType) + ")"
	case "list":
		return g.listOf(s, t, depth)
	case "map":
		return g.mapOf(s, t, depth)
	}
	return g.leaf(s, t, depth)
}

// condition writes an expression of type bool.
func (g *generator) condition(s *scope, depth int) string {
	x := func(t *typ) string { return g.expr(s, t, depth-1) }
	ordered := oneOf(g, []*typ{integer, decimalType, dateType, timeType, durationType, stringType})
	equal := oneOf(g, []*typ{integer, boolean, idType, stringType, decimalType})
	left := x(equal)
	if len(s.vars) > 0 && g.often(60) {
		if v := oneOf(g, s.vars); v.typ.kind != "optional" && v.typ.kind != "map" && g.writable(s, v.typ) {
			left, equal = v.path, v.typ
		}
	}
	out := []string{
		"(" + x(boolean) + oneOf(g, []string{" && ", " || "}) + x(boolean) + ")", "!(" + x(boolean) + ")",
		"(" + x(ordered) + oneOf(g, []string{" < ", " <= ", " > ", " >= "}) + x(ordered) + ")", "(" + left + oneOf(g, []string{" == ", " != "}) + x(equal) + ")",
		"(" + left + " in [" + x(equal) + ", " + x(equal) + "])", x(stringType) + oneOf(g, []string{".contains(", ".startsWith(", ".endsWith("}) + x(stringType) + ")",
		x(stringType) + ".matches(" + oneOf(g, []string{"r'^[a-z]+$'", "r'\\d'", "'a.c'", "r'[\"`]'", "r'^.{1,30}$'"}) + ")",
		g.macro(s, "exists", depth), g.macro(s, "all", depth), "has(" + g.macro(s, "find", depth) + ")",
	}
	for _, v := range s.vars {
		if v.typ.kind == "optional" {
			out = append(out, "has("+v.path+")", "(!has("+v.path+") || "+v.path+" == "+v.path+")")
		}
		if v.typ.kind == "map" {
			out = append(out, "("+x(stringType)+" in "+v.path+")")
		}
	}
	return oneOf(g, out)
}

var macroVars = strings.Fields("i j x e s values item each len string 항목 fmt row2 state2 d ctx err")

// macro writes one over a list in scope, or over texts.
func (g *generator) macro(s *scope, name string, depth int) string {
	over, elem := "['a', "+g.leaf(s, stringType, 0)+"]", stringType
	var lists []variable
	for _, v := range s.vars {
		if v.typ.kind == "list" {
			lists = append(lists, v)
		}
	}
	if len(lists) > 0 && g.often(75) {
		v := oneOf(g, lists)
		over, elem = v.path, v.typ.elem
	}
	v := oneOf(g, macroVars)
	for _, taken := range s.vars {
		if taken.path == v || strings.HasPrefix(taken.path, v+".") {
			v = "elem" + strconv.Itoa(depth+9)
		}
	}
	inner := s.with(variable{v, elem})
	if elem.kind == "named" && elem.def.fields != nil {
		inner = inner.fieldsOf(v, elem.def.fields)
	}
	return over + "." + name + "(" + v + ", " + g.expr(inner, boolean, depth-2) + ")"
}

func (g *generator) anyList(s *scope, depth int) string {
	return g.listOf(s, listOf(oneOf(g, []*typ{integer, stringType, decimalType})), depth)
}

func (g *generator) listOf(s *scope, t *typ, depth int) string {
	x := func() string { return g.expr(s, t.elem, depth-1) }
	out := []string{"[" + x() + "]", "[" + x() + ", " + x() + "]"}
	if t.elem.kind == "string" {
		out = append(out, g.expr(s, stringType, depth-1)+".split("+g.literal()+")")
	}
	for _, p := range s.of(t) {
		v := "z" + strconv.Itoa(depth)
		out = append(out, p, p, "("+p+" + ["+x()+"])", p+".with(0, "+x()+")", p+".removeAt(0)", p+".filter("+v+", "+g.expr(s.with(variable{v, t.elem}), boolean, depth-2)+")")
	}
	return oneOf(g, out)
}

func (g *generator) mapOf(s *scope, t *typ, depth int) string {
	out := []string{g.leaf(s, t, depth)}
	for _, p := range s.of(t) {
		out = append(out, p+".put("+g.expr(s, stringType, depth-1)+", "+g.expr(s, t.elem, depth-1)+")", p+".without("+g.expr(s, stringType, depth-1)+")")
	}
	return oneOf(g, out)
}

// leaf writes the shortest expression of a type.
func (g *generator) leaf(s *scope, t *typ, depth int) string {
	if paths := s.of(t); len(paths) > 0 && g.often(70) {
		return oneOf(g, paths)
	}
	switch t.kind {
	case "bool":
		return oneOf(g, []string{"true", "false"})
	case "int":
		return oneOf(g, []string{"0", "1", "-7", "42", "9223372036854775807"})
	case "decimal":
		return oneOf(g, []string{"0", "1.5", "-2.25", "decimal('12.50')", "100"})
	case "string":
		return g.literal()
	case "date":
		return "date('2026-02-28')"
	case "time":
		return "time('2026-12-01T09:00:00+09:00')"
	case "duration":
		return oneOf(g, []string{"duration('8d')", "duration('1h30m')", "hours(36)"})
	case "id", "ref":
		if g.often(50) {
			return "id(" + g.literal() + ")"
		}
		return "id('x')"
	case "optional":
		return g.expr(s, t.elem, depth-1)
	case "list":
		return "[" + g.expr(s, t.elem, depth-1) + "]"
	case "map":
		return "{" + g.literal() + ": " + g.expr(s, t.elem, depth-1) + "}"
	}
	return g.named(s, t, depth)
}

func (g *generator) named(s *scope, t *typ, depth int) string {
	d := t.def
	if !s.sees(d) {
		if paths := s.of(t); len(paths) > 0 {
			return oneOf(g, paths)
		}
		return d.name + ".x" // an error, at a place
	}
	switch {
	case d.enum != nil:
		return d.name + "." + oneOf(g, d.enum)
	case d.is != nil:
		return d.literal
	}
	var fields []string
	for _, f := range d.fields {
		if !f.optional() || g.often(50) && g.writable(s, f.typ) {
			fields = append(fields, f.name+": "+g.expr(s, f.typ, depth-1))
		}
	}
	return d.name + "{" + strings.Join(fields, ", ") + "}"
}

// literal writes a text of an expression, in one of its quotes.
func (g *generator) literal() string {
	t := g.someText(40)
	if len(t) > 200 {
		t = t[:0]
	}
	return celText(t, oneOf(g, []string{"'", `"`}))
}

func celText(t, quote string) string {
	var b strings.Builder
	b.WriteString(quote)
	for _, r := range t {
		switch {
		case string(r) == quote || r == '\\':
			b.WriteString(`\` + string(r))
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\r':
			b.WriteString(`\r`)
		case r == '\t':
			b.WriteString(`\t`)
		case r < 0x20 || r >= 0x7f && r < 0xa0 || r == 0x2028 || r == 0x2029 || r == 0xfeff:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String() + quote
}

// decidable writes a condition that the database decides: over single fields of
// row (or state), beside what reads none.
func (g *generator) decidable(name string, fields []*field, beside *scope, depth int) string {
	if depth > 0 && g.often(35) {
		return "(" + g.decidable(name, fields, beside, depth-1) + oneOf(g, []string{" && ", " || "}) + g.decidable(name, fields, beside, depth-1) + ")"
	}
	if depth > 0 && g.often(10) {
		return "!(" + g.decidable(name, fields, beside, depth-1) + ")"
	}
	var single []*field
	for _, f := range fields {
		if t := f.typ.value(); t.single() && g.writable(beside, t) {
			single = append(single, f)
		}
	}
	if len(single) == 0 {
		return g.expr(beside, boolean, 1)
	}
	f := oneOf(g, single)
	path, t := name+"."+f.name, f.typ.value()
	x := g.expr(beside, t, 1)
	out := path + oneOf(g, []string{" == ", " != "}) + x
	switch {
	case t.kind == "bool" && g.often(50):
		out = path
	case t.kind == "string" && g.often(50):
		out = path + oneOf(g, []string{".contains(", ".startsWith(", ".endsWith("}) + x + ")"
	case g.often(25):
		out = path + " in [" + x + ", " + g.expr(beside, t, 0) + "]"
	case (t.kind == "int" || t.kind == "decimal" || t.kind == "date" || t.kind == "time" || t.kind == "duration") && g.often(60):
		out = path + oneOf(g, []string{" < ", " <= ", " > ", " >= "}) + x
	}
	if f.typ.kind == "optional" {
		return oneOf(g, []string{"has(" + path + ")", "(has(" + path + ") && " + out + ")", "(!has(" + path + ") || " + out + ")"})
	}
	return out
}
