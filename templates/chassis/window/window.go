// Package window lets policies look at the events of the last while beside the
// one at hand.
package window

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/esgen/esgen/templates/chassis/kafka"
	"github.com/esgen/esgen/templates/chassis/message"
	"github.com/esgen/esgen/templates/chassis/store"
	"github.com/esgen/esgen/templates/chassis/values"
)

// Windows keep what policies look back at.
type Windows struct{ db *store.DB }

// New returns the windows of a service.
func New(db *store.DB) *Windows { return &Windows{db} }

const table = "platform_windows"

// Prepare makes the table. A row without a message counts the events of its part,
// and is what those wait for who handle one at the same time.
func (w *Windows) Prepare(ctx context.Context) error {
	return w.db.Ensure(ctx, store.TableSpec{
		Name: table,
		Columns: []store.Column{
			{Name: "policy", Type: store.Text, Key: true},
			{Name: "part", Type: store.Text, Key: true},
			{Name: "message_id", Type: store.Text, Key: true},
			{Name: "seq", Type: store.Int},
			{Name: "at", Type: store.Time},
			{Name: "event", Type: store.Text},
		},
	})
}

// Policy is one that looks back so far at its events with the same part; nil: at
// all of them.
type Policy[E any] struct {
	Name   string
	Within time.Duration
	By     func(event E) any
	// Do is given the window, oldest first; the last is the event at hand.
	Do func(ctx context.Context, event E, window []E, envelope message.Envelope) error
}

// Over has a policy react to events, of which it reads what they have in common
// with its others. All is added before the consumer runs.
func Over[E kafka.Event, Common any](c *kafka.Consumer, w *Windows, p Policy[Common], needs ...kafka.Needs) {
	var of E
	note := of.Event()
	handler := kafka.Handler[Common]{
		Name: p.Name, Topic: note.Topic, Type: note.Type, Upcasts: kafka.Upcasts[E](c), Needs: kafka.Looked(needs),
		Do: func(ctx context.Context, event Common, envelope message.Envelope) error {
			window, err := look(ctx, w.db, p, event, envelope)
			if err != nil {
				return err
			}
			return p.Do(ctx, event, window, envelope)
		},
	}
	kafka.Noting(c, handler, func(ctx context.Context, event Common, envelope message.Envelope) error {
		_, err := look(ctx, w.db, p, event, envelope)
		return err
	})
}

// look notes an event, forgets those that are out of sight, and returns those
// that are not, in the order in which they came: of events of several instances
// the last to come sees the others. A message that comes again sees what it saw.
func look[E any](ctx context.Context, db *store.DB, p Policy[E], event E, envelope message.Envelope) (window []E, err error) {
	var part any
	if p.By != nil {
		part = p.By(event)
	}
	key, err := values.Marshal(part)
	if err != nil {
		return nil, fmt.Errorf("window: %w", err)
	}
	text, err := values.Marshal(event)
	if err != nil {
		return nil, fmt.Errorf("window: %w", err)
	}
	since := envelope.Time.Add(-p.Within)
	err = db.InTx(ctx, func(tx *store.Tx) error {
		seq, err := note(ctx, tx, p.Name, string(key), string(text), envelope)
		if err != nil {
			return err
		}
		tx.Later(nil, "DELETE FROM "+table+" WHERE policy = $1 AND part = $2 AND at <= $3", p.Name, string(key), since)
		window, err = seen[E](ctx, tx, "SELECT event FROM "+table+" WHERE policy = $1 AND part = $2 AND at > $3 AND seq <= $4 ORDER BY seq",
			p.Name, string(key), since, seq)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("window of %s: %w", p.Name, err)
	}
	return window, nil
}

// note returns which of its part's events a message is, as it did the first time.
func note(ctx context.Context, tx *store.Tx, policy, part, event string, envelope message.Envelope) (seq int64, err error) {
	err = tx.QueryRow(ctx, "SELECT seq FROM "+table+" WHERE policy = $1 AND part = $2 AND message_id = $3", policy, part, envelope.ID).Scan(&seq)
	if !errors.Is(err, sql.ErrNoRows) {
		return seq, err
	}
	err = tx.QueryRow(ctx, "INSERT INTO "+table+` AS w (policy, part, message_id, seq) VALUES ($1, $2, '', 1)
		ON CONFLICT (policy, part, message_id) DO UPDATE SET seq = w.seq + 1 RETURNING seq`, policy, part).Scan(&seq)
	if err != nil {
		return 0, err
	}
	tx.Later(nil, "INSERT INTO "+table+" (policy, part, message_id, seq, at, event) VALUES ($1, $2, $3, $4, $5, $6)",
		policy, part, envelope.ID, seq, envelope.Time, event)
	return seq, nil
}

// seen are the events that a question answers.
func seen[E any](ctx context.Context, tx *store.Tx, query string, args ...any) (window []E, err error) {
	rows, err := tx.Query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			return nil, err
		}
		var event E
		if err := json.Unmarshal([]byte(text), &event); err != nil {
			return nil, err
		}
		window = append(window, event)
	}
	return window, rows.Err()
}
