package orchestrator

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/esgen/esgen/templates/chassis/message"
	"github.com/esgen/esgen/templates/chassis/saga"
	"github.com/esgen/esgen/templates/chassis/store"
	"github.com/esgen/esgen/templates/chassis/strictjson"
	"github.com/esgen/esgen/templates/chassis/values"
)

// telling is a story while it is told, in a transaction.
type telling[E, D any] struct {
	*row
	k     *conductor[E, D]
	tx    *store.Tx
	now   time.Time
	story saga.Story[E, D]
	about message.Envelope // of every message about it
}

func (k *conductor[E, D]) telling(ctx context.Context, tx *store.Tx, r *row, because message.Envelope, now time.Time) (*telling[E, D], error) {
	t := &telling[E, D]{row: r, k: k, tx: tx, now: now, about: message.Envelope{
		Source: k.source, Subject: string(r.id), Key: string(r.id), Time: now, DataVersion: 1, CorrelationID: r.Event.CorrelationID,
		CausationID: string(because.ID), Actor: r.Event.Actor, Data: json.RawMessage("{}"),
	}}
	t.about.Actor.System = true // on behalf of whoever caused the event
	t.about.Capture(ctx)
	t.story.Meta = r.Event.Meta()
	err := errors.Join(
		strictjson.Error(k.event.Decode(r.Event.Data, &t.story.Event)),
		strictjson.Error(k.data.Decode(r.Data, &t.story.Data)),
	)
	if err != nil {
		return nil, t.failed(err)
	}
	return t, nil
}

func (r *row) failed(err error) error {
	return fmt.Errorf("story %s of saga %s: %w", r.id, r.saga, err)
}

// end keeps what became of a story.
func (t *telling[E, D]) end(err error) error {
	if err != nil {
		return err
	}
	if t.Data, err = values.Marshal(t.story.Data); err != nil {
		return t.failed(err)
	}
	t.attempts = 0
	for _, a := range t.Asked {
		t.attempts = max(t.attempts, a.Refused)
	}
	if t.attempts == 0 {
		t.refused = ""
	}
	if t.state.over() {
		t.k.timers.CallOff(t.tx, handler(t.saga), t.id)
	}
	return t.save(t.tx, t.now)
}

// goOn asks for what comes next, when nothing is waited for.
func (t *telling[E, D]) goOn(ctx context.Context) error {
	if t.state == Undoing {
		return t.stepBack()
	}
	for t.step < len(t.k.Steps) {
		if err := t.begin(ctx); err != nil || len(t.Asked) > 0 {
			return err
		}
		t.step = t.k.after(t.step)
	}
	t.state = Done
	return nil
}

// after is the step that follows a step and those beside it.
func (k *conductor[E, D]) after(step int) int {
	for step++; step < len(k.Steps) && k.Steps[step].Beside; {
		step++
	}
	return step
}

// begin begins the step it is at, and those beside it: all of them know what the
// story knows by now.
func (t *telling[E, D]) begin(ctx context.Context) error {
	for i := t.step; i < t.k.after(t.step); i++ {
		s := t.k.Steps[i]
		if s.If != nil && !s.If(t.story) {
			continue
		}
		key := fmt.Sprint(t.Event.ID, "/", i+1)
		request := s.Ask(t.story)
		a := asked{For: toDo, done: done{Step: i, Key: key, Instance: request.Instance, By: request.By}}
		switch {
		case s.Await != "":
			a.For = anEvent
		case a.Instance == "" && a.By == nil && s.Do.Command != "":
			a.Instance = values.DeriveID(t.saga, key, s.Do.Command)
		}
		a.Until = t.until(s)
		if err := t.ask(a, request.Input); err != nil {
			return err
		}
		if s.Timeout > 0 {
			e := t.note(stepTimedOut)
			data, err := json.Marshal(late{Key: key})
			if err != nil {
				return t.failed(err)
			}
			e.Data = data
			if err := t.k.timers.Set(t.tx, handler(t.saga), e, t.now.Add(s.Timeout)); err != nil {
				return err
			}
		}
	}
	return t.catchUp(ctx)
}

// until is when the time of a step is over; nil: never.
func (t *telling[E, D]) until(s saga.Step[E, D]) *time.Time {
	var until *time.Time
	if s.Timeout > 0 {
		until = new(t.now.Add(s.Timeout))
	}
	if t.state == Running && t.k.Timeout > 0 {
		if all := t.Event.Time.Add(t.k.Timeout); until == nil || all.Before(*until) {
			until = &all
		}
	}
	return until
}

// catchUp keeps what has happened already of what is waited for.
func (t *telling[E, D]) catchUp(ctx context.Context) error {
	for i := len(t.Asked) - 1; i >= 0; i-- {
		if t.Asked[i].For != anEvent {
			continue
		}
		e, err := t.await(ctx, t.Asked[i])
		if err == nil && e != nil {
			err = t.happened(i, *e)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// take goes on from an answer, unless it is not waited for: it came before, or too
// late.
func (t *telling[E, D]) take(ctx context.Context, answer saga.Answer) error {
	i := slices.IndexFunc(t.Asked, func(a asked) bool { return a.key() == answer.Key && !a.Paused })
	if i < 0 {
		return nil
	}
	switch t.Asked[i].For {
	case toCancel:
		return t.tookCancel(ctx, answer)
	case toUndo:
		if answer.Result != saga.Done && answer.Result != saga.Missing { // where nothing is, nothing is to be undone
			return t.later(i, answer)
		}
		t.pop()
	case toEnd:
		if answer.Result != saga.Done && answer.Result != saga.Refused {
			return t.later(i, answer)
		}
		t.Asked, t.state = nil, Undone
		return nil
	default:
		return t.tookStep(ctx, i, answer)
	}
	t.Asked = nil
	return t.goOn(ctx)
}

func (t *telling[E, D]) tookStep(ctx context.Context, i int, answer saga.Answer) error {
	a := &t.Asked[i]
	switch {
	case answer.Result == saga.Done:
		if answer.Instance != "" {
			a.Instance, a.By = answer.Instance, nil
		}
		if err := t.keep(i, answer.Reply); err != nil {
			return err
		}
	case t.state == Sure:
		return t.later(i, answer)
	default:
		t.fails(fmt.Sprintf("step %d was refused: %s", a.Step+1, answer.Reason))
		t.Asked = slices.Delete(t.Asked, i, i+1)
	}
	return t.together(ctx)
}

// keep notes that a step is done, and what it says.
func (t *telling[E, D]) keep(i int, reply json.RawMessage) error {
	d := t.Asked[i].done
	if err := t.saveReply(d.Step, reply); err != nil {
		return err
	}
	t.Asked = slices.Delete(t.Asked, i, i+1)
	t.didOrMay(d)
	if t.k.Steps[d.Step].Pivot {
		t.state = Sure
		t.k.timers.CallOff(t.tx, handler(t.saga), t.id)
	}
	return nil
}

func (t *telling[E, D]) saveReply(step int, reply json.RawMessage) (err error) {
	if save := t.k.Steps[step].Save; save != nil {
		if t.story.Data, err = save(t.story, reply); err != nil {
			return t.failed(err)
		}
	}
	return nil
}

// together goes on when all steps that began together are done. When one of them
// fails, the answers of the others are waited for.
func (t *telling[E, D]) together(ctx context.Context) error {
	switch {
	case t.state == Running && t.why != "":
		if slices.ContainsFunc(t.Asked, func(a asked) bool { return a.For != anEvent }) {
			return nil
		}
		return t.turn(ctx)
	case len(t.Asked) > 0:
		return nil
	}
	t.step = t.k.after(t.step)
	return t.goOn(ctx)
}
