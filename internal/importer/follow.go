package importer

import (
	"fmt"
	"slices"

	"github.com/esgen/esgen/internal/board"
)

// emissions finds out which command leads to which event of its aggregate.
func (b *builder) emissions() {
	for _, a := range b.sketch.Arrows {
		from, to := b.byID[a.From], b.byID[a.To]
		if m, is := b.made[from].(*command); is && to != nil && to.Kind == board.Event {
			b.tells[m] = true
		}
	}
	for _, n := range b.notes {
		e, is := b.made[n].(*event)
		if !is || e.of == nil {
			continue
		}
		by := of[*command](b, b.in[n.ID])
		told := len(by) > 0
		for _, m := range by {
			if m.of != e.of {
				m.ask(fmt.Sprintf("It leads to %s, which is of another aggregate: by which policy?", e.called()))
				continue
			}
			m.emits = append(m.emits, e)
		}
		if told || b.byPolicy(n) {
			continue
		}
		if m := b.causeOf(n, e); m != nil {
			m.emits = append(m.emits, e)
			b.report.infer("%s leads to %s", m.name, e.name)
		} else if len(e.of.commands) > 0 {
			e.ask("Which command leads to this?")
		}
	}
}

// byPolicy tells whether an arrow says that a policy leads to an event: that a
// policy tells of something by itself is not in the language.
func (b *builder) byPolicy(n *Note) bool {
	for _, p := range of[*policy](b, b.in[n.ID]) {
		p.ask(fmt.Sprintf("By which command does this lead to %s?", short(n.called())))
		return true
	}
	return false
}

// causeOf is the command that leads to an event by all that is to be seen: the only
// one, the one of the same words, or the one at its left. Where arrows say what the only one
// leads to, it is that and no more.
func (b *builder) causeOf(n *Note, e *event) *command {
	if only := e.of.commands; len(only) == 1 {
		if b.tells[only[0]] {
			return nil
		}
		return only[0]
	}
	var same []*command
	for _, m := range e.of.commands {
		if alike(m.called(), e.called()) || alike(m.name, e.name) {
			same = append(same, m)
		}
	}
	if len(same) == 1 {
		return same[0]
	}
	return b.beside(n, e)
}

// beside is the command in the row of an event that is nearest to it at its left, if
// the next one is clearly further.
func (b *builder) beside(n *Note, e *event) *command {
	var commands closest[*command]
	for _, at := range b.sketch.Notes {
		m, is := b.made[b.byID[at.ID]].(*command)
		if !is || m.of != e.of || at.Box == nil || n.Box == nil || at.Box.X >= n.Box.X || !level(at.Box, n.Box) {
			continue
		}
		commands.offer(m, float64(n.Box.X-at.Box.X))
	}
	return commands.clear(2)
}

// level tells whether two boxes stand in one row.
func level(a, b *board.Box) bool {
	y := a.Y + a.H/2
	return y >= b.Y && y <= b.Bottom()
}

func (n *node) called() string {
	if n.title != "" {
		return n.title
	}
	return n.name
}

// reactions finds out what policies hear and do. An arrow from an event to a command
// is a policy that nobody has written down.
func (b *builder) reactions() {
	for _, n := range b.notes {
		p, is := b.made[n].(*policy)
		if !is {
			continue
		}
		p.whenever = of[*event](b, b.in[n.ID])
		p.then = of[*command](b, b.out[n.ID])
		if len(b.in[n.ID])+len(b.out[n.ID]) == 0 {
			b.inRow(n, p)
		}
		for _, o := range b.out[n.ID] {
			switch x := b.made[o].(type) {
			case *external:
				p.ask(fmt.Sprintf("What does it ask %s for?", x.called()))
			case *aggregate, *view:
				p.ask(fmt.Sprintf("What does it have to do with %s?", short(o.called())))
			}
		}
		for _, o := range b.in[n.ID] {
			if o.Kind == board.View {
				p.ask(fmt.Sprintf("It looks at %s: after which event does it act?", short(o.called())))
			}
		}
		b.settle(p)
	}
	for _, n := range b.notes {
		e, is := b.made[n].(*event)
		if !is {
			continue
		}
		for _, m := range of[*command](b, b.out[n.ID]) {
			p := &policy{node: node{kind: board.Policy, name: m.name + "On" + e.name}, in: m.of.in, whenever: []*event{e}, then: []*command{m}}
			m.of.in.policies = append(m.of.in.policies, p)
			b.report.infer("policy %s: the board leads from %s to %s", p.name, e.called(), m.called())
		}
	}
	for _, n := range b.notes {
		m, is := b.made[n].(*command)
		if !is {
			continue
		}
		for _, x := range of[*external](b, b.out[n.ID]) {
			m.ask(fmt.Sprintf("What does it ask %s for?", x.called()))
		}
		for _, other := range of[*command](b, b.out[n.ID]) {
			m.ask(fmt.Sprintf("Does it wait for %s, or is that a policy?", other.called()))
		}
	}
}

// inRow finds what a policy that no arrow leads to or from stands between: the event at its
// left, and the command at its right.
func (b *builder) inRow(n *Note, p *policy) {
	if e, is := b.made[b.next(n, board.Event, -1)].(*event); is {
		p.whenever = []*event{e}
		b.report.infer("policy %s hears %s, at whose right it stands", p.name, e.name)
	}
	if m, is := b.made[b.next(n, board.Command, 1)].(*command); is {
		p.then = []*command{m}
		b.report.infer("policy %s gives %s, at whose left it stands", p.name, m.name)
	}
}

// next is the note of a kind that stands beside one in its row, at the right (1) or at
// the left (-1); nil: none is near.
func (b *builder) next(n *Note, kind board.Kind, side int) *Note {
	var notes closest[*Note]
	for _, at := range b.sketch.Notes {
		o := b.byID[at.ID]
		if o == nil || o.Kind != kind || at.Box == nil || n.Box == nil || !level(at.Box, n.Box) || (at.Box.X-n.Box.X)*side <= 0 || gap(at.Box, n.Box) > near*float64(max(n.Box.W, 40)) {
			continue
		}
		notes.offer(o, gap(at.Box, n.Box))
	}
	return notes.clear(clearly)
}

// settle puts a policy into the context of its command: a policy gives commands of
// its own context.
func (b *builder) settle(p *policy) {
	if len(p.then) == 0 || p.kind == board.Saga {
		return
	}
	home := p.then[0].of.in
	if slices.ContainsFunc(p.then, func(m *command) bool { return m.of.in == p.in }) {
		home = p.in
	}
	for _, m := range p.then {
		if m.of.in != home {
			p.ask(fmt.Sprintf("It also leads to %s, of another context: is that a policy of its own?", m.called()))
		}
	}
	p.then = slices.DeleteFunc(p.then, func(m *command) bool { return m.of.in != home })
	if p.in == home {
		return
	}
	b.report.infer("policy %s is in %s, whose command it gives, and not in %s", p.name, home.name, p.in.name)
	p.in.policies = slices.DeleteFunc(p.in.policies, func(o *policy) bool { return o == p })
	home.policies = append(home.policies, p)
	p.in = home
}

// looks finds out what views are made of: the events that lead to them. An arrow to
// a view from its aggregate says no more than that they belong together.
func (b *builder) looks() {
	for _, n := range b.notes {
		v, is := b.made[n].(*view)
		if !is {
			continue
		}
		v.from = of[*event](b, b.in[n.ID])
		for _, m := range of[*command](b, b.in[n.ID]) {
			if m.of.in != v.in {
				m.ask(fmt.Sprintf("Does it look at %s of %s?", v.called(), v.in.name))
				continue
			}
			for _, e := range m.emits {
				if !slices.Contains(v.from, e) {
					v.from = append(v.from, e)
					b.report.infer("view %s is made of %s, which %s leads to", v.name, e.name, m.name)
				}
			}
		}
		b.projections(n, v)
		if len(v.from) == 0 {
			v.ask("Which events is this made of?")
		}
	}
}

// people finds out who gives commands and looks at views. The same actor may stand on
// the board more than once, each time for something else.
func (b *builder) people() {
	linked := map[string]bool{}
	for _, a := range b.sketch.Arrows {
		linked[a.From], linked[a.To] = true, true
	}
	for _, n := range b.sketch.Notes {
		one := b.byID[n.ID]
		if one == nil || one.Kind != board.Actor {
			continue
		}
		a := b.made[one].(*node)
		for _, o := range b.actsOn(n, linked[n.ID]) {
			switch x := b.made[o].(type) {
			case *command:
				x.actors = with(x.actors, a)
			case *view:
				x.actors = with(x.actors, a)
			}
		}
	}
}

// actsOn are the notes that an actor's note is for: those that arrows connect it
// with, the one that it says, or the one beside which it lies.
func (b *builder) actsOn(n *Note, linked bool) []*Note {
	switch {
	case linked:
		var out []*Note
		for _, a := range b.sketch.Arrows {
			if a.From == n.ID {
				out = append(out, b.byID[a.To])
			} else if a.To == n.ID {
				out = append(out, b.byID[a.From])
			}
		}
		return out
	case n.Of != "":
		return []*Note{b.byID[n.Of]}
	}
	return []*Note{b.nearest(n, func(o *Note) bool { return o.Kind == board.Command || o.Kind == board.View })}
}

func with(list []*node, a *node) []*node {
	if slices.Contains(list, a) {
		return list
	}
	return append(list, a)
}

// questions hangs hotspots on what they are about.
func (b *builder) questions() {
	for _, n := range b.notes {
		if n.Kind != board.Hotspot {
			continue
		}
		about := slices.Concat(b.out[n.ID], b.in[n.ID])
		if o := b.byID[n.Of]; o != nil {
			about = append(about, o)
		}
		if len(about) == 0 {
			if o := b.nearest(n, func(o *Note) bool { return o.Kind != board.Hotspot && o.Kind != board.Actor }); o != nil {
				about = append(about, o)
			}
		}
		on := &b.draft.node
		if len(about) > 0 {
			on = b.partOf(about[0])
		} else if c := b.contexts[n.Area]; c != nil {
			on = &c.node
		}
		on.hotspots = append(on.hotspots, plain(n.called()))
	}
}

func (b *builder) partOf(n *Note) *node {
	switch x := b.made[n].(type) {
	case *aggregate:
		return &x.node
	case *command:
		return &x.node
	case *event:
		return &x.node
	case *policy:
		return &x.node
	case *view:
		return &x.node
	case *external:
		return &x.node
	case *node:
		return x
	}
	return &b.draft.node
}
