package randmodel

import (
	"fmt"
	"strconv"
	"strings"
)

// document writes the whole model: what others speak of first.
func (g *generator) document() *Node {
	doc := object(pair("esgen", text("v1")))
	g.system = oneOf(g, []string{"shop", "shop-2", "a", "go", "test", "kafka", "esgen", "platform", strings.Repeat("s", 20)})
	doc.set("system", text(g.system))
	if g.often(30) {
		doc.set("title", text(g.someText(g.nastyTexts)))
		doc.set("description", text(g.someText(g.nastyTexts)))
	}
	if g.often(20) {
		doc.set("module", text(oneOf(g, []string{"example.com/x", "github.com/a-b/c.d", "example.com/shop/v2", "corp.example/a_b~c"})))
	}
	if g.often(30) {
		doc.set("zone", text(oneOf(g, []string{"Asia/Seoul", "UTC", "America/New_York"})))
	}
	g.addRequirements(doc)
	g.addActors(doc)
	g.addTypes(doc, nil, 4)
	g.addExternals(doc)
	contexts := object()
	for range oneOf(g, []int{1, 1, 2, 2, 3}) {
		g.addContext()
	}
	for _, c := range g.contexts { // all are known now
		g.fillContext(c)
		contexts.set(c.name, c.node)
	}
	doc.set("contexts", contexts)
	for _, x := range g.externals {
		if x.node != nil && g.often(97) {
			x.node.set("receiver", text(oneOf(g, g.contexts).name))
		}
	}
	g.around(doc)
	g.scenarios(doc)
	return doc
}

func (g *generator) addRequirements(doc *Node) {
	if !g.often(30) {
		return
	}
	all := object()
	for i := range 1 + g.IntN(3) {
		id := "R" + strconv.Itoa(i+1)
		g.requirements = append(g.requirements, id)
		if t := text(g.someText(g.nastyTexts)); g.often(60) {
			all.set(id, t)
		} else {
			all.set(id, object(pair("text", t), pair("kind", text(oneOf(g, []string{"functional", "nonfunctional"})))))
		}
	}
	doc.set("requirements", all)
}

func (g *generator) addActors(doc *Node) {
	all := object()
	for range 1 + g.IntN(3) {
		name := g.fresh("actors", func() string { return oneOf(g, actorWords) }, nastyActors)
		n := g.told(object())
		if g.often(15) {
			n.set("role", text(oneOf(g, []string{"clerk", "Ärztin", "admin", "role:x", "ключ", "a.b", "a_b", "A-1"})))
		}
		if g.often(1) {
			n.set("role", text(oneOf(g, []string{"a b", `x"y`, "it's", "a,b", "$HOME", "a\nb"})))
		}
		if g.often(20) {
			n.set("claims", object(pair("tenant", text("string")), pair("größe", text("optional(int)")), pair("areas", text("list(string)"))))
			g.claiming = append(g.claiming, name)
		}
		all.set(name, n)
		g.actors = append(g.actors, name)
	}
	doc.set("actors", all)
}

func (g *generator) addTypes(into *Node, c *boundedContext, most int) {
	all := object()
	for range g.IntN(most + 1) {
		d := g.newType(c, all)
		if c == nil {
			g.types = append(g.types, d)
		} else {
			c.types = append(c.types, d)
		}
	}
	if !all.empty() {
		into.set("types", all)
	}
}

func (g *generator) addExternals(doc *Node) {
	all := object()
	for range oneOf(g, []int{0, 1, 1, 2}) {
		x := &external{name: g.fresh("contexts", func() string { return oneOf(g, []string{"Mail", "Bank", "Maps", "Printer", "Registry"}) }, append(nastyContexts, "Database", "Kafka", "Jwks", "Otel"))}
		n := g.told(object())
		if g.often(40) {
			n.set("timeout", text(oneOf(g, []string{"800ms", "2s"})))
		}
		if g.often(15) {
			n.set("custom", text("true"))
		}
		operations := object()
		for range 1 + g.IntN(2) {
			o := &operation{name: g.fresh("external "+x.name, func() string { return oneOf(g, []string{"send", "capture", "look", "print", "check"}) }, nastyFields), of: x}
			o.input = g.newFields("op "+x.name+o.name, nil, 1+g.IntN(3))
			if g.often(70) {
				o.reply = g.newFields("reply "+x.name+o.name, nil, 1+g.IntN(2))
			}
			x.operations = append(x.operations, o)
			operations.set(o.name, g.writeOperation(o))
		}
		n.set("operations", operations)
		if g.often(40) {
			x.node = n
			g.addTold(x)
		}
		all.set(x.name, n)
		g.externals = append(g.externals, x)
	}
	if !all.empty() {
		doc.set("externals", all)
	}
}

// addTold has an external system tell of events, by webhooks or in a topic.
func (g *generator) addTold(x *external) {
	way, spots := object(), []string{"/x", "/a~1b/0/c", "/" + oneOf(g, nastyFields)}
	switch topic := g.often(50); {
	case topic && g.often(50):
		way.set("name", text(oneOf(g, []string{"old.orders", "a_b-c", "X"})+strconv.Itoa(len(g.externals))))
		x.node.set("topic", way)
	case topic:
		way.set("name", text("plain"+strconv.Itoa(len(g.externals)))).set("format", text("json")).set("type", text(oneOf(g, []string{"/type", "kind", "X-Kind"})))
		spots = append(spots, "key", "X-H")
		g.addSpots(way)
		x.node.set("topic", way)
	case g.often(60):
		way.set("type", text("/type"))
		if g.often(50) {
			way.set("signature", text("X-Signature")).set("tolerance", text("90s"))
		}
		g.addSpots(way)
		x.node.set("webhook", way)
	}
	key := &field{name: oneOf(g, []string{"orderedBy", "그_번호"}), typ: idType}
	told := object()
	for range 1 + g.IntN(3) {
		e := &event{name: g.note(nil, g.happening), from: x, fields: append(g.newFields("webhook "+x.name, nil, 1+g.IntN(3)), key)}
		x.events = append(x.events, e)
		w := g.told(object(pair("fields", g.write(e.fields, nil, false))))
		if way.empty() && told.empty() && g.often(30) {
			w.set("http", text("POST /webhooks/"+oneOf(g, []string{"pg", "x-y", "X.y", "a/b"})))
		}
		if g.often(30) {
			w.set("type", text(oneOf(g, []string{`a "b" `, "com.x/y.", "$(x)", "{{.}}", "'", "`", "\\", "주문 "})+e.name))
		}
		if g.often(40) {
			w.set("from", object(pair(oneOf(g, e.fields).name, text(oneOf(g, spots)))))
		}
		told.set(e.name, w)
	}
	if g.often(50) {
		x.node.set("key", text(key.name))
	}
	x.node.set("events", told)
}

// addSpots says where in what is told something is.
func (g *generator) addSpots(way *Node) {
	for _, name := range []string{"id", "data"} {
		if g.often(30) {
			way.set(name, text(oneOf(g, []string{"/" + name, "/a/0", "/~0"})))
		}
	}
	if g.often(30) {
		way.set("unknown", text(oneOf(g, []string{"ignore", "refuse"})))
	}
}

func (g *generator) writeOperation(o *operation) *Node {
	n := g.told(object())
	if g.often(40) {
		path := "/v1/" + oneOf(g, []string{"x", "letters", "a-b"})
		for _, f := range o.input {
			if f.typ.single() && f.typ.kind != "named" && g.often(40) {
				path += "/{" + f.name + "}"
			}
		}
		n.set("http", text(oneOf(g, []string{"POST ", "GET ", "PUT ", "DELETE "})+path))
	}
	n.set("input", g.write(o.input, nil, false))
	if o.reply != nil {
		n.set("reply", g.write(o.reply, nil, false))
	}
	return n
}

// addContext makes up what others may speak of: names, types, state, events and
// the inputs of commands.
func (g *generator) addContext() {
	c := &boundedContext{name: g.fresh("contexts", func() string { return oneOf(g, contextWords) }, nastyContexts), node: object()}
	g.contexts = append(g.contexts, c)
	n := g.told(c.node)
	if g.often(40) {
		n.set("domain", text(oneOf(g, []string{"core", "supporting", "generic"})))
	}
	if g.often(20) {
		n.set("team", text(oneOf(g, []string{"front-team", "팀", "a b", "@org/team", "x\ny", `"`, "#1"})))
	}
	if g.often(25) {
		n.set("grpc", text("true"))
	}
	g.addTypes(n, c, 3)
	for range oneOf(g, []int{1, 1, 2, 2, 3}) {
		g.addAggregate(c)
	}
}

func (g *generator) addAggregate(c *boundedContext) {
	a := &aggregate{name: g.note(c, g.noun), context: c}
	c.aggregates = append(c.aggregates, a)
	a.id = lowerFirst(a.name) + "Id"
	section := "state " + c.name + a.name
	g.taken[section+"/"+spelled(a.id)] = true
	a.state = g.newFields(section, c, 1+g.IntN(5))
	g.withDefaults(a.state, 25)
	for _, f := range a.state {
		if f.typ.kind == "named" && f.typ.def.enum != nil && len(f.typ.def.enum) > 1 && a.cycle == nil && !f.hasDefault && g.often(70) {
			a.cycle = f
		}
		if f.typ.single() && f != a.cycle && g.often(25) {
			a.lookup = append(a.lookup, f)
		}
	}
	a.created = &event{name: g.note(c, g.happening), of: a}
	for _, f := range a.state {
		if f != a.cycle && (!f.optional() || g.often(40)) {
			a.created.fields = append(a.created.fields, &field{name: f.name, typ: f.typ})
		}
	}
	a.events = []*event{a.created}
	for range g.IntN(4) {
		e := &event{name: g.note(c, g.happening), of: a}
		for _, f := range a.state {
			if f != a.cycle && g.often(40) {
				e.fields = append(e.fields, &field{name: f.name, typ: f.typ})
			}
		}
		if g.often(50) {
			e.fields = append(e.fields, g.newFields(section, c, 1)...)
		}
		e.private, e.deletes = g.often(15), g.often(15)
		a.events = append(a.events, e)
	}
	g.addCommands(a, section)
}

func (g *generator) addCommands(a *aggregate, section string) {
	for i := range len(a.events) + g.IntN(2) {
		m := &command{name: g.note(a.context, g.deed), of: a}
		m.emits = []*event{a.created}
		if i > 0 {
			m.emits = []*event{oneOf(g, a.events)}
			if i < len(a.events) {
				m.emits[0] = a.events[i]
			}
		}
		if m.emits[0] == a.created {
			m.creates = oneOf(g, []string{"true", "true", "true", "upsert"})
		}
		for _, f := range m.emits[0].fields {
			if g.often(60) {
				m.input = append(m.input, &field{name: f.name, typ: f.typ})
			}
		}
		if g.often(30) {
			m.input = append(m.input, g.newFields(section, a.context, 1)...)
		}
		if g.often(65) {
			m.actors = some(g, g.actors, 60)
		}
		a.commands = append(a.commands, m)
	}
}

func lowerFirst(name string) string {
	for i, r := range name {
		if i == 0 {
			return strings.ToLower(string(r)) + name[len(string(r)):]
		}
	}
	return name
}

// called writes who gives or asks something: one or a list.
func called(actors []string) *Node {
	if len(actors) == 1 {
		return text(actors[0])
	}
	return texts(actors...)
}

func (g *generator) pathOf(words ...string) string {
	return "/" + strings.Join(words, "/") + oneOf(g, []string{"", "", fmt.Sprint(g.IntN(9)), "-x"})
}
