package explore

import (
	"github.com/esgen/esgen/internal/sim"
	"github.com/esgen/esgen/model"
)

// parts are what work can read or change, and all that it leads to: aggregates,
// views that are read, sagas, windows. What has no part in common comes to the
// same in any order.
type parts [4]uint64

// everything is what work touches of which not all is known.
var everything = parts{^uint64(0), ^uint64(0), ^uint64(0), ^uint64(0)}

func (p parts) meet(q parts) bool {
	return p[0]&q[0]|p[1]&q[1]|p[2]&q[2]|p[3]&q[3] != 0
}

func (p parts) with(q parts) parts {
	return parts{p[0] | q[0], p[1] | q[1], p[2] | q[2], p[3] | q[3]}
}

// division numbers the parts of a model, and knows what touches which.
type division struct {
	*facts
	numbers map[any]int
	touched map[any]parts // by commands, events, policies, views and sagas
}

func divide(f *facts) *division { return &division{f, map[any]int{}, map[any]parts{}} }

// part is one of the model; of very many, several are taken for one.
func (d *division) part(node any) parts {
	n, known := d.numbers[node]
	if !known {
		n = len(d.numbers)
		d.numbers[node] = n
	}
	n %= len(parts{}) * 64
	var p parts
	p[n/64] = 1 << (n % 64)
	return p
}

// of is what a node touches.
func (d *division) of(node any) parts {
	if p, known := d.touched[node]; known {
		return p
	}
	g := &gathered{division: d, seen: map[any]bool{}}
	g.node(node)
	d.touched[node] = g.parts
	return g.parts
}

// line is what the work of a line touches.
func (d *division) line(l sim.Line) parts { return d.of(l.Who) }

// move is what a move touches: a timer may be anybody's, and so may an outage.
func (d *division) move(m *move) parts {
	switch {
	case m.when == nil:
		return everything
	case m.when.Event != nil:
		return d.of(m.when.Event.Event)
	}
	return d.of(m.when.Do.Command)
}

// gathered are the parts of what follows.
type gathered struct {
	*division
	seen  map[any]bool
	parts parts
}

func (g *gathered) add(node any) { g.parts = g.parts.with(g.part(node)) }

func (g *gathered) node(node any) {
	if g.seen[node] {
		return
	}
	g.seen[node] = true
	switch x := node.(type) {
	case *model.Command:
		g.command(x)
	case *model.Event:
		g.event(x)
	case *model.Policy:
		g.policy(x)
	case *model.View:
		g.add(x)
	case *model.Saga:
		g.saga(x)
	case *model.Compensation:
		g.target(&x.Do)
	}
}

func (g *gathered) command(m *model.Command) {
	g.add(m.Aggregate)
	for _, r := range m.Reads {
		g.add(r.View.View)
	}
	for _, c := range m.Calls {
		g.target(&c.To)
		if c.Compensate != nil {
			g.node(c.Compensate)
		}
		if c.Breaker != nil || c.To.Operation != nil {
			g.add(c)
		}
		if c.Fallback != nil {
			for _, e := range c.Fallback.Emits {
				g.node(e.Event.Event)
			}
		}
	}
	for _, e := range m.Emits {
		g.node(e.Event.Event)
	}
}

func (g *gathered) event(e *model.Event) {
	if e == nil {
		return
	}
	for _, c := range g.Contexts {
		for _, v := range c.Views {
			for _, p := range v.From {
				if p.Event.Event == e && !g.blind[v] {
					g.node(v)
				}
			}
		}
		for _, p := range c.Policies {
			for _, heard := range heardBy(p) {
				if heard == e && !g.alone[p] {
					g.node(p)
				}
			}
		}
		for _, s := range c.Sagas {
			if s.StartedBy.Event == e || awaits(s, e) {
				g.node(s)
			}
		}
	}
}

func awaits(s *model.Saga, e *model.Event) bool {
	for _, step := range s.Steps {
		if step.Await.Event == e {
			return true
		}
	}
	return false
}

func (g *gathered) policy(p *model.Policy) {
	if p.Timer != nil || p.Window != nil {
		g.add(p)
	}
	if p.Each != nil {
		if p.Each.View != nil {
			g.add(p.Each.View)
		} else {
			g.add(p.Each.Aggregate)
		}
	}
	for _, r := range p.Then {
		g.target(&r.Do)
		if r.OnRejected != nil {
			g.target(r.OnRejected)
		}
	}
}

func (g *gathered) saga(s *model.Saga) {
	g.add(s)
	for _, step := range s.Steps {
		g.target(&step.Do)
		if step.Compensate != nil {
			g.node(step.Compensate)
		}
	}
	if s.OnFailure != nil {
		g.node(s.OnFailure)
	}
}

func (g *gathered) target(t *model.Target) {
	switch {
	case t.Command != nil:
		g.node(t.Command)
	case t.Query != nil:
		g.add(t.Query.View)
	}
}
