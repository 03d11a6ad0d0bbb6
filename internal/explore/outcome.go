package explore

import (
	"maps"
	"slices"

	"github.com/esgen/esgen/internal/check"
	"github.com/esgen/esgen/internal/expr"
	"github.com/esgen/esgen/internal/sim"
	"github.com/esgen/esgen/model"
)

// outcome is what some moves came to when all has come to rest.
type outcome struct {
	told      tally // effects on other systems, and on money
	dropped   tally // commands of policies that a rule refused
	stuck     tally // work that cannot go on
	unended   tally // work that waits, sagas that have not ended
	instances []*standing
	events    []*model.Event // that happened
}

// fact is something that can be counted.
type fact struct {
	what   any    // *model.Event, *model.Operation, *model.Policy, *model.Saga; of work its name
	of     string // the instance, or why
	digest uint64 // of what is said
}

// tally counts facts.
type tally struct {
	times map[fact]int
	order []fact // in which they came first
}

func (t *tally) add(f fact, n int) {
	if t.times == nil {
		t.times = map[fact]int{}
	}
	if t.times[f] == 0 {
		t.order = append(t.order, f)
	}
	t.times[f] += n
}

// more are the facts that there are at least so often, and more often than
// elsewhere.
func (t *tally) more(than *tally, least int) []fact {
	var out []fact
	for _, f := range t.order {
		if n := t.times[f]; n >= least && n > than.times[f] {
			out = append(out, f)
		}
	}
	return out
}

// atLeast raises what there is to what there is elsewhere.
func (t *tally) atLeast(of *tally) {
	for _, f := range of.order {
		t.add(f, max(0, of.times[f]-t.times[f]))
	}
}

// suspicious reports whether there is anything to be held against the orders.
func (o *outcome) suspicious() bool {
	return len(o.told.more(&tally{}, 2))+len(o.dropped.order)+len(o.stuck.order)+len(o.unended.order) > 0
}

// standing is where an instance stands: what lifecycles, numbers and truth values
// say of it. What people write may differ with the order, and is nobody's harm.
type standing struct {
	aggregate *model.Aggregate
	id        string
	state     map[string]any
}

// mostTimers bounds how many timers are waited for that a saga may need to end.
const mostTimers = 20

// rest has everything follow: what is down is up again, nobody is late, and sagas
// have the time they need. It changes the world. False: it never comes to rest.
func rest(w *sim.World, m *check.Model) bool {
	for _, c := range m.Contexts {
		if w.IsDown(c) {
			w.Up(c)
		}
	}
	for _, x := range m.Externals {
		if w.IsDown(x) {
			w.UpExternal(x)
		}
	}
	w.Late(nil)
	if w.SettleWithin(mostSteps) != nil {
		return false
	}
	for range mostTimers {
		due, waits := w.NextAlarm()
		if !waits || len(w.Unfinished()) == 0 {
			break
		}
		if w.Advance(due.Sub(w.Now())) != nil {
			return false
		}
	}
	return true
}

// outcome is what came of a world that is at rest, since it was at another place.
func (f *facts) outcome(w, since *sim.World) *outcome {
	o := &outcome{}
	for _, h := range w.Events()[len(since.Events()):] {
		o.events = append(o.events, h.Event)
		if f.matters[h.Event] {
			o.told.add(f.saying(h), 1)
		}
	}
	for _, c := range w.Contacts()[len(since.Contacts()):] {
		if !c.Repeat {
			o.told.add(fact{what: c.Operation, digest: c.Digest()}, 1)
		}
	}
	for _, d := range w.Dropped() {
		o.dropped.add(fact{what: f.asks[d.Reaction], of: d.String()}, 1)
	}
	for _, t := range w.TaskFaults() {
		o.stuck.add(fact{what: t.Name, of: t.Message}, 1)
	}
	for _, text := range w.Stalled() {
		o.unended.add(fact{what: text}, 1)
	}
	for _, s := range w.Unfinished() {
		o.unended.add(fact{what: s}, 1)
	}
	for _, c := range f.Contexts {
		for _, a := range c.Aggregates {
			for _, id := range w.Instances(a) {
				state, _ := w.State(a, id)
				o.instances = append(o.instances, &standing{a, id, judged(a, state)})
			}
		}
	}
	return o
}

// saying is what an event says, of which instance; of one that is created, what
// it is like.
func (f *facts) saying(h *sim.Happened) fact {
	if !f.Events[h.Event].Creates {
		return fact{h.Event, h.Instance, h.Digest()}
	}
	fields := maps.Clone(h.Fields)
	delete(fields, h.Event.Aggregate.ID.Name)
	return fact{h.Event, "", sim.DigestOf(fields)}
}

func judged(a *model.Aggregate, state map[string]any) map[string]any {
	out := map[string]any{}
	for _, f := range a.State {
		if f.Type == nil {
			continue
		}
		switch t := f.Type.Scalar(); {
		case t == nil:
		case t.IsEnum(), t.Kind == model.Int, t.Kind == model.Decimal, t.Kind == model.Bool:
			out[f.Name] = state[f.Name]
		}
	}
	return out
}

// difference lists the instances that stand elsewhere than in another outcome, as
// they stand there.
func (o *outcome) difference(other *outcome) []*standing {
	var out []*standing
	for _, s := range other.instances {
		i := slices.IndexFunc(o.instances, func(x *standing) bool { return x.aggregate == s.aggregate && x.id == s.id })
		if i < 0 {
			out = append(out, s)
			continue
		}
		d := &standing{s.aggregate, s.id, map[string]any{}}
		for name, v := range s.state {
			if !expr.Equal(v, o.instances[i].state[name]) {
				d.state[name] = v
			}
		}
		if len(d.state) > 0 {
			out = append(out, d)
		}
	}
	for _, s := range o.instances {
		if !slices.ContainsFunc(other.instances, func(x *standing) bool { return x.aggregate == s.aggregate && x.id == s.id }) {
			out = append(out, &standing{s.aggregate, s.id, nil})
		}
	}
	return out
}

// serial is what some moves come to when each waits until all has come to rest, in
// any order.
type serial struct {
	most     outcome // of each fact the most
	outcomes []*outcome
}

// oneByOne is what some moves come to one after the other.
func (s *search) oneByOne(used []int) *serial {
	key := usedKey(used)
	if s.serial[key] != nil {
		return s.serial[key]
	}
	all := &serial{}
	orders(used, nil, func(order []int) {
		w := s.place.world.Copy()
		for _, i := range order {
			s.worlds++
			s.place.moves[i].do(w)
			if w.SettleWithin(mostSteps) != nil {
				return
			}
		}
		if rest(w, s.Model) {
			all.add(s.outcome(w, s.place.world))
		}
	})
	s.serial[key] = all
	return all
}

func (a *serial) add(o *outcome) {
	a.outcomes = append(a.outcomes, o)
	a.most.told.atLeast(&o.told)
	a.most.dropped.atLeast(&o.dropped)
	a.most.stuck.atLeast(&o.stuck)
	a.most.unended.atLeast(&o.unended)
}

// orders calls with each order of a list.
func orders(list, begun []int, with func([]int)) {
	if len(list) == 0 {
		with(begun)
		return
	}
	for i, x := range list {
		if i > 0 && list[i-1] == x {
			continue // the same again
		}
		rest := slices.Delete(slices.Clone(list), i, i+1)
		orders(rest, append(slices.Clip(begun), x), with)
	}
}

// nearest is the outcome in order that differs least from another.
func (a *serial) nearest(o *outcome) []*standing {
	var least []*standing
	for i, x := range a.outcomes {
		if d := o.difference(x); i == 0 || len(d) < len(least) {
			least = d
		}
	}
	return least
}

// called is what a node is called.
func called(node any) string {
	switch x := node.(type) {
	case *model.Event:
		return x.Name
	case *model.Operation:
		return x.External.Name + "." + x.Name
	case *model.Policy:
		return x.Name
	case *model.Saga:
		return x.Name
	case string:
		return x
	}
	return ""
}
