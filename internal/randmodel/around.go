package randmodel

import (
	"slices"
	"strconv"
	"strings"
)

// heard lists the events a context can hear.
func (g *generator) heard(c *boundedContext) []*event {
	var out []*event
	for _, x := range g.contexts {
		for _, a := range x.aggregates {
			for _, e := range a.events {
				if x == c || !e.private {
					out = append(out, e)
				}
			}
		}
	}
	for _, x := range g.externals {
		if g.often(30) {
			out = append(out, x.events...)
		}
	}
	return out
}

func (e *event) full() string {
	if e.of == nil {
		return e.from.name + "." + e.name
	}
	return e.of.context.name + "." + e.of.name + "." + e.name
}

func (g *generator) addPolicies(c *boundedContext) {
	all := object()
	events := g.heard(c)
	for range g.IntN(3) {
		if len(events) == 0 || len(c.aggregates) == 0 {
			break
		}
		name := g.note(c, func() string { return "On" + g.noun() + oneOf(g, verbWords) })
		e, n := oneOf(g, events), g.told(object())
		s := about((&scope{under: c}).fieldsOf("event", e.carried()))
		g.trigger(n, e)
		if g.often(50) {
			n.set("if", text(g.expr(s, boolean, 2)))
		}
		if len(g.externals) > 0 && g.often(20) {
			x := oneOf(g, g.externals)
			o := oneOf(g, x.operations)
			n.set("then", text(x.name+"."+o.name))
			with := g.sent(s, o.input, byNames(e.carried()))
			if g.often(25) {
				one := object(pair("do", text(x.name+"."+o.name)), pair("with", with))
				n.set("then", list(one, one.Clone()))
			} else if !with.empty() {
				n.set("with", with)
			}
			all.set(name, n)
			continue
		}
		g.thenCommand(n, c, e, s)
		if then := n.get("then"); then != nil && then.kind == textKind && g.often(8) {
			n.drop("target", "correlateBy", "with")
			n.set("custom", text("true"))
		}
		all.set(name, n)
	}
	if g.often(10) {
		a := c.aggregates[0]
		if len(a.commands) > 1 && a.commands[1].creates == "" {
			m := a.commands[1]
			s := (&scope{under: c}).with(variable{"now", timeType}, variable{"id", idType}).fieldsOf("state", a.state)
			n := object(pair("cron", text(oneOf(g, []string{"0 9 * * *", "*/15 * * * 1-5"}))), pair("each", object(pair("of", text(a.name)), pair("where", text(g.decidable("state", a.state, (&scope{under: c}).with(variable{"now", timeType}), 1))))),
				pair("then", text(a.name+"."+m.name)))
			if with := g.given(s, m.input, byNames(a.state)); !with.empty() {
				n.set("with", with)
			}
			all.set(g.note(c, func() string { return "Every" + g.noun() }), n)
		}
	}
	if !all.empty() {
		c.node.set("policies", all)
	}
}

// trigger writes when a policy acts: on an event, some time after it, or on one
// of many.
func (g *generator) trigger(n *Node, e *event) {
	switch {
	case g.often(6):
		when := []string{"15m", "meta.time + hours(2)"}
		for _, f := range e.carried() {
			if f.typ.kind == "time" {
				when = append(when, "event."+f.name, "event."+f.name+" - hours(1)")
			}
		}
		n.set("after", text(oneOf(g, when)))
		n.set("since", text(e.full()))
	default:
		n.set("whenever", text(e.full()))
		if g.often(5) {
			n.set("within", text("1h"))
			if len(e.fields) > 0 {
				if f := oneOf(g, e.fields); f.typ.single() || g.often(10) {
					n.set("by", text(f.name))
				}
			}
		}
	}
}

func byNames(fields []*field) map[string]*typ {
	out := map[string]*typ{}
	for _, f := range fields {
		out[f.name] = f.typ
	}
	return out
}

// thenCommand writes which command of its context a policy gives, and to whom.
func (g *generator) thenCommand(n *Node, c *boundedContext, e *event, s *scope) {
	a := oneOf(g, c.aggregates)
	m := oneOf(g, a.commands)
	for range 9 {
		if g.canGive(s, m.input, byNames(e.carried())) {
			break
		}
		m = oneOf(g, a.commands)
	}
	n.set("then", text(a.name+"."+m.name))
	byName := byNames(e.carried())
	if m.creates != "true" {
		var shared *field
		for _, f := range a.lookup {
			if t := byName[f.name]; t != nil && t.key() == f.typ.key() {
				shared = f
			}
		}
		switch {
		case shared != nil && g.often(70):
			n.set("correlateBy", text(shared.name))
		case g.often(20):
			n.set("each", object(pair("of", text(a.name)), pair("where", text(g.decidable("state", a.state, s, 1))), pair("max", text("10"))))
			s = s.fieldsOf("state", a.state)
		case g.often(20) && len(c.views) > 0:
			v := oneOf(g, c.views)
			n.set("each", object(pair("of", text(v.name)), pair("where", text(g.decidable("row", v.fields, s, 1))), pair("sort", g.sorting(v.fields))))
			s = s.fieldsOf("row", v.fields)
			n.set("target", text(g.expr(s, idType, 1)))
		case e.of != a || g.often(20):
			n.set("target", text(g.expr(s, idType, 1)))
		}
		if g.often(50) {
			n.set("missing", text(oneOf(g, []string{"skip", "retry"})))
		}
	}
	if with := g.sent(s, m.input, byName); !with.empty() {
		n.set("with", with)
	}
	if other := oneOf(g, a.commands); g.often(20) && other.creates == "" && e.of == a && g.canGive(&scope{}, other.input, byName) {
		n.set("onRejected", text(a.name+"."+other.name))
	}
	if g.often(15) {
		severally(n)
	}
}

// severally has a policy do what it does twice over, as items of a list.
func severally(n *Node) {
	one := object()
	kept := n.Pairs[:0:0]
	for _, p := range n.Pairs {
		switch p.Key {
		case "then":
			one.set("do", p.Value)
		case "target", "correlateBy", "missing", "with", "onRejected":
			one.set(p.Key, p.Value)
		default:
			kept = append(kept, p)
		}
	}
	n.Pairs = kept
	n.set("then", list(one, one.Clone()))
}

func (g *generator) addSagas(c *boundedContext) {
	if !g.often(12) {
		return
	}
	events := g.heard(c)
	if len(events) == 0 {
		return
	}
	e := oneOf(g, events)
	s := about((&scope{under: c}).fieldsOf("event", e.carried()))
	steps := list()
	for range 1 + g.IntN(2) {
		if !g.often(25) {
			steps.add(g.step(s, e, events))
			continue
		}
		steps.add(object(pair("all", list(g.step(s, e, events), g.step(s, e, events)))))
	}
	n := object(pair("startedBy", text(e.full())), pair("data", object(pair("kept", text("optional(id)")))), pair("steps", steps), pair("timeout", text("30s")))
	c.node.set("sagas", object(pair(g.note(c, func() string { return g.deed() + "Saga" }), g.told(n))))
}

// step is one of a saga that an event starts.
func (g *generator) step(s *scope, e *event, heard []*event) *Node {
	a := oneOf(g, g.aggregates())
	m := oneOf(g, a.commands)
	step := object(pair("do", text(a.context.name+"."+a.name+"."+m.name)))
	if waits := g.often(30); waits {
		step = object(pair("await", text(oneOf(g, heard).full())), pair("target", text(g.expr(s, idType, 1))))
	} else {
		if m.creates != "true" {
			step.set("target", text(g.expr(s, idType, 1)))
		}
		if with := g.sent(s, m.input, byNames(e.carried())); !with.empty() {
			step.set("with", with)
		}
	}
	if g.often(30) {
		step.set("if", text(g.expr(s, boolean, 1)))
	}
	if g.often(20) {
		step.set("timeout", text("3s"))
	}
	return step
}

// around writes what is about the whole system.
func (g *generator) around(doc *Node) {
	if len(g.contexts) > 1 && g.often(25) {
		relation := object(pair("upstream", text(g.contexts[0].name)), pair("downstream", text(g.contexts[1].name)), pair("roles", texts("customer-supplier")))
		if translated := g.translated(); !translated.empty() {
			relation.set("roles", texts("anticorruption-layer"))
			relation.set("translate", translated)
		}
		doc.set("relations", list(relation))
	}
	if g.often(20) {
		m := g.contexts[0].aggregates[0].commands[0]
		doc.set("flows", object(pair(oneOf(g, []string{"happy", "a story: of `x`", "주문한다", "with \"quotes\"", "it's | odd"}), texts(m.name, m.emits[0].name))))
	}
	if g.often(25) {
		gateway := object()
		if g.often(60) {
			gateway.set("cors", oneOf(g, []*Node{texts("https://shop.example", "http://localhost:3000"), texts("*")}))
		}
		if g.often(60) {
			gateway.set("rate", object(pair("perClient", text(oneOf(g, []string{"50/s", "1000/m"})))))
		}
		gateway.set("timeout", text("10s"))
		if routes := g.routes(); len(routes.Items) > 0 {
			gateway.set("routes", routes)
		}
		doc.set("gateway", gateway)
	}
	if g.often(30) {
		doc.set("deploy", g.deploy())
	}
	g.compositions(doc)
	if g.often(10) {
		doc.set("rules", object(pair("untouched", text("off"))))
	}
}

// routes are paths of the gateway's own.
func (g *generator) routes() *Node {
	out := list()
	add := func(to string, route *Node) {
		route.set("to", text(to))
		out.Items = append(out.Items, route)
	}
	if g.often(40) {
		path := oneOf(g, []string{"/legacy/**", "/old", "/Old_1/x/**", "/**"})
		route := object(pair("path", text(path)))
		if strings.HasSuffix(path, "/**") && g.often(40) {
			route.set("rewrite", text(oneOf(g, []string{"/v1/**", "/**", "/Old-1/y.z/**"})))
		}
		add("http://legacy:8080", route)
	}
	if g.often(30) {
		add("http://legacy.example:8080/base", object(pair("http", text("GET /bills/{주문}/of/{n}")), pair("rewrite", text("/of/{n}/{주문}"))))
	}
	for _, c := range g.contexts {
		for _, v := range c.views {
			if len(v.actors) == 0 || !g.often(30) {
				continue
			}
			path := "GET /" + oneOf(g, []string{"own", "own/rows", "x.y"}) + strconv.Itoa(len(out.Items))
			if g.often(60) {
				for _, k := range v.key {
					path += "/{" + k.name + "}"
				}
			}
			add(c.name+"."+v.name, object(pair("http", text(path))))
		}
		for _, a := range c.aggregates {
			for _, m := range a.commands {
				if len(m.actors) == 0 || m.creates == "" || !g.often(15) {
					continue
				}
				add(c.name+"."+a.name+"."+m.name, object(pair("http", text(oneOf(g, []string{"POST ", "PUT "})+"/given/"+strconv.Itoa(len(out.Items))))))
			}
		}
	}
	return out
}

func (g *generator) deploy() *Node {
	n := object()
	if g.often(50) {
		n.set("registry", text("registry.example/shop"))
	}
	if g.often(50) {
		n.set("host", text(oneOf(g, []string{"shop.example", "a.b.example"})))
	}
	if g.often(30) {
		n.set("istio", text("true"))
	}
	if g.often(60) {
		n.set("pipeline", texts(some(g, []string{"github", "cloudbuild", "codebuild"}, 60)...))
		if len(n.Pairs[len(n.Pairs)-1].Value.Items) == 0 {
			n.set("pipeline", text("github"))
		}
	}
	n.set("defaults", object(pair("replicas", text(strconv.Itoa(2+g.IntN(3)))), pair("cpu", text("100m")), pair("memory", text("128Mi"))))
	if g.often(50) {
		own := object(pair("scale", object(pair("min", text("2")), pair("max", text("6")), pair("targetCPU", text("50")))))
		if g.often(50) {
			own.set("files", text("1Gi"))
		}
		if g.often(50) {
			own.Pairs[0].Value.set("lag", text("100"))
		}
		n.set("contexts", object(pair(oneOf(g, g.contexts).name, own)))
	}
	return n
}

func (g *generator) compositions(doc *Node) {
	var views []*view
	for _, c := range g.contexts {
		for _, v := range c.views {
			if len(v.key) == 1 {
				views = append(views, v)
			}
		}
	}
	if len(views) == 0 || !g.often(30) {
		return
	}
	v, w := oneOf(g, views), oneOf(g, views)
	if g.often(40) {
		parts := object(pair(oneOf(g, []string{"order", "주문", "items"}), object(pair("from", text(w.context.name+"."+w.name)), pair("key", text(v.key[0].name)))))
		doc.set("compositions", object(pair(oneOf(g, []string{"all", "Type", "함께"}), g.told(object(
			pair("http", text("GET /listed")), pair("actor", called([]string{oneOf(g, g.actors)})), pair("list", text(v.context.name+"."+v.name)), pair("parts", parts))))))
		return
	}
	parts := object(pair(oneOf(g, []string{"order", "type", "주문", "a_b", "Part", "self"}), object(pair("from", text(v.context.name+"."+v.name)), pair("key", text("k")), pair("required", text("true")))),
		pair("rest", object(pair("from", text(w.context.name+"."+w.name)), pair("key", text("k")), pair("timeout", text("500ms")))))
	doc.set("compositions", object(pair(oneOf(g, []string{"both", "Type", "함께", "New", "order_with_x"}), g.told(object(
		pair("http", text("GET /"+oneOf(g, []string{"both", "together/x", "x.y"})+"/{k}")), pair("actor", called([]string{oneOf(g, g.actors)})), pair("parts", parts))))))
}

// scenarios writes examples. Nobody says they hold.
func (g *generator) scenarios(doc *Node) {
	all := object()
	for i := range g.IntN(4) {
		a := oneOf(g, g.aggregates())
		steps := list()
		given := list()
		if g.often(50) {
			with := g.values(a.created.fields)
			with.set(a.id, text("i1"))
			one := object(pair("event", text(a.created.of.context.name+"."+a.name+"."+a.created.name)), pair("with", with))
			switch {
			case g.often(15):
				one.set("ago", text("3d"))
			case g.often(15):
				one.set("at", text("2001-02-03T04:05:06.789Z"))
			}
			given.add(one)
		}
		for _, x := range g.externals {
			if o := oneOf(g, x.operations); g.often(40) {
				if o.reply != nil && g.often(70) {
					given.add(object(pair("external", text(x.name+"."+o.name)), pair("reply", g.values(o.reply))))
				} else {
					given.add(object(pair("external", text(x.name+"."+o.name)), pair("fails", text("true"))))
				}
			}
		}
		for range 1 + g.IntN(3) {
			m := oneOf(g, a.commands)
			with := g.values(m.input)
			with.set(a.id, text(oneOf(g, []string{"i1", "i1", "i2"})))
			when := object(pair("do", text(a.context.name+"."+a.name+"."+m.name)), pair("with", with))
			if len(m.actors) > 0 && g.often(50) {
				by := object(pair(m.actors[0], text(oneOf(g, []string{"anna", "b c", `x"y`, "ключ"}))))
				if slices.Contains(g.claiming, m.actors[0]) && g.often(80) {
					by.set("claims", object(pair("tenant", text("x")), pair("areas", texts("a", "b"))))
				}
				when.set("by", by)
			}
			step := object(pair("when", when))
			if g.often(50) {
				step.set("then", texts(m.emits[0].name))
			}
			if g.often(20) {
				step.set("advance", text("1h"))
			}
			if g.often(20) {
				step.set("eventually", texts(m.emits[0].full()))
			}
			steps.add(step)
		}
		n := g.told(object())
		if g.often(30) {
			n.set("at", text("2026-12-01T08:59:00+09:00"))
		}
		if len(given.Items) > 0 {
			n.set("given", given)
		}
		n.set("steps", steps)
		all.set(oneOf(g, []string{"An order is placed", "주문이 되면", `a "quoted" one`, "100% of `x` | <b>", "it's $HOME {{x}}", "*/ x"})+" "+strconv.Itoa(i), n)
	}
	if !all.empty() {
		doc.set("scenarios", all)
	}
}

// translated are events of the first context that mean the same in the second, as people
// say in Go.
func (g *generator) translated() *Node {
	out := object()
	for _, a := range g.contexts[0].aggregates {
		for _, e := range a.events {
			own := slices.ContainsFunc(e.fields, func(f *field) bool { return f.typ.named() })
			if len(e.fields) > 0 && !own && !e.private && g.often(40) {
				out.set(e.full(), object(pair("fields", g.write(e.fields, nil, false))))
			}
		}
	}
	return out
}

// named reports whether a type is one of a context, or holds one.
func (t *typ) named() bool { return t != nil && (t.def != nil || t.of != nil || t.elem.named()) }
