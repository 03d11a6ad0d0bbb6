package sim

import (
	"slices"

	"github.com/esgen/esgen/model"
)

// Line is what somebody hears of the instances of an aggregate, or does by
// itself: of one line all comes in its order, of two in any.
type Line struct {
	Who any              // *model.Policy, *model.View, *model.Saga or *model.Compensation
	Of  *model.Aggregate // whose events are heard; nil: none, or those of an external system
}

// lineOf is a line. What a saga hears and what it does by itself is one.
func lineOf(who any, of *model.Aggregate) Line {
	if _, saga := who.(*model.Saga); saga {
		of = nil
	}
	return Line{who, of}
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
