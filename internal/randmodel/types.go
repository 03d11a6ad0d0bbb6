package randmodel

import (
	"slices"
	"strconv"
)

// visible lists the types a context can use.
func (g *generator) visible(c *boundedContext) []*typeDef {
	if c == nil {
		return g.types
	}
	return slices.Concat(g.types, c.types)
}

// someType is a type of a field; refs: of the aggregates there are.
func (g *generator) someType(c *boundedContext, depth int) *typ {
	switch {
	case depth > 0 && g.often(14):
		return &typ{kind: "list", elem: g.someType(c, 0)}
	case depth > 0 && g.often(6):
		return &typ{kind: "map", elem: g.someType(c, 0)}
	case depth > 0 && g.often(20):
		return &typ{kind: "optional", elem: g.someType(c, 0)}
	case depth > 1 && g.often(4):
		return &typ{kind: "map", elem: &typ{kind: "list", elem: g.someType(c, 0)}}
	}
	if all := g.visible(c); len(all) > 0 && g.often(30) {
		return &typ{kind: "named", def: oneOf(g, all)}
	}
	if others := g.aggregates(); len(others) > 0 && c != nil && g.often(12) {
		return &typ{kind: "ref", of: oneOf(g, others)}
	}
	return oneOf(g, scalars)
}

func (g *generator) aggregates() []*aggregate {
	var out []*aggregate
	for _, c := range g.contexts {
		out = append(out, c.aggregates...)
	}
	return out
}

// newFields makes up fields of a section, in which names are there once.
func (g *generator) newFields(section string, c *boundedContext, n int) []*field {
	var out []*field
	for range n {
		out = append(out, &field{name: g.fieldName(section), typ: g.someType(c, 2)})
	}
	return out
}

// write writes fields as a map of names and types.
func (g *generator) write(fields []*field, c *boundedContext, checked bool) *Node {
	out := object()
	for _, f := range fields {
		t := text(f.typ.written(c))
		long := g.told(object(pair("type", t)))
		if f.hasDefault {
			long.set("default", g.plainDefault(f.typ))
		}
		if checked && g.often(10) {
			inner := (&scope{under: c}).with(variable{"value", f.typ.value()})
			long.set("check", text(g.expr(inner, boolean, 2)))
		}
		if g.often(5) {
			long.set("pii", text("true"))
		}
		if len(long.Pairs) > 1 {
			t = long
		}
		out.set(f.name, t)
	}
	return out
}

// plainDefault is a default: plain, or an expression that sees nothing.
func (g *generator) plainDefault(t *typ) *Node {
	if g.often(20) && t.kind != "named" && t.kind != "list" && t.kind != "map" {
		return object(pair("cel", text(g.expr(&scope{}, t.value(), 1))))
	}
	return g.plain(t, 2)
}

// withDefault gives a few fields of single values a default.
func (g *generator) withDefaults(fields []*field, percent int) {
	for _, f := range fields {
		f.hasDefault = f.typ.single() && f.typ.kind != "ref" && g.often(percent)
	}
}

// newType makes up a type and writes it.
func (g *generator) newType(c *boundedContext, into *Node) *typeDef {
	d := &typeDef{name: g.note(c, func() string {
		return oneOf(g, nounWords) + oneOf(g, []string{"Kind", "Item", "Address", "Number", "Part"})
	}), context: c}
	n := object()
	switch g.IntN(3) {
	case 0:
		d.fields = g.newFields("type "+d.name, c, 1+g.IntN(4))
		n.set("fields", g.write(d.fields, c, true))
	case 1:
		d.enum = g.enumValues()
		if g.often(70) {
			n.set("enum", texts(d.enum...))
			break
		}
		values := object()
		for i, v := range d.enum {
			value := g.told(object())
			switch wire := oneOf(g, []string{"in-progress", "24h", "a b", "값", `x"y`, "null", "a/b", "A"}) + strconv.Itoa(i); {
			case g.often(20):
				values.set(v, text(wire))
				continue
			case g.often(20):
				value.set("wire", text(wire))
			}
			values.set(v, value)
		}
		n.set("enum", values)
	default:
		d.is = oneOf(g, []*typ{stringType, integer, decimalType})
		d.check, d.literal, d.value = "value >= 0 && value <= 1000", "5", "5"
		if d.is == stringType {
			pattern := oneOf(g, []string{`^[a-z]{1,9}$`, "^[a-z`\"]+$", `^[\w.%+-]+$`, `^x|[a-z]+$`, `^(?:a|[b-z])+$`, `^[^\\*/]+$`})
			d.check, d.literal, d.value = "value.matches(r'"+pattern+"')", "'abc'", "abc"
			if g.often(30) {
				d.check = "size(value) > 0 && value != " + g.literal()
			}
		}
		n.set("is", text(d.is.kind))
		n.set("check", text(d.check))
	}
	into.set(d.name, g.told(n))
	return d
}

func (g *generator) enumValues() []string {
	var out []string
	seen := map[string]bool{}
	for range 2 + g.IntN(3) {
		v := oneOf(g, enumWords)
		if g.often(g.nastyNames) {
			v = oneOf(g, nastyEnums)
		}
		if !seen[spelled(v)] || !seen[v] && g.often(2) {
			out = append(out, v)
		}
		seen[spelled(v)], seen[v] = true, true
	}
	return out
}

// plain writes a value of a type as a scenario or a default does.
func (g *generator) plain(t *typ, depth int) *Node {
	switch t.kind {
	case "bool":
		return text(oneOf(g, []string{"true", "false"}))
	case "int":
		return text(strconv.Itoa(g.IntN(200) - 20))
	case "decimal":
		return text(oneOf(g, []string{"0", "12.50", "-3.25", "9000", "0.0001", "12345678901234567890.5"}))
	case "string":
		return text(g.someText(40))
	case "date":
		return text(oneOf(g, []string{"2026-02-28", "2024-02-29", "0001-01-01"}))
	case "time":
		return text(oneOf(g, []string{"2026-12-01T08:59:00+09:00", "1999-12-31T23:59:59.999999Z"}))
	case "duration":
		return text(oneOf(g, []string{"8d", "1h30m", "610ms"}))
	case "id", "ref":
		return text(oneOf(g, []string{"i1", "i2", "i3", "a b", "a/b?c#d%20", "ключ"}))
	case "optional":
		if g.often(40) {
			return text("null")
		}
		return g.plain(t.elem, depth)
	case "list":
		out := list()
		for range g.IntN(3) {
			out.add(g.plain(t.elem, depth-1))
		}
		return out
	case "map":
		out := object()
		for range g.IntN(3) {
			out.set(oneOf(g, []string{"a", "b c", "ключ", "x.y", "$ref"}), g.plain(t.elem, depth-1))
		}
		return out
	}
	d := t.def
	switch {
	case d.enum != nil:
		return text(oneOf(g, d.enum))
	case d.is != nil:
		return text(d.value)
	}
	out := object()
	for _, f := range d.fields {
		if !f.optional() || g.often(50) {
			out.set(f.name, g.plain(f.typ, depth-1))
		}
	}
	return out
}

// values writes plain values for fields.
func (g *generator) values(fields []*field) *Node {
	out := object()
	for _, f := range fields {
		if !f.optional() || g.often(60) {
			out.set(f.name, g.plain(f.typ, 2))
		}
	}
	return out
}
