package sim

import (
	"container/heap"
	"fmt"
	"time"

	"github.com/esgen/esgen/internal/names"
	"github.com/esgen/esgen/model"
)

// clock is what waits for its time.
type clock struct {
	alarms  alarms
	late    []*alarm // rung while their context was down
	count   int
	armed   map[*model.Policy]map[string][]*alarm // by the instance that may call them off
	windows map[*model.Policy]map[string][]seen
}

// alarm is something that is due at a time.
type alarm struct {
	due     time.Time
	number  int // of those of one time, the first armed rings first
	context *model.Context
	off     bool
	ring    func(due time.Time)
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

// startClock arms the policies of the clock.
func (w *World) startClock() {
	w.clock.armed = map[*model.Policy]map[string][]*alarm{}
	w.clock.windows = map[*model.Policy]map[string][]seen{}
	for _, c := range w.model.Contexts {
		for _, p := range c.Policies {
			if t := p.Timer; t != nil && t.Since == nil && !w.isName(p) {
				w.repeat(p)
			}
		}
	}
}

// repeat arms a policy that acts again and again.
func (w *World) repeat(p *model.Policy) {
	again := func(after time.Time) time.Time { return after.Add(p.Timer.Every) }
	if c := p.Timer.Cron; c != nil && c.Next != nil {
		again = func(after time.Time) time.Time { return c.Next(after).UTC() }
	} else if p.Timer.Every <= 0 {
		return
	}
	w.rearm(&alarm{
		context: p.Context, again: again, catchUp: p.Timer.CatchUp,
		ring: func(due time.Time) {
			at := due.UTC().Format(time.RFC3339Nano)
			e := w.lead(nil, &Effect{Kind: Rings, Name: qualified(p.Context, p.Name), Note: "at " + at})
			o := occasion{deriveID(names.Of(&p.Node).Go, at), map[string]any{"now": due}, actor{system: true}}
			w.later(p, o, e, "")
		},
	}, w.now)
}

// rearm arms an alarm for its next time; there may be none.
func (w *World) rearm(a *alarm, after time.Time) {
	if next := a.again(after); next.After(after) {
		a.due = next
		w.clock.arm(a)
	}
}

// later has a policy act when the tasks before are done.
func (w *World) later(p *model.Policy, o occasion, cause *Effect, instance string) {
	name := "policy " + qualified(p.Context, p.Name)
	w.tasks.add(&task{
		name: name, context: p.Context, cause: cause, key: name + "/" + instance,
		run: func(t *task) *refusal { return w.react(p, o, t) },
	})
}

// listenTimer has a policy that acts some time after an event hear of that
// event, and of those that call it off.
func (w *World) listenTimer(p *model.Policy, name string, on func(*model.Event, *listener)) {
	timer := p.Timer
	if timer.Since == nil {
		return
	}
	on(timer.Since.Event, &listener{
		name: name, context: p.Context, history: true,
		hear: func(_ *task, h *Happened) *refusal {
			w.armFor(p, h)
			return nil
		},
	})
	for _, ref := range timer.Unless {
		on(ref.Event, &listener{
			name: name, context: p.Context, history: true,
			hear: func(_ *task, h *Happened) *refusal {
				w.callOff(p, h)
				return nil
			},
		})
	}
}

func (w *World) armFor(p *model.Policy, h *Happened) {
	a := w.clock.arm(&alarm{
		due: h.Time.Add(p.Timer.After), context: p.Context,
		ring: func(due time.Time) {
			e := w.lead(h.effect, &Effect{Kind: Rings, Name: qualified(p.Context, p.Name), Note: "at " + due.Format(time.RFC3339Nano)})
			w.later(p, occasionOf(h, p), e, h.Instance)
		},
	})
	if w.clock.armed[p] == nil {
		w.clock.armed[p] = map[string][]*alarm{}
	}
	w.clock.armed[p][h.Instance] = append(w.clock.armed[p][h.Instance], a)
}

// callOff disarms what waits for the instance an event is about: its own, or
// the one it carries the id of.
func (w *World) callOff(p *model.Policy, h *Happened) {
	since := p.Timer.Since.Event.Aggregate
	instance := h.Instance
	if since != nil && h.Event.Aggregate != since {
		instance, _ = h.Fields[since.ID.Name].(string)
	}
	for _, a := range w.clock.armed[p][instance] {
		a.off = true
	}
	delete(w.clock.armed[p], instance)
}

// overdue rings what is due by now.
func (w *World) overdue() {
	late := w.clock.late
	w.clock.late = nil
	for _, a := range late {
		switch {
		case a.off || a.of != nil && a.of.off:
		case w.down[a.context]:
			w.clock.late = append(w.clock.late, a)
		default:
			a.ring(a.due)
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
	if w.down[a.context] {
		w.missed(a)
	} else {
		a.ring(due)
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
	w.clock.late = append(w.clock.late, &alarm{due: a.due, context: a.context, ring: a.ring, of: a})
}

// maxRings bounds how often alarms may ring while time passes once.
const maxRings = 100_000

// lastYear is the last one that a time can be written of.
const lastYear = 9999

// Advance lets time pass: what is due on the way happens in its order, and the
// flow comes to rest each time.
func (w *World) Advance(d time.Duration) error {
	if d < 0 {
		return fmt.Errorf("time does not go back")
	}
	until := w.now.Add(d)
	if until.Year() > lastYear {
		return fmt.Errorf("%s leads beyond the year %d", d, lastYear)
	}
	if err := w.Settle(); err != nil {
		return err
	}
	for rings := 0; ; rings++ {
		a := w.clock.first()
		if a == nil || a.due.After(until) {
			break
		}
		if rings == maxRings {
			return fmt.Errorf("%s is too long at once: more than %d timers ring", d, maxRings)
		}
		if a.due.After(w.now) {
			w.now = a.due
		}
		if err := w.Settle(); err != nil {
			return err
		}
	}
	w.now = until
	return w.Settle()
}
