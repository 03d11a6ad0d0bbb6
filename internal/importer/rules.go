package importer

import (
	"fmt"
	"slices"
	"strings"

	"github.com/esgen/esgen/internal/rule"
)

// Rule says what an event does to a view.
type Rule struct {
	Event string // the note's id
	Set   []Assignment
	Where []Assignment // which rows: those of which the fields agree
	// Creates tells that there is a row anew, Deletes that the rows are gone; else they change.
	Creates, Deletes bool
}

// Assignment is of a field of an event to one of a view.
type Assignment struct {
	To, From string
	Operator string // + or -; "": the value itself
}

// projection is a rule of the model that is being made.
type projection struct {
	text  string // as the model has it
	event *event
}

// projections are what a board says about how a view is made of its events.
func (b *builder) projections(n *Note, v *view) {
	for _, r := range n.Rules {
		e, is := b.made[b.byID[r.Event]].(*event)
		if !is {
			v.ask("It is made of an event that is not on the board: of which?")
			continue
		}
		text := r.text(v.key())
		if slices.ContainsFunc(v.rules, func(p *projection) bool { return p.event == e }) {
			v.ask(fmt.Sprintf("It is made of %s in more than one way: also %s?", e.name, text))
			continue
		}
		v.rules = append(v.rules, &projection{text, e})
		if !slices.Contains(v.from, e) {
			v.from = append(v.from, e)
		}
	}
}

// key is the field by which a row is found; "": nobody says.
func (v *view) key() string {
	for _, f := range v.fields {
		if f.Key && f.Type != "" {
			return f.Name
		}
	}
	return ""
}

// text is a rule as the language has it.
func (r *Rule) text(key string) string {
	var parts, sets, where []string
	for _, a := range r.Where {
		switch {
		case a.To == key && len(r.Where) == 1:
			parts = append(parts, fmt.Sprintf("key: {%s: event.%s}", a.To, a.From))
		default:
			where = append(where, fmt.Sprintf("row.%s == event.%s", a.To, a.From))
		}
	}
	if len(where) > 0 {
		parts = append(parts, "where: "+quoted(strings.Join(where, " && ")))
	}
	for _, a := range r.Set {
		switch {
		case a.To == key && r.Creates:
			parts = append(parts, fmt.Sprintf("key: {%s: event.%s}", a.To, a.From))
		case a.To == key: // it is what it was
		case a.Operator == "":
			sets = append(sets, fmt.Sprintf("%s: event.%s", a.To, a.From))
		default:
			sets = append(sets, fmt.Sprintf("%s: %s", a.To, quoted(fmt.Sprintf("row.%s %s event.%s", a.To, a.Operator, a.From))))
		}
	}
	switch {
	case r.Deletes:
		parts = append(parts, "delete: true")
	case len(sets) > 0:
		parts = append(parts, "set: {"+strings.Join(sets, ", ")+"}")
	}
	if !r.Creates && !r.Deletes && len(where) == 0 {
		parts = append(parts, "missing: skip")
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

// keyIsID makes an id of the key of a view, where the events have none that is a
// text: boards call all keys texts. Written tells whether it is a text as it stands.
func (v *view) keyIsID(why rule.ID, written bool) bool {
	if !written || why != rule.NoKey && why != rule.ExprType {
		return false
	}
	for i, f := range v.fields {
		if f.Name == v.key() {
			v.fields[i].Type = "id"
		}
	}
	return true
}

// from writes what a view is made of: a list, or a map if there is more to say.
func (w *writer) from(v *view, names *shortest) {
	from := live(v.from, func(e *event) *node { return &e.node })
	ask := func(events []*event) { v.ask(fmt.Sprintf("It is made of %s: how?", list(events))) }
	isText := slices.ContainsFunc(v.fields, func(f Field) bool { return f.Name == v.key() && f.Type == "string" })
	if len(v.rules) == 0 {
		w.list("from", from, names, func(why rule.ID) {
			if !v.keyIsID(why, isText) {
				ask(from)
				v.from = nil
			}
		})
		return
	}
	if len(from) == 0 {
		return
	}
	w.line(func(rule.ID) { ask(from); v.from = nil }, "from:")
	w.in(func() {
		for _, e := range from {
			at := slices.IndexFunc(v.rules, func(p *projection) bool { return p.event == e })
			text := "{}"
			if at >= 0 {
				text = v.rules[at].text
			}
			w.line(func(why rule.ID) {
				if v.keyIsID(why, isText) {
					return
				}
				if at >= 0 {
					v.ask(fmt.Sprintf("Of %s the board says %s: how is that meant?", e.name, text))
					v.rules = slices.DeleteFunc(slices.Clone(v.rules), func(p *projection) bool { return p.event == e })
					return
				}
				ask([]*event{e})
				v.from = slices.DeleteFunc(slices.Clone(v.from), func(o *event) bool { return o == e })
			}, "%s: %s", names.event(e), text)
		}
	})
}
