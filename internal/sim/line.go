package sim

import (
	"slices"
	"time"

	"github.com/esgen/esgen/model"
)

// Line is what somebody hears of the instances of an aggregate, or does by
// itself: of one line all comes in its order, of two in any.
type Line struct {
	Who any // *model.Policy, *model.View, *model.Saga or *model.Compensation
	Of  any // *model.Aggregate: whose events are heard; *model.Step of a saga: that it takes; nil: neither
}

// lineOf is what somebody hears. All that a saga hears is one line.
func lineOf(who any, of *model.Aggregate) Line {
	if _, saga := who.(*model.Saga); saga || of == nil {
		return Line{Who: who}
	}
	return Line{who, of}
}

// stepLine is the next step of a saga. That it ends, and that it takes steps back,
// is what it does by itself.
func (st *story) stepLine() Line {
	if st.undoing || st.step >= len(st.saga.Steps) {
		return Line{Who: st.saga}
	}
	return Line{st.saga, st.saga.Steps[st.step]}
}

// Late has the work of some lines wait from now on: what they hear comes late,
// when they are no longer among them. Nil: nobody is late.
func (w *World) Late(is func(Line) bool) { w.late = is }

func (w *World) isLate(t *task) bool { return w.late != nil && w.late(t.line) }

// catchUp lets those go on that are no longer late, the earliest first.
func (w *World) catchUp() {
	if len(w.tasks.late) == 0 {
		return
	}
	var now, still []*task
	for _, t := range w.tasks.late {
		if w.isLate(t) {
			still = append(still, t)
		} else {
			now = append(now, t)
		}
	}
	slices.SortFunc(now, func(a, b *task) int { return a.number - b.number })
	w.tasks.late, w.tasks.ready = still, slices.Concat(now, w.tasks.ready)
}

// Held are the lines that have work and are late, in the order of their work.
func (w *World) Held() []Line {
	var lines []Line
	for _, t := range w.tasks.late {
		if !slices.Contains(lines, t.line) {
			lines = append(lines, t.line)
		}
	}
	return lines
}

// NextAlarm is when the next timer is due; false: none is.
func (w *World) NextAlarm() (time.Time, bool) {
	a := w.clock.first()
	if a == nil {
		return time.Time{}, false
	}
	return a.due, true
}

// Unfinished are the sagas that have begun and not ended, in the order in which
// they began.
func (w *World) Unfinished() []*model.Saga {
	var out []*model.Saga
	for _, st := range w.stories {
		if !st.finished {
			out = append(out, st.saga)
		}
	}
	return out
}

// WaitingLines are the lines whose work has begun and waits for something.
func (w *World) WaitingLines() []Line {
	var lines []Line
	add := func(list []*task) {
		for _, t := range list {
			if !slices.Contains(lines, t.line) {
				lines = append(lines, t.line)
			}
		}
	}
	add(w.tasks.waiting)
	for _, list := range w.tasks.asleep {
		add(list)
	}
	return lines
}
