package randmodel

import (
	"slices"
	"strconv"
	"strings"
)

func (g *generator) fillContext(c *boundedContext) {
	views := object()
	for range g.IntN(3) {
		g.addView(c, views)
	}
	if !views.empty() {
		c.node.set("views", views)
	}
	aggregates := object()
	for _, a := range c.aggregates {
		aggregates.set(a.name, g.writeAggregate(a))
	}
	c.node.set("aggregates", aggregates)
	g.addPolicies(c)
	g.addSagas(c)
}

func (g *generator) writeAggregate(a *aggregate) *Node {
	n := g.before(g.told(object()), a.context, g.noun)
	n.set("id", text(a.id))
	g.plural(n)
	switch {
	case g.often(8):
		n.set("persistence", text("state"))
	case g.often(20):
		n.set("persistence", text("events"))
		if g.often(60) {
			n.set("snapshotEvery", text(strconv.Itoa(1+g.IntN(50))))
		}
	}
	personal := g.often(15)
	if personal {
		n.set("person", text(g.person(a)))
	}
	n.set("state", g.write(a.state, a.context, false))
	if len(a.lookup) > 0 {
		n.set("lookup", texts(mapped(a.lookup, func(f *field) string { return f.name })...))
	}
	g.unique(n, a)
	if a.cycle != nil {
		n.set("lifecycle", g.lifecycle(a))
	}
	sees := (&scope{under: a.context}).fieldsOf("state", a.state)
	if g.often(35) {
		n.set("invariants", g.rules(sees.with(variable{"id", idType}), "Inv", nil))
	}
	if g.often(20) {
		n.set("allow", text(g.expr(stamped(g.actor(sees, a.readers()), "meta"), boolean, 2)))
	}
	commands := object()
	for _, m := range a.commands {
		commands.set(m.name, g.writeCommand(m))
	}
	n.set("commands", commands)
	events := object()
	for _, e := range a.events {
		event := g.writeEvent(e)
		if personal && g.often(20) {
			event.set("erases", text("true"))
		}
		events.set(e.name, event)
	}
	n.set("events", events)
	return n
}

// person is whose the personal data of an aggregate are: its own id, or one of its state.
func (g *generator) person(a *aggregate) string {
	for _, f := range a.state {
		if f.typ.kind == "id" && g.often(50) {
			return f.name
		}
	}
	return a.id
}

// readers are who may read the state: who gives the commands.
func (a *aggregate) readers() []string {
	var out []string
	for _, m := range a.commands {
		out = append(out, m.actors...)
	}
	return out
}

// actor is a scope that sees who asks, one of some actors.
func (g *generator) actor(s *scope, by []string) *scope {
	s = s.with(variable{"actor.subject", idType}, variable{"actor.system", boolean}, variable{"actor.roles", listOf(stringType)})
	if slices.ContainsFunc(by, func(name string) bool { return slices.Contains(g.claiming, name) }) {
		s = s.with(variable{"actor.claims.tenant", &typ{kind: "optional", elem: stringType}}, variable{"actor.claims.größe", &typ{kind: "optional", elem: integer}}, variable{"actor.claims.areas", listOf(stringType)})
	}
	return s
}

// stamped is a scope that sees when and by whom something was made and changed.
func stamped(s *scope, name string) *scope {
	who := &typ{kind: "optional", elem: idType}
	return s.with(variable{name + ".createdAt", timeType}, variable{name + ".changedAt", timeType}, variable{name + ".createdBy", who}, variable{name + ".changedBy", who})
}

// plural writes what several are called.
func (g *generator) plural(n *Node) {
	if g.often(8) {
		n.set("plural", text(oneOf(g, []string{"many", "views", "state", "Sheep", "a_b", "orders", "x9", "queries", "commands", "openapi"})+oneOf(g, []string{"", "", strconv.Itoa(g.IntN(9))})))
	}
}

func about(s *scope) *scope {
	return s.with(variable{"meta.id", idType}, variable{"meta.time", timeType}, variable{"meta.version", integer}, variable{"meta.type", stringType})
}

// unique writes fields that no two instances share, each for itself or together.
func (g *generator) unique(n *Node, a *aggregate) {
	var single []string
	for _, f := range a.state {
		if f.typ.single() && f != a.cycle && f.typ.kind != "bool" {
			single = append(single, f.name)
		}
	}
	switch {
	case len(single) > 1 && g.often(15):
		n.set("unique", list(texts(single[:2]...)))
	case len(single) > 0 && g.often(15):
		n.set("unique", texts(oneOf(g, single)))
	}
}

func (g *generator) lifecycle(a *aggregate) *Node {
	states := a.cycle.typ.def.enum
	moves := object()
	for i, s := range states[:len(states)-1] {
		next := []string{states[i+1]}
		if g.often(40) {
			next = append(next, some(g, states, 30)...)
		}
		moves.set(s, texts(slices.Compact(slices.Sorted(slices.Values(next)))...))
	}
	return object(pair(a.cycle.name, moves))
}

// rules writes named conditions; their names are rejections, of a command.
func (g *generator) rules(s *scope, prefix string, m *command) *Node {
	out := object()
	for i := range 1 + g.IntN(2) {
		name := prefix + oneOf(g, nounWords) + strconv.Itoa(i)
		if g.often(g.nastyNames) {
			name = oneOf(g, slices.Concat(nastyNotes, []string{"NotFound", "Forbidden", "AlreadyExists", "IllegalTransition", "KeyReused"}))
		}
		that := text(g.expr(s, boolean, 3))
		if g.often(40) {
			that = object(pair("that", that))
			if g.often(60) {
				that.set("status", text(oneOf(g, []string{"400", "403", "404", "409", "422", "499"})))
			}
			if g.often(70) {
				that.set("message", text(g.someText(g.nastyTexts)))
			}
		}
		out.set(name, that)
		if m != nil {
			m.rejections = append(m.rejections, name)
		}
	}
	return out
}

// source is what gives a field its value, where something of its name does not:
// an expression, or "" for nothing.
func (g *generator) source(s *scope, f *field, byName map[string]*typ) string {
	same := byName[f.name]
	switch {
	case same != nil && same.key() == f.typ.key() && g.often(70):
		return ""
	case same == nil && f.optional() && g.often(50):
		return ""
	case f.typ.kind == "optional" && g.often(15):
		return "null"
	case !g.writable(s, f.typ):
		return ""
	}
	return g.expr(s, f.typ, 2)
}

// canGive reports whether each field that needs a value can have one.
func (g *generator) canGive(s *scope, fields []*field, byName map[string]*typ) bool {
	return !slices.ContainsFunc(fields, func(f *field) bool {
		same := byName[f.name]
		return (same == nil || same.key() != f.typ.key()) && (s.under == nil || !g.writable(s, f.typ))
	})
}

// given writes values for the fields that take none of their name.
func (g *generator) given(s *scope, fields []*field, byName map[string]*typ) *Node {
	out := object()
	for _, f := range fields {
		if x := g.source(s, f, byName); x != "" {
			out.set(f.name, text(x))
		}
	}
	return out
}

// sent is given, where new ids may be made.
func (g *generator) sent(s *scope, fields []*field, byName map[string]*typ) *Node {
	with := g.given(s, fields, byName)
	for _, f := range fields {
		if f.typ.kind == "id" && g.often(10) {
			with.set(f.name, text("uuid()"))
		}
	}
	return with
}

func (g *generator) writeCommand(m *command) *Node {
	a := m.of
	n := g.before(g.told(object()), a.context, g.deed)
	if len(m.actors) > 0 {
		n.set("actor", called(m.actors))
	}
	if m.creates != "" {
		n.set("creates", text(m.creates))
	}
	g.withDefaults(m.input, 15)
	if len(m.input) > 0 {
		n.set("input", g.write(m.input, a.context, true))
	}
	d := &decision{generator: g, command: m, node: n, byName: map[string]*typ{}}
	d.begin()
	if g.often(25) {
		n.set("allow", text(g.expr(d.scope, boolean, 2)))
	}
	if g.often(20) {
		d.read()
	}
	if g.often(45) {
		n.set("require", g.rules(d.scope, "Rule", m))
	}
	if g.often(45) {
		d.let()
	}
	if g.often(30) {
		d.call()
	}
	if g.often(4) {
		n.set("custom", text("true"))
	} else {
		n.set("emit", d.emits())
	}
	if len(m.actors) > 0 && (g.often(25) || m.creates != "" && m != a.commands[0] && g.often(95)) {
		path := g.pathOf(oneOf(g, []string{"things", "x", "X_y", "a-b"}), oneOf(g, nounWords))
		if m.creates == "" {
			path += "/{" + a.id + "}"
		}
		n.set("http", text(oneOf(g, []string{"POST ", "PUT ", "PATCH ", "DELETE "})+path))
	}
	return n
}

// decision is a command while it is written: what is known at a point.
type decision struct {
	*generator
	command *command
	node    *Node
	scope   *scope
	byName  map[string]*typ // what fields take by their name
}

func (d *decision) section() string {
	return "command " + d.command.of.context.name + d.command.of.name + d.command.name
}

func (d *decision) begin() {
	a, m := d.command.of, d.command
	s := d.generator.actor((&scope{under: a.context}).with(variable{"id", idType}, variable{"now", timeType}), m.actors).fieldsOf("input", m.input)
	if m.creates == "" {
		s = stamped(s.fieldsOf("state", a.state), "meta")
		for _, f := range a.state {
			d.byName[f.name] = f.typ
		}
	}
	if m.creates == "upsert" {
		s = s.with(variable{"isNew", boolean})
	}
	for _, f := range m.input {
		d.byName[f.name] = f.typ
	}
	d.byName[a.id] = idType
	d.scope = s
}

func (d *decision) read() {
	if len(d.command.of.context.views) == 0 {
		return
	}
	v := oneOf(d.generator, d.command.of.context.views)
	name := d.variableName(d.section())
	r := object(pair("view", text(v.name)))
	if d.often(60) {
		r.set("key", d.keyOf(v, d.scope))
	} else {
		r.set("where", text(d.decidable("row", v.fields, d.scope, 1)))
		if d.often(50) {
			r.set("sort", d.sorting(v.fields))
		}
	}
	begun := !slices.ContainsFunc(v.fields[len(v.key):], func(f *field) bool { return !f.filled() })
	switch {
	case begun && r.get("key") != nil && d.often(50):
		r.set("missing", text("default"))
	case d.often(50):
		r.set("missing", text("No"+oneOf(d.generator, nounWords)))
	}
	d.node.set("read", object(pair(name, r)))
	d.scope = d.scope.fieldsOf(name, v.fields)
}

// keyOf writes expressions for the key of a view.
func (g *generator) keyOf(v *view, s *scope) *Node {
	if len(v.key) == 1 {
		return text(g.expr(s, v.key[0].typ, 1))
	}
	out := object()
	for _, k := range v.key {
		out.set(k.name, text(g.expr(s, k.typ, 1)))
	}
	return out
}

func (g *generator) sorting(fields []*field) *Node {
	out := list()
	for _, f := range fields {
		if f.typ.value().single() && g.often(40) {
			out.add(text(oneOf(g, []string{"", "-"}) + f.name))
		}
	}
	if len(out.Items) == 0 {
		out.add(text(fields[0].name))
	}
	return out
}

func (d *decision) let() {
	all := object()
	for range 1 + d.IntN(2) {
		name, t := d.variableName(d.section()), oneOf(d.generator, scalars)
		if fields := d.command.emits[0].fields; len(fields) > 0 && d.often(40) {
			f := oneOf(d.generator, fields)
			if at := d.section() + "/" + spelled(f.name); d.taken[at] || slices.Contains(scopeWords, f.name) || !d.writable(d.scope, f.typ) {
				continue
			} else {
				d.taken[at] = true
			}
			name, t = f.name, f.typ
		}
		switch {
		case t.kind == "optional":
			continue // nothing is wanted here, so nothing may be absent
		case t.kind == "id" && d.often(30):
			all.set(name, text("uuid()"))
		case d.often(25):
			rows := list(object(pair("if", text(d.expr(d.scope, boolean, 2))), pair("is", text(d.expr(d.scope, t, 1)))))
			rows.add(object(pair("otherwise", text(d.expr(d.scope, t, 1)))))
			all.set(name, object(pair("table", rows)))
		default:
			all.set(name, text(d.expr(d.scope, t, 3)))
		}
		d.scope = d.scope.with(variable{name, t})
		d.byName[name] = t
	}
	if !all.empty() {
		d.node.set("let", all)
	}
}

func (d *decision) emits() *Node {
	g, e := d.generator, d.command.emits[0]
	one := func(s *scope) *Node {
		n := object(pair("event", text(e.name)))
		with := g.sent(s, e.fields, d.byName)
		if !with.empty() {
			n.set("with", with)
		}
		return n
	}
	switch {
	case d.command.creates == "" && g.often(15) && !e.deletes:
		first, second := one(d.scope), one(d.scope)
		first.set("if", text(g.expr(d.scope, boolean, 2)))
		second.set("otherwise", text("true"))
		return list(first, second)
	case d.command.creates == "" && g.often(15):
		var lists []variable
		for _, v := range d.scope.vars {
			if v.typ.kind == "list" && !strings.HasPrefix(v.path, "actor.") {
				lists = append(lists, v)
			}
		}
		if len(lists) == 0 {
			break
		}
		v, as := oneOf(g, lists), d.variableName(d.section())
		s := d.scope.with(variable{as, v.typ.elem})
		n := one(s)
		n.set("each", text(v.path))
		n.set("as", text(as))
		return list(n)
	}
	n := one(d.scope)
	if g.often(3) {
		return list(object(pair("oneOf", list(n, one(d.scope)))))
	}
	if len(n.Pairs) == 1 && g.often(70) {
		return oneOf(g, []*Node{text(e.name), texts(e.name)})
	}
	return list(n)
}

func (g *generator) writeEvent(e *event) *Node {
	a := e.of
	n := g.before(g.told(object()), a.context, g.happening)
	if len(e.fields) > 0 {
		plain := true
		for _, f := range e.fields {
			plain = plain && slices.ContainsFunc(a.state, func(s *field) bool { return s.name == f.name })
		}
		if plain && g.often(60) {
			n.set("fields", texts(mapped(e.fields, func(f *field) string { return f.name })...))
		} else {
			n.set("fields", g.write(mapped(e.fields, func(f *field) *field { return &field{name: f.name, typ: f.typ} }), a.context, false))
		}
	}
	if e.private {
		n.set("visibility", text("private"))
	}
	if e.deletes {
		return n.set("deletes", text("true"))
	}
	apply := object()
	s := about((&scope{under: a.context}).fieldsOf("event", e.fields).with(variable{"id", idType}))
	if e != a.created {
		s = s.fieldsOf("state", a.state)
	}
	for _, f := range a.state {
		switch {
		case f == a.cycle:
			if e == a.created {
				apply.set(f.name, text(f.typ.def.enum[0]))
			} else if g.often(60) {
				apply.set(f.name, text(oneOf(g, f.typ.def.enum[1:])))
			}
		case g.often(15) && g.writable(s, f.typ):
			apply.set(f.name, text(g.expr(s, f.typ, 2)))
		case g.often(5) && f.typ.kind == "optional":
			apply.set(f.name, text("null"))
		}
	}
	if !apply.empty() {
		n.set("apply", apply)
	}
	if g.often(8) && len(e.fields) > 0 {
		g.addVersions(n, e)
	}
	return n
}

// addVersions writes what an event said before.
func (g *generator) addVersions(n *Node, e *event) {
	old := []*field{{name: "was", typ: oneOf(g, []*typ{integer, stringType, decimalType})}}
	byName := map[string]*typ{}
	for _, f := range e.fields {
		if g.often(50) {
			old = append(old, f)
			byName[f.name] = f.typ
		}
	}
	s := about((&scope{under: e.of.context}).fieldsOf("old", old))
	up := object()
	for _, f := range e.fields {
		if byName[f.name] == nil && g.writable(s, f.typ) {
			up.set(f.name, text(g.expr(s, f.typ, 1)))
		}
	}
	v := object(pair("fields", g.write(mapped(old, func(f *field) *field { return &field{name: f.name, typ: f.typ} }), e.of.context, false)))
	if !up.empty() {
		v.set("upcast", up)
	}
	n.set("versions", object(pair("1", v)))
}
