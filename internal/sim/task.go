package sim

import (
	"fmt"

	"github.com/esgen/esgen/model"
)

// task is something that is yet to be done because of what happened.
type task struct {
	name    string
	key     string         // tasks of one key are done in order
	context *model.Context // that does it; it waits while that is down
	cause   *Effect
	effect  *Effect // what it showed of itself at an earlier try
	run     func(t *task) *refusal
	why     *refusal // of waiting
	dead    bool     // it ended in a fault: those of its key wait for somebody to look
}

// tasks are those that wait their turn, and those that wait for something.
type tasks struct {
	ready   []*task
	waiting []*task
	held    map[string]int // how many of a key are waiting
}

func (q *tasks) add(t *task) { q.ready = append(q.ready, t) }

func (q *tasks) wait(t *task, why *refusal) {
	if q.held == nil {
		q.held = map[string]int{}
	}
	t.why = why
	q.held[t.key]++
	q.waiting = append(q.waiting, t)
}

// maxSteps bounds what may follow without time passing.
const maxSteps = 20_000

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
func (w *World) Settle() error {
	steps := 0
	for {
		w.overdue()
		if err := w.drain(&steps); err != nil {
			return err
		}
		if !w.retry() {
			return nil
		}
	}
}

// drain does all that is ready.
func (w *World) drain(steps *int) error {
	for len(w.tasks.ready) > 0 {
		t := w.tasks.ready[0]
		w.tasks.ready = w.tasks.ready[1:]
		if w.tasks.held[t.key] > 0 {
			w.tasks.wait(t, nil)
			continue
		}
		if *steps++; *steps > maxSteps {
			return fmt.Errorf("the flow does not come to rest: after %d steps it is at %s because of %s", maxSteps, t.name, t.cause.Name)
		}
		if refused := w.try(t); refused != nil {
			w.tasks.wait(t, refused)
		}
	}
	return nil
}

// retry tries once more what waits, and reports whether any of it went on.
func (w *World) retry() bool {
	waiting := w.tasks.waiting
	w.tasks.waiting, w.tasks.held = nil, nil
	went := false
	for _, t := range waiting {
		switch refused := t.why; {
		case w.tasks.held[t.key] > 0:
			w.tasks.wait(t, nil)
		case t.dead:
			w.tasks.wait(t, refused)
		default:
			if refused = w.try(t); refused != nil {
				w.tasks.wait(t, refused)
			} else {
				went = true
			}
		}
	}
	return went || len(w.tasks.ready) > 0
}

// try does a task, and returns why it has to wait.
func (w *World) try(t *task) *refusal {
	if w.down[t.context] {
		return unavailable(t.context.Name, false)
	}
	refused := t.run(t)
	switch {
	case refused == nil:
		return nil
	case refused.kind == missing, refused.kind == technical:
		return refused
	}
	if t.effect == nil {
		t.effect = t.cause
	}
	refusedBy(t.effect, refused)
	w.faults = append(w.faults, &TaskFault{t.name, refused.Error(), t.effect})
	t.dead = true
	return refused
}

// show is the effect by which a task shows itself: at a new try the one of the
// last try, without what that had led to.
func (w *World) show(t *task, e *Effect) *Effect {
	if t.effect == nil || t.effect.Kind != e.Kind || t.effect.Name != e.Name {
		t.effect = w.lead(t.cause, e)
	}
	t.effect.Note, t.effect.Leads = "", nil
	return t.effect
}

// Waiting says what waits, and for what.
func (w *World) Waiting() []string {
	var out []string
	for _, t := range w.tasks.waiting {
		if t.dead {
			continue // TaskFaults has it
		}
		why := "an earlier one of the same instance"
		if t.why != nil {
			why = t.why.message
		}
		out = append(out, fmt.Sprintf("%s waits because of %s: %s", t.name, t.cause.Name, why))
	}
	return out
}

// TaskFaults is work that cannot be done.
func (w *World) TaskFaults() []*TaskFault { return w.faults }
