package kafka

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

// ends are the offsets of the next records of partitions.
type ends map[partition]int64

// positions are where a consumer's topics end, and how far its group has come.
type positions struct {
	ends      ends
	committed ends
}

func (p positions) lag() (lag int64) {
	for partition, end := range p.ends {
		lag += max(0, end-p.committed[partition])
	}
	return lag
}

// reached tells whether all was handled that there was at some time.
func (p positions) reached(then ends) bool {
	for partition, end := range then {
		if p.committed[partition] < end {
			return false
		}
	}
	return true
}

// Lag is how many records of its topics the group has not committed yet.
func (c *Consumer) Lag(ctx context.Context) (int64, error) {
	p, err := c.positions(ctx)
	return p.lag(), err
}

func (c *Consumer) positions(ctx context.Context) (positions, error) {
	if len(c.handlers) == 0 {
		return positions{}, nil // to ask for no topics is to ask for all
	}
	client, err := kgo.NewClient(c.config.Client...)
	if err != nil {
		return positions{}, fmt.Errorf("lag: %w", err)
	}
	defer client.Close()
	admin := kadm.NewClient(client)
	starts, err := admin.ListStartOffsets(ctx, c.Topics()...)
	if err != nil {
		return positions{}, fmt.Errorf("lag: %w", err)
	}
	last, err := admin.ListEndOffsets(ctx, c.Topics()...)
	if err != nil {
		return positions{}, fmt.Errorf("lag: %w", err)
	}
	commits, err := admin.FetchOffsets(ctx, c.config.Group)
	if err != nil && !errors.Is(err, kerr.GroupIDNotFound) { // it has not begun
		return positions{}, fmt.Errorf("lag: %w", err)
	}
	p := positions{ends: ends{}, committed: ends{}}
	var failed error
	last.Each(func(end kadm.ListedOffset) {
		if end.Err != nil {
			failed = end.Err
		}
		at := partition{end.Topic, end.Partition}
		p.ends[at] = end.Offset
		if start, ok := starts.Lookup(end.Topic, end.Partition); ok {
			p.committed[at] = start.Offset // nothing before is there any more
		}
		if commit, ok := commits.Lookup(end.Topic, end.Partition); ok && commit.At >= 0 {
			p.committed[at] = commit.At
		}
	})
	if failed != nil {
		return positions{}, fmt.Errorf("lag: %w", failed)
	}
	return p, nil
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
