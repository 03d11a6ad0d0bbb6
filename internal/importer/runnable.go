package importer

import (
	"cmp"
	"slices"
	"strings"

	"github.com/esgen/esgen/internal/board"
)

// somebody is who gives the commands of which the board does not say.
const somebody = "User"

// runnable gives a draft what it needs so that a command can be given the same
// afternoon: of each aggregate one that creates, fields, and somebody who asks.
func (d *draft) runnable(r *Report) {
	for _, c := range d.contexts {
		c.texts(r)
	}
	d.tellers(r)
	reached := map[*command]bool{}
	for _, c := range d.contexts {
		for _, p := range c.policies {
			for _, m := range p.then {
				reached[m] = reached[m] || len(p.whenever) > 0
			}
		}
	}
	for _, c := range d.contexts {
		for _, a := range c.aggregates {
			first := a.first()
			if first == nil {
				continue
			}
			a.begin(first, r)
			for _, m := range a.commands {
				if len(m.actors) == 0 && (!reached[m] || m == first) {
					m.actors = []*node{d.somebody(r)}
				}
			}
		}
	}
}

// texts gives the fields of which the board does not say the type that of another one
// of the context that is called the same; if there is none they are texts.
func (c *context) texts(r *Report) {
	known := map[string]string{}
	var untyped []*Field
	for _, list := range c.fields() {
		for i, f := range list {
			switch {
			case f.Type == "":
				untyped = append(untyped, &list[i])
			case known[f.Name] == "":
				known[f.Name] = f.Type
			}
		}
	}
	var untold []string
	for _, f := range untyped {
		if known[f.Name] == "" {
			known[f.Name] = "string"
			untold = append(untold, f.Name)
		}
		f.Type = known[f.Name]
	}
	if len(untold) > 0 {
		r.infer("texts of %s, because the board does not say of which type they are: %s", c.name, strings.Join(untold, ", "))
	}
}

// fields are all that the parts of a context have.
func (c *context) fields() (lists [][]Field) {
	for _, t := range c.types {
		lists = append(lists, t.fields)
	}
	events := c.events
	for _, a := range c.aggregates {
		lists = append(lists, a.fields)
		for _, m := range a.commands {
			lists = append(lists, m.input)
		}
		events = slices.Concat(events, a.events)
	}
	for _, e := range events {
		lists = append(lists, e.fields)
	}
	for _, v := range c.views {
		lists = append(lists, v.fields)
	}
	return lists
}

// tellers gives commands to a board that has none: to each aggregate, and if there is
// none, to one for all that happens.
func (d *draft) tellers(r *Report) {
	var all []*aggregate
	for _, c := range d.contexts {
		all = append(all, c.aggregates...)
	}
	if len(all) == 0 {
		all = d.story(r)
	}
	for _, a := range all {
		if a.first() == nil {
			a.tell(r)
		}
	}
}

// story makes aggregates of a big picture, which has events alone: one for each
// context, and one for what is in none.
func (d *draft) story(r *Report) (made []*aggregate) {
	if len(d.events) > 0 {
		name := identifier(d.title, board.Aggregate)
		c := &context{node: node{kind: "context", name: cmp.Or(lower(name), "main"), title: d.title}, events: d.events}
		d.contexts, d.events = append(d.contexts, c), nil
	}
	for _, c := range d.contexts {
		if len(c.events) == 0 {
			continue
		}
		a := &aggregate{node: node{kind: board.Aggregate, name: identifier(c.name, board.Aggregate)}, in: c, events: c.events}
		for _, e := range a.events {
			e.in, e.of = c, a
		}
		c.aggregates, c.events = append(c.aggregates, a), nil
		made = append(made, a)
		r.infer("%s is what the events of %s happen to: the board has no aggregate", a.name, c.name)
	}
	return made
}

// tell gives an aggregate a command for each of its events; without events, one that
// creates it.
func (a *aggregate) tell(r *Report) {
	if len(a.events) == 0 {
		created := &event{node: node{kind: board.Event, name: a.name + "Created", title: a.called() + " created"}, in: a.in, of: a}
		a.events = append(a.events, created)
		a.commands = append(a.commands, &command{node: node{kind: board.Command, name: "Create" + a.name, title: "Create " + a.called()}, of: a, emits: []*event{created}})
		r.infer("Create%s is there to begin: the board has no command of which something follows at %[1]s", a.name)
		return
	}
	for _, e := range a.events {
		a.commands = append(a.commands, &command{
			node: node{kind: board.Command, name: "Record" + e.name, title: "Record: " + e.called()}, of: a, input: slices.Clone(e.fields), emits: []*event{e},
		})
		r.infer("Record%s tells that it has happened: the board has no command of which it follows", e.name)
	}
}

// first is the command that creates, or the first one of which something follows.
func (a *aggregate) first() *command {
	at := slices.IndexFunc(a.commands, func(m *command) bool { return m.creates && len(m.emits) > 0 })
	if at < 0 {
		at = slices.IndexFunc(a.commands, func(m *command) bool { return len(m.emits) > 0 })
	}
	if at < 0 {
		return nil
	}
	return a.commands[at]
}

// begin has a command create its aggregate: it is asked for all that the state is to
// know.
func (a *aggregate) begin(m *command, r *Report) {
	if !m.creates {
		m.creates = true
		r.infer("%s creates %s: it is the first of its commands", m.name, a.name)
	}
	if len(a.fields) == 0 {
		a.fields = []Field{{Name: "name", Type: "string"}}
		r.infer("%s has a name, so that there is something to ask for", a.name)
	}
	m.input = unite(m.input, a.fields)
	for _, e := range m.emits {
		e.fields = unite(e.fields, a.fields)
	}
}

func (d *draft) somebody(r *Report) *node {
	for _, a := range d.actors {
		if a.name == somebody {
			return a
		}
	}
	a := &node{kind: board.Actor, name: somebody}
	d.actors = append(d.actors, a)
	r.infer("%s gives the commands of which the board does not say who gives them", somebody)
	return a
}
