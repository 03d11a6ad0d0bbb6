package kafka

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/esgen/esgen/templates/chassis/where"
)

// claimTime is how long a replay is believed to be alive.
const claimTime = time.Minute

// Replay gives parked records to their handlers again, in the order in which
// they were parked: that of each key holds for all handlers together. What is
// behind one that fails again waits for it; its failure is the error. Asking
// for a record behind others replays those, too.
func (p *Parked) Replay(ctx context.Context, filter ParkedFilter) (handled int, err error) {
	return p.consumer.replayAll(ctx, filter.cond(), func(ParkedRecord) bool { return false })
}

// replayAll handles what meets a condition, in order. What is behind a record
// that fails, or that waits for somebody, waits as well.
func (c *Consumer) replayAll(ctx context.Context, cond where.Cond, waits func(ParkedRecord) bool) (handled int, err error) {
	var failures []error
	stuck := map[Queue]bool{}
	for last := int64(0); ; {
		parked, err := c.config.Parking.List(ctx, where.And(cond, where.Gt(where.Col("id"), last)), 100)
		if err != nil {
			return handled, errors.Join(append(failures, err)...)
		}
		if len(parked) == 0 {
			return handled, errors.Join(failures...)
		}
		for _, r := range parked {
			last = r.ID
			q := Queue{r.Handler, r.Topic, r.Key}
			if r.Ordered() && stuck[q] {
				continue
			}
			if waits(r) {
				stuck[q] = true
				continue
			}
			n, err := c.replay(ctx, r)
			handled += n
			if err != nil {
				stuck[q] = true
				failures = append(failures, err)
			}
		}
	}
}

// Skip drops parked records unhandled. What was behind them goes on by itself.
func (p *Parked) Skip(ctx context.Context, filter ParkedFilter) (skipped int, err error) {
	for {
		parked, err := p.consumer.config.Parking.List(ctx, filter.cond(), 100)
		if err != nil || len(parked) == 0 {
			return skipped, err
		}
		for _, r := range parked {
			if err := p.consumer.config.Parking.Unpark(ctx, r); err != nil {
				return skipped, err
			}
			skipped++
		}
	}
}

// Ordered tells whether the record waits in the queue of its key.
func (r ParkedRecord) Ordered() bool { return r.Handler != "" && r.Key != "" }

func (r ParkedRecord) inQueue() where.Cond {
	if !r.Ordered() {
		return where.Eq(where.Col("id"), r.ID)
	}
	return where.And(where.Eq(where.Col("handler"), r.Handler), where.Eq(where.Col("topic"), r.Topic), where.Eq(where.Col("key"), r.Key))
}

// replay handles the queue of a record from its head up to the record. Not
// what is behind it: there may be records of the same key in between that other
// handlers wait for.
func (c *Consumer) replay(ctx context.Context, r ParkedRecord) (handled int, err error) {
	for {
		head, err := c.config.Parking.List(ctx, r.inQueue(), 1)
		if err != nil || len(head) == 0 || head[0].ID > r.ID {
			return handled, err
		}
		if claimed, err := c.config.Parking.Claim(ctx, head[0].ID, claimTime); err != nil || !claimed {
			return handled, err // another replica is at it
		}
		if err := c.again(ctx, head[0]); err != nil {
			if ctx.Err() == nil {
				err = c.failedAgain(ctx, head[0], err)
			}
			return handled, fmt.Errorf("parked %d: %w", head[0].ID, err)
		}
		if err := c.config.Parking.Unpark(ctx, head[0]); err != nil {
			return handled, err
		}
		handled++
	}
}

// again gives a parked record to its handler once.
func (c *Consumer) again(ctx context.Context, r ParkedRecord) error {
	envelope, err := c.read(r.Record)
	if err != nil {
		return fmt.Errorf("%w: %w", errUndecodable, err)
	}
	ctx, cancel := context.WithTimeout(ctx, claimTime)
	defer cancel()
	name, generation := generationOf(r.Handler)
	found := false
	for _, h := range c.handlers[r.Topic][envelope.Type] {
		if r.Handler != "" && name != h.name {
			continue
		}
		found = true
		if err := c.run(ctx, h, generation, envelope); err != nil {
			return err
		}
	}
	if !found && r.Handler != "" {
		return fmt.Errorf("%s handles no %s any more", r.Handler, envelope.Type)
	}
	return nil
}

// The pause between attempts at what is missing or unavailable is a part of the time
// for which it has waited, and so is the time that it waits in vain when that has come
// back: a minute's outage is over for it after seconds.
const (
	retryPart  = 10
	retryLimit = 5 * time.Minute
)

// pauseAfter is the pause before the next attempt at what has waited so long.
func (c *Consumer) pauseAfter(waited time.Duration) time.Duration {
	return jitter(min(retryLimit, max(c.config.Retry, waited/retryPart)), 1)
}

// ErrFailedAgain: what was replayed has failed again, and its record says why.
var ErrFailedAgain = errors.New("failed again")

// failedAgain notes why a record has failed again, and is the error of that.
func (c *Consumer) failedAgain(ctx context.Context, r ParkedRecord, cause error) error {
	if isOutage(cause) {
		return errors.Join(cause, c.config.Parking.Unclaim(ctx, r.ID))
	}
	var retry time.Duration
	switch reason(cause) {
	case ReasonMissing, ReasonUnavailable:
		retry = c.pauseAfter(time.Since(r.ParkedAt))
	}
	if err := c.config.Parking.Failed(ctx, r.ID, reason(cause), cause.Error(), retry); err != nil {
		return errors.Join(cause, err)
	}
	return fmt.Errorf("%w: %w", ErrFailedAgain, cause)
}

// retryPoll is how often a replica looks for parked records whose time has come.
const retryPoll = 500 * time.Millisecond

// retryParked tries again what was parked because something was missing or
// unavailable, until ctx is done.
func (c *Consumer) retryParked(ctx context.Context) {
	for sleep(ctx, retryPoll) {
		for c.retryDue(ctx) {
			// What was behind is due now.
		}
	}
}

// retryDue tries again what is due, and reports whether that was of any use.
func (c *Consumer) retryDue(ctx context.Context) (useful bool) {
	due, err := c.config.Parking.List(ctx, where.Le(where.Col("retry_at"), where.Now{}), 100)
	if err != nil {
		if ctx.Err() == nil {
			c.log.Warn("parked records cannot be read", "error", err)
		}
		return false
	}
	tried := map[Queue]bool{}
	for _, r := range due {
		key := Queue{Topic: r.Topic, Key: r.Key}
		if r.Ordered() && tried[key] {
			continue
		}
		tried[key] = true
		useful = c.retry(ctx, r) || useful
	}
	return useful
}

// retry tries a record again, and with it whatever is parked of its key and
// tried by itself: what one handler waited for the others may have waited for
// as well, and their records come in their order.
func (c *Consumer) retry(ctx context.Context, r ParkedRecord) (useful bool) {
	cond := where.Eq(where.Col("id"), r.ID)
	if r.Ordered() {
		cond = where.And(where.Eq(where.Col("topic"), r.Topic), where.Eq(where.Col("key"), r.Key))
	}
	n, err := c.replayAll(ctx, cond, func(r ParkedRecord) bool { return r.Reason == ReasonFailed || r.Reason == ReasonUndecodable })
	if err != nil && ctx.Err() == nil {
		c.log.Warn("parked records failed again", "topic", r.Topic, "key", r.Key, "error", err)
	}
	if n > 0 {
		c.log.Info("parked records are handled", "topic", r.Topic, "key", r.Key, "count", n)
	}
	return n > 0
}
