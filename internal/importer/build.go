package importer

import (
	"cmp"
	"slices"
	"strings"

	"github.com/esgen/esgen/internal/board"
)

// builder finds out what belongs to what.
type builder struct {
	sketch *Sketch
	draft  *draft
	report *Report

	notes    []*Note            // those that can be in a model
	byID     map[string]*Note   // those, and the ones that say the same
	out      map[string][]*Note // where arrows lead, by id
	in       map[string][]*Note // where they come from
	contexts map[string]*context
	made     map[*Note]any     // parts of the draft
	tells    map[*command]bool // an arrow says what it leads to
}

// build makes a draft of a sketch.
func build(s *Sketch) (*draft, *Report) {
	b := &builder{
		sketch: s, report: &Report{Taken: map[board.Kind]int{}, Left: slices.Clone(s.Left)},
		byID: map[string]*Note{}, out: map[string][]*Note{}, in: map[string][]*Note{},
		contexts: map[string]*context{}, made: map[*Note]any{}, tells: map[*command]bool{},
	}
	title := plain(s.Title)
	b.draft = &draft{node: node{title: title}}
	b.takeNotes()
	b.areas()
	b.types()
	b.merge()
	b.arrows()
	b.owners()
	b.emissions()
	b.reactions()
	b.looks()
	b.people()
	b.questions()
	b.examples()
	b.contextMap()
	return b.draft, b.report
}

// contextMap is the context map.
func (b *builder) contextMap() {
	for _, r := range b.sketch.Relations {
		up, down := b.contexts[r.Upstream], b.contexts[r.Downstream]
		if up != nil && down != nil && up != down {
			b.draft.relations = append(b.draft.relations, &relation{upstream: up, downstream: down, kind: r.Kind, roles: r.Roles})
		}
	}
}

// takeNotes takes those that say something.
func (b *builder) takeNotes() {
	for _, n := range b.sketch.Notes {
		n.Text = strings.TrimSpace(n.Text)
		switch {
		case plain(n.called()) == "":
			b.report.leave("%s without a text", cmp.Or(string(n.Kind), "a note"))
		case n.Kind == "":
			b.report.leave("text: %s", short(n.called()))
		case n.Kind != board.Hotspot && identifier(n.Text, n.Kind) == "" && identifier(n.called(), n.Kind) == "":
			b.report.leave("%s %q: there is no letter in it", n.Kind, short(n.called()))
		default:
			b.notes = append(b.notes, n)
			b.byID[n.ID] = n
			b.report.Taken[n.Kind]++
		}
	}
}

// short is a text as a report has it.
func short(text string) string {
	text = plain(text)
	if r := []rune(text); len(r) > 60 {
		return string(r[:59]) + "…"
	}
	return text
}

// areas makes contexts, and finds out in which each note is.
func (b *builder) areas() {
	for _, a := range b.sketch.Areas {
		name := lower(identifier(cmp.Or(a.Text, a.Title), "context"))
		if name == "" {
			b.report.leave("an area without a name")
			continue
		}
		c := b.context(name, cmp.Or(a.Title, a.Text))
		if c.area == nil {
			c.area = a
		}
		if a.Ask != "" {
			c.ask(a.Ask)
		}
		b.contexts[a.ID] = c
	}
	for _, n := range b.notes {
		if n.Area == "" || b.contexts[n.Area] == nil {
			n.Area = b.holding(n)
		}
	}
	for range 2 { // what is told by a neighbour may tell the next one
		for _, n := range b.notes {
			if n.Area != "" || global(n) || b.apart(n) {
				continue
			}
			if id := b.areaOfNeighbours(n); id != "" {
				n.Area = id
				b.report.infer("%s %q is in %s, as what it is linked to", n.Kind, short(n.called()), b.contexts[id].name)
			}
		}
	}
	b.restOf()
}

// apart tells whether an event is in no context: the board says so, or it comes from an
// external system.
func (b *builder) apart(n *Note) bool {
	if n.Kind != board.Event {
		return false
	}
	return n.Apart || slices.ContainsFunc(b.sketch.Arrows, func(a Arrow) bool {
		from := b.byID[a.From]
		return a.To == n.ID && from != nil && from.Kind == board.External
	})
}

// global tells whether a note is of no context.
func global(n *Note) bool {
	return n.Kind == board.Actor || n.Kind == board.External || n.Kind == board.Hotspot
}

// context is the one of a name; it is made if there is none.
func (b *builder) context(name, title string) *context {
	for _, c := range b.draft.contexts {
		if c.name == name {
			return c
		}
	}
	c := &context{node: b.node("context", name, title)}
	b.draft.contexts = append(b.draft.contexts, c)
	return c
}

// holding is the smallest area in which a note lies.
func (b *builder) holding(n *Note) string {
	if n.Of != "" && b.byID[n.Of] != nil && b.byID[n.Of].Area != "" {
		return b.byID[n.Of].Area
	}
	best, size := "", 0
	for _, a := range b.sketch.Areas {
		if a.Box == nil || n.Box == nil || b.contexts[a.ID] == nil {
			continue
		}
		x, y := n.Box.X+n.Box.W/2, n.Box.Y+n.Box.H/2
		if x < a.Box.X || x > a.Box.Right() || y < a.Box.Y || y > a.Box.Bottom() {
			continue
		}
		if s := a.Box.W * a.Box.H; best == "" || s < size {
			best, size = a.ID, s
		}
	}
	return best
}

// areaOfNeighbours is where everything is that a note is linked to, if that is one
// place.
func (b *builder) areaOfNeighbours(n *Note) string {
	found := ""
	for _, a := range b.sketch.Arrows {
		var other string
		switch n.ID {
		case a.From:
			other = a.To
		case a.To:
			other = a.From
		default:
			continue
		}
		o := b.byID[other]
		if o == nil || o.Area == "" || global(o) {
			continue
		}
		if found != "" && found != o.Area {
			return ""
		}
		found = o.Area
	}
	return found
}

// restOf gives what is in no area a place: events are a big picture, anything else
// needs a context.
func (b *builder) restOf() {
	some := false
	for _, n := range b.notes {
		some = some || n.Area == "" && !global(n) && n.Kind != board.Event
	}
	if !some {
		return
	}
	name, title := lower(identifier(b.draft.title, "context")), b.draft.title
	asked := ""
	if len(b.draft.contexts) > 0 {
		name, title, asked = "elsewhere", "", "What is in no area of the board: to which contexts does it belong?"
	} else {
		b.report.infer("the board has no areas: all of it is one context")
	}
	c := b.context(cmp.Or(name, "main"), title)
	if asked != "" {
		c.ask(asked)
	}
	b.contexts[rest] = c
	for _, n := range b.notes {
		if n.Area == "" && !global(n) && !b.apart(n) {
			n.Area = rest
		}
	}
}

// rest is the id of the area of what is in none.
const rest = "\x00rest"

// node is a part of the model by what a note says.
func (b *builder) node(kind board.Kind, text, title string) node {
	n := node{kind: kind, name: identifier(text, kind), title: plain(title)}
	if n.name == "" {
		n.name = identifier(title, kind)
	}
	if kind == "context" {
		n.name = lower(n.name)
	}
	if n.title == n.name {
		n.title = ""
	}
	return n
}

// merge makes one of notes that say the same.
func (b *builder) merge() {
	first := map[string]*Note{}
	var kept []*Note
	for _, n := range b.notes {
		if n.Kind == board.Hotspot {
			kept = append(kept, n)
			continue
		}
		area := n.Area
		if global(n) {
			area = ""
		} else if c := b.contexts[area]; c != nil {
			area = c.name
		}
		of := ""
		if n.Kind == board.Command && n.Of != "" {
			of = n.Of // commands of two aggregates may be called the same
		}
		key := strings.Join([]string{string(n.Kind), area, of, cmp.Or(identifier(n.Text, n.Kind), identifier(n.called(), n.Kind))}, "\x00")
		if one := first[key]; one != nil {
			b.same(one, n)
			continue
		}
		first[key] = n
		kept = append(kept, n)
	}
	b.notes = b.heardElsewhere(kept)
}

// same makes one note stand for another one, too.
func (b *builder) same(one, other *Note) {
	b.byID[other.ID] = one
	b.report.Merged++
	one.Fields = unite(one.Fields, other.Fields)
	one.About = cmp.Or(one.About, other.About)
}

func unite(list, more []Field) []Field {
	for _, f := range more {
		if !slices.ContainsFunc(list, func(o Field) bool { return o.Name == f.Name }) {
			list = append(list, f)
		}
	}
	return list
}

// heardElsewhere makes one of an event and the note that shows in another context
// that it is heard there: to that one nothing leads.
func (b *builder) heardElsewhere(notes []*Note) []*Note {
	caused := map[*Note]bool{}
	for _, a := range b.sketch.Arrows {
		from, to := b.byID[a.From], b.byID[a.To]
		if from != nil && to != nil && to.Kind == board.Event && from.Kind != board.Event {
			caused[to] = true
		}
	}
	origin := map[string]*Note{}
	for _, n := range notes {
		if n.Kind == board.Event && caused[n] {
			name := identifier(n.Text, n.Kind)
			if origin[name] != nil {
				origin[name] = &Note{} // several: who knows which
				continue
			}
			origin[name] = n
		}
	}
	return slices.DeleteFunc(notes, func(n *Note) bool {
		o := origin[identifier(n.Text, n.Kind)]
		if n.Kind != board.Event || caused[n] || o == nil || o.Kind == "" || o == n || o.Area == n.Area {
			return false
		}
		b.same(o, n)
		b.report.infer("event %q of %s is heard in %s", short(n.called()), b.where(o), b.where(n))
		return true
	})
}

func (b *builder) where(n *Note) string {
	if c := b.contexts[n.Area]; c != nil {
		return c.name
	}
	return "no context"
}

// arrows leads them to the notes that stand for others.
func (b *builder) arrows() {
	for _, a := range b.sketch.Arrows {
		from, to := b.byID[a.From], b.byID[a.To]
		if from == nil || to == nil || from == to {
			continue
		}
		if !slices.Contains(b.out[from.ID], to) {
			b.out[from.ID] = append(b.out[from.ID], to)
			b.in[to.ID] = append(b.in[to.ID], from)
		}
	}
}

// linked are the notes of a kind that arrows connect with a note, whichever way.
func (b *builder) linked(n *Note, kind board.Kind) []*Note {
	var out []*Note
	for _, o := range slices.Concat(b.in[n.ID], b.out[n.ID]) {
		if o.Kind == kind && !slices.Contains(out, o) {
			out = append(out, o)
		}
	}
	return out
}

func of[T any](b *builder, notes []*Note) []T {
	var out []T
	for _, n := range notes {
		if x, is := b.made[n].(T); is {
			out = append(out, x)
		}
	}
	return out
}
