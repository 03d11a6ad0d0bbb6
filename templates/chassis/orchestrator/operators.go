package orchestrator

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/esgen/esgen/templates/chassis/message"
	"github.com/esgen/esgen/templates/chassis/store"
	"github.com/esgen/esgen/templates/chassis/values"
)

// Unfinished is a story that is not over, as an operator sees it.
type Unfinished struct {
	ID       values.ID `json:"id"`
	Saga     string    `json:"saga"`
	State    State     `json:"state"`
	Step     int64     `json:"step"`     // the one it is at, from 1; of one that is undone, at which it turned round
	Why      string    `json:"why"`      // it is undone
	Refused  string    `json:"refused"`  // why what it waits for was refused the last time
	Attempts int64     `json:"attempts"` // that were refused
	Started  time.Time `json:"started"`
	Changed  time.Time `json:"changed"`
}

// most is how many stories are listed.
const most = 200

// List returns the stories that are not over, the oldest first.
func (s *Sagas) List(ctx context.Context) ([]Unfinished, error) {
	rows, err := s.db.Query(ctx, fmt.Sprintf(`SELECT id, saga, state, step + 1, why, refused, attempts, started, changed FROM %s
		WHERE state NOT IN ($1, $2) ORDER BY started, id LIMIT %d`, table, most), string(Done), string(Undone))
	if err != nil {
		return nil, fmt.Errorf("sagas: %w", err)
	}
	defer func() { _ = rows.Close() }()
	list := []Unfinished{}
	for rows.Next() {
		var u Unfinished
		var state string
		if err := rows.Scan(&u.ID, &u.Saga, &state, &u.Step, &u.Why, &u.Refused, &u.Attempts, &u.Started, &u.Changed); err != nil {
			return nil, fmt.Errorf("sagas: %w", err)
		}
		u.State = State(state)
		list = append(list, u)
	}
	return list, rows.Err()
}

// Count tells how many stories are not over, and how many of them wait because
// what they ask for is refused again and again.
func (s *Sagas) Count(ctx context.Context) (unfinished, refused int64, err error) {
	err = s.db.QueryRow(ctx, "SELECT COUNT(*), COUNT(CASE WHEN attempts > 0 THEN 1 END) FROM "+table+" WHERE state NOT IN ($1, $2)",
		string(Done), string(Undone)).Scan(&unfinished, &refused)
	return unfinished, refused, err
}

// What somebody cannot have done to a story.
var (
	ErrOver = errors.New("no story of that id is going on")
	ErrSure = errors.New("the story has passed its pivot, or is undone already")
)

// Resume has a story ask again for what it waits for.
func (s *Sagas) Resume(ctx context.Context, id values.ID) error { return s.tell(ctx, id, resumed) }

// TurnRound has a story undone that has not passed its pivot.
func (s *Sagas) TurnRound(ctx context.Context, id values.ID) error { return s.tell(ctx, id, turned) }

// tell has a story hear of what somebody decided.
func (s *Sagas) tell(ctx context.Context, id values.ID, what string) error {
	return s.db.InTx(ctx, func(tx *store.Tx) error {
		r, err := s.load(ctx, tx, id)
		switch {
		case err != nil:
			return err
		case r == nil:
			return ErrOver
		case what == turned && r.state != Running:
			return ErrSure
		}
		now, err := s.timers.Now(ctx, tx)
		if err != nil {
			return err
		}
		return s.timers.Tell(tx, handler(r.saga), message.Envelope{
			ID: values.NewID(), Source: s.source, Type: what, Subject: string(id), Key: string(id), Time: now, DataVersion: 1,
			CorrelationID: r.Event.CorrelationID, Actor: values.Actor{System: true}, Data: []byte("{}"),
		})
	})
}
