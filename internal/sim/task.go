package sim

import (
	"fmt"
	"slices"

	"github.com/esgen/esgen/model"
)

// task is something that is yet to be done because of what happened.
type task struct {
	name    string
	key     string         // tasks of one key are done in order
	context *model.Context // that does it; it waits while that is down
	cause   *Effect
	effect  *Effect // what it showed of itself at an earlier try
	line    Line    // whose work it is
	about   string  // what is done, so that it has one name in whatever order all happens
	run     func(w *World, t *task) *refusal

	number int      // of all tasks, in order
	why    *refusal // of waiting; nil: an earlier one of its key waits
}

// tasks are those that wait their turn, and those that wait for something. Of
// each key at most one waits for something: the others wait behind it.
type tasks struct {
	count   int
	ready   []*task
	late    []*task            // that are not to come yet
	waiting []*task            // to be tried at every opportunity
	asleep  map[string][]*task // until the instance comes that they need
	behind  map[string][]*task // by key; there, though perhaps empty, when one of the key waits
}

func (q *tasks) add(t *task) {
	q.count++
	t.number = q.count
	q.ready = append(q.ready, t)
}

// queued lines a task up behind one of its key that waits, if there is one.
func (q *tasks) queued(t *task) bool {
	line, waits := q.behind[t.key]
	if waits {
		q.behind[t.key] = append(line, t)
	}
	return waits
}

func (q *tasks) wait(t *task, why *refusal) {
	if q.behind == nil {
		q.behind, q.asleep = map[string][]*task{}, map[string][]*task{}
	}
	if _, again := q.behind[t.key]; !again {
		q.behind[t.key] = nil
	}
	t.why = why
	switch {
	case !why.passes():
		// It is not tried again: those behind it wait for somebody to look.
	case why.until != "":
		q.asleep[why.until] = append(q.asleep[why.until], t)
	default:
		q.waiting = append(q.waiting, t)
	}
}

// done lets those go on that waited behind a task.
func (q *tasks) done(t *task) {
	if line, waited := q.behind[t.key]; waited {
		q.ready = append(line, q.ready...)
		delete(q.behind, t.key)
	}
}

// came wakes those that wait for an instance.
func (q *tasks) came(s *store, i *instance) {
	if len(q.asleep) == 0 {
		return
	}
	q.wake(s.named(i.id))
	for _, f := range s.indexed {
		q.wake(s.holding(f, i.state[f.Name]))
	}
}

func (q *tasks) wake(what string) {
	q.waiting = append(q.waiting, q.asleep[what]...)
	delete(q.asleep, what)
}

// all are the tasks that wait for something, in order.
func (q *tasks) all() []*task {
	out := slices.Concat(q.waiting, q.late)
	for _, list := range q.asleep {
		out = append(out, list...)
	}
	for _, list := range q.behind {
		out = append(out, list...)
	}
	slices.SortFunc(out, func(a, b *task) int { return a.number - b.number })
	return out
}

// maxSteps bounds what may follow without time passing.
const maxSteps = 5_000

// TaskFault is work that ended in an evaluation fault. It is not tried again,
// and what comes later of its instance waits behind it.
type TaskFault struct {
	Name    string // of the policy, view or saga
	Message string
	Effect  *Effect // what it was about
}

// Settle lets everything follow that follows without time passing: views,
// policies, sagas, compensations. What waits for a context that is down, or
// for an instance that is not there yet, goes on waiting. A flow that does not
// come to rest is an error.
func (w *World) Settle() error { return w.SettleWithin(maxSteps) }

// ExampleSteps bounds the flows that are good for an example: one that goes
// round in circles is none.
const ExampleSteps = 1_000

// SettleWithin is Settle for who has no use for what takes more steps.
func (w *World) SettleWithin(most int) error {
	steps := 0
	w.weighed = 0
	w.catchUp()
	for {
		w.overdue()
		if err := w.drain(&steps, most); err != nil {
			return err
		}
		if went := w.retry(); !went && !w.due() {
			return nil
		}
	}
}

// drain does all that is ready.
func (w *World) drain(steps *int, most int) error {
	for len(w.tasks.ready) > 0 {
		t := w.tasks.ready[0]
		w.tasks.ready = w.tasks.ready[1:]
		if w.isLate(t) {
			w.tasks.late = append(w.tasks.late, t)
			continue
		}
		if w.tasks.queued(t) {
			continue
		}
		if *steps++; *steps > most || w.weighed > maxFlow {
			return fmt.Errorf("the flow does not come to rest: after %d steps it is at %s because of %s", *steps-1, t.name, t.cause.Name)
		}
		w.try(t)
	}
	return nil
}

// retry tries once more what waits, and reports whether any of it went on.
func (w *World) retry() bool {
	waiting := w.tasks.waiting
	w.tasks.waiting = nil
	slices.SortFunc(waiting, func(a, b *task) int { return a.number - b.number })
	went := false
	for _, t := range waiting {
		went = w.try(t) || went
	}
	return went || len(w.tasks.ready) > 0
}

// try does a task, or has it wait.
func (w *World) try(t *task) (done bool) {
	var refused *refusal
	if w.away(t.context) {
		refused = unavailable(t.context.Name, false)
	} else {
		refused = t.run(w, t)
	}
	if refused == nil {
		w.tasks.done(t)
		return true
	}
	if !refused.passes() {
		if t.effect == nil {
			t.effect = t.cause
		}
		if w.copied == nil {
			refusedBy(t.effect, refused)
		}
		w.faults = append(w.faults, &TaskFault{t.name, refused.Error(), t.effect})
	}
	w.tasks.wait(t, refused)
	return false
}

// show is the effect by which a task shows itself: at a new try the one of the
// last try, without what that had led to.
func (w *World) show(t *task, e *Effect) *Effect {
	if w.copied != nil {
		return e
	}
	if t.effect == nil || t.effect.Kind != e.Kind || t.effect.Name != e.Name {
		t.effect = w.lead(t.cause, e)
	}
	t.effect.Note, t.effect.Leads = "", nil
	return t.effect
}

// Waiting says what waits, and for what.
func (w *World) Waiting() []string {
	var out []string
	for _, t := range w.tasks.all() {
		why := "an earlier one of the same instance"
		switch {
		case w.isLate(t):
			why = "it is late"
		case t.why != nil:
			why = t.why.message
		}
		out = append(out, fmt.Sprintf("%s waits because of %s: %s", t.name, t.cause.Name, why))
	}
	return out
}

// Stalled says what waits for something, and for what: not what waits behind it.
func (w *World) Stalled() []string {
	var out []string
	for _, t := range w.tasks.all() {
		if t.why != nil && t.why.passes() {
			out = append(out, fmt.Sprintf("%s waits because of %s: %s", t.name, t.cause.Name, t.why.message))
		}
	}
	return out
}

// TaskFaults is work that cannot be done.
func (w *World) TaskFaults() []*TaskFault { return w.faults }
