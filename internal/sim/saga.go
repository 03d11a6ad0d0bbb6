package sim

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/esgen/esgen/internal/check"
	"github.com/esgen/esgen/internal/naming"
	"github.com/esgen/esgen/model"
)

// story is a saga that was started.
type story struct {
	number   int // its place among the stories of the world
	saga     *model.Saga
	event    *Happened
	data     map[string]any
	step     int      // the one it is at
	open     []*begun // that, and those beside it, as far as they are not done
	alone    bool     // it is one, which is asked for again until it is answered
	pivoted  bool     // there is no way back
	undoing  bool
	finished bool
	why      string // it is undone, or will be when the others are answered
	done     []done // to be compensated, in order
	effect   *Effect
	timeout  *alarm
	told     []Turn // in order
	uneven   bool   // something was refused, and asked again
}

// begun is a step that is not done yet.
type begun struct {
	nth     int
	step    *model.Step
	vars    map[string]any // as it was when it began
	asked   bool           // it may have been done
	target  string         // of what is waited for
	effect  *Effect        // likewise
	timeout *alarm
}

// done is a step that was done, or may have been.
type done struct {
	step   *model.Step
	nth    int
	key    string
	target string
	event  *Happened // that was waited for
	unsure bool      // it may not have been done
}

// listenSaga has a saga start when its event happens.
func (w *World) listenSaga(s *model.Saga, on func(*model.Event, *listener)) {
	if w.model.Incomplete[&s.Node] || len(s.Steps) == 0 {
		return
	}
	on(s.StartedBy.Event, &listener{
		name: "saga " + qualified(s.Context, s.Name), who: s, context: s.Context, saga: s,
		hear: func(w *World, t *task, h *Happened) *refusal { return w.startSaga(s, h, t.cause) },
	})
	for i, step := range s.Steps {
		if e := step.Await.Event; e != nil && !slices.ContainsFunc(s.Steps[:i], func(o *model.Step) bool { return o.Await.Event == e }) {
			on(e, &listener{
				name: "saga " + qualified(s.Context, s.Name) + "/await", who: s, context: s.Context, saga: s, awaits: true,
				hear: func(w *World, _ *task, h *Happened) *refusal { return w.hear(s, h) },
			})
		}
	}
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
	st := &story{number: len(w.stories), saga: s, event: h, data: data}
	w.stories = append(w.stories, st)
	st.effect = w.lead(cause, &Effect{Kind: Orchestrates, Name: qualified(s.Context, s.Name), Of: s})
	if s.Timeout > 0 {
		number := st.number
		st.timeout = w.clock.arm(&alarm{
			due: h.Time.Add(s.Timeout), context: s.Context, about: join(st.scope(), h.ID),
			ring: func(w *World, _ time.Time) {
				w.timeOut(w.stories[number], fmt.Sprintf("timed out after %s", s.Timeout))
			},
		})
	}
	w.goOn(st)
	return nil
}

// goOn has a saga take its next step when the tasks before are done.
func (w *World) goOn(st *story) {
	name, number := "saga "+qualified(st.saga.Context, st.saga.Name), st.number
	w.tasks.add(&task{
		name: name, context: st.saga.Context, cause: st.effect, key: name + "/" + st.event.ID + "/steps",
		line: st.stepLine(), about: join(st.event.ID, "steps"),
		run: func(w *World, t *task) *refusal {
			switch st := w.stories[number]; {
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

// timeOut turns a saga round whose pivot is not passed in time. The steps it
// waits for may have been done: they are compensated, too.
func (w *World) timeOut(st *story, why string) {
	if st.pivoted || st.undoing || st.finished {
		return
	}
	st.tell(Turn{Turned: true})
	idle := len(st.open) > 0 && !st.alone // no task of its own is there to see it
	for _, m := range st.open {
		if m.asked {
			target, _ := w.stepTarget(st, m)
			st.did(m, done{step: m.step, nth: m.nth, key: st.key(m.nth), target: target, unsure: true})
		}
	}
	st.fails(why)
	st.turn()
	if idle {
		w.goOn(st)
	}
}

func (st *story) turn() {
	for _, m := range st.open {
		st.close(m)
		if m.effect != nil {
			m.effect.Note = "did not come"
		}
	}
	st.undoing = true
	st.effect.note("undone: %s", st.why)
}

func (st *story) finish(note string) {
	st.finished = true
	if st.timeout != nil {
		st.timeout.off = true
	}
	st.effect.Note = note
}

// Lose has the answer of a step not come: its stories wait for it from then on.
func (w *World) Lose(s *model.Step) { w.lost = s }

// TurnRound has those stories turned round, by somebody who operates them, that
// can be, and lets everything follow, in at most so many steps.
func (w *World) TurnRound(most int) error {
	for _, c := range w.contexts {
		for _, s := range c.Sagas {
			for _, st := range w.storiesOf(s) {
				w.timeOut(st, "somebody turned it round")
			}
		}
	}
	return w.SettleWithin(most)
}

// storiesOf are the stories of a saga, in the order in which they began.
func (w *World) storiesOf(s *model.Saga) []*story {
	var out []*story
	for _, st := range w.stories {
		if st.saga == s {
			out = append(out, st)
		}
	}
	return out
}

// vars are what the expressions of a saga can name.
func (st *story) vars() map[string]any {
	return map[string]any{"event": st.event.Fields, "meta": st.event.meta(), "saga": st.data}
}

func (st *story) scope() string { return naming.SagaID(st.saga) }

// key is what a step is known by where it is done.
func (st *story) key(step int) string { return fmt.Sprintf("%s/%d", st.event.ID, step+1) }

// order is a command the saga gives because of a part of it. A rejection is not kept:
// after the pivot the same command is given until it succeeds.
func (st *story) order(m *model.Command, id string, input map[string]any, at *Story, from any, cause *Effect) order {
	return order{command: m, id: id, input: input, actor: st.event.actor.onBehalf(), key: key{st.scope(), at.Key}, from: from, story: at, cause: cause}
}

// at is where a story is that asks under a key.
func (st *story) at(key string) *Story {
	return &Story{ID: deriveID(st.scope(), st.event.ID), Saga: st.saga, Event: st.event, Key: key, Told: slices.Clone(st.told), Uneven: st.uneven}
}

// tell notes what a story is told.
func (st *story) tell(t Turn) { st.told = append(st.told, t) }

// waitingFor is a story that waits for an event; nil: none does.
func (w *World) waitingFor(s *model.Saga, h *Happened) *Story {
	for _, st := range w.storiesOf(s) {
		for _, m := range st.open {
			if m.step.Awaits() && m.waitsFor(st, h) {
				return st.at("")
			}
		}
	}
	return nil
}

// stepOn takes the step a saga is at. A step of its own is taken at once, and again
// until it is answered; those that begin together each have a task.
func (w *World) stepOn(st *story, t *task) *refusal {
	if st.alone {
		return w.take(st, st.open[0].nth, t)
	}
	if st.step == len(st.saga.Steps) {
		st.finish("done")
		return nil
	}
	if refused := w.begin(st); refused != nil {
		return refused
	}
	switch {
	case len(st.open) == 0:
		w.together(st)
		return nil
	case len(st.open) == 1 && !st.open[0].step.Awaits():
		st.alone = true
		return w.take(st, st.open[0].nth, t)
	}
	name, number := "saga "+qualified(st.saga.Context, st.saga.Name), st.number
	for _, m := range slices.Clone(st.open) {
		if m.step.Awaits() {
			if refused := w.await(st, m); refused != nil {
				return refused
			}
			continue
		}
		w.tasks.add(&task{
			name: name, context: st.saga.Context, cause: st.effect, key: name + "/" + st.key(m.nth),
			line: Line{st.saga, m.step}, about: st.key(m.nth),
			run: func(w *World, t *task) *refusal { return w.take(w.stories[number], m.nth, t) },
		})
	}
	w.together(st)
	return nil
}

// begin begins the step a saga is at, and those beside it.
func (w *World) begin(st *story) *refusal {
	var open []*begun
	for i := st.step; i < st.after(); i++ {
		s := st.saga.Steps[i]
		ok, refused := w.holds(s.If, st.vars())
		if refused != nil {
			return refused
		}
		if ok {
			open = append(open, &begun{nth: i, step: s, vars: st.vars()})
		}
	}
	st.open = open
	for _, m := range open {
		if after := m.step.Timeout; after > 0 {
			number := st.number
			m.timeout = w.clock.arm(&alarm{due: w.now.Add(after), context: st.saga.Context, about: st.key(m.nth), ring: func(w *World, _ time.Time) {
				if st := w.stories[number]; st.opened(m.nth) != nil {
					w.timeOut(st, fmt.Sprintf("%s timed out after %s", m.step.Text(), after))
				}
			}})
		}
	}
	return nil
}

// after is the step that follows the one it is at and those beside it.
func (st *story) after() int {
	i := st.step + 1
	for i < len(st.saga.Steps) && st.saga.Steps[i].Beside {
		i++
	}
	return i
}

// opened is a step that was begun and is not done; nil: it is neither.
func (st *story) opened(nth int) *begun {
	if i := slices.IndexFunc(st.open, func(m *begun) bool { return m.nth == nth }); i >= 0 {
		return st.open[i]
	}
	return nil
}

// take asks for a step that was begun.
func (w *World) take(st *story, nth int, t *task) *refusal {
	m := st.opened(nth)
	if m == nil {
		return nil
	}
	s := m.step
	e := w.show(t, &Effect{Kind: Steps, Name: fmt.Sprintf("%d %s", m.nth+1, s.Do.Text), Of: s.Do.Node()})
	target, refused := w.stepTarget(st, m)
	if refused == nil {
		refused = w.takeStep(st, m, target, e)
	}
	switch {
	case refused == nil:
		st.did(m, done{step: s, nth: m.nth, key: st.key(m.nth), target: target})
	case refused.kind == technical, refused.kind == faulted, refused.kind == unplayable:
		m.asked = true
		if refused.kind == technical {
			e.note("waits: %s", refused.message)
		}
		return refused
	case st.pivoted:
		st.uneven = true
		e.note("waits: after the pivot it is repeated until it succeeds")
		return &refusal{kind: technical, code: refused.code, status: refused.status, message: refused.Error()}
	default:
		st.close(m)
		st.tell(Turn{Step: s, Key: st.key(m.nth), Refused: refused.Error(), Missing: refused.kind == missing})
		st.fails(fmt.Sprintf("%s was refused: %s", s.Do.Text, refused.Error()))
	}
	w.together(st)
	return nil
}

// fails notes why a saga fails: of several reasons the first.
func (st *story) fails(why string) {
	if st.why == "" {
		st.why = why
	}
}

// did notes a step that is to be undone when the saga fails: in reverse of their
// order, whichever of those beside one another came first.
func (st *story) did(m *begun, d done) {
	st.close(m)
	st.done = append(st.done, d)
	slices.SortFunc(st.done, func(a, b done) int { return a.nth - b.nth })
	st.pivoted = st.pivoted || m.step.Pivot
}

// close ends that a step is waited for.
func (st *story) close(m *begun) {
	st.open = slices.DeleteFunc(slices.Clone(st.open), func(o *begun) bool { return o == m })
	st.alone = false
	if m.timeout != nil {
		m.timeout.off = true
	}
}

// together goes on when all steps that began together are done. When one of them
// fails, the others are waited for, except for events.
func (w *World) together(st *story) {
	switch {
	case st.undoing:
		return
	case st.why != "":
		if slices.ContainsFunc(st.open, func(m *begun) bool { return !m.step.Awaits() }) {
			return
		}
		st.turn()
	case len(st.open) > 0:
		return
	default:
		st.step = st.after()
	}
	w.goOn(st)
}

// await has a saga wait for an event, unless it has happened since the saga began.
func (w *World) await(st *story, m *begun) *refusal {
	v, refused := w.eval(w.model.Steps[m.step].Target, m.vars)
	if refused != nil {
		return refused
	}
	m.target, _ = v.(string)
	m.effect = w.lead(st.effect, &Effect{Kind: Steps, Name: fmt.Sprintf("%d await %s", m.nth+1, m.step.Text()), Note: "waits"})
	for _, h := range slices.Backward(w.log) {
		if m.waitsFor(st, h) {
			return w.came(st, m, h)
		}
	}
	return nil
}

func (m *begun) waitsFor(st *story, h *Happened) bool {
	return m.step.Await.Event == h.Event && m.target == h.Instance && !h.given && !h.Time.Before(st.event.Time) &&
		!slices.ContainsFunc(st.done, func(d done) bool { return d.event == h })
}

// came keeps that an event has happened that is waited for.
func (w *World) came(st *story, m *begun, h *Happened) *refusal {
	if refused := w.keep(st, m.step, h.Fields); refused != nil {
		return refused
	}
	m.effect.Note = ""
	st.tell(Turn{Step: m.step, Event: h})
	st.did(m, done{step: m.step, nth: m.nth, key: st.key(m.nth), target: m.target, event: h})
	return nil
}

// hear goes on with the stories that wait for an event.
func (w *World) hear(s *model.Saga, h *Happened) *refusal {
	for _, st := range w.storiesOf(s) {
		for _, m := range st.open {
			if m.step.Awaits() && m.waitsFor(st, h) {
				if refused := w.came(st, m, h); refused != nil {
					return refused
				}
				w.together(st)
				break
			}
		}
	}
	return nil
}

// stepTarget is the instance a step is for; "" for one that is created.
func (w *World) stepTarget(st *story, m *begun) (string, *refusal) {
	s := m.step
	if s.Do.Command == nil {
		return "", nil
	}
	return w.addressee(m.vars, w.model.Steps[s].Sending, s.Do.Command, s.Correlate, deriveID(st.scope(), st.key(m.nth), naming.CommandName(s.Do.Command)))
}

// addressee is the instance that a step or a compensation says its command is
// for, by correlateBy or by target; of one that says nothing, the usual one.
func (w *World) addressee(vars map[string]any, says check.Sending, m *model.Command, by *model.FieldRef, usual string) (string, *refusal) {
	switch {
	case by != nil:
		v, refused := w.eval(says.Correlated, vars)
		if refused != nil {
			return "", refused
		}
		if ids := w.store(m.Aggregate).with(by.Field, v); len(ids) > 0 {
			return ids[0], nil
		}
		return "", notThere("", "no %s has this %s", m.Aggregate.Name, by.Text)
	case says.Target != nil:
		v, refused := w.eval(says.Target, vars)
		id, _ := v.(string)
		return id, refused
	}
	return usual, nil
}

// lookedUp is the value by which an addressee is found; nil: it is known.
func (w *World) lookedUp(vars map[string]any, says check.Sending, by *model.FieldRef) (any, *refusal) {
	if by == nil {
		return nil, nil
	}
	return w.eval(says.Correlated, vars)
}

// takeStep asks for a step, and saves what it replies.
func (w *World) takeStep(st *story, m *begun, target string, e *Effect) *refusal {
	s, as := m.step, st.key(m.nth)
	facts, turn := w.model.Steps[s], Turn{Step: s, Key: as}
	input, refused := w.told(&s.Do, facts.Assigns, making(m.vars, join(st.scope(), as)))
	if refused != nil {
		return refused
	}
	var reply map[string]any
	if op := s.Do.Operation; op != nil {
		reply, refused = w.operate(op, input, join(st.scope(), as), op.External.Timeout, e)
		w.answered(st.saga.Context, &s.Do, input, reply, refused)
	} else {
		var out *Outcome
		at := st.at(as)
		at.Instance = target
		if at.By, refused = w.lookedUp(m.vars, facts.Sending, s.Correlate); refused != nil {
			return refused
		}
		out, refused = w.give(st.order(s.Do.Command, target, input, at, s, e))
		if refused == nil && w.lost == s {
			refused = &refusal{kind: technical, message: "the answer is lost"}
		}
		if refused == nil {
			reply, turn.Instance = replyOf(facts.Reply, s.Do.Command, out), out.ID
		}
	}
	if refused != nil {
		return refused
	}
	turn.Reply = reply
	st.tell(turn)
	return w.keep(st, s, reply)
}

// keep saves what a step replies.
func (w *World) keep(st *story, s *model.Step, reply map[string]any) *refusal {
	saves := w.model.Steps[s].Saves
	if len(saves) == 0 {
		return nil
	}
	vars := st.vars()
	vars["reply"] = reply
	saved, refused := w.fill(saves, vars)
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
	d := &st.done[len(st.done)-1]
	e := w.show(t, &Effect{Kind: Compensates, Name: d.step.Compensate.Do.Text, Of: d.step.Compensate.Do.Node()})
	refused := w.cancel(st, d)
	if refused == nil {
		refused = w.undoStep(st, *d, e)
	}
	if refused != nil && refused.kind != missing {
		e.note("waits: %s", refused.message)
		return refused
	}
	st.tell(Turn{Step: d.step, Key: join(d.key, "undo"), Missing: refused != nil})
	if refused != nil {
		e.note("there is nothing to undo")
	}
	st.done = st.done[:len(st.done)-1]
	w.goOn(st)
	return nil
}

// cancel finds out whether a step was done that is to be undone: one that was not is
// refused should it still come.
func (w *World) cancel(st *story, d *done) *refusal {
	if d.step.Do.Command == nil || !d.unsure && !undoneThere(d.step) {
		return nil
	}
	c, original := d.step.Do.Command.Aggregate.Context, key{st.scope(), d.key}
	if w.away(c) {
		return unavailable(c.Name, false)
	}
	turn := Turn{Step: d.step, Key: join(d.key, "cancel")}
	h, ok := w.handled.of[handledKey{c, original}]
	if !ok || h.outcome == nil {
		w.compensated(c, original.scope, original.id)
		turn.Missing = true
		st.tell(turn)
		return notThere("", "it never happened")
	}
	if !d.unsure {
		return nil
	}
	turn.Instance, turn.Reply = h.outcome.ID, replyOf(w.model.Steps[d.step].Reply, d.step.Do.Command, h.outcome)
	st.tell(turn)
	d.unsure, d.target = false, h.outcome.ID
	return w.keep(st, d.step, turn.Reply)
}

// undoneThere reports whether a step is undone where it is done, where it is known
// whether it was.
func undoneThere(s *model.Step) bool {
	u := s.Compensate.Do.Command
	return u != nil && u.Aggregate.Context == s.Do.Command.Aggregate.Context
}

func (w *World) undoStep(st *story, d done, e *Effect) *refusal {
	undo := d.step.Compensate
	sent := w.model.Compensations[undo].Sending
	vars := making(st.vars(), join(st.scope(), d.key)+".undo")
	if op := undo.Do.Operation; op != nil {
		input, refused := w.told(&undo.Do, sent.Assigns, vars)
		if refused != nil {
			return refused
		}
		reply, refused := w.operate(op, input, join(st.scope(), d.key, "undo"), op.External.Timeout, e)
		w.answered(st.saga.Context, &undo.Do, input, reply, refused)
		return refused
	}
	input, refused := w.told(&undo.Do, sent.Assigns, vars)
	if refused != nil {
		return refused
	}
	target, refused := w.addressee(st.vars(), sent, undo.Do.Command, undo.Correlate, d.target)
	if refused != nil {
		return refused
	}
	at := st.at(join(d.key, "undo"))
	if d.step.Do.Command != nil && undoneThere(d.step) {
		at.Undoes = d.key
	}
	at.Instance = target
	if at.By, refused = w.lookedUp(st.vars(), sent, undo.Correlate); refused != nil {
		return refused
	}
	_, refused = w.give(st.order(undo.Do.Command, target, input, at, undo, e))
	return refused
}

// fail ends a saga that is undone.
func (w *World) fail(st *story, t *task) *refusal {
	last := st.saga.OnFailure
	if last == nil || last.Do.Command == nil && last.Do.Operation == nil {
		st.finish("undone: " + st.why)
		return nil
	}
	e := w.show(t, &Effect{Kind: Steps, Name: "on failure " + last.Do.Text, Of: last.Do.Node()})
	sent := w.model.Compensations[last].Sending
	input, refused := w.told(&last.Do, sent.Assigns, making(st.vars(), join(st.scope(), st.event.ID, "last")))
	if refused != nil {
		return refused
	}
	if op := last.Do.Operation; op != nil {
		_, refused = w.operate(op, input, join(st.scope(), st.event.ID, "failed"), op.External.Timeout, e)
	} else {
		var target string
		if target, refused = w.addressee(st.vars(), sent, last.Do.Command, last.Correlate, ""); refused == nil {
			at := st.at(join(st.event.ID, "failed"))
			at.Instance = target
			if at.By, refused = w.lookedUp(st.vars(), sent, last.Correlate); refused != nil {
				return refused
			}
			_, refused = w.give(st.order(last.Do.Command, target, input, at, last, e))
		}
	}
	if refused != nil && refused.kind != rejected {
		return refused
	}
	st.finish("undone: " + st.why)
	return nil
}
