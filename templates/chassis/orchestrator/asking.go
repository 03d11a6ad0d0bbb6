package orchestrator

import (
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/esgen/esgen/templates/chassis/message"
	"github.com/esgen/esgen/templates/chassis/outbox"
	"github.com/esgen/esgen/templates/chassis/saga"
	"github.com/esgen/esgen/templates/chassis/values"
)

// ask has a request leave, and waits for its answer.
func (t *telling[E, D]) ask(a asked, input any) error {
	if a.For == anEvent {
		t.Asks++
		t.Asked = append(t.Asked, a)
		return nil
	}
	var err error
	if a.Input, err = values.Marshal(input); err != nil {
		return t.failed(err)
	}
	t.Asked = append(t.Asked, a)
	return t.send(a)
}

// key is what a request is known by where it is done. One that was refused is
// another one when it is repeated: the refusal is remembered where it was made.
func (a asked) key() string {
	if a.Refused == 0 {
		return a.Key
	}
	return fmt.Sprint(a.Key, "/", a.Refused+1)
}

// send has a request leave. To send the same again is harmless: it is known by its
// key.
func (t *telling[E, D]) send(a asked) error {
	t.Asks++
	order := saga.Order{
		Saga: t.saga, Story: t.id, Key: a.key(), ReplyTo: t.k.replies, Until: a.Until, Instance: a.Instance, By: a.By, Input: a.Input,
	}
	var to saga.Target
	switch a.For {
	case toUndo:
		s := t.k.Steps[a.Step]
		to = s.Undo
		if s.UndoneThere() {
			order.Compensates = t.top().Key
		}
	case toCancel:
		to, order.Compensates = saga.Target{Topic: t.k.Steps[a.Step].Do.Topic, Type: saga.CancelType}, t.top().Key
	case toEnd:
		to = t.k.Last
	default:
		to = t.k.Steps[a.Step].Do
	}
	data, err := json.Marshal(order)
	if err != nil {
		return t.failed(err)
	}
	e := t.note(to.Type)
	e.Topic, e.Data = to.Topic, data
	return outbox.Append(t.tx, e)
}

// note is a message about the story.
func (t *telling[E, D]) note(what string) message.Envelope {
	e := t.about
	e.ID, e.Type = values.DeriveID(string(t.id), what, strconv.Itoa(t.Asks)), what
	return e
}

// askAgain asks for what is waited for: for all of it, or for what was refused.
func (t *telling[E, D]) askAgain(all bool) error {
	for i := range t.Asked {
		a := &t.Asked[i]
		if a.For == anEvent || !all && !a.Paused {
			continue // or somebody was faster
		}
		a.Paused = false
		if err := t.send(*a); err != nil {
			return err
		}
	}
	return nil
}

// Pauses before what was refused is asked again.
const (
	firstPause = time.Second
	longPause  = time.Minute
)

// later asks again after a pause, longer each time.
func (t *telling[E, D]) later(i int, answer saga.Answer) error {
	a := &t.Asked[i]
	pause := longPause
	if a.Refused < 6 {
		pause = min(firstPause<<a.Refused, longPause)
	}
	a.Refused++
	a.Paused, t.refused = true, answer.Reason
	return t.k.timers.Set(t.tx, handler(t.saga), t.note(again), t.now.Add(pause))
}
