package randmodel

import (
	"slices"
	"strings"
)

// addView makes up a view over events of its own and of other contexts.
func (g *generator) addView(c *boundedContext, into *Node) {
	var mine, all []*event
	for _, x := range g.contexts {
		for _, a := range x.aggregates {
			for _, e := range a.events {
				if x == c || !e.private {
					all = append(all, e)
				}
				if x == c && len(e.fields) > 0 {
					mine = append(mine, e)
				}
			}
		}
	}
	if len(mine) == 0 {
		return
	}
	source := oneOf(g, mine).of
	if g.often(20) {
		source = oneOf(g, all).of
	}
	v := &view{name: g.note(c, func() string { return oneOf(g, []string{"Open", "All", "My", ""}) + oneOf(g, nounWords) + "s" }), context: c}
	v.inline = source.context == c && g.often(20)
	v.key = []*field{{name: source.id, typ: idType}}
	section := "view " + c.name + v.name
	g.taken[section+"/"+spelled(source.id)] = true
	if g.often(15) {
		v.key = append(v.key, &field{name: g.fieldName(section), typ: dateType})
	}
	v.fields = append(v.fields, v.key...)
	for _, f := range source.created.fields {
		if g.often(60) && !g.taken[section+"/"+spelled(f.name)] {
			v.fields = append(v.fields, &field{f.name, f.typ, f.typ.single() && f.typ.kind != "ref" && g.often(25)})
			g.taken[section+"/"+spelled(f.name)] = true
		}
	}
	for _, f := range g.newFields(section, c, g.IntN(3)) {
		if f.hasDefault = f.typ.single() && f.typ.kind != "ref"; f.filled() && !slices.ContainsFunc(source.events, func(e *event) bool { return byNames(e.fields)[f.name] != nil }) {
			v.fields = append(v.fields, f)
		}
	}
	n := g.told(object())
	g.plural(n)
	n.set("key", called(mapped(v.key, func(f *field) string { return f.name })))
	if v.inline {
		n.set("mode", text("inline"))
	}
	n.set("fields", g.write(v.fields, c, false))
	n.set("from", g.projections(v, source))
	if g.often(75) {
		v.actors = some(g, g.actors, 70)
	}
	if len(v.actors) > 0 {
		n.set("actor", called(v.actors))
	}
	s := v.stamped((&scope{under: c}).fieldsOf("row", v.fields))
	if g.often(20) {
		n.set("allow", text(g.expr(g.actor(s, v.actors), boolean, 2)))
	}
	if g.often(50) {
		n.set("queries", g.queries(v))
	}
	if g.often(12) {
		n.set("changes", text("stream"))
	}
	if g.often(15) && len(c.views) > 0 {
		n.set("links", g.links(v, oneOf(g, c.views)))
	}
	c.views = append(c.views, v)
	into.set(v.name, n)
}

func (g *generator) links(v, to *view) *Node {
	by := object()
	s := (&scope{under: v.context}).fieldsOf("row", v.fields)
	for _, k := range to.key {
		by.set(k.name, text(g.expr(s, k.typ, 1)))
	}
	return object(pair(oneOf(g, []string{"other", "self", "next", "a_b", "주문", "More"}), object(pair("to", text(to.name)), pair("by", by))))
}

// projections writes what the events of an aggregate do.
func (g *generator) projections(v *view, source *aggregate) *Node {
	out := object()
	for _, e := range source.events {
		if e.private && source.context != v.context || e != source.created && g.often(40) {
			continue
		}
		p := object()
		s := about((&scope{under: v.context}).fieldsOf("event", e.carried()))
		if len(v.key) > 1 {
			p.set("key", object(pair(v.key[1].name, text(oneOf(g, []string{"date(meta.time)", "date('2026-01-01')"})))))
		}
		if e.deletes && g.often(70) {
			out.set(e.name, p.set("delete", text("true")))
			continue
		}
		missing := e != source.created
		sees := s
		if missing {
			sees = v.stamped(s.fieldsOf("row", v.fields))
		}
		set := object()
		for _, f := range v.fields[len(v.key):] {
			carried := false
			for _, x := range e.fields {
				carried = carried || x.name == f.name
			}
			if (carried && g.often(10) || !carried && g.often(25)) && g.writable(sees, f.typ) {
				set.set(f.name, text(g.expr(sees, f.typ, 2)))
			}
			if !carried && f.typ.kind == "optional" && g.often(20) {
				set.set(f.name, text("null"))
			}
		}
		if !set.empty() {
			p.set("set", set)
		}
		if missing {
			p.set("missing", text("skip"))
			if g.often(15) {
				p = object(pair("where", text(g.decidable("row", v.fields, s, 1))))
				if set.empty() || g.often(20) {
					p.set("delete", text("true"))
				} else {
					p.set("set", set)
				}
			}
		}
		if p.get("delete") == nil && g.often(5) {
			p.drop("set")
			p.set("custom", text("true"))
		}
		out.set(e.name, p)
	}
	return out
}

// stamped is a scope that sees row.meta, unless the view has a field of that name.
func (v *view) stamped(s *scope) *scope {
	if byNames(v.fields)["meta"] != nil {
		return s
	}
	return stamped(s, "row.meta")
}

// asked are the fields that a query can ask for.
func (v *view) asked() []*field {
	out := slices.Clone(v.fields)
	for _, x := range v.stamped(&scope{}).vars {
		out = append(out, &field{name: strings.TrimPrefix(x.path, "row."), typ: x.typ})
	}
	return out
}

func (g *generator) queries(v *view) *Node {
	out := object()
	for range 1 + g.IntN(2) {
		name := g.fresh("queries "+v.context.name, func() string { return oneOf(g, []string{"best", "open", "byName", "recent", "large"}) }, nastyFields)
		n := g.told(object())
		var input []*field
		for _, f := range v.fields {
			if f.typ.value().single() && g.often(35) {
				input = append(input, &field{f.name, f.typ, f.typ.single() && g.often(15)})
			}
		}
		if g.often(40) {
			input = append(input, &field{name: g.fieldName("query " + v.context.name + v.name + name), typ: oneOf(g, []*typ{integer, stringType, dateType, listOf(stringType), {kind: "optional", elem: decimalType}})})
		}
		for i := len(input) - 1; i >= 0; i-- { // one of a name
			for _, other := range input[:i] {
				if other.name == input[i].name {
					input = input[:i]
					break
				}
			}
		}
		if len(input) > 0 {
			n.set("input", g.write(input, v.context, false))
		}
		by := v.actors
		if g.often(20) {
			by = []string{oneOf(g, g.actors)}
			n.set("actor", called(by))
		}
		if g.often(75) {
			s := g.actor((&scope{under: v.context}).fieldsOf("input", input), by).with(variable{"now", timeType})
			n.set("where", text(g.decidable("row", v.asked(), s, 2)))
		}
		var words []string
		for _, f := range v.fields {
			if f.typ.value().kind == "string" && g.often(60) {
				words = append(words, f.name)
			}
		}
		if len(words) > 0 && g.often(50) {
			n.set("search", texts(words...))
		}
		if g.often(50) {
			n.set("sort", g.sorting(v.fields))
		}
		if g.often(20) {
			n.set("allow", text(g.expr(g.actor((&scope{under: v.context}).fieldsOf("row", v.fields), by), boolean, 2)))
		}
		v.queries, v.asks = append(v.queries, name), append(v.asks, input)
		out.set(name, n)
	}
	return out
}
