package importer

import (
	"slices"

	"github.com/esgen/esgen/internal/board"
)

// somebody is who gives the commands of which the board does not say.
const somebody = "User"

// runnable gives a draft what it needs so that a command can be given the same
// afternoon: of each aggregate one that creates, fields, and somebody who asks.
func (d *draft) runnable(r *Report) {
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
