// Package outbox keeps messages until they have left: those of a command are stored
// with what it changes, or not at all.
package outbox

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/esgen/esgen/templates/chassis/message"
	"github.com/esgen/esgen/templates/chassis/store"
	"github.com/esgen/esgen/templates/chassis/where"
)

// Signal is the name of the store signal that wakes the relay.
const Signal = "outbox"

// MaxBytes bounds what one message may weigh. Kafka takes a megabyte by
// default; a message beyond it could never leave the outbox, and would hold
// back all later ones of its key.
const MaxBytes = 900_000

// Append puts messages into the outbox, in their order; one beyond MaxBytes is
// message.ErrTooLarge. They leave when the transaction is committed. Call it
// after the instance was locked by writing it: the outbox's order is the order
// of an instance's events.
func Append(tx *store.Tx, envelopes ...message.Envelope) error {
	for _, e := range envelopes {
		headers, err := json.Marshal(e.Headers())
		if err != nil {
			return fmt.Errorf("outbox: %w", err)
		}
		if size := len(headers) + len(e.Key) + len(e.Data); size > MaxBytes {
			return fmt.Errorf("outbox: %w: %s %s weighs %d bytes, more than %d", message.ErrTooLarge, e.Type, e.ID, size, MaxBytes)
		}
		tx.Later(nil, "INSERT INTO platform_outbox (topic, key, headers, data) VALUES ($1, $2, $3, $4)",
			e.Topic, e.Key, string(headers), string(e.Data))
	}
	if len(envelopes) > 0 {
		tx.Wake(Signal)
	}
	return nil
}

// Pending is a message in the outbox.
type Pending struct {
	Seq    int64
	Record *kgo.Record
}

// Read returns the oldest messages of the outbox, those of some topics
// left out.
func Read(ctx context.Context, q store.Querier, limit int, except ...string) ([]Pending, error) {
	clause, args := q.Dialect().Where(where.Not(where.In(where.Col("topic"), except)), 1)
	rows, err := q.Query(ctx, fmt.Sprintf("SELECT seq, topic, key, headers, data FROM platform_outbox%s ORDER BY seq LIMIT %d", clause, limit), args...)
	if err != nil {
		return nil, fmt.Errorf("outbox: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var pending []Pending
	for rows.Next() {
		var key, headers, data string
		p := Pending{Record: &kgo.Record{}}
		if err := rows.Scan(&p.Seq, &p.Record.Topic, &key, &headers, &data); err != nil {
			return nil, fmt.Errorf("outbox: %w", err)
		}
		if err := json.Unmarshal([]byte(headers), &p.Record.Headers); err != nil {
			return nil, fmt.Errorf("outbox row %d: %w", p.Seq, err)
		}
		p.Record.Key, p.Record.Value = []byte(key), []byte(data)
		pending = append(pending, p)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("outbox: %w", err)
	}
	return pending, nil
}

// Clear deletes messages that the broker has. It takes them one by one,
// not as a range: a transaction that took an earlier number may commit later.
func Clear(ctx context.Context, q store.Querier, seqs []int64) error {
	if len(seqs) == 0 {
		return nil
	}
	// One parameter for all of them: one statement to prepare.
	clause, args := q.Dialect().Where(where.In(where.Col("seq"), seqs), 1)
	if _, err := q.Exec(ctx, "DELETE FROM platform_outbox"+clause, args...); err != nil {
		return fmt.Errorf("outbox: %w", err)
	}
	return nil
}
