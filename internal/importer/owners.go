package importer

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/esgen/esgen/internal/board"
)

// owners makes the parts of the model, and finds out to which aggregates commands
// and events belong.
func (b *builder) owners() {
	for _, n := range b.notes {
		c := b.contexts[n.Area]
		switch n.Kind {
		case board.Aggregate:
			a := &aggregate{node: b.nodeOf(n), in: c, fields: n.Fields}
			c.aggregates = append(c.aggregates, a)
			b.made[n] = a
		case board.External:
			x := &external{node: b.nodeOf(n)}
			b.draft.externals = append(b.draft.externals, x)
			b.made[n] = x
		case board.Actor:
			a := b.nodeOf(n)
			b.draft.actors = append(b.draft.actors, &a)
			b.made[n] = &a
		case board.View:
			v := &view{node: b.nodeOf(n), in: c, fields: n.Fields}
			c.views = append(c.views, v)
			b.made[n] = v
		case board.Policy:
			p := &policy{node: b.nodeOf(n), in: c}
			c.policies = append(c.policies, p)
			b.made[n] = p
		case board.Saga:
			p := &policy{node: b.nodeOf(n), in: c}
			c.sagas = append(c.sagas, p)
			b.made[n] = p
		}
	}
	for _, n := range b.notes {
		if n.Kind == board.Command {
			b.command(n)
		}
	}
	for _, n := range b.notes {
		if n.Kind == board.Event {
			b.event(n)
		}
	}
}

// longestTitle bounds what people call something: what is longer describes it.
const longestTitle = 160

func (b *builder) nodeOf(n *Note) node {
	made := b.node(n.Kind, n.Text, n.called())
	made.about = n.About
	if title := []rune(made.title); len(title) > longestTitle {
		made.about = cmp.Or(made.about, made.title)
		made.title = string(title[:longestTitle-1]) + "…"
	}
	if n.Box != nil {
		made.place = fmt.Sprintf(" at [%d, %d]", n.Box.X, n.Box.Y)
	}
	return made
}

// command gives a command its aggregate.
func (b *builder) command(n *Note) {
	c := b.contexts[n.Area]
	a := b.aggregateOf(n, c)
	if a == nil {
		a = b.unnamed(c)
	}
	m := &command{node: b.nodeOf(n), of: a, input: n.Fields, creates: n.Creates}
	a.commands = append(a.commands, m)
	b.made[n] = m
}

// unnamed is the aggregate of a context's commands of which the board does not say
// what they are given to.
func (b *builder) unnamed(c *context) *aggregate {
	name := identifier(c.name, board.Aggregate)
	for _, a := range c.aggregates {
		if a.name == name {
			return a
		}
	}
	a := &aggregate{node: node{kind: board.Aggregate, name: name}, in: c}
	a.ask("The board has no aggregate for these commands: which one keeps their rules?")
	c.aggregates = append(c.aggregates, a)
	b.report.infer("aggregate %s of %s is made for commands without one", a.name, c.name)
	return a
}

// aggregateOf is the aggregate that a command or an event belongs to: the one that it
// says itself, that an arrow leads to or from, that is the only one, or beside which
// it lies. nil: nobody knows.
func (b *builder) aggregateOf(n *Note, c *context) *aggregate {
	if a, is := b.made[b.byID[n.Of]].(*aggregate); is && n.Of != "" {
		return a
	}
	linked := of[*aggregate](b, b.linked(n, board.Aggregate))
	linked = slices.DeleteFunc(linked, func(a *aggregate) bool { return a.in != c })
	switch {
	case len(linked) == 1:
		return linked[0]
	case c == nil:
		return nil
	case len(c.aggregates) == 1:
		return c.aggregates[0]
	}
	nearest := b.nearest(n, func(o *Note) bool {
		a, is := b.made[o].(*aggregate)
		return is && a.in == c
	})
	if nearest == nil {
		return nil
	}
	a := b.made[nearest].(*aggregate)
	b.report.infer("%s %q is %s's, beside which it lies", n.Kind, short(n.called()), a.name)
	return a
}

// near is how far apart two notes may be that lie beside one another, in widths of
// a note; clearly is how much further the next one must be.
const (
	near    = 1.5
	clearly = 1.15
)

// nearest is the note beside which a note lies, of those that come into question;
// nil: none is near, or two are about as near. A note that stands on the board more
// than once is where each of them is.
func (b *builder) nearest(n *Note, question func(*Note) bool) *Note {
	var notes closest[*Note]
	for _, at := range b.sketch.Notes {
		o := b.byID[at.ID]
		if o == nil || o == n || at.Box == nil || n.Box == nil || !question(o) || gap(n.Box, at.Box) > near*float64(max(n.Box.W, 40)) {
			continue
		}
		notes.offer(o, gap(n.Box, at.Box)+apart(n.Box, at.Box)/4)
	}
	return notes.clear(clearly)
}

// closest finds the closest of what is offered to it, and how far the next one is. The
// same thing may be offered from more than one place.
type closest[T comparable] struct {
	best           T
	found, contest bool
	first, second  float64
}

func (c *closest[T]) offer(x T, distance float64) {
	switch {
	case !c.found || distance < c.first:
		if c.found && x != c.best {
			c.second, c.contest = c.first, true
		}
		c.best, c.first, c.found = x, distance, true
	case x != c.best && (!c.contest || distance < c.second):
		c.second, c.contest = distance, true
	}
}

// clear is the closest, if the next one is at least so many times as far away; else
// it is the zero value.
func (c *closest[T]) clear(times float64) T {
	if c.contest && c.second < times*c.first {
		var none T
		return none
	}
	return c.best
}

// apart is how far the middles of two boxes are from one another.
func apart(a, b *board.Box) float64 {
	return math.Hypot(float64(a.X+a.W/2-b.X-b.W/2), float64(a.Y+a.H/2-b.Y-b.H/2))
}

// gap is how far two boxes are from one another.
func gap(a, b *board.Box) float64 {
	dx := max(0, max(a.X, b.X)-min(a.Right(), b.Right()))
	dy := max(0, max(a.Y, b.Y)-min(a.Bottom(), b.Bottom()))
	return float64(dx + dy)
}

// event gives an event its aggregate, an external system, or its context alone.
func (b *builder) event(n *Note) {
	e := &event{node: b.nodeOf(n), fields: n.Fields, deletes: n.Deletes}
	b.made[n] = e
	if x := of[*external](b, b.in[n.ID]); len(x) == 1 && len(of[*command](b, b.in[n.ID])) == 0 {
		e.from = x[0]
		x[0].events = append(x[0].events, e)
		return
	}
	c := b.contexts[n.Area]
	if c == nil {
		b.draft.events = append(b.draft.events, e)
		return
	}
	e.in = c
	if by := of[*command](b, b.in[n.ID]); len(by) > 0 && by[0].of.in == c {
		e.of = by[0].of
	} else {
		e.of = b.aggregateOf(n, c)
	}
	if e.of == nil {
		c.events = append(c.events, e)
		if len(c.aggregates) > 0 {
			e.ask("To which aggregate does this happen?")
		}
		return
	}
	e.of.events = append(e.of.events, e)
}
