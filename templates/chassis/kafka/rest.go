package kafka

import (
	"context"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

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
