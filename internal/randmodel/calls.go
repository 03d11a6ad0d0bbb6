package randmodel

// call writes a request to a command or query of another context, or to an
// external system.
func (d *decision) call() {
	g := d.generator
	var options []func() *Node
	for _, x := range g.externals {
		for _, o := range x.operations {
			if g.canGive(d.scope, o.input, d.byName) {
				options = append(options, func() *Node { return d.callOperation(o) })
			}
		}
	}
	for _, c := range g.contexts {
		if c == d.command.of.context {
			continue
		}
		for _, a := range c.aggregates {
			for _, m := range a.commands {
				if g.canGive(d.scope, m.input, d.byName) {
					options = append(options, func() *Node { return d.callCommand(m) })
				}
			}
		}
		for _, v := range c.views {
			for i := range v.queries {
				if g.canGive(d.scope, v.asks[i], d.byName) {
					options = append(options, func() *Node { return d.callQuery(v, i) })
				}
			}
		}
	}
	if len(options) == 0 {
		return
	}
	calls := list(oneOf(g, options)())
	if g.often(20) {
		calls.add(oneOf(g, options)())
	}
	d.node.set("call", calls)
}

func (d *decision) callOperation(o *operation) *Node {
	name := d.variableName(d.section())
	n := object(pair("to", text(o.of.name+"."+o.name)), pair("as", text(name)))
	if with := d.given(d.scope, o.input, d.byName); !with.empty() {
		n.set("with", with)
	}
	before := d.scope
	d.scope = d.scope.fieldsOf(name, o.reply)
	if d.often(30) {
		n.set("require", d.rules(d.scope, "Reply", d.command))
	}
	d.patience(n)
	if len(o.reply) > 0 && d.often(30) {
		reply := object()
		for _, f := range o.reply {
			if d.writable(before, f.typ) {
				reply.set(f.name, text(d.expr(before, f.typ, 1)))
			}
		}
		n.set("fallback", object(pair("reply", reply)))
	}
	if d.often(15) && len(o.of.operations) > 1 {
		other := o.of.operations[0]
		n.set("compensate", object(pair("do", text(o.of.name+"."+other.name)), pair("with", d.given(d.scope, other.input, nil))))
	}
	return n
}

func (d *decision) callCommand(m *command) *Node {
	name := d.variableName(d.section())
	n := object(pair("to", text(m.of.context.name+"."+m.name)), pair("as", text(name)))
	if m.creates != "true" {
		n.set("target", text(d.expr(d.scope, idType, 1)))
	}
	if with := d.given(d.scope, m.input, d.byName); !with.empty() {
		n.set("with", with)
	}
	if len(m.rejections) > 0 && d.often(40) {
		n.set("rejected", object(pair(m.rejections[0], text("Refused"+oneOf(d.generator, nounWords)))))
	}
	if d.often(30) {
		for _, other := range m.of.commands {
			if other.creates == "" && d.canGive(d.scope, other.input, d.byName) {
				c := object(pair("do", text(m.of.context.name+"."+other.name)))
				if m.creates == "" || d.often(30) {
					c.set("target", text(d.expr(d.scope, idType, 1)))
				}
				if with := d.given(d.scope, other.input, d.byName); !with.empty() {
					c.set("with", with)
				}
				n.set("compensate", c)
				break
			}
		}
	}
	d.scope = d.scope.with(variable{name + "." + m.of.id, idType})
	for _, f := range m.emits[0].fields {
		if m.creates == "true" {
			d.scope = d.scope.with(variable{name + "." + f.name, f.typ})
		}
	}
	if d.often(20) {
		n.set("require", d.rules(d.scope, "Reply", d.command))
	}
	d.patience(n)
	if e := d.command.emits[0]; d.command.creates == "" && d.canGive(&scope{}, e.fields, d.byName) && d.often(20) {
		n.set("fallback", object(pair("emit", texts(d.command.emits[0].name))))
	}
	return n
}

func (d *decision) callQuery(v *view, i int) *Node {
	name := d.variableName(d.section())
	n := object(pair("to", text(v.context.name+"."+v.queries[i])), pair("as", text(name)))
	if with := d.given(d.scope, v.asks[i], d.byName); !with.empty() {
		n.set("with", with)
	}
	d.patience(n)
	if d.often(30) {
		n.set("require", object(pair("NoRows", text("size("+name+".rows) >= 0"))))
	}
	return n
}

// patience writes how long and how often is asked.
func (d *decision) patience(n *Node) {
	if d.often(30) {
		n.set("timeout", text("610ms"))
	}
	if d.often(20) {
		n.set("attempts", text("3"))
		n.set("total", text("5s"))
	}
	if d.often(15) {
		n.set("breaker", object(pair("failures", text("5")), pair("of", text("10")), pair("open", text("10s"))))
	}
	if d.often(15) {
		n.set("bulkhead", text("20"))
	}
}
