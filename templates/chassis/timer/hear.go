package timer

import (
	"context"
	"time"

	"github.com/esgen/esgen/templates/chassis/kafka"
	"github.com/esgen/esgen/templates/chassis/message"
	"github.com/esgen/esgen/templates/chassis/store"
	"github.com/esgen/esgen/templates/chassis/values"
)

// After has a policy act on events when it is due that an event, with its meta
// data, says. All is added before the consumer runs.
func After[E kafka.Event](c *kafka.Consumer, t *Timers, policy string, due func(event E, meta values.Meta) time.Time,
	do func(ctx context.Context, event E, envelope message.Envelope) error, needs ...kafka.Needs) {
	hear(c, policy, func(ctx context.Context, tx *store.Tx, event E, envelope message.Envelope) error {
		return t.set(ctx, tx, policy, envelope, due(event, envelope.Meta()))
	}, needs)
	var event E
	note := event.Event()
	kafka.On(c, kafka.Handler[E]{Name: policy, Topic: t.topic, Type: typeOf(policy, note.Name()), Upcasts: kafka.Upcasts[E](c), Needs: kafka.Looked(needs), Do: do})
}

// Unless has events call off what a policy waits for at the same instance.
func Unless[E kafka.Event](c *kafka.Consumer, t *Timers, policy string) {
	hear(c, policy, func(_ context.Context, tx *store.Tx, _ E, envelope message.Envelope) error {
		t.callOff(tx, policy, values.ID(envelope.Subject), envelope.Time, false)
		return nil
	}, []kafka.Needs{{}})
}

// UnlessElsewhere has events call off what a policy waits for at an instance of
// another aggregate, whose id they carry; nil: an event carries none.
func UnlessElsewhere[E kafka.Event](c *kafka.Consumer, t *Timers, policy string, instance func(event E) *values.ID, needs ...kafka.Needs) {
	hear(c, policy, func(_ context.Context, tx *store.Tx, event E, envelope message.Envelope) error {
		if id := instance(event); id != nil {
			t.callOff(tx, policy, *id, envelope.Time, true)
		}
		return nil
	}, needs)
}

// At has a policy act at times of its clock.
func At(c *kafka.Consumer, t *Timers, policy string, do func(ctx context.Context, now time.Time, envelope message.Envelope) error) {
	kafka.On(c, kafka.Handler[struct{}]{Name: policy, Topic: t.topic, Type: typeOf(policy, struck),
		Do: func(ctx context.Context, _ struct{}, envelope message.Envelope) error {
			return do(ctx, envelope.Time, envelope)
		}})
}

// On has somebody act on the messages that Set and Tell have come: the last part
// of their type is the event's.
func On(c *kafka.Consumer, t *Timers, policy, event string, do func(ctx context.Context, envelope message.Envelope) error) {
	kafka.On(c, kafka.Handler[struct{}]{Name: policy, Topic: t.topic, Type: typeOf(policy, event), Needs: []string{},
		Do: func(ctx context.Context, _ struct{}, envelope message.Envelope) error { return do(ctx, envelope) }})
}

// hear has events handled in the transaction that notes their messages. What sets
// a policy's timers and what calls them off parks together.
func hear[E kafka.Event](c *kafka.Consumer, policy string, do func(ctx context.Context, tx *store.Tx, event E, envelope message.Envelope) error, needs []kafka.Needs) {
	var event E
	note := event.Event()
	kafka.Project(c, kafka.Projection[E]{Name: policy + "/timer", Topic: note.Topic, Type: note.Type, Upcasts: kafka.Upcasts[E](c), Needs: kafka.Looked(needs), Do: do})
}
