package orchestrator

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/esgen/esgen/templates/chassis/kafka"
	"github.com/esgen/esgen/templates/chassis/message"
	"github.com/esgen/esgen/templates/chassis/store"
	"github.com/esgen/esgen/templates/chassis/values"
)

// What stories wait for, and what has happened: of each instance the last event of
// a type. Whoever begins to wait and whoever brings an event both write the row of
// the event first, so that one of them comes second, and sees the other.
const (
	heard = "platform_saga_events"
	waits = "platform_saga_waits"
)

var (
	heardSpec = store.TableSpec{
		Name: heard,
		Columns: []store.Column{
			{Name: "saga", Type: store.Text, Key: true},
			{Name: "event", Type: store.Text, Key: true},
			{Name: "instance", Type: store.Text, Key: true},
			{Name: "happened", Type: store.Time},
			{Name: "message", Type: store.Text}, // "": it did not happen yet
		},
		Indexes: []store.Index{{Columns: []string{"happened"}}},
	}
	waitsSpec = store.TableSpec{
		Name: waits,
		Columns: []store.Column{
			{Name: "story", Type: store.Text, Key: true},
			{Name: "step", Type: store.Int, Key: true},
			{Name: "saga", Type: store.Text},
			{Name: "event", Type: store.Text},
			{Name: "instance", Type: store.Text},
		},
		Indexes: []store.Index{{Columns: []string{"saga", "event", "instance"}}},
	}
)

// came is what a story is told of an event that it waits for.
const came = "Came"

// Hear has the stories of a saga hear of events that they wait for. All is added
// before the consumer runs.
func Hear[E kafka.Event](c *kafka.Consumer, s *Sagas, saga string, needs ...kafka.Needs) {
	var event E
	note := event.Event()
	kafka.Project(c, kafka.Projection[E]{
		Name: handler(saga) + "/await", Topic: note.Topic, Type: note.Type, Upcasts: kafka.Upcasts[E](c), Needs: kafka.Looked(needs),
		Do: func(ctx context.Context, tx *store.Tx, event E, e message.Envelope) (err error) {
			// As it is read here: it may have come in an older version.
			if e.Data, err = values.Marshal(event); err != nil {
				return err
			}
			e.Type = note.Type
			return s.spread(ctx, tx, saga, e)
		},
	})
}

// spread tells the stories that wait for an event of it, and remembers it for those
// that will.
func (s *Sagas) spread(ctx context.Context, tx *store.Tx, saga string, e message.Envelope) error {
	data, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("event %s: %w", e.ID, err)
	}
	if _, err := tx.Exec(ctx, "INSERT INTO "+heard+` AS h (saga, event, instance, happened, message) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (saga, event, instance) DO UPDATE SET happened = excluded.happened, message = excluded.message
		WHERE h.message = '' OR h.happened <= excluded.happened`, saga, e.Type, e.Subject, e.Time, string(data)); err != nil {
		return fmt.Errorf("event %s: %w", e.ID, err)
	}
	stories, err := waiting(ctx, tx, saga, e)
	if err != nil {
		return fmt.Errorf("event %s: %w", e.ID, err)
	}
	for _, id := range stories {
		if err := s.timers.Tell(tx, handler(saga), message.Envelope{
			ID: values.DeriveID(string(id), came, string(e.ID)), Source: s.source, Type: came, Subject: string(id), Key: string(id), Time: e.Time, DataVersion: 1,
			CorrelationID: e.CorrelationID, CausationID: string(e.ID), Actor: values.Actor{System: true}, Data: data,
		}); err != nil {
			return err
		}
	}
	return nil
}

// waiting are the stories that wait for an event.
func waiting(ctx context.Context, tx *store.Tx, saga string, e message.Envelope) (stories []values.ID, err error) {
	rows, err := tx.Query(ctx, "SELECT DISTINCT story FROM "+waits+" WHERE saga = $1 AND event = $2 AND instance = $3", saga, e.Type, e.Subject)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var id values.ID
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		stories = append(stories, id)
	}
	return stories, rows.Err()
}

// await notes that a story waits for an event, and returns the event if it has come
// already; nil: it has not.
func (t *telling[E, D]) await(ctx context.Context, a asked) (*message.Envelope, error) {
	event := t.k.Steps[a.Step].Await
	var text string
	err := t.tx.QueryRow(ctx, "INSERT INTO "+heard+` AS h (saga, event, instance, happened, message) VALUES ($1, $2, $3, $4, '')
		ON CONFLICT (saga, event, instance) DO UPDATE SET message = h.message RETURNING message`, t.saga, event, a.Instance, t.now).Scan(&text)
	if err != nil {
		return nil, t.failed(err)
	}
	if text != "" {
		var e message.Envelope
		if err := json.Unmarshal([]byte(text), &e); err != nil {
			return nil, t.failed(err)
		}
		if t.concerns(e) {
			return &e, nil
		}
	}
	t.tx.Later(nil, "INSERT INTO "+waits+" (story, step, saga, event, instance) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
		t.id, a.Step, t.saga, event, a.Instance)
	return nil, nil //nolint:nilnil // it has not come
}

// concerns reports whether an event is one that the story can wait for: it did not
// happen before the story began, and was not waited for already.
func (t *telling[E, D]) concerns(e message.Envelope) bool {
	for _, d := range t.Done {
		if d.Event == e.ID {
			return false
		}
	}
	return !e.Time.Before(t.Event.Time)
}

// hear goes on from an event, unless the story does not wait for it any longer.
func (t *telling[E, D]) hear(ctx context.Context, note message.Envelope) error {
	var e message.Envelope
	if err := json.Unmarshal(note.Data, &e); err != nil {
		return t.failed(err)
	}
	for i, a := range t.Asked {
		if a.For == anEvent && t.k.Steps[a.Step].Await == e.Type && string(a.Instance) == e.Subject && t.concerns(e) {
			if err := t.happened(i, e); err != nil {
				return err
			}
			return t.together(ctx)
		}
	}
	return nil
}

// happened keeps that an event has come that is waited for.
func (t *telling[E, D]) happened(i int, e message.Envelope) error {
	t.Asked[i].Event = e.ID
	t.tx.Later(nil, "DELETE FROM "+waits+" WHERE story = $1 AND step = $2", t.id, t.Asked[i].Step)
	return t.keep(i, e.Data)
}

// waitNoMore ends that a story waits for events.
func (t *telling[E, D]) waitNoMore() {
	if t.k.awaits {
		t.tx.Later(nil, "DELETE FROM "+waits+" WHERE story = $1", t.id)
	}
}

// forgetEvents deletes events before a time for which no story can wait: none that
// goes on began before it.
func (s *Sagas) forgetEvents(ctx context.Context, before time.Time) error {
	_, err := s.db.Exec(ctx, "DELETE FROM "+heard+` WHERE happened < $1 AND NOT EXISTS (SELECT 1 FROM `+table+` AS s
		WHERE s.saga = `+heard+`.saga AND s.started <= `+heard+`.happened AND s.state NOT IN ($2, $3))`, before, string(Done), string(Undone))
	if err != nil {
		return fmt.Errorf("forget events of sagas: %w", err)
	}
	return nil
}
