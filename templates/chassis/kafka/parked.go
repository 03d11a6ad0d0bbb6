package kafka

import (
	"cmp"
	"context"
	"strings"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/esgen/esgen/templates/chassis/where"
)

// Reasons why a record is parked.
const (
	ReasonFailed      = "failed"      // its handler failed at every attempt
	ReasonUndecodable = "undecodable" // it cannot be read here
	ReasonMissing     = "missing"     // what it refers to is not there yet; tried again by itself
	ReasonUnavailable = "unavailable" // another service did not answer; tried again by itself
	ReasonBehind      = "behind"      // an earlier record of its key is parked
)

// ParkedRecord is a record that waits for somebody to decide about it.
type ParkedRecord struct {
	ID        int64      `json:"id"`
	Handler   string     `json:"handler"` // empty: it is no message at all
	Topic     string     `json:"topic"`
	Partition int32      `json:"partition"`
	Offset    int64      `json:"offset"`
	Key       string     `json:"key"`
	Type      string     `json:"type,omitempty"`
	MessageID string     `json:"messageId,omitempty"`
	Reason    string     `json:"reason"`
	Error     string     `json:"error"`
	Attempts  int        `json:"attempts"`
	ParkedAt  time.Time  `json:"parkedAt"`
	RetryAt   *time.Time `json:"retryAt,omitempty"` // when it is tried again by itself

	Record *kgo.Record `json:"-"` // as it came
}

// Queue is what is parked in order: a handler's records of one key. A record
// that is no message, or has no key, has no order.
type Queue struct{ Handler, Topic, Key string }

// park stores a record for somebody to decide about.
func (c *Consumer) park(ctx context.Context, handler string, record *kgo.Record, reason string, cause error, attempts int) error {
	var retry time.Duration
	if reason == ReasonMissing || reason == ReasonUnavailable {
		retry = c.config.Retry
	}
	if err := c.config.Parking.Park(ctx, toPark(handler, record, reason, cause.Error(), attempts), retry); err != nil {
		return err
	}
	c.keys.add(Queue{handler, record.Topic, keyText(record.Key)})
	c.log.Error("record is parked", "handler", handler, "topic", record.Topic, "partition", record.Partition, "offset", record.Offset,
		"reason", reason, "error", cause)
	return nil
}

func toPark(handler string, record *kgo.Record, reason, cause string, attempts int) ParkedRecord {
	return ParkedRecord{
		Handler: handler, Topic: record.Topic, Partition: record.Partition, Offset: record.Offset, Key: keyText(record.Key),
		Reason: reason, Error: clean(cause), Attempts: attempts, Record: record,
	}
}

// keyText is a record's key as text; "" where it is none that every database takes: it
// would be another key when the record is replayed.
func keyText(key []byte) string {
	if s := string(key); clean(s) == s {
		return s
	}
	return ""
}

// clean makes of anything text that every database takes.
func clean(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "\uFFFD")
}

// parkBehind parks a record for a handler that has an earlier one of its key
// parked. That is looked up in memory first, because it is so rare.
func (c *Consumer) parkBehind(ctx context.Context, h handler, record *kgo.Record) (behind bool, err error) {
	q := Queue{c.parksAs(h), record.Topic, keyText(record.Key)}
	if q.Key == "" {
		return false, nil
	}
	if known, err := c.keys.has(ctx, c.config.Parking, q); err != nil || !known {
		return false, err
	}
	behind, err = c.config.Parking.ParkBehind(ctx, toPark(q.Handler, record, ReasonBehind, "an earlier record of the same key is parked", 0))
	if err == nil && !behind {
		c.keys.remove(q)
	}
	return behind, err
}

// parkedKeys remembers which queues have parked records. It may remember too
// many, of which others have been replayed elsewhere; never too few: only who
// has a partition parks its records.
type parkedKeys struct {
	mu     sync.Mutex
	loaded bool
	keys   map[Queue]bool
}

func (k *parkedKeys) has(ctx context.Context, lot Parking, q Queue) (bool, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if !k.loaded {
		if err := k.load(ctx, lot); err != nil {
			return false, err
		}
	}
	return k.keys[q], nil
}

func (k *parkedKeys) load(ctx context.Context, lot Parking) error {
	queues, err := lot.Queues(ctx)
	if err != nil {
		return err
	}
	k.loaded, k.keys = true, map[Queue]bool{}
	for _, q := range queues {
		k.keys[q] = true
	}
	return nil
}

func (k *parkedKeys) add(q Queue) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.loaded {
		k.keys[q] = true
	}
}

func (k *parkedKeys) remove(q Queue) {
	k.mu.Lock()
	defer k.mu.Unlock()
	delete(k.keys, q)
}

func (k *parkedKeys) forget() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.loaded, k.keys = false, nil
}

// ParkedFilter narrows what List, Replay and Skip are about; zero fields do not.
type ParkedFilter struct {
	ID      int64
	Handler string
	Topic   string
	Key     string
	Limit   int // of List; 0: 100
}

func (f ParkedFilter) cond() where.Cond {
	var conds []where.Cond
	if f.ID != 0 {
		conds = append(conds, where.Eq(where.Col("id"), f.ID))
	}
	for column, value := range map[where.Col]string{"handler": f.Handler, "topic": f.Topic, "key": f.Key} {
		if value != "" {
			conds = append(conds, where.Eq(column, value))
		}
	}
	return where.And(conds...)
}

// Parked lets somebody decide about parked records.
type Parked struct{ consumer *Consumer }

// List returns parked records in their order.
func (p *Parked) List(ctx context.Context, filter ParkedFilter) ([]ParkedRecord, error) {
	return p.consumer.config.Parking.List(ctx, filter.cond(), cmp.Or(filter.Limit, 100))
}

// Count is how many records are parked.
func (p *Parked) Count(ctx context.Context) (int64, error) {
	return p.consumer.config.Parking.Count(ctx)
}
