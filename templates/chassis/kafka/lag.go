package kafka

import (
	"context"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

// Lag is how many records of its topics the group has not committed yet.
func (c *Consumer) Lag(ctx context.Context) (int64, error) {
	client, err := kgo.NewClient(c.config.Client...)
	if err != nil {
		return 0, fmt.Errorf("lag: %w", err)
	}
	defer client.Close()
	admin := kadm.NewClient(client)
	ends, err := admin.ListEndOffsets(ctx, c.Topics()...)
	if err != nil {
		return 0, fmt.Errorf("lag: %w", err)
	}
	starts, err := admin.ListStartOffsets(ctx, c.Topics()...)
	if err != nil {
		return 0, fmt.Errorf("lag: %w", err)
	}
	commits, err := admin.FetchOffsets(ctx, c.config.Group)
	if err != nil {
		return 0, fmt.Errorf("lag: %w", err)
	}
	var lag int64
	var failed error
	ends.Each(func(end kadm.ListedOffset) {
		at, ok := commits.Lookup(end.Topic, end.Partition)
		start, _ := starts.Lookup(end.Topic, end.Partition)
		switch {
		case end.Err != nil:
			failed = end.Err
		case ok && at.At >= 0:
			lag += max(0, end.Offset-at.At)
		default:
			lag += end.Offset - start.Offset
		}
	})
	if failed != nil {
		return 0, fmt.Errorf("lag: %w", failed)
	}
	return lag, nil
}

// Forget deletes notes of messages that were handled before a time. They are
// needed as long as a message may come again: as long as a relay or a
// rebalance may repeat it, which is minutes.
func (c *Consumer) Forget(ctx context.Context, before time.Time) (int64, error) {
	n, err := c.config.DB.Exec(ctx, "DELETE FROM platform_inbox WHERE handled_at < $1", before)
	if err != nil {
		return 0, fmt.Errorf("forget messages: %w", err)
	}
	return n, nil
}
