package sim

import (
	"maps"
	"slices"
	"time"

	"github.com/esgen/esgen/model"
)

// copied is what a world knows that is copied: it is played in many orders, and
// nobody is told of all of them.
type copied struct {
	handled          uint64               // digest of the commands that were handled
	events, contacts int                  // how many there were when it was copied for the first time
	blind            map[*model.View]bool // views that follow nothing
	dropped          []*Dropped
}

// Dropped is a command of a policy of which nothing came: a rule refused it and
// nothing answers that, or there was no instance and it is skipped.
type Dropped struct {
	Reaction *model.Reaction
	ID       string // of the instance
	Code     string // of the rejection
}

func (d *Dropped) String() string {
	if d.ID == "" {
		return d.Code
	}
	return d.Code + " of " + d.ID
}

// drop notes a command of which nothing came.
func (w *World) drop(r *model.Reaction, a aim, why *refusal) {
	if w.copied != nil {
		w.copied.dropped = append(w.copied.dropped, &Dropped{r, a.id, why.code})
	}
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
		c.copied.dropped = slices.Clip(w.copied.dropped)
	} else {
		c.copied.events, c.copied.contacts = len(w.log), len(w.outside.contacts)
		for at, h := range w.handled.of {
			c.copied.handled += handledDigest(at, h)
		}
	}
	c.handled, c.down, c.counts, c.erased = w.handled.copy(), w.down.copy(), w.counts.copy(), w.erased.copy()
	c.stores, c.tables = slices.Clone(w.stores), slices.Clone(w.tables)
	for _, s := range w.stores {
		if s != nil {
			s.shared = true
		}
	}
	for _, t := range w.tables {
		if t != nil {
			t.shared = true
		}
	}
	c.log, c.faults = slices.Clip(w.log), slices.Clip(w.faults)
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
		if before, there := w.handled.of[at]; there {
			w.copied.handled -= handledDigest(at, before)
		}
		w.copied.handled += handledDigest(at, h)
	}
	w.handled.own()[at] = h
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
	w.stores[w.numbers[s.aggregate]] = c
	return c
}

// ownTable is the table of a view that no other world has.
func (w *World) ownTable(v *model.View) *table {
	t := w.table(v)
	if t.shared {
		persons := make(map[string]map[*model.Field]string, len(t.persons))
		for key, whose := range t.persons {
			persons[key] = maps.Clone(whose)
		}
		t = &table{view: v, rows: maps.Clone(t.rows), known: maps.Clone(t.known), persons: persons, order: slices.Clone(t.order)}
		w.tables[w.numbers[v]] = t
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
		keys: o.keys.copy(), answers: o.answers.copy(),
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
	out.off = make(map[*model.Policy]map[string]time.Time, len(c.off))
	for p, by := range c.off {
		out.off[p] = maps.Clone(by)
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
	c.done, c.told = slices.Clone(st.done), slices.Clip(st.told)
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
