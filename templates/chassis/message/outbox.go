package message

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/esgen/esgen/templates/chassis/store"
)

// OutboxSignal is the name of the store signal that wakes the relay.
const OutboxSignal = "outbox"

// MaxBytes bounds what one message may weigh. Kafka takes a megabyte by
// default; a message beyond it could never leave the outbox, and would hold
// back all later ones of its key.
const MaxBytes = 900_000

// ErrTooLarge: a message is beyond MaxBytes. Whoever asked for it asked for too
// much.
var ErrTooLarge = errors.New("the message is too large")

// Append puts messages into the outbox, in their order. They leave when the
// transaction is committed. Call it after the instance was locked by writing
// it: the outbox's order is the order of an instance's events.
func Append(ctx context.Context, tx *store.Tx, envelopes ...Envelope) error {
	for _, e := range envelopes {
		headers, err := json.Marshal(e.Headers())
		if err != nil {
			return fmt.Errorf("outbox: %w", err)
		}
		if size := len(headers) + len(e.Key) + len(e.Data); size > MaxBytes {
			return fmt.Errorf("outbox: %w: %s %s weighs %d bytes, more than %d", ErrTooLarge, e.Type, e.ID, size, MaxBytes)
		}
		_, err = tx.Exec(ctx, "INSERT INTO platform_outbox (topic, key, headers, data) VALUES ($1, $2, $3, $4)",
			e.Topic, e.Key, string(headers), string(e.Data))
		if err != nil {
			return fmt.Errorf("outbox: %w", err)
		}
	}
	if len(envelopes) > 0 {
		tx.Wake(OutboxSignal)
	}
	return nil
}

// Pending is a message in the outbox.
type Pending struct {
	Seq    int64
	Record *kgo.Record
}

// ReadOutbox returns the oldest messages of the outbox, those of some topics
// left out.
func ReadOutbox(ctx context.Context, q store.Querier, limit int, except ...string) ([]Pending, error) {
	where, args := q.Dialect().Where(store.Not(store.In(store.Col("topic"), except)), 1)
	rows, err := q.Query(ctx, fmt.Sprintf("SELECT seq, topic, key, headers, data FROM platform_outbox%s ORDER BY seq LIMIT %d", where, limit), args...)
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

// ClearOutbox deletes messages that the broker has. It takes them one by one,
// not as a range: a transaction that took an earlier number may commit later.
func ClearOutbox(ctx context.Context, q store.Querier, seqs []int64) error {
	if len(seqs) == 0 {
		return nil
	}
	// One parameter for all of them: one statement to prepare.
	list := "SELECT CAST(value AS BIGINT) FROM jsonb_array_elements_text($1)"
	if q.Dialect() == store.SQLite {
		list = "SELECT value FROM json_each($1)"
	}
	if _, err := q.Exec(ctx, "DELETE FROM platform_outbox WHERE seq IN ("+list+")", seqs); err != nil {
		return fmt.Errorf("outbox: %w", err)
	}
	return nil
}
