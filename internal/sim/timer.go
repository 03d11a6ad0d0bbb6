package sim

import (
	"fmt"
	"time"

	"github.com/esgen/esgen/internal/names"
	"github.com/esgen/esgen/model"
)

// startClock arms the policies of the clock.
func (w *World) startClock() {
	w.clock.armed = map[*model.Policy]map[string][]*alarm{}
	w.clock.off = map[*model.Policy]map[string]time.Time{}
	w.clock.windows = map[*model.Policy]map[string][]seen{}
	for _, c := range w.contexts {
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
		context: p.Context, again: again, catchUp: p.Timer.CatchUp, about: qualified(p.Context, p.Name),
		ring: func(w *World, due time.Time) {
			at := due.UTC().Format(time.RFC3339Nano)
			e := w.lead(nil, &Effect{Kind: Rings, Name: qualified(p.Context, p.Name), Of: p, Note: "at " + at})
			o := occasion{deriveID(names.Kept(&p.Node).Go, at), map[string]any{"now": due}, actor{system: true}}
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
		name: name, context: p.Context, cause: cause, key: name + "/" + instance, line: lineOf(p, nil), about: o.id,
		run: func(w *World, t *task) *refusal { return w.react(p, o, t) },
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
		name: name, who: p, context: p.Context, policy: p, history: true,
		hear: func(w *World, _ *task, h *Happened) *refusal {
			return w.armFor(p, h)
		},
	})
	for _, ref := range timer.Unless {
		on(ref.Event, &listener{
			name: name, who: p, context: p.Context, policy: p, history: true,
			hear: func(w *World, _ *task, h *Happened) *refusal {
				w.callOff(p, h)
				return nil
			},
		})
	}
}

// armFor has a policy wait since an event. What was due before the story began
// has rung.
func (w *World) armFor(p *model.Policy, h *Happened) *refusal {
	due := h.Time.Add(p.Timer.After)
	if p.Timer.Due != nil {
		v, refused := w.eval(w.model.Trees[p.Timer.Due], occasionOf(h, p).vars)
		if refused != nil {
			return refused
		}
		due = v.(time.Time)
	}
	if h.given && due.Before(w.now) || w.clock.off[p][h.Instance].After(h.Time) {
		return nil
	}
	a := w.clock.arm(&alarm{
		since: h.Time, due: due, context: p.Context, about: join(qualified(p.Context, p.Name), h.ID),
		ring: func(w *World, due time.Time) {
			e := w.lead(h.effect, &Effect{Kind: Rings, Name: qualified(p.Context, p.Name), Of: p, Note: "at " + due.Format(time.RFC3339Nano)})
			w.later(p, occasionOf(h, p), e, h.line())
		},
	})
	if w.clock.armed[p] == nil {
		w.clock.armed[p] = map[string][]*alarm{}
	}
	w.clock.armed[p][h.Instance] = append(w.clock.armed[p][h.Instance], a)
	return nil
}

// callOff disarms what waits since before an event for the instance that it is
// about: its own, or the one it carries the id of. One of elsewhere may be heard
// before the event that it calls off; it is remembered.
func (w *World) callOff(p *model.Policy, h *Happened) {
	since := p.Timer.Since.Event.Aggregate
	instance := h.Instance
	if since != nil && h.Event.Aggregate != since {
		instance, _ = h.Fields[since.ID.Name].(string)
		if w.clock.off[p] == nil {
			w.clock.off[p] = map[string]time.Time{}
		}
		if w.clock.off[p][instance].Before(h.Time) {
			w.clock.off[p][instance] = h.Time
		}
	}
	var left []*alarm
	for _, a := range w.clock.armed[p][instance] {
		if a.since.After(h.Time) {
			left = append(left, a)
		} else {
			a.off = true
		}
	}
	if of := w.clock.armed[p]; of != nil {
		of[instance] = left
	}
}

// Next is when something is due by itself; zero: nothing is.
func (w *World) Next() time.Time {
	if a := w.clock.first(); a != nil {
		return a.due
	}
	return time.Time{}
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
