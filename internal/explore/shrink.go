package explore

import (
	"slices"
	"time"

	"github.com/esgen/esgen/internal/sim"
)

// step is a step of a scenario: what comes, while somebody is late.
type step struct {
	move *move // nil: nothing comes but what is late no longer
	late []sim.Line
}

func (s step) isLate(l sim.Line) bool { return slices.Contains(s.late, l) }

// take does what a step says.
func (s step) take(w *sim.World) bool {
	w.Late(s.isLate)
	return (s.move == nil || s.move.do(w)) && w.SettleWithin(mostSteps) == nil
}

// steps are the way as steps: who has something to hear and does not hear it is late.
func (x *suspicion) steps() []step {
	w := x.place.world.Copy()
	var out []step
	for _, a := range x.way {
		s := step{move: a.move}
		w.Late(func(l sim.Line) bool { return (a.line == nil || l != *a.line) && x.waits(l) })
		if a.move != nil {
			a.move.do(w)
		}
		if w.SettleWithin(mostSteps) != nil {
			return out
		}
		s.late = w.Held()
		out = append(out, s)
	}
	return out
}

// happens reports whether steps lead to what is suspected, and how long sagas are
// given until they end.
func (x *suspicion) happens(steps []step) (bool, time.Duration) {
	w := x.place.world.Copy()
	for _, s := range steps {
		if !s.take(w) {
			return false, 0
		}
	}
	began := w.Now()
	if !rest(w, x.Model) {
		return false, 0
	}
	took := w.Now().Sub(began)
	o := x.outcome(w, x.place.world)
	switch x.kind {
	case Twice:
		return o.told.times[x.fact] > x.most, took
	case Stuck:
		return o.stuck.times[x.fact] > x.most, took
	case Unfinished:
		return o.unended.times[x.fact] > x.most, took
	}
	return o.dropped.times[x.fact] > x.most && len(x.oneByOne(x.used).nearest(o)) > 0, took
}

// fewest leaves out of steps what they do not need.
func (x *suspicion) fewest(steps []step) []step {
	for again := true; again; {
		again = false
		for i := len(steps) - 1; i >= 0; i-- {
			if steps[i].move == nil && x.instead(&steps, slices.Delete(slices.Clone(steps), i, i+1)) {
				again = true
				continue
			}
			if i > 0 && steps[i].move == nil {
				less := slices.Delete(slices.Clone(steps), i, i+1)
				less[i-1].late = steps[i].late
				if x.instead(&steps, less) {
					again = true
					continue
				}
			}
			for j := len(steps[i].late) - 1; j >= 0; j-- {
				less := slices.Clone(steps)
				less[i].late = slices.Delete(slices.Clone(less[i].late), j, j+1)
				again = x.instead(&steps, less) || again
			}
		}
	}
	return steps
}

// instead takes other steps, if they lead there, too.
func (x *suspicion) instead(steps *[]step, others []step) bool {
	ok, _ := x.happens(others)
	if ok {
		*steps = others
	}
	return ok
}
