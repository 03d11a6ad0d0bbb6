package orchestrator

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/esgen/esgen/templates/chassis/kafka"
	"github.com/esgen/esgen/templates/chassis/message"
	"github.com/esgen/esgen/templates/chassis/saga"
	"github.com/esgen/esgen/templates/chassis/store"
	"github.com/esgen/esgen/templates/chassis/strictjson"
	"github.com/esgen/esgen/templates/chassis/timer"
	"github.com/esgen/esgen/templates/chassis/values"
)

// What a story is told by itself, or by somebody at its service.
const (
	timedOut     = "TimedOut"
	stepTimedOut = "StepTimedOut"
	again        = "Again"   // after a pause
	resumed      = "Resumed" // by hand
	turned       = "Turned"  // round, by hand
	byHand       = "somebody turned it round"
)

// conductor takes the stories of one saga further.
type conductor[E, D any] struct {
	*Sagas
	saga.Saga[E, D]
	awaits bool // events
	event  *strictjson.Decoder[E]
	data   *strictjson.Decoder[D]
}

// Conduct has a saga's stories told. All is added before the consumer runs.
func Conduct[E kafka.Event, D any](c *kafka.Consumer, s *Sagas, of saga.Saga[E, D], needs ...kafka.Needs) {
	k := &conductor[E, D]{Sagas: s, Saga: of, awaits: slices.ContainsFunc(of.Steps, func(s saga.Step[E, D]) bool { return s.Await != "" })}
	var errs [2]error
	k.event, errs[0] = strictjson.Lenient[E]()
	k.data, errs[1] = strictjson.Lenient[D]()
	if err := errors.Join(errs[:]...); err != nil {
		c.Fail(fmt.Errorf("saga %s: %w", of.Name, err))
		return
	}
	var event E
	note, name := event.Event(), handler(of.Name)
	started := kafka.Handler[E]{Name: name, Topic: note.Topic, Type: note.Type, Needs: kafka.Looked(needs), Upcasts: kafka.Upcasts[E](c),
		Do: func(ctx context.Context, event E, e message.Envelope) (err error) {
			// As it is read here: it may have come in an older version.
			if e.Data, err = values.Marshal(event); err != nil {
				return err
			}
			return k.start(ctx, e)
		}}
	if started.Needs != nil {
		k.event = k.event.Needing(started.Needs...)
	}
	kafka.On(c, started)
	kafka.On(c, kafka.Handler[struct{}]{Name: name, Topic: s.replies, Type: saga.AnswerType(of.Name), Needs: []string{}, Do: k.answered})
	k.notes(c)
}

// notes has stories told what they are told by themselves, or by somebody at the
// service.
func (k *conductor[E, D]) notes(c *kafka.Consumer) {
	on := func(event string, do func(t *telling[E, D], ctx context.Context, e message.Envelope) error) {
		timer.On(c, k.timers, handler(k.Name), event, func(ctx context.Context, e message.Envelope) error {
			return k.change(ctx, e, func(t *telling[E, D]) error { return do(t, ctx, e) })
		})
	}
	on(timedOut, func(t *telling[E, D], ctx context.Context, _ message.Envelope) error {
		return t.giveUp(ctx, fmt.Sprintf("timed out after %s", k.Timeout))
	})
	on(turned, func(t *telling[E, D], ctx context.Context, _ message.Envelope) error { return t.giveUp(ctx, byHand) })
	on(again, func(t *telling[E, D], _ context.Context, _ message.Envelope) error { return t.askAgain(false) })
	on(resumed, func(t *telling[E, D], _ context.Context, _ message.Envelope) error { return t.askAgain(true) })
	on(stepTimedOut, (*telling[E, D]).stepIsLate)
	if k.awaits {
		on(came, (*telling[E, D]).hear)
	}
}

// handler is the name by which the messages of a saga park.
func handler(name string) string { return "saga/" + name }

// start begins the story of an event.
func (k *conductor[E, D]) start(ctx context.Context, e message.Envelope) error {
	return k.db.InTx(ctx, func(tx *store.Tx) error {
		now, err := k.timers.Now(ctx, tx)
		if err != nil {
			return err
		}
		r := &row{id: values.DeriveID(k.Name, string(e.ID)), saga: k.Name, state: Running, told: told{Event: e, Data: json.RawMessage("{}")}}
		if first, err := r.begin(ctx, tx, now); err != nil || !first {
			return err
		}
		t, err := k.telling(ctx, tx, r, e, now)
		if err != nil {
			return err
		}
		if k.Timeout > 0 {
			if err := k.timers.Set(tx, handler(k.Name), t.note(timedOut), e.Time.Add(k.Timeout)); err != nil {
				return err
			}
		}
		return t.end(t.goOn(ctx))
	})
}

// change has something happen to the story that a message is about.
func (k *conductor[E, D]) change(ctx context.Context, e message.Envelope, do func(t *telling[E, D]) error) error {
	return k.db.InTx(ctx, func(tx *store.Tx) error {
		r, err := k.load(ctx, tx, values.ID(e.Subject))
		if err != nil || r == nil {
			return err
		}
		now, err := k.timers.Now(ctx, tx)
		if err != nil {
			return err
		}
		t, err := k.telling(ctx, tx, r, e, now)
		if err != nil {
			return err
		}
		return t.end(do(t))
	})
}

// answered takes an answer.
func (k *conductor[E, D]) answered(ctx context.Context, _ struct{}, e message.Envelope) error {
	a, err := saga.Read[saga.Answer](e.Data)
	if err != nil {
		return err
	}
	return k.change(ctx, e, func(t *telling[E, D]) error { return t.take(ctx, a) })
}
