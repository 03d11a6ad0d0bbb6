package sim

import (
	"fmt"
	"maps"
	"time"

	"github.com/esgen/esgen/internal/check"
	"github.com/esgen/esgen/internal/names"
	"github.com/esgen/esgen/model"
)

// story is a saga that was started.
type story struct {
	saga     *model.Saga
	event    *Happened
	data     map[string]any
	step     int  // the one it is at
	pivoted  bool // there is no way back
	begun    bool // the step it is at was asked for
	undoing  bool
	finished bool
	why      string // it is undone
	done     []done // to be compensated, in order
	effect   *Effect
	timeout  *alarm
}

// done is a step that was done, or may have been.
type done struct {
	step   *model.Step
	key    string
	target string
}

// listenSaga has a saga start when its event happens.
func (w *World) listenSaga(s *model.Saga, on func(*model.Event, *listener)) {
	if w.model.Incomplete[&s.Node] || len(s.Steps) == 0 {
		return
	}
	on(s.StartedBy.Event, &listener{
		name: "saga " + qualified(s.Context, s.Name), context: s.Context,
		hear: func(t *task, h *Happened) *refusal { return w.startSaga(s, h, t.cause) },
	})
}

func (w *World) startSaga(s *model.Saga, h *Happened, cause *Effect) *refusal {
	data := map[string]any{}
	for _, f := range s.Data {
		v, refused := w.start(f)
		if refused != nil {
			return refused
		}
		data[f.Name] = v
	}
	st := &story{saga: s, event: h, data: data}
	st.effect = w.lead(cause, &Effect{Kind: Orchestrates, Name: qualified(s.Context, s.Name)})
	if s.Timeout > 0 {
		st.timeout = w.clock.arm(&alarm{due: h.Time.Add(s.Timeout), context: s.Context, ring: func(time.Time) { w.timeOut(st) }})
	}
	w.goOn(st)
	return nil
}

// goOn has a saga take its next step when the tasks before are done.
func (w *World) goOn(st *story) {
	name := "saga " + qualified(st.saga.Context, st.saga.Name)
	w.tasks.add(&task{
		name: name, context: st.saga.Context, cause: st.effect, key: name + "/" + st.event.ID + "/steps",
		run: func(t *task) *refusal {
			switch {
			case st.finished:
				return nil
			case st.undoing:
				return w.stepBack(st, t)
			default:
				return w.stepOn(st, t)
			}
		},
	})
}

// timeOut turns a saga round whose pivot is not passed in time. The step it
// waits for may have been done: it is compensated, too.
func (w *World) timeOut(st *story) {
	if st.pivoted || st.undoing || st.finished {
		return
	}
	if st.begun {
		s := st.saga.Steps[st.step]
		target, _ := w.stepTarget(st, s)
		st.done = append(st.done, done{s, st.key(st.step), target})
	}
	st.turn(fmt.Sprintf("timed out after %s", st.saga.Timeout))
}

func (st *story) turn(why string) {
	st.undoing, st.why = true, why
	st.effect.note("undone: %s", why)
}

func (st *story) finish(note string) {
	st.finished = true
	if st.timeout != nil {
		st.timeout.off = true
	}
	st.effect.Note = note
}

// vars are what the expressions of a saga can name.
func (st *story) vars() map[string]any {
	return map[string]any{"event": st.event.Fields, "meta": st.event.meta(), "saga": st.data}
}

func (st *story) scope() string { return names.Of(&st.saga.Node).Go }

// key is what a step is known by where it is done.
func (st *story) key(step int) string { return fmt.Sprintf("%s/%d", st.event.ID, step+1) }

// order is a command the saga gives. A rejection is not kept: after the pivot
// the same command is given until it succeeds.
func (st *story) order(m *model.Command, id string, input map[string]any, as string, cause *Effect) order {
	return order{command: m, id: id, input: input, actor: st.event.actor.onBehalf(), key: key{st.scope(), as}, cause: cause}
}

// stepOn takes the step a saga is at.
func (w *World) stepOn(st *story, t *task) *refusal {
	if st.step == len(st.saga.Steps) {
		st.finish("done")
		return nil
	}
	s := st.saga.Steps[st.step]
	ok, refused := w.holds(s.If, st.vars())
	if refused != nil {
		return refused
	}
	if !ok {
		st.step++
		w.goOn(st)
		return nil
	}
	e := w.show(t, &Effect{Kind: Steps, Name: fmt.Sprintf("%d %s", st.step+1, s.Do.Text)})
	target, refused := w.stepTarget(st, s)
	if refused == nil {
		refused = w.takeStep(st, s, target, e)
	}
	switch {
	case refused == nil:
		st.done = append(st.done, done{s, st.key(st.step), target})
		st.pivoted = st.pivoted || s.Pivot
		st.begun = false
		st.step++
	case refused.kind == technical, refused.kind == faulted, refused.kind == unplayable:
		st.begun = true
		if refused.kind == technical {
			e.note("waits: %s", refused.message)
		}
		return refused
	case st.pivoted:
		e.note("waits: after the pivot it is repeated until it succeeds")
		return &refusal{kind: technical, code: refused.code, status: refused.status, message: refused.Error()}
	default:
		st.turn(fmt.Sprintf("%s was refused: %s", s.Do.Text, refused.Error()))
	}
	w.goOn(st)
	return nil
}

// stepTarget is the instance a step is for; "" for one that is created.
func (w *World) stepTarget(st *story, s *model.Step) (string, *refusal) {
	if s.Do.Command == nil {
		return "", nil
	}
	return w.addressee(st, w.model.Steps[s].Sending, s.Do.Command, s.Correlate, deriveID(st.scope(), st.key(st.step), fullName(s.Do.Command)))
}

// addressee is the instance that a step or a compensation says its command is
// for, by correlateBy or by target; of one that says nothing, the usual one.
func (w *World) addressee(st *story, says check.Sending, m *model.Command, by *model.FieldRef, usual string) (string, *refusal) {
	switch {
	case by != nil:
		v, refused := w.eval(says.Correlated, st.vars())
		if refused != nil {
			return "", refused
		}
		if ids := w.stores[m.Aggregate].with(by.Field, v); len(ids) > 0 {
			return ids[0], nil
		}
		return "", notThere("", "no %s has this %s", m.Aggregate.Name, by.Text)
	case says.Target != nil:
		v, refused := w.eval(says.Target, st.vars())
		id, _ := v.(string)
		return id, refused
	}
	return usual, nil
}

// takeStep asks for a step, and saves what it replies.
func (w *World) takeStep(st *story, s *model.Step, target string, e *Effect) *refusal {
	facts := w.model.Steps[s]
	input, refused := w.told(&s.Do, facts.Assigns, st.vars())
	if refused != nil {
		return refused
	}
	var reply map[string]any
	if op := s.Do.Operation; op != nil {
		reply, refused = w.operate(op, input, join(st.scope(), st.key(st.step)), op.External.Timeout, e)
	} else {
		var out *Outcome
		out, refused = w.give(st.order(s.Do.Command, target, input, st.key(st.step), e))
		if refused == nil {
			reply = replyOf(facts.Reply, s.Do.Command, out)
		}
	}
	if refused != nil || len(facts.Saves) == 0 {
		return refused
	}
	vars := st.vars()
	vars["reply"] = reply
	saved, refused := w.fill(facts.Saves, vars)
	if refused != nil {
		return refused
	}
	st.data = maps.Clone(st.data)
	maps.Copy(st.data, saved)
	return nil
}

// stepBack compensates the last step that is not compensated yet; when all
// are, it says that the saga failed.
func (w *World) stepBack(st *story, t *task) *refusal {
	for len(st.done) > 0 && st.done[len(st.done)-1].step.Compensate == nil {
		st.done = st.done[:len(st.done)-1]
	}
	if len(st.done) == 0 {
		return w.fail(st, t)
	}
	d := st.done[len(st.done)-1]
	e := w.show(t, &Effect{Kind: Compensates, Name: d.step.Compensate.Do.Text})
	refused := w.undoStep(st, d, e)
	if refused != nil && refused.kind != missing {
		e.note("waits: %s", refused.message)
		return refused
	}
	if refused != nil {
		e.note("there is nothing to undo")
	}
	st.done = st.done[:len(st.done)-1]
	w.goOn(st)
	return nil
}

func (w *World) undoStep(st *story, d done, e *Effect) *refusal {
	undo := d.step.Compensate
	sent := w.model.Compensations[undo].Sending
	if op := undo.Do.Operation; op != nil {
		input, refused := w.told(&undo.Do, sent.Assigns, st.vars())
		if refused != nil {
			return refused
		}
		_, refused = w.operate(op, input, join(st.scope(), d.key, "undo"), op.External.Timeout, e)
		return refused
	}
	c := undo.Do.Command.Aggregate.Context
	original := key{st.scope(), d.key}
	if h, ok := w.handled[handledKey{c, original}]; d.step.Do.Command != nil && d.step.Do.Command.Aggregate.Context == c && (!ok || h.outcome == nil) {
		if w.down[c] {
			return unavailable(c.Name, false)
		}
		w.compensated(c, original.scope, original.id) // should it still come
		return notThere("", "it never happened")
	}
	input, refused := w.told(&undo.Do, sent.Assigns, st.vars())
	if refused != nil {
		return refused
	}
	target, refused := w.addressee(st, sent, undo.Do.Command, undo.Correlate, d.target)
	if refused != nil {
		return refused
	}
	_, refused = w.give(st.order(undo.Do.Command, target, input, join(d.key, "undo"), e))
	return refused
}

// fail ends a saga that is undone.
func (w *World) fail(st *story, t *task) *refusal {
	last := st.saga.OnFailure
	if last == nil || last.Do.Command == nil && last.Do.Operation == nil {
		st.finish("undone: " + st.why)
		return nil
	}
	e := w.show(t, &Effect{Kind: Steps, Name: "on failure " + last.Do.Text})
	sent := w.model.Compensations[last].Sending
	input, refused := w.told(&last.Do, sent.Assigns, st.vars())
	if refused != nil {
		return refused
	}
	if op := last.Do.Operation; op != nil {
		_, refused = w.operate(op, input, join(st.scope(), st.event.ID, "failed"), op.External.Timeout, e)
	} else {
		var target string
		if target, refused = w.addressee(st, sent, last.Do.Command, last.Correlate, ""); refused == nil {
			_, refused = w.give(st.order(last.Do.Command, target, input, join(st.event.ID, "failed"), e))
		}
	}
	if refused != nil && refused.kind != rejected {
		return refused
	}
	st.finish("undone: " + st.why)
	return nil
}
