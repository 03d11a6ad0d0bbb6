// Package participant does what sagas ask for, and answers. An order may come
// more than once: its command is known by its key, and the answer by the order.
package participant

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/esgen/esgen/templates/chassis/aggregate"
	"github.com/esgen/esgen/templates/chassis/command"
	"github.com/esgen/esgen/templates/chassis/inbound"
	"github.com/esgen/esgen/templates/chassis/kafka"
	"github.com/esgen/esgen/templates/chassis/message"
	"github.com/esgen/esgen/templates/chassis/outbox"
	"github.com/esgen/esgen/templates/chassis/saga"
	"github.com/esgen/esgen/templates/chassis/store"
	"github.com/esgen/esgen/templates/chassis/strictjson"
	"github.com/esgen/esgen/templates/chassis/values"
)

// Participant is a service that sagas ask.
type Participant struct {
	db     *store.DB
	source string // of its messages: /<system>/<context>
	topic  string // on which it is asked
}

// New returns a service that is asked on a topic of its own.
func New(db *store.DB, source, topic string) *Participant {
	return &Participant{db: db, source: source, topic: topic}
}

// Command is a command that sagas give.
type Command[I command.Input] struct {
	Type string // of the orders
	Do   func(ctx context.Context, req command.Request, input I) (command.Outcome, error)
	// By finds instances by the value of a column.
	By map[string]Finder
}

// Finder finds instances by a value as JSON.
type Finder func(ctx context.Context, value json.RawMessage) ([]values.ID, error)

// Find is a Finder by a column of type V.
func Find[V any](find func(ctx context.Context, column string, value any) ([]values.ID, error), column string) Finder {
	return func(ctx context.Context, data json.RawMessage) ([]values.ID, error) {
		var value *V
		if err := json.Unmarshal(data, &value); err != nil || value == nil {
			return nil, err
		}
		return find(ctx, column, *value)
	}
}

// Obey has a command given when a saga asks for it. All is added before the
// consumer runs.
func Obey[I command.Input](c *kafka.Consumer, p *Participant, of Command[I]) {
	runner, err := inbound.Command[I]{Do: of.Do}.Runner(strictjson.Limits{})
	if err != nil {
		c.Fail(fmt.Errorf("%s: %w", of.Type, err))
		return
	}
	p.on(c, of.Type, func(ctx context.Context, o saga.Order, e message.Envelope) (answer saga.Answer, err error) {
		input, err := known(o.Input, runner.Has)
		if err != nil {
			return saga.Answer{Result: saga.Invalid, Reason: err.Error()}, nil //nolint:nilerr // that it cannot be read is the answer
		}
		id, err := of.instance(ctx, o)
		if err != nil {
			return answer, err
		}
		given := map[string]string{}
		if id != "" { // else it is to be made up
			given[runner.Note.IDField] = string(id)
		}
		out, err := runner.Run(ctx, command.Request{
			Actor: e.Actor, Key: command.Key{Scope: o.Saga, ID: o.Key}, Compensates: o.Compensates, KeepRejection: true, KeepRefusal: true, Until: o.Until,
			Correlation: e.CorrelationID, Causation: string(e.ID),
		}, input, given)
		if errors.Is(err, command.ErrOverdue) {
			return p.late(ctx, o)
		}
		if err != nil {
			return refusal(err)
		}
		return saga.Answer{Result: saga.Done, Instance: out.ID, Reply: out.Reply}, nil
	})
}

// Cancel has commands refused that sagas do not want any longer, should they still
// come. All is added before the consumer runs.
func Cancel(c *kafka.Consumer, p *Participant) {
	p.on(c, saga.CancelType, func(ctx context.Context, o saga.Order, _ message.Envelope) (saga.Answer, error) {
		return p.callOff(ctx, o.Saga, o.Compensates)
	})
}

// late answers an order whose time is over: whoever asked has given up by now, and
// undoes what was done.
func (p *Participant) late(ctx context.Context, o saga.Order) (saga.Answer, error) {
	answer, err := p.callOff(ctx, o.Saga, o.Key)
	if answer.Result == saga.Missing {
		answer.Result, answer.Reason = saga.Refused, "its time is over"
	}
	return answer, err
}

// callOff has a command refused that was not done yet, and tells what came of one
// that was.
func (p *Participant) callOff(ctx context.Context, scope, key string) (saga.Answer, error) {
	out, done, err := aggregate.Cancel(ctx, p.db, command.Key{Scope: scope, ID: key})
	switch {
	case err != nil:
		return saga.Answer{}, err
	case !done:
		return saga.Answer{Result: saga.Missing, Reason: "it was not done, and will not be"}, nil
	}
	return saga.Answer{Result: saga.Done, Instance: out.ID, Reply: out.Reply}, nil
}

// instance is the one that an order is for. Where none is found it is one that
// cannot be there: what an order undoes must not come later all the same, and the
// command sees to that before it looks for its instance.
func (c Command[I]) instance(ctx context.Context, o saga.Order) (values.ID, error) {
	if o.By == nil {
		return o.Instance, nil
	}
	find := c.By[o.By.Column]
	if find == nil {
		return "", fmt.Errorf("nobody finds an instance of %s by %s", c.Type, o.By.Column)
	}
	ids, err := find(ctx, o.By.Value)
	if err != nil || len(ids) > 0 {
		return append(ids, "")[0], err
	}
	return values.DeriveID(o.Saga, o.Key), nil
}

// known is an input without fields that are newer than the command.
func known(data json.RawMessage, has func(name string) bool) (json.RawMessage, error) {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(data, &fields); err != nil {
		return nil, err
	}
	for name := range fields {
		if !has(name) {
			delete(fields, name)
		}
	}
	return json.Marshal(fields)
}

// Operate has an external system asked when a saga asks for it: the service's own.
func Operate[Q, R any](c *kafka.Consumer, p *Participant, typ string, ask func(ctx context.Context, cause command.Cause, question Q) (R, error)) {
	p.on(c, typ, func(ctx context.Context, o saga.Order, e message.Envelope) (saga.Answer, error) {
		var question Q
		if err := json.Unmarshal(o.Input, &question); err != nil {
			return saga.Answer{}, err
		}
		reply, err := ask(ctx, command.Cause{Key: o.Saga + "/" + o.Key, Correlation: e.CorrelationID, Causation: string(e.ID), Actor: e.Actor}, question)
		if err != nil {
			return refusal(err)
		}
		data, err := values.Marshal(reply)
		return saga.Answer{Result: saga.Done, Reply: data}, err
	})
}

// Tell is Operate where nothing is answered.
func Tell[Q any](c *kafka.Consumer, p *Participant, typ string, ask func(ctx context.Context, cause command.Cause, question Q) error) {
	Operate(c, p, typ, func(ctx context.Context, cause command.Cause, question Q) (struct{}, error) {
		return struct{}{}, ask(ctx, cause, question)
	})
}

// refusal is the answer that an error is. One that may be over later, or that
// somebody has to mend, is none.
func refusal(err error) (saga.Answer, error) {
	answer := saga.Answer{Reason: err.Error()}
	var rejection *values.Rejection
	var invalid *inbound.Problem
	switch {
	case errors.Is(err, message.ErrMissing):
		answer.Result = saga.Missing
	case errors.As(err, &rejection), errors.Is(err, command.ErrExists), errors.Is(err, command.ErrCompensated):
		answer.Result = saga.Refused
	case errors.As(err, &invalid):
		answer.Result = saga.Invalid
	default:
		return saga.Answer{}, err
	}
	return answer, nil
}

// on has orders of a type done, and answered.
func (p *Participant) on(c *kafka.Consumer, typ string, do func(ctx context.Context, o saga.Order, e message.Envelope) (saga.Answer, error)) {
	kafka.On(c, kafka.Handler[struct{}]{
		Name: "order/" + typ, Topic: p.topic, Type: typ, Needs: []string{},
		Do: func(ctx context.Context, _ struct{}, e message.Envelope) error {
			o, err := saga.Read[saga.Order](e.Data)
			if err != nil {
				return err
			}
			answer, err := do(ctx, o, e)
			if err != nil {
				return err
			}
			answer.Key = o.Key
			return p.answer(ctx, o, e, answer)
		},
	})
}

func (p *Participant) answer(ctx context.Context, o saga.Order, e message.Envelope, answer saga.Answer) error {
	data, err := json.Marshal(answer)
	if err != nil {
		return fmt.Errorf("answer to %s: %w", e.ID, err)
	}
	reply := message.Envelope{
		ID: values.DeriveID(string(e.ID), "answer"), Source: p.source, Type: saga.AnswerType(o.Saga), Subject: string(o.Story), Key: string(o.Story),
		Time: e.Time, DataVersion: 1, CorrelationID: e.CorrelationID, CausationID: string(e.ID), Actor: values.Actor{System: true},
		Topic: o.ReplyTo, Data: data,
	}
	reply.Capture(ctx)
	return p.db.InTx(ctx, func(tx *store.Tx) error { return outbox.Append(tx, reply) })
}
