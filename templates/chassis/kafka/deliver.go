package kafka

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/esgen/esgen/templates/chassis/message"
)

// Deliver gives a record to those who wait for it, at once and without a
// broker: one attempt each. What they would have parked is the error. It is for
// tests.
func (c *Consumer) Deliver(ctx context.Context, r *kgo.Record) error {
	envelope, err := c.read(r)
	if errors.Is(err, message.ErrNoEvent) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("%w: %w", errUndecodable, err)
	}
	handlers := c.handlers[r.Topic][envelope.Type]
	if len(handlers) == 0 {
		return fmt.Errorf("nobody waits for %s on the topic %s", envelope.Type, r.Topic)
	}
	var errs []error
	for _, h := range handlers {
		if err := c.run(ctx, h, 0, envelope); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", h.name, err))
		}
	}
	return errors.Join(errs...)
}

// DeliverTo gives a record to the handler of a name, as Deliver does to all.
func (c *Consumer) DeliverTo(ctx context.Context, name string, r *kgo.Record) error {
	envelope, err := c.read(r)
	if err != nil {
		return fmt.Errorf("%w: %w", errUndecodable, err)
	}
	for _, h := range c.handlers[r.Topic][envelope.Type] {
		if h.name == name {
			return c.run(ctx, h, 0, envelope)
		}
	}
	return fmt.Errorf("%s does not wait for %s on the topic %s", name, envelope.Type, r.Topic)
}

// Remember gives an event to the views that follow it, and to the policies that
// will look back at it, whatever its topic, and returns how many did. Policies do
// not react: it is how tests tell the past.
func (c *Consumer) Remember(ctx context.Context, envelope message.Envelope) (views int, err error) {
	for _, types := range c.handlers {
		for _, h := range types[envelope.Type] {
			var err error
			switch {
			case h.project != nil:
				err = c.run(ctx, h, 0, envelope)
			case h.past != nil:
				err = h.past(ctx, envelope)
			default:
				continue
			}
			if err != nil {
				return views, fmt.Errorf("%s: %w", h.name, err)
			}
			views++
		}
	}
	return views, nil
}

// Noting is On of a handler that notes events of the past, too, on which it does
// not act any more: see Remember.
func Noting[E any](c *Consumer, h Handler[E], note func(ctx context.Context, event E, envelope message.Envelope) error) {
	On(c, h)
	read := decoder[E](c, h.Name, h.Upcasts, h.Needs)
	list := c.handlers[h.Topic][h.Type]
	if n := len(list); n > 0 && list[n-1].name == h.Name {
		list[n-1].past = func(ctx context.Context, envelope message.Envelope) error {
			event, err := read(ctx, nil, &envelope)
			if err != nil {
				return err
			}
			return note(ctx, event, envelope)
		}
	}
}

// Behind is how many records there are that this consumer has not handled; Lag
// goes by what it has told the broker, which is later. It is for tests, of a
// consumer that has no other replicas.
func (c *Consumer) Behind(ctx context.Context) (behind int64, err error) {
	if len(c.handlers) == 0 {
		return 0, nil
	}
	client := c.connected()
	if client == nil {
		return c.Lag(ctx)
	}
	last, err := kadm.NewClient(client).ListEndOffsets(ctx, c.Topics()...)
	if err == nil {
		err = last.Error()
	}
	if err != nil {
		return 0, fmt.Errorf("behind: %w", err)
	}
	committed, marked := client.CommittedOffsets(), client.MarkedOffsets()
	last.Each(func(end kadm.ListedOffset) {
		behind += max(0, end.Offset-max(committed[end.Topic][end.Partition].Offset, marked[end.Topic][end.Partition].Offset, 0))
	})
	return behind, nil
}

// connected is the client of those who are at work; nil: nobody is.
func (c *Consumer) connected() *kgo.Client {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, w := range c.workers {
		return w.client
	}
	return nil
}

// Forgotten tells the consumer that all it knew was deleted: what it has handled
// must not come again. It is for tests.
func (c *Consumer) Forgotten(ctx context.Context) error {
	c.keys.forget()
	if client := c.connected(); client != nil {
		return client.CommitMarkedOffsets(ctx)
	}
	return nil
}

// Hurry has the consumer hardly pause before it tries again what failed: where time
// stands still, nothing comes of waiting. It is for tests, before Run.
func (c *Consumer) Hurry() { c.config.Backoff = time.Millisecond }
