package expr

import (
	"math/rand/v2"
	"slices"
)

// randomTypes are the types a random expression may have.
var randomTypes = []string{
	"bool", "bool", "bool", "bool", "int", "int", "decimal", "decimal", "string", "string", "date", "time", "duration", "id", "Color", "상태", "Item", "주소", "Quantity", "Phone", "Half",
	"optional(string)", "optional(int)", "optional(Item)", "optional(상태)", "list(int)", "list(decimal)", "list(string)", "list(Item)",
	"list(상태)", "list(duration)", "list(date)", "list(time)", "list(Quantity)", "map(int)", "map(Item)",
}

// randomizer writes well-typed expressions.
type randomizer struct {
	*rand.Rand
	locals []string // variables of macros, all of type Item
}

func (r *randomizer) pick(from ...string) string { return from[r.IntN(len(from))] }

// leaves are the shortest expressions of a type.
var leaves = map[string][]string{
	"bool":             {"true", "false", "s.yes"},
	"int":              {"0", "1", "-7", "3", "s.big", "s.n", "9223372036854775807", "-9223372036854775808", "(s.quantity + 0)", "size(s.큰수)"},
	"decimal":          {"0", "1.5", "-2.25", "s.d", "12345678901234567890.123456789", "s.n", "(s.half + 0)", "decimal('0.125')", "s.큰수['원']"},
	"string":           {"''", "'abc'", "'한글'", "s.text", `'a"b\\'`, "' x '", "(s.phone + s.text)", "s.주소.도시", `"따옴'표"`, "string('z')"},
	"date":             {"s.day", "date('2026-02-28')", "date('9999-12-31')", "date('0001-01-01')"},
	"time":             {"s.at", "time('2026-12-01T09:00:00+09:00')", "time('1999-12-31T23:59:59.999999Z')"},
	"duration":         {"s.wait", "duration('8d')", "duration('-1h30m')", "duration('100000d')", "duration('0s')", "duration('3us')"},
	"id":               {"id('x')", "s.id", "s.order"},
	"Color":            {"Color.Red", "s.color", "Color.Blue"},
	"상태":               {"상태.발행", "s.상태", "상태.사용"},
	"Item":             {"s.item", "Item{id: id('y'), price: 2, qty: 3}"},
	"주소":               {"s.주소", "주소{도시: '서울'}"},
	"Quantity":         {"s.quantity", "5"},
	"Phone":            {"s.phone", "'010-1234-5678'"},
	"Half":             {"s.half", "12.5"},
	"optional(string)": {"s.note", "s.gone", "'z'"},
	"optional(int)":    {"s.maybe", "s.noNumber", "7"},
	"optional(Item)":   {"s.perhaps", "s.item"},
	"optional(상태)":     {"s.상태", "s.없음"},
	"list(int)":        {"[1, 2, 3]", "s.ints", "[3, 1]"},
	"list(decimal)":    {"[1.5, 2]", "s.items.map(i, i.price)"},
	"list(string)":     {"['b', 'a']", "s.texts"},
	"list(Item)":       {"s.items", "[s.item]", "s.items.filter(x, false)"},
	"list(상태)":         {"s.상태들", "[상태.사용]"},
	"list(duration)":   {"[duration('1h'), s.wait]"},
	"list(date)":       {"[s.day, date('2020-01-01')]"},
	"list(time)":       {"[s.at]", "[s.at, time('1970-01-01T00:00:00Z')]"},
	"list(Quantity)":   {"s.quantities"},
	"map(int)":         {"{'a': 1}", "s.counts"},
	"map(Item)":        {"s.byName"},
}

// fieldsOf are what a macro's variable offers of a type.
var fieldsOf = map[string][]string{"decimal": {"price"}, "int": {"qty"}, "id": {"id"}, "optional(string)": {"note"}, "Item": {""}}

func (r *randomizer) leaf(typ string) string {
	out := slices.Clone(leaves[typ])
	for _, v := range r.locals {
		for _, f := range fieldsOf[typ] {
			if f != "" {
				f = "." + f
			}
			out = append(out, v+f, v+f) // twice: what is at hand is what is asked for
		}
	}
	return r.pick(out...)
}

// Words that take a place in many types.
var (
	modes   = []string{"'half-up'", "'half-even'", "'down'", "'up'", "'floor'", "'ceiling'"}
	ordered = []string{"int", "decimal", "string", "date", "time", "duration"}
	scalars = append([]string{"bool", "id", "Color", "상태", "Quantity", "Phone"}, ordered...)
)

// expr writes an expression of a type.
func (r *randomizer) expr(typ string, depth int) string {
	if depth <= 0 || r.IntN(6) == 0 {
		return r.leaf(typ)
	}
	x := func(typ string) string { return r.expr(typ, depth-1) }
	same := func(pattern func(a, b string) string, types ...string) string {
		t := r.pick(types...)
		return pattern(x(t), x(t))
	}
	if r.IntN(8) == 0 && !optionalNames[typ] {
		return "(" + x("bool") + " ? " + x(typ) + " : " + x(typ) + ")"
	}
	switch typ {
	case "bool":
		order := func(a, b string) string { return "(" + a + r.pick(" < ", " <= ", " > ", " >= ") + b + ")" }
		equal := func(a, b string) string { return "(" + a + r.pick(" == ", " != ") + b + ")" }
		in := func(a, b string) string { return "(" + a + " in [" + b + ", " + a + "])" }
		return r.pick(
			"("+x("bool")+r.pick(" && ", " || ")+x("bool")+")", "!("+x("bool")+")",
			same(order, ordered...), same(order, ordered...),
			same(equal, append([]string{"Item", "주소", "list(int)", "list(Item)", "list(상태)", "map(int)"}, scalars...)...), same(equal, scalars...),
			same(in, scalars...), "("+x("int")+" in "+x("list(int)")+")", "("+x("string")+" in "+x("map(int)")+")",
			x("list(Item)")+".contains("+x("Item")+")", x("list(상태)")+".contains("+x("상태")+")",
			r.each("exists", "bool", depth), r.each("all", "bool", depth),
			x("string")+r.pick(".contains(", ".startsWith(", ".endsWith(")+x("string")+")", x("string")+".matches(r'^[a-c가]+')",
			r.guard("s.note", "bool", "s.note == "+x("string"), x("bool")), "has(s.gone)", "!has(s.perhaps)",
			"has("+r.each("find", "bool", depth)+")")
	case "int":
		return r.pick(
			"("+x("int")+r.pick(" + ", " - ", " * ", " / ", " % ")+x("int")+")", "("+x("int")+r.pick(" + ", " - ", " * ", " / ", " % ")+x("int")+")",
			"(-("+x("int")+"))",
			"size("+x(r.pick("string", "list(int)", "list(Item)", "map(int)", "map(Item)"))+")", x("list(int)")+r.pick(".sum()", ".min()", ".max()"),
			x("list(int)")+"["+x("int")+"]", x("map(int)")+"["+x("string")+"]", r.each("count", "bool", depth),
			r.pick("days(", "hours(")+x("duration")+")", "abs("+x("int")+")", r.pick("max(", "min(")+x("int")+", "+x("int")+")", x("Item")+".qty",
			r.pick("year(", "month(", "day(", "weekday(")+x(r.pick("date", "time"))+")", "hour("+x("time")+")", "size(string(uuid()))",
			"("+x("Quantity")+" + "+x("Quantity")+")", x("list(Quantity)")+".sum()", r.guard("s.maybe", "int", "s.maybe", x("int")))
	case "decimal":
		return r.pick(
			"("+x("decimal")+r.pick(" + ", " - ", " * ")+x("decimal")+")", "(-("+x("decimal")+"))", "("+x("int")+" * "+x("decimal")+")",
			"round("+x("decimal")+", "+r.pick("0", "2", "-2", "7")+")", "round("+x("decimal")+", 1, "+r.pick(modes...)+")",
			"round("+x("decimal")+" / "+x("decimal")+", "+r.pick("0", "2", "-1", "9")+")",
			"round("+x("decimal")+" / "+x("decimal")+", "+r.pick("0", "2", "-1", "9")+", "+r.pick(modes...)+")",
			x("list(decimal)")+r.pick(".sum()", ".min()", ".max()"), "abs("+x("decimal")+")", x("Item")+".price", "decimal("+x("int")+")",
			r.pick("min(", "max(")+x("decimal")+", "+x("int")+", "+x("decimal")+")", "("+x("Half")+" - "+x("Half")+")", x("map(Item)")+"["+x("string")+"].price")
	case "string":
		return r.pick(
			"("+x("string")+" + "+x("string")+")", "string("+x(r.pick("int", "decimal", "date", "time", "duration", "bool", "id"))+")",
			r.pick("lower(", "upper(", "trim(")+x("string")+")", x("list(string)")+".join("+x("string")+")",
			"substring("+x("string")+", "+x("int")+", "+x("int")+")", x("string")+".substring(1, "+x("int")+")",
			r.guard("s.note", "string", "s.note", x("string")), r.pick("max(", "min(")+x("string")+", "+x("string")+")", x("주소")+".도시", "("+x("Phone")+" + "+x("Phone")+")")
	case "date":
		return r.pick("date("+x("time")+")", "addMonths("+x("date")+", "+r.pick("1", "-1", "12", "11", x("int"))+")", "startOfMonth("+x(r.pick("date", "time"))+")",
			"("+x("date")+r.pick(" + ", " - ")+x("duration")+")", "("+x("duration")+" + "+x("date")+")",
			r.pick("min(", "max(")+x("date")+", "+x("date")+")", x("list(date)")+r.pick(".min()", ".max()"), x("list(date)")+"["+x("int")+"]")
	case "time":
		return r.pick("time("+x("date")+")", "addMonths("+x("time")+", "+r.pick("1", "-1", "12", "11", x("int"))+")",
			"("+x("time")+r.pick(" + ", " - ")+x("duration")+")", "("+x("duration")+" + "+x("time")+")",
			r.pick("min(", "max(")+x("time")+", "+x("time")+")", x("list(time)")+".max()")
	case "duration":
		return r.pick("("+x("duration")+r.pick(" + ", " - ")+x("duration")+")", "("+x("duration")+" * "+x("int")+")", "("+x("int")+" * "+x("duration")+")",
			"("+x("time")+" - "+x("time")+")", "("+x("date")+" - "+x("date")+")", r.pick("days(", "hours(")+x("int")+")", "(-("+x("duration")+"))",
			"abs("+x("duration")+")", x("list(duration)")+r.pick(".sum()", ".min()"))
	case "id":
		return r.pick("id("+x("string")+")", x("Item")+".id")
	case "상태":
		return x("list(상태)") + "[" + x("int") + "]"
	case "Item":
		return r.pick("Item{id: "+x("id")+", price: "+x("decimal")+", qty: "+x("int")+"}", "Item{id: "+x("id")+", price: 1, qty: 2, note: "+x("optional(string)")+"}",
			x("list(Item)")+"["+x("int")+"]", x("map(Item)")+"["+x("string")+"]", r.guard("s.perhaps", "Item", "s.perhaps", x("Item")))
	case "주소":
		return "주소{도시: " + x("string") + ", 우편: " + x("optional(string)") + ", 상태: " + x("상태") + "}"
	case "Quantity":
		return r.pick("("+x("int")+" + s.n)", "("+x("bool")+" ? 3 : ("+x("int")+" - s.n))", "abs("+x("int")+")", "s.quantities["+x("int")+"]")
	case "Phone":
		return r.pick("("+x("string")+" + s.phone)", "trim("+x("Phone")+")")
	case "Half":
		return r.pick("("+x("decimal")+" * s.half)", "round("+x("decimal")+", 1)", "max("+x("decimal")+", 0.5)")
	case "optional(string)":
		return r.pick(x("string"), "("+x("bool")+" ? s.note : "+x("string")+")", x("Item")+".note")
	case "optional(int)":
		return r.pick(x("int"), "("+x("bool")+" ? s.noNumber : s.maybe)")
	case "optional(Item)":
		return r.pick(x("Item"), r.each("find", "bool", depth), "("+x("bool")+" ? s.perhaps : "+x("Item")+")")
	case "optional(상태)":
		return r.pick(x("상태"), x("주소")+".상태")
	case "list(int)":
		return r.pick("["+x("int")+", "+x("int")+"]", r.each("map", "int", depth), "sort("+x("list(int)")+")", "("+x("list(int)")+" + "+x("list(int)")+")",
			x("list(Quantity)")+".map(q, q - 1)", r.element("int", depth), x("list(Item)")+".map(i, i.qty > 0, i.qty)")
	case "list(decimal)":
		return r.pick("["+x("decimal")+", "+x("int")+"]", r.each("map", "decimal", depth), r.element("decimal", depth), x("list(decimal)")+".sort()", x("list(int)"))
	case "list(string)":
		return r.pick("["+x("string")+", "+x("string")+"]", r.each("map", "string", depth), "split("+x("string")+", "+r.pick("''", "'a'", x("string"))+")", x("map(int)")+".map(k, k)", x("map(Item)")+".filter(k, k > "+x("string")+")")
	case "list(Item)":
		return r.pick("["+x("Item")+"]", r.each("filter", "bool", depth), r.each("sort", r.pick(ordered...), depth), r.element("Item", depth), "("+x("list(Item)")+" + ["+x("Item")+"])")
	case "list(상태)":
		return r.pick("["+x("상태")+", 사용]", "("+x("list(상태)")+" + s.상태들)", "s.상태들.with(0, 발행)", r.element("상태", depth))
	case "list(duration)":
		return r.pick("["+x("duration")+"]", x("list(duration)")+".sort()")
	case "list(date)":
		return r.pick("["+x("date")+", "+x("date")+"]", r.each("map", "date", depth))
	case "list(time)":
		return r.each("map", "time", depth)
	case "list(Quantity)":
		return r.pick("["+x("Quantity")+", s.quantity]", r.element("Quantity", depth), "s.items.map(i, i.qty + 1)")
	case "map(int)":
		return r.pick("{'a': "+x("int")+", 'b': "+x("int")+"}", r.key("int", depth))
	case "map(Item)":
		return r.pick("{'x': "+x("Item")+", '가': s.item}", r.key("Item", depth))
	}
	return r.leaf(typ)
}

// optionalNames are the types whose values may be absent: a branch of ?: may
// not be, unless the other says so too.
var optionalNames = map[string]bool{"optional(string)": true, "optional(int)": true, "optional(Item)": true, "optional(상태)": true}

// guard writes a read of something optional, in one of the forms of a guard.
func (r *randomizer) guard(optional, typ, there, otherwise string) string {
	if typ == "bool" {
		return r.pick("(has("+optional+") && "+there+")", "(!has("+optional+") || "+there+")")
	}
	return r.pick("(has("+optional+") ? "+there+" : "+otherwise+")", "(!has("+optional+") ? "+otherwise+" : "+there+")")
}

// element writes a list with another element, or without one; small numbers are
// the places that are there.
func (r *randomizer) element(typ string, depth int) string {
	list := r.expr("list("+typ+")", depth-1)
	at := r.pick("0", "1", r.expr("int", depth-1))
	return r.pick(list+".with("+at+", "+r.expr(typ, depth-1)+")", "removeAt("+list+", "+at+")")
}

// key writes a map with another key, or without one.
func (r *randomizer) key(typ string, depth int) string {
	m := r.expr("map("+typ+")", depth-1)
	at := r.pick("'a'", "'x'", r.expr("string", depth-1))
	return r.pick(m+".put("+at+", "+r.expr(typ, depth-1)+")", m+".without("+at+")")
}

// each writes a macro over items.
func (r *randomizer) each(name, body string, depth int) string {
	list := r.expr("list(Item)", depth-2)
	v := r.pick("i", "j", "s2", "values", "항목", "string", "len")
	r.locals = append(r.locals, v)
	defer func() { r.locals = r.locals[:len(r.locals)-1] }()
	return list + "." + name + "(" + v + ", " + r.expr(body, depth-2) + ")"
}
