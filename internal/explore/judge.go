package explore

import (
	"slices"

	"github.com/esgen/esgen/internal/sim"
)

// Kind is what is wrong with an order.
type Kind string

// The kinds of findings.
const (
	Twice      Kind = "twice"      // an effect on another system, or on money, is told more often than in any order
	Dropped    Kind = "dropped"    // a rule refuses what a policy asks, and what comes of it comes of no order
	Stuck      Kind = "stuck"      // work cannot go on, which it can in every order
	Unfinished Kind = "unfinished" // a saga, or what follows from an event, never ends, which it does in every order
)

// suspicion is something that was found, and how it comes about.
type suspicion struct {
	*search
	kind  Kind
	fact  fact
	times int // that it was told
	most  int // that it is told in order
	used  []int
	way   []action
	want  []*standing // where instances stand in an order
}

// judge holds what came of some moves against what comes of them in order.
func (s *search) judge(n *node) {
	w := n.world.Copy()
	if !rest(w, s.Model) {
		return
	}
	if s.saga != nil && !slices.ContainsFunc(w.Events()[len(s.place.world.Events()):], s.begun) {
		return
	}
	o := s.outcome(w, s.place.world)
	if !o.suspicious() {
		return
	}
	all := s.oneByOne(n.used)
	if len(all.outcomes) == 0 {
		return
	}
	for _, x := range []struct {
		kind       Kind
		have, most *tally
		least      int
	}{
		{Twice, &o.told, &all.most.told, 2},
		{Stuck, &o.stuck, &all.most.stuck, 1},
		{Unfinished, &o.unended, &all.most.unended, 1},
	} {
		for _, k := range x.have.more(x.most, x.least) {
			s.suspect(&suspicion{search: s, kind: x.kind, fact: k, times: x.have.times[k], most: x.most.times[k], used: n.used, want: all.nearest(o)}, n)
		}
	}
	if want := all.nearest(o); len(want) > 0 {
		for _, k := range o.dropped.more(&all.most.dropped, 1) {
			s.suspect(&suspicion{search: s, kind: Dropped, fact: k, times: o.dropped.times[k], most: all.most.dropped.times[k], used: n.used, want: want}, n)
		}
	}
}

// suspect keeps a suspicion, unless there is one of the same that takes no more.
func (s *search) suspect(x *suspicion, n *node) {
	if !slices.ContainsFunc(s.found, func(y *suspicion) bool { return y.covers(x) }) {
		x.way = n.way()
		s.found = append(s.found, x)
	}
}

// covers reports whether another suspicion is of the same, and takes at least the
// same moves.
func (x *suspicion) covers(y *suspicion) bool {
	if x.kind != y.kind || x.fact.what != y.fact.what {
		return false
	}
	theirs := y.names()
	for _, name := range x.names() {
		i := slices.Index(theirs, name)
		if i < 0 {
			return false
		}
		theirs = slices.Delete(theirs, i, i+1)
	}
	return true
}

// names are those of the moves.
func (x *suspicion) names() []string {
	var out []string
	for _, i := range x.used {
		out = append(out, x.place.moves[i].name())
	}
	return out
}

// begun reports whether an event leads to the saga that is asked for.
func (s *search) begun(h *sim.Happened) bool { return s.begins[h.Event][s.saga] }
