package sim

import (
	"maps"
	"slices"

	"github.com/esgen/esgen/model"
)

// copied is what a world knows that is copied: it is played in many orders, and
// nobody is told of all of them.
type copied struct {
	handled uint64               // digest of the commands that were handled
	shared  bool                 // handled is that of another world, too
	blind   map[*model.View]bool // views that follow nothing
	dropped []*Dropped
}

// Dropped is a command of a policy that was refused by a rule, which nothing answers.
type Dropped struct {
	Policy  *model.Policy
	Command *model.Command
	ID      string // of the instance
	Code    string // of the rejection
	By      any    // what refused it, as Decided.By
}

// Dropped are the commands of policies that were refused since the world was
// copied for the first time.
func (w *World) Dropped() []*Dropped { return w.copied.dropped }

// Blind has some views follow nothing from now on: they are read by nobody.
func (w *World) Blind(views map[*model.View]bool) { w.copied.blind = views }

func (w *World) isBlind(v *model.View) bool { return w.copied != nil && w.copied.blind[v] }

// Copy is a world that goes on from here by itself. What happens in it has the
// same names in whatever order it happens, and it keeps no trace of effects.
func (w *World) Copy() *World {
	c := *w
	c.roots, c.transcript = nil, nil
	c.copied = &copied{}
	if w.copied != nil {
		*c.copied = *w.copied
		c.copied.shared, w.copied.shared = true, true
		c.copied.dropped = slices.Clip(w.copied.dropped)
	} else {
		c.handled = maps.Clone(w.handled)
		for at, h := range c.handled {
			c.copied.handled += handledDigest(at, h)
		}
	}
	c.stores, c.tables = maps.Clone(w.stores), maps.Clone(w.tables)
	for _, s := range w.stores {
		s.shared = true
	}
	for _, t := range w.tables {
		t.shared = true
	}
	c.log, c.faults = slices.Clip(w.log), slices.Clip(w.faults)
	c.down, c.counts = maps.Clone(w.down), maps.Clone(w.counts)
	c.breakers = copyBreakers(w.breakers)
	c.outside = w.outside.copy()
	c.tasks = w.tasks.copy()
	moved := map[*alarm]*alarm{}
	c.clock = w.clock.copy(moved)
	c.stories = make([]*story, len(w.stories))
	for i, st := range w.stories {
		c.stories[i] = st.copy(moved)
	}
	return &c
}

// handle keeps what came of a command.
func (w *World) handle(at handledKey, h handling) {
	if w.copied != nil {
		if w.copied.shared {
			w.handled, w.copied.shared = maps.Clone(w.handled), false
		}
		if before, there := w.handled[at]; there {
			w.copied.handled -= handledDigest(at, before)
		}
		w.copied.handled += handledDigest(at, h)
	}
	w.handled[at] = h
}

// own is a store that no other world has.
func (w *World) own(s *store) *store {
	if !s.shared {
		return s
	}
	c := &store{aggregate: s.aggregate, instances: maps.Clone(s.instances), indexed: s.indexed, index: maps.Clone(s.index)}
	for f, values := range s.index {
		c.index[f] = make(map[string]map[string]bool, len(values))
		for v, ids := range values {
			c.index[f][v] = maps.Clone(ids)
		}
	}
	w.stores[s.aggregate] = c
	return c
}

// ownTable is the table of a view that no other world has.
func (w *World) ownTable(v *model.View) *table {
	t := w.table(v)
	if t.shared {
		t = &table{view: v, rows: maps.Clone(t.rows), known: maps.Clone(t.known), order: slices.Clone(t.order)}
		w.tables[v] = t
	}
	t.digested = false
	return t
}

func copyBreakers(all map[*model.Call]*breaker) map[*model.Call]*breaker {
	out := make(map[*model.Call]*breaker, len(all))
	for c, b := range all {
		one := *b
		one.last = slices.Clone(b.last)
		out[c] = &one
	}
	return out
}

func (o *outside) copy() outside {
	return outside{
		doubles: slices.Clip(o.doubles), contacts: slices.Clip(o.contacts),
		keys: maps.Clone(o.keys), answers: maps.Clone(o.answers),
	}
}

func (q *tasks) copy() tasks {
	return tasks{
		count: q.count, ready: copyTasks(q.ready), late: copyTasks(q.late), waiting: copyTasks(q.waiting),
		asleep: copyLines(q.asleep), behind: copyLines(q.behind),
	}
}

func copyTasks(list []*task) []*task {
	out := make([]*task, len(list))
	for i, t := range list {
		one := *t
		out[i] = &one
	}
	return out
}

func copyLines(lines map[string][]*task) map[string][]*task {
	if lines == nil {
		return nil
	}
	out := make(map[string][]*task, len(lines))
	for key, list := range lines {
		out[key] = copyTasks(list)
	}
	return out
}

// copy copies alarms, and notes which became which.
func (c *clock) copy(moved map[*alarm]*alarm) clock {
	move := func(list []*alarm) []*alarm {
		out := make([]*alarm, len(list))
		for i, a := range list {
			if moved[a] == nil {
				one := *a
				moved[a] = &one
			}
			out[i] = moved[a]
		}
		return out
	}
	out := clock{alarms: move(c.alarms), late: move(c.late), count: c.count}
	out.armed = make(map[*model.Policy]map[string][]*alarm, len(c.armed))
	for p, of := range c.armed {
		out.armed[p] = make(map[string][]*alarm, len(of))
		for instance, list := range of {
			out.armed[p][instance] = move(list)
		}
	}
	for _, a := range moved {
		if a.of != nil && moved[a.of] != nil {
			a.of = moved[a.of]
		}
	}
	out.windows = make(map[*model.Policy]map[string][]seen, len(c.windows))
	for p, by := range c.windows {
		out.windows[p] = make(map[string][]seen, len(by))
		for key, list := range by {
			out.windows[p][key] = slices.Clip(list)
		}
	}
	return out
}

func (st *story) copy(moved map[*alarm]*alarm) *story {
	c := *st
	c.timeout = movedTo(moved, st.timeout)
	c.done = slices.Clone(st.done)
	c.open = make([]*begun, len(st.open))
	for i, m := range st.open {
		one := *m
		one.timeout = movedTo(moved, m.timeout)
		c.open[i] = &one
	}
	return &c
}

// movedTo is the copy of an alarm; of one that has rung there is none.
func movedTo(moved map[*alarm]*alarm, a *alarm) *alarm {
	if c := moved[a]; c != nil {
		return c
	}
	return a
}
