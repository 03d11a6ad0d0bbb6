package sim

import (
	"container/heap"
	"time"

	"github.com/esgen/esgen/model"
)

// clock is what waits for its time.
type clock struct {
	alarms  alarms
	late    []*alarm // rung while their context was down
	count   int
	armed   map[*model.Policy]map[string][]*alarm  // by the instance that may call them off
	off     map[*model.Policy]map[string]time.Time // when an event of elsewhere called them off last
	windows map[*model.Policy]map[string][]seen
}

// alarm is something that is due at a time.
type alarm struct {
	since   time.Time // of the event that armed it, if any did
	due     time.Time
	number  int // of those of one time, the first armed rings first
	context *model.Context
	off     bool
	ring    func(w *World, due time.Time)
	about   string                          // what rings
	again   func(after time.Time) time.Time // nil: it rings once
	catchUp model.CatchUp
	of      *alarm // of one that is late: which rang
}

// alarms are a heap.
type alarms []*alarm

func (a alarms) Len() int { return len(a) }
func (a alarms) Less(i, j int) bool {
	if a[i].due.Equal(a[j].due) {
		return a[i].number < a[j].number
	}
	return a[i].due.Before(a[j].due)
}
func (a alarms) Swap(i, j int) { a[i], a[j] = a[j], a[i] }

// Push adds an alarm; it is heap's.
func (a *alarms) Push(x any) { *a = append(*a, x.(*alarm)) }

// Pop takes the last alarm; it is heap's.
func (a *alarms) Pop() any {
	last := (*a)[len(*a)-1]
	*a = (*a)[:len(*a)-1]
	return last
}

func (c *clock) arm(a *alarm) *alarm {
	c.count++
	a.number = c.count
	heap.Push(&c.alarms, a)
	return a
}

// first is the alarm that is due next; nil: there is none.
func (c *clock) first() *alarm {
	for len(c.alarms) > 0 && c.alarms[0].off {
		heap.Pop(&c.alarms)
	}
	if len(c.alarms) == 0 {
		return nil
	}
	return c.alarms[0]
}

// due reports whether an alarm is due by now.
func (w *World) due() bool {
	a := w.clock.first()
	return a != nil && !a.due.After(w.now)
}

// overdue rings what is due by now.
func (w *World) overdue() {
	late := w.clock.late
	w.clock.late = nil
	for _, a := range late {
		switch {
		case a.off || a.of != nil && a.of.off:
		case w.away(a.context):
			w.clock.late = append(w.clock.late, a)
		default:
			a.ring(w, a.due)
		}
	}
	for {
		a := w.clock.first()
		if a == nil || a.due.After(w.now) {
			return
		}
		heap.Pop(&w.clock.alarms)
		w.rung(a)
	}
}

// rung rings an alarm, or keeps it for when its context is up again.
func (w *World) rung(a *alarm) {
	due := a.due
	if w.away(a.context) {
		w.missed(a)
	} else {
		a.ring(w, due)
	}
	if a.again != nil {
		w.rearm(a, due)
	}
}

// missed keeps what rang for nobody, as far as it is to be caught up with.
func (w *World) missed(a *alarm) {
	switch {
	case a.again == nil || a.catchUp == model.CatchUpAll:
	case a.catchUp == model.CatchUpSkip:
		return
	default:
		for i, l := range w.clock.late {
			if l.of == a {
				w.clock.late = append(w.clock.late[:i], w.clock.late[i+1:]...)
				break
			}
		}
	}
	w.clock.late = append(w.clock.late, &alarm{due: a.due, context: a.context, ring: a.ring, about: a.about, of: a})
}
