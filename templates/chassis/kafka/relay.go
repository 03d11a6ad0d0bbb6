package kafka

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/esgen/esgen/templates/chassis/lease"
	"github.com/esgen/esgen/templates/chassis/outbox"
)

// Outbox keeps messages until they have left; outbox.Table is one.
type Outbox interface {
	// Own makes this replica the one that empties it, unless another one is.
	Own(ctx context.Context) (*lease.Lease, bool, error)
	// Stored is closed when there may be more. It is a hint only: what another
	// replica stores is not heard.
	Stored() <-chan struct{}
	// Read returns the oldest messages, those of some topics left out. Of a key none
	// is there without those before it.
	Read(ctx context.Context, limit int, except ...string) ([]outbox.Pending, error)
	// Clear deletes messages that the broker has.
	Clear(ctx context.Context, seqs []int64) error
	// Last is the number of the last message; nil: there is none. Until counts those
	// up to a number.
	Last(ctx context.Context) (*int64, error)
	Until(ctx context.Context, seq int64) (int64, error)
	// Backlog is how many messages wait, and since when the oldest does; nil: none does.
	Backlog(ctx context.Context) (count int64, since *time.Time, err error)
}

// RelayConfig says how the outbox is emptied.
type RelayConfig struct {
	Client []kgo.Opt // kgo.SeedBrokers and security
	Outbox Outbox
	Log    *slog.Logger  // nil: silence
	Batch  int           // messages per round; 0: 500
	Poll   time.Duration // for what other replicas stored; 0: 100ms
}

// Relay publishes the outbox. Of all replicas of a service one does at a time,
// so that the order of the outbox is the order in the topics. A message is
// deleted when all in-sync replicas of the broker have it: after a crash it
// may be published again, with the same id, never be lost.
type Relay struct {
	config RelayConfig
	log    *slog.Logger
	// fault is where tests make a step fail; nobody else sets it.
	fault func(step string) error
}

// NewRelay returns the relay of a service's outbox.
func NewRelay(config RelayConfig) *Relay {
	config.Batch = cmp.Or(config.Batch, 500)
	config.Poll = cmp.Or(config.Poll, 100*time.Millisecond)
	return &Relay{config: config, log: cmp.Or(config.Log, slog.New(slog.DiscardHandler))}
}

const (
	// standbyTime is how often a replica looks whether the owner is gone.
	standbyTime = 500 * time.Millisecond
	// holdTime is how long a topic is left alone that the broker refused.
	holdTime = time.Second
	// pace is the least time from one round to the next. The first message after
	// a while does not wait; of many, each round takes more of them along, and
	// there are fewer rounds for the database and the broker to answer.
	pace = 10 * time.Millisecond
	// patience is how long the broker may take before somebody is told.
	patience = 5 * time.Second
)

// Run publishes until ctx is done. It never gives up: neither the database nor
// the broker being down is a reason.
func (r *Relay) Run(ctx context.Context) error {
	for ctx.Err() == nil {
		lock, ok, err := r.config.Outbox.Own(ctx)
		if err != nil && ctx.Err() == nil {
			r.log.WarnContext(ctx, "relay cannot become the owner of the outbox", "error", err)
		}
		if err != nil || !ok {
			sleep(ctx, standbyTime)
			continue
		}
		r.log.InfoContext(ctx, "relay owns the outbox")
		if err := r.own(ctx, lock); err != nil && ctx.Err() == nil {
			r.log.WarnContext(ctx, "relay gives up the outbox", "error", err)
			sleep(ctx, standbyTime)
		}
	}
	return nil
}

// own publishes as long as the lock is held.
func (r *Relay) own(ctx context.Context, lock *lease.Lease) error {
	defer lock.Release()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	stop := make(chan struct{})
	defer close(stop)
	go func() {
		select {
		case <-lock.Lost():
			cancel(errors.New("the lock is lost"))
		case <-stop:
		}
	}()
	// A client for each ownership: what the last owner left in its buffers is
	// read from the outbox again.
	client, err := kgo.NewClient(append(slices.Clone(r.config.Client),
		kgo.WithLogger(clientLog{r.log}),
		kgo.RequiredAcks(kgo.AllISRAcks()),
		// Nothing is sent before a round is complete. A message that failed
		// while the later ones of its partition are still being added would
		// be overtaken by them.
		kgo.ManualFlushing(),
		kgo.MaxBufferedRecords(r.config.Batch+1),
	)...)
	if err != nil {
		return fmt.Errorf("kafka: %w", err)
	}
	defer client.Close()
	held := map[string]time.Time{}
	for ctx.Err() == nil {
		signal, began := r.config.Outbox.Stored(), time.Now()
		n, err := r.round(ctx, client, held)
		if err != nil {
			return err
		}
		if n < r.config.Batch {
			r.wait(ctx, signal)
			sleep(ctx, pace-time.Since(began))
		}
	}
	return context.Cause(ctx)
}

func (r *Relay) wait(ctx context.Context, signal <-chan struct{}) {
	poll := time.NewTimer(r.config.Poll)
	defer poll.Stop()
	select {
	case <-signal:
	case <-poll.C:
	case <-ctx.Done():
	}
}

// round publishes a batch and returns how many messages it had.
func (r *Relay) round(ctx context.Context, client *kgo.Client, held map[string]time.Time) (int, error) {
	maps.DeleteFunc(held, func(_ string, until time.Time) bool { return time.Now().After(until) })
	pending, err := r.config.Outbox.Read(ctx, r.config.Batch, slices.Sorted(maps.Keys(held))...)
	if err != nil || len(pending) == 0 {
		return 0, err
	}
	var mu sync.Mutex
	acked := make([]int64, 0, len(pending))
	failed := map[string]error{}
	for _, p := range pending {
		client.Produce(ctx, p.Record, func(_ *kgo.Record, err error) {
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				failed[p.Record.Topic] = err
			} else {
				acked = append(acked, p.Seq)
			}
		})
	}
	if err := r.flush(ctx, client); err != nil {
		return 0, err
	}
	mu.Lock()
	defer mu.Unlock()
	if err := r.at("acknowledged"); err != nil {
		return 0, err
	}
	if err := r.config.Outbox.Clear(ctx, acked); err != nil {
		return 0, err
	}
	for topic, err := range failed {
		// The whole topic waits: what failed must not be overtaken.
		held[topic] = time.Now().Add(holdTime)
		r.log.ErrorContext(ctx, "broker refuses messages; they stay in the outbox", "topic", topic, "error", err)
	}
	return len(pending), nil
}

// flush waits until every message of the round is acknowledged or refused. A
// broker that is down is neither: the client goes on trying.
func (r *Relay) flush(ctx context.Context, client *kgo.Client) error {
	slow := time.AfterFunc(patience, func() {
		r.log.WarnContext(ctx, "broker does not take messages; they wait in the outbox")
	})
	defer slow.Stop()
	if err := client.Flush(ctx); err != nil {
		return fmt.Errorf("publish: %w", context.Cause(ctx))
	}
	return nil
}

func (r *Relay) at(step string) error {
	if r.fault == nil {
		return nil
	}
	return r.fault(step)
}

// Flush waits until what is in the outbox now has left it, or ctx is done: the
// last step before a service stops. Whichever replica owns the outbox
// publishes it; a service that stops earlier loses nothing.
func (r *Relay) Flush(ctx context.Context) error {
	last, err := r.config.Outbox.Last(ctx)
	if err != nil {
		return fmt.Errorf("flush the outbox: %w", err)
	}
	if last == nil {
		return nil
	}
	for {
		n, err := r.config.Outbox.Until(ctx, *last)
		if err != nil {
			return fmt.Errorf("flush the outbox: %w", err)
		}
		if n == 0 {
			return nil
		}
		if !sleep(ctx, 10*time.Millisecond) {
			return fmt.Errorf("flush the outbox: %d messages are left: %w", n, ctx.Err())
		}
	}
}

// Backlog is how many messages wait, and how long the oldest has.
func (r *Relay) Backlog(ctx context.Context) (count int64, oldest time.Duration, err error) {
	count, since, err := r.config.Outbox.Backlog(ctx)
	if err != nil {
		return 0, 0, fmt.Errorf("backlog of the outbox: %w", err)
	}
	if since != nil {
		oldest = max(0, time.Since(*since))
	}
	return count, oldest, nil
}
