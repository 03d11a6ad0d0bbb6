package importer

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/esgen/esgen/internal/rule"
)

// writer writes a draft as YAML, and remembers of each line what can be done when
// check refuses it.
type writer struct {
	text   strings.Builder
	lines  []remedy // by number, from 0 on
	indent int
}

// remedy changes a draft so that a line is not refused by a rule again.
type remedy func(why rule.ID)

// line writes one.
func (w *writer) line(r remedy, format string, args ...any) {
	w.text.WriteString(strings.Repeat("  ", w.indent))
	fmt.Fprintf(&w.text, format, args...)
	w.text.WriteByte('\n')
	w.lines = append(w.lines, r)
}

// in writes what is one level below.
func (w *writer) in(do func()) {
	w.indent++
	do()
	w.indent--
}

// quoted is a text in quotes: of JSON, all of which is YAML.
func quoted(text string) string {
	var out bytes.Buffer
	as := json.NewEncoder(&out)
	as.SetEscapeHTML(false) // people read it
	if err := as.Encode(text); err != nil {
		panic(err) // a text has a form
	}
	return strings.TrimSuffix(out.String(), "\n")
}

// write writes a draft, and tells what to do about each of its lines.
func write(d *draft, system string) (string, []remedy) {
	w := &writer{}
	none := func(rule.ID) {}
	names := newShortest(d)
	w.line(none, "esgen: v1")
	w.line(none, "system: %s", system)
	w.extras(&d.node)
	if len(d.actors) > 0 {
		w.line(none, "actors:")
		w.in(func() {
			for _, a := range d.actors {
				w.node(a, nil)
			}
		})
	}
	if x := live(d.externals, func(x *external) *node { return &x.node }); len(x) > 0 {
		w.line(none, "externals:")
		w.in(func() {
			for _, x := range x {
				w.node(&x.node, func() { w.external(x) })
			}
		})
	}
	if len(d.contexts) > 0 {
		w.line(none, "contexts:")
		w.in(func() {
			for _, c := range d.contexts {
				w.context(c, names)
			}
		})
	}
	w.events(d.events)
	w.relations(d.relations)
	w.scenarios(d.scenarios, names)
	return w.text.String(), w.lines
}

func (w *writer) relations(list []*relation) {
	list = slices.DeleteFunc(slices.Clone(list), func(r *relation) bool { return r.dropped || r.upstream.dropped || r.downstream.dropped })
	if len(list) == 0 {
		return
	}
	w.line(func(rule.ID) {}, "relations:")
	w.in(func() {
		for _, r := range list {
			drop := func(rule.ID) { r.dropped = true }
			roles := ""
			if len(r.roles) > 0 {
				roles = ", roles: [" + strings.Join(r.roles, ", ") + "]"
			}
			if r.kind != "" {
				w.line(drop, "- {between: [%s, %s], kind: %s%s}", r.upstream.name, r.downstream.name, r.kind, roles)
			} else {
				w.line(drop, "- {upstream: %s, downstream: %s%s}", r.upstream.name, r.downstream.name, roles)
			}
		}
	})
}

func live[T any](list []T, of func(T) *node) []T {
	return slices.DeleteFunc(slices.Clone(list), func(x T) bool { return of(x).dropped })
}

// node writes a part by its name, with what there is to say about it, and what is
// below it; nil: nothing is.
func (w *writer) node(n *node, below func()) {
	if n.dropped {
		return
	}
	r := n.remedy
	at := len(w.lines)
	before := w.text.Len()
	w.line(r, "%s:", n.name)
	w.in(func() {
		w.extras(n)
		if below != nil {
			below()
		}
	})
	if len(w.lines) == at+1 { // nothing is below it
		text := w.text.String()[:before]
		w.text.Reset()
		w.text.WriteString(text)
		w.lines = w.lines[:at]
		w.line(r, "%s: {}", n.name)
	}
}

// remedy gives a part another identifier where its name is in the way of others, and
// else gives it up.
func (n *node) remedy(why rule.ID) {
	switch why {
	case rule.NameCollision, rule.RouteConflict, rule.NameLength, rule.Romanised:
		if n.tries++; n.tries < 4 {
			n.code = strings.ToUpper(string(n.kind[:1])) + string(n.kind[1:]) + fmt.Sprint(n.number+n.tries*1000)
			return
		}
	}
	n.dropped = true
}

func (w *writer) extras(n *node) {
	r := n.remedy
	if n.title != "" {
		w.line(r, "title: %s", quoted(n.title))
	}
	if n.code != "" {
		w.line(r, "code: %s", n.code)
	}
	if n.about != "" {
		w.line(r, "description: %s", quoted(plain(n.about)))
	}
	if open := slices.Concat(n.hotspots, n.asked); len(open) > 0 {
		w.line(r, "hotspots:")
		w.in(func() {
			for _, h := range open {
				w.line(r, "- %s", quoted(h))
			}
		})
	}
}

func (w *writer) context(c *context, names *shortest) {
	w.node(&c.node, func() {
		section(w, "types", c.types, func(t *typ) *node { return &t.node }, w.typ)
		section(w, "aggregates", c.aggregates, func(a *aggregate) *node { return &a.node }, func(a *aggregate) { w.aggregate(a, names) })
		section(w, "policies", c.policies, func(p *policy) *node { return &p.node }, func(p *policy) { w.policy(p, names) })
		section(w, "sagas", c.sagas, func(p *policy) *node { return &p.node }, func(p *policy) { w.saga(p, names) })
		section(w, "views", c.views, func(v *view) *node { return &v.node }, func(v *view) { w.view(v, names) })
		w.events(c.events)
	})
}

func section[T any](w *writer, key string, list []T, of func(T) *node, below func(T)) {
	list = live(list, of)
	if len(list) == 0 {
		return
	}
	w.line(func(rule.ID) {}, "%s:", key)
	w.in(func() {
		for _, x := range list {
			w.node(of(x), func() { below(x) })
		}
	})
}

func (w *writer) external(x *external) {
	if x.receiver != nil && !x.receiver.dropped {
		w.line(func(rule.ID) { x.receiver = nil }, "receiver: %s", x.receiver.name)
	}
	w.events(x.events)
}

func (w *writer) events(list []*event) {
	section(w, "events", list, func(e *event) *node { return &e.node }, func(e *event) {
		on := &e.node
		if e.of != nil {
			on = &e.of.node
		}
		w.fields("fields", &e.fields, on)
		if e.deletes {
			w.line(func(rule.ID) { e.deletes = false }, "deletes: true")
		}
	})
}

func (w *writer) aggregate(a *aggregate, names *shortest) {
	w.fields("state", &a.fields, &a.node)
	section(w, "commands", a.commands, func(m *command) *node { return &m.node }, func(m *command) { w.command(m, names) })
	w.events(a.events)
}

func (w *writer) command(m *command, names *shortest) {
	w.actors(&m.actors)
	if m.creates {
		w.line(func(rule.ID) { m.creates = false }, "creates: true")
	}
	w.fields("input", &m.input, &m.of.node)
	emits := live(m.emits, func(e *event) *node { return &e.node })
	w.list("emit", emits, names, func(rule.ID) {
		if !m.asksFor(emits) {
			m.ask(fmt.Sprintf("It leads to %s: where does what that says come from?", list(emits)))
			m.emits = nil
		}
	})
}

func (w *writer) actors(actors *[]*node) {
	list := live(*actors, func(n *node) *node { return n })
	if len(list) == 0 {
		return
	}
	called := make([]string, len(list))
	for i, a := range list {
		called[i] = a.name
	}
	w.line(func(rule.ID) { *actors = nil }, "actor: [%s]", strings.Join(called, ", "))
}

// list writes references to events or commands.
func (w *writer) list(key string, list []*event, names *shortest, giveUp remedy) {
	if len(list) == 0 {
		return
	}
	refs := make([]string, len(list))
	for i, e := range list {
		refs[i] = names.event(e)
	}
	w.line(giveUp, "%s: [%s]", key, strings.Join(refs, ", "))
}

func (w *writer) policy(p *policy, names *shortest) {
	heard := live(p.whenever, func(e *event) *node { return &e.node })
	w.list("whenever", heard, names, func(rule.ID) { p.ask(fmt.Sprintf("It happens after %s: how?", list(heard))); p.whenever = nil })
	then := live(p.then, func(m *command) *node { return &m.node })
	if len(then) == 0 {
		return
	}
	refs := make([]string, len(then))
	for i, m := range then {
		refs[i] = m.of.name + "." + m.name
	}
	w.line(func(rule.ID) {
		p.ask(fmt.Sprintf("It gives %s: for which instance, and with what?", strings.Join(refs, ", ")))
		p.then = nil
	}, "then: [%s]", strings.Join(refs, ", "))
}

func (w *writer) saga(p *policy, names *shortest) {
	if len(p.whenever) > 0 && !p.whenever[0].dropped {
		w.line(func(rule.ID) { p.ask(fmt.Sprintf("It begins with %s: how?", list(p.whenever))); p.whenever = nil }, "startedBy: %s", names.event(p.whenever[0]))
	}
	then := live(p.then, func(m *command) *node { return &m.node })
	if len(then) == 0 {
		return
	}
	w.line(func(rule.ID) { p.then = nil }, "steps:")
	w.in(func() {
		for _, m := range then {
			w.line(func(rule.ID) {
				p.ask(fmt.Sprintf("One of its steps is %s: with what?", m.name))
				p.then = slices.DeleteFunc(slices.Clone(p.then), func(o *command) bool { return o == m })
			}, "- {do: %s.%s.%s}", m.of.in.name, m.of.name, m.name)
		}
	})
}

func (w *writer) view(v *view, names *shortest) {
	w.actors(&v.actors)
	for _, f := range v.fields {
		if f.Key && f.Type != "" {
			w.line(func(rule.ID) { forget(v.fields, func(f *Field) { f.Key = false }) }, "key: %s", f.Name)
			break
		}
	}
	w.fields("fields", &v.fields, &v.node)
	w.from(v, names)
}

// list names events.
func list(events []*event) string {
	names := make([]string, len(events))
	for i, e := range events {
		names[i] = e.name
	}
	return strings.Join(names, ", ")
}

// asksFor has a command ask for what its events say and it does not, and tells
// whether there was such a thing.
func (m *command) asksFor(events []*event) bool {
	before := len(m.input)
	for _, e := range events {
		for _, f := range e.fields {
			if !slices.ContainsFunc(m.of.fields, func(o Field) bool { return o.Name == f.Name }) || m.creates {
				m.input = unite(m.input, []Field{{Name: f.Name, Type: f.Type}})
			}
		}
	}
	return len(m.input) > before
}

func forget(fields []Field, do func(*Field)) {
	for i := range fields {
		do(&fields[i])
	}
}

// mostTypes bounds how often a field is given another type.
const mostTypes = 3

// fields writes those of a part. What is refused loses its type; what is refused
// again is left out.
func (w *writer) fields(key string, fields *[]Field, of *node) {
	if len(*fields) == 0 {
		return
	}
	w.line(func(rule.ID) { of.ask("Which fields does this have?"); *fields = nil }, "%s:", key)
	w.in(func() {
		for _, f := range *fields {
			r := func(why rule.ID) {
				at := slices.IndexFunc(*fields, func(o Field) bool { return o.Name == f.Name })
				switch {
				case at < 0:
				case why == rule.NoType && f.Type == "":
					(*fields)[at].Type = "string"
					of.ask(fmt.Sprintf("Of which type is %s?", f.Name))
				case why == rule.UnsetField && !strings.HasPrefix(f.Type, "optional("):
					(*fields)[at].Type = "optional(" + cmp.Or(f.Type, "string") + ")"
					of.ask(fmt.Sprintf("What is %s when this begins?", f.Name))
				case f.Type != "" && why != rule.ImpliedID && f.tries < mostTypes:
					(*fields)[at].Type = ""
					(*fields)[at].tries++
				default:
					*fields = slices.Delete(slices.Clone(*fields), at, at+1)
				}
			}
			if f.Type == "" {
				w.line(r, "%s: {}", f.Name)
			} else {
				w.line(r, "%s: %s", f.Name, f.Type)
			}
		}
	})
}

// shortest knows the shortest form in which each event is named.
type shortest struct{ count map[string]int }

func newShortest(d *draft) *shortest {
	n := &shortest{map[string]int{}}
	d.every(func(x *node, _ string) {
		if !x.dropped {
			n.count[x.name]++
		}
	})
	return n
}

func (n *shortest) event(e *event) string {
	switch {
	case n.count[e.name] == 1:
		return e.name
	case e.from != nil:
		return e.from.name + "." + e.name
	case e.of != nil:
		return e.of.in.name + "." + e.of.name + "." + e.name
	case e.in != nil:
		return e.in.name + "." + e.name
	}
	return e.name
}
