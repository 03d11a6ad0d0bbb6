package kafka

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/esgen/esgen/templates/chassis/message"
	"github.com/esgen/esgen/templates/chassis/store"
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

	record *kgo.Record
}

// queue is what is parked in order: a handler's records of one key. A record
// that is no message, or has no key, has no order.
type queue struct{ handler, topic, key string }

// park stores a record for somebody to decide about.
func (c *Consumer) park(ctx context.Context, handler string, record *kgo.Record, reason string, cause error, attempts int) error {
	err := c.config.DB.InTx(ctx, func(tx *store.Tx) error {
		return c.insertParked(ctx, tx, handler, record, reason, cause.Error(), attempts)
	})
	if err != nil {
		return err
	}
	c.keys.add(queue{handler, record.Topic, keyText(record.Key)})
	c.log.Error("record is parked", "handler", handler, "topic", record.Topic, "partition", record.Partition, "offset", record.Offset,
		"reason", reason, "error", cause)
	return nil
}

func (c *Consumer) insertParked(ctx context.Context, tx *store.Tx, handler string, record *kgo.Record, reason, cause string, attempts int) error {
	headers, err := json.Marshal(record.Headers)
	if err != nil {
		return fmt.Errorf("park: %w", err)
	}
	retryAt, args := "NULL", []any{handler, record.Topic, record.Partition, record.Offset, keyText(record.Key), string(headers),
		append([]byte{}, record.Value...), reason, clean(cause), attempts} // none is NULL
	if reason == ReasonMissing || reason == ReasonUnavailable {
		retryAt = tx.Dialect().NowPlus("$11")
		args = append(args, store.Seconds(c.config.Retry))
	}
	// There already: delivered again after a crash, before its offset was committed.
	_, err = tx.Exec(ctx, `INSERT INTO platform_parked
		(handler, topic, partition, record_offset, key, headers, data, reason, error, attempts, retry_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, `+retryAt+`)
		ON CONFLICT (handler, topic, partition, record_offset) DO NOTHING`, args...)
	if err != nil {
		return fmt.Errorf("park: %w", err)
	}
	return nil
}

// keyText is a record's key as text that every database takes.
func keyText(key []byte) string { return clean(string(key)) }

// clean makes of anything text that every database takes.
func clean(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "\uFFFD")
}

// parkBehind parks a record for a handler that has an earlier one of its key
// parked. That is looked up in memory first, because it is so rare.
func (c *Consumer) parkBehind(ctx context.Context, h handler, record *kgo.Record) (behind bool, err error) {
	q := queue{c.parksAs(h), record.Topic, keyText(record.Key)}
	if q.key == "" {
		return false, nil
	}
	if known, err := c.keys.has(ctx, c.config.DB, q); err != nil || !known {
		return false, err
	}
	err = c.config.DB.InTx(ctx, func(tx *store.Tx) error {
		// Locked: whoever replays the last one deletes it either before this,
		// or sees this one behind it.
		rows, err := tx.Query(ctx, "SELECT id FROM platform_parked WHERE handler = $1 AND topic = $2 AND key = $3 LIMIT 1"+tx.Dialect().ForUpdate(),
			q.handler, q.topic, q.key)
		if err != nil {
			return fmt.Errorf("park: %w", err)
		}
		behind = rows.Next()
		if err := errorOf(rows); err != nil || !behind {
			return err
		}
		return c.insertParked(ctx, tx, q.handler, record, ReasonBehind, "an earlier record of the same key is parked", 0)
	})
	if err == nil && !behind {
		c.keys.remove(q)
	}
	return behind, err
}

func errorOf(rows *store.Rows) error {
	if err := rows.Err(); err != nil {
		_ = rows.Close()
		return err
	}
	return rows.Close()
}

// parkedKeys remembers which queues have parked records. It may remember too
// many, of which others have been replayed elsewhere; never too few: only who
// has a partition parks its records.
type parkedKeys struct {
	mu     sync.Mutex
	loaded bool
	keys   map[queue]bool
}

func (k *parkedKeys) has(ctx context.Context, db *store.DB, q queue) (bool, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if !k.loaded {
		if err := k.load(ctx, db); err != nil {
			return false, err
		}
	}
	return k.keys[q], nil
}

func (k *parkedKeys) load(ctx context.Context, db *store.DB) error {
	rows, err := db.Query(ctx, "SELECT DISTINCT handler, topic, key FROM platform_parked")
	if err != nil {
		return fmt.Errorf("parked keys: %w", err)
	}
	defer func() { _ = rows.Close() }()
	k.keys = map[queue]bool{}
	for rows.Next() {
		var q queue
		if err := rows.Scan(&q.handler, &q.topic, &q.key); err != nil {
			return fmt.Errorf("parked keys: %w", err)
		}
		k.keys[q] = true
	}
	k.loaded = rows.Err() == nil
	return rows.Err()
}

func (k *parkedKeys) add(q queue) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.loaded {
		k.keys[q] = true
	}
}

func (k *parkedKeys) remove(q queue) {
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
	return listParked(ctx, p.consumer.config.DB, filter.cond(), cmp.Or(filter.Limit, 100))
}

// Count is how many records are parked.
func (p *Parked) Count(ctx context.Context) (n int64, err error) {
	if err := p.consumer.config.DB.QueryRow(ctx, "SELECT COUNT(*) FROM platform_parked").Scan(&n); err != nil {
		return 0, fmt.Errorf("parked: %w", err)
	}
	return n, nil
}

func listParked(ctx context.Context, q store.Querier, cond where.Cond, limit int) ([]ParkedRecord, error) {
	where, args := q.Dialect().Where(cond, 1)
	rows, err := q.Query(ctx, `SELECT id, handler, topic, partition, record_offset, key, headers, data, reason, error, attempts, parked_at, retry_at
		FROM platform_parked`+where+fmt.Sprintf(" ORDER BY id LIMIT %d", limit), args...)
	if err != nil {
		return nil, fmt.Errorf("parked: %w", err)
	}
	defer func() { _ = rows.Close() }()
	parked := []ParkedRecord{}
	for rows.Next() {
		r := ParkedRecord{record: &kgo.Record{}}
		var headers string
		if err := rows.Scan(&r.ID, &r.Handler, &r.Topic, &r.Partition, &r.Offset, &r.Key, &headers, &r.record.Value,
			&r.Reason, &r.Error, &r.Attempts, &r.ParkedAt, &r.RetryAt); err != nil {
			return nil, fmt.Errorf("parked: %w", err)
		}
		if err := json.Unmarshal([]byte(headers), &r.record.Headers); err != nil {
			return nil, fmt.Errorf("parked %d: %w", r.ID, err)
		}
		r.record.Topic, r.record.Partition, r.record.Offset, r.record.Key = r.Topic, r.Partition, r.Offset, []byte(r.Key)
		// A record that cannot be read at all has what could be read of it.
		envelope, _ := message.FromRecord(r.record)
		r.Type, r.MessageID = envelope.Type, string(envelope.ID)
		parked = append(parked, r)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("parked: %w", err)
	}
	return parked, nil
}
