// Package orchestrator keeps the stories of sagas, and takes them further. A
// story is a row. What changes it does so in one transaction with the request
// that it leads to, which leaves by the outbox, and with the timers that it
// needs: there is no moment at which one of them is lost or comes twice. What
// comes again is known by the row, which says whose answer it waits for.
package orchestrator

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/esgen/esgen/templates/chassis/message"
	"github.com/esgen/esgen/templates/chassis/saga"
	"github.com/esgen/esgen/templates/chassis/store"
	"github.com/esgen/esgen/templates/chassis/timer"
	"github.com/esgen/esgen/templates/chassis/values"
)

// Sagas are those of one service.
type Sagas struct {
	db      *store.DB
	source  string // of its messages: /<system>/<context>
	replies string // topic on which it is answered
	timers  *timer.Timers
}

// New returns the sagas of a service, which is answered on a topic of its own.
func New(db *store.DB, source, replies string, timers *timer.Timers) *Sagas {
	return &Sagas{db: db, source: source, replies: replies, timers: timers}
}

const table = "platform_sagas"

// Prepare makes the table.
func (s *Sagas) Prepare(ctx context.Context) error {
	return s.db.Ensure(ctx, heardSpec, waitsSpec, store.TableSpec{
		Name: table,
		Columns: []store.Column{
			{Name: "id", Type: store.Text, Key: true},
			{Name: "saga", Type: store.Text},
			{Name: "state", Type: store.Text},
			{Name: "step", Type: store.Int},
			{Name: "why", Type: store.Text},
			{Name: "refused", Type: store.Text},
			{Name: "attempts", Type: store.Int},
			{Name: "story", Type: store.Text},
			{Name: "started", Type: store.Time},
			{Name: "changed", Type: store.Time},
		},
		Indexes: []store.Index{{Columns: []string{"state", "started"}}},
	})
}

// State is how far a story is.
type State string

// How far a story is.
const (
	Running State = "running" // it can be undone
	Sure    State = "sure"    // the pivot is passed
	Undoing State = "undoing"
	Done    State = "done"
	Undone  State = "undone"
)

func (s State) over() bool { return s == Done || s == Undone }

// row is a story as it is stored.
type row struct {
	id       values.ID
	saga     string
	state    State
	step     int    // the one it is at, from 0; of several that began together, the first
	why      string // it is undone, or will be when those beside what failed are answered
	refused  string // why what it waits for was refused the last time; "": it was not
	attempts int    // of what it waits for that were refused
	told
}

// told is the part of a row that nobody asks for.
type told struct {
	Event message.Envelope `json:"event"` // that started it
	Data  json.RawMessage  `json:"data"`
	Done  []done           `json:"done"` // to be undone, in order
	Asked []asked          `json:"asked"`
	Asks  int              `json:"asks"` // how often somebody was asked for something
}

// done is a step that was done, or may have been.
type done struct {
	Step     int          `json:"step"`
	Key      string       `json:"key"`
	Instance values.ID    `json:"instance"`
	By       *saga.Lookup `json:"by,omitempty"`     // where only the one who is asked knows the instance
	Event    values.ID    `json:"event,omitempty"`  // that was waited for
	Unsure   bool         `json:"unsure,omitempty"` // it may have been done, and may still be
}

// asked is something that a story waits for.
type asked struct {
	done
	For     purpose         `json:"for"`
	Input   json.RawMessage `json:"input,omitempty"`
	Until   *time.Time      `json:"until,omitempty"`   // when it is too late
	Refused int             `json:"refused,omitempty"` // how often
	Paused  bool            `json:"paused,omitempty"`  // it is to be asked again
}

// purpose is why somebody is asked.
type purpose string

// What a story can wait for.
const (
	toDo     purpose = "do"
	toUndo   purpose = "undo"
	toCancel purpose = "cancel" // a step that may still be done
	toEnd    purpose = "end"    // when all is undone
	anEvent  purpose = "event"
)

// begin makes the row of a story; false: there is one already.
func (r *row) begin(ctx context.Context, tx *store.Tx, now time.Time) (bool, error) {
	n, err := tx.Exec(ctx, "INSERT INTO "+table+` (id, saga, state, step, why, refused, attempts, story, started, changed)
		VALUES ($1, $2, $3, 0, '', '', 0, '', $4, $5) ON CONFLICT DO NOTHING`, r.id, r.saga, string(r.state), r.Event.Time, now)
	if err != nil {
		return false, fmt.Errorf("saga %s: %w", r.saga, err)
	}
	return n == 1, nil
}

// load reads a story that is about to change; nil: it is not there, or over.
func (s *Sagas) load(ctx context.Context, tx *store.Tx, id values.ID) (*row, error) {
	r := row{id: id}
	var state, story string
	err := tx.QueryRow(ctx, "SELECT saga, state, step, why, refused, attempts, story FROM "+table+" WHERE id = $1"+tx.Dialect().ForUpdate(), id).
		Scan(&r.saga, &state, &r.step, &r.why, &r.refused, &r.attempts, &story)
	r.state = State(state)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("saga story %s: %w", id, err)
	case r.state.over():
		return nil, nil
	}
	if err := json.Unmarshal([]byte(story), &r.told); err != nil {
		return nil, fmt.Errorf("saga story %s: %w", id, err)
	}
	return &r, nil
}

func (r *row) save(tx *store.Tx, now time.Time) error {
	story, err := json.Marshal(r.told)
	if err != nil {
		return fmt.Errorf("saga story %s: %w", r.id, err)
	}
	tx.Later(nil, "UPDATE "+table+" SET state = $2, step = $3, why = $4, refused = $5, attempts = $6, story = $7, changed = $8 WHERE id = $1",
		r.id, string(r.state), r.step, r.why, r.refused, r.attempts, string(story), now)
	return nil
}

// Forget deletes stories that were over before a time: nothing comes for them
// any longer. The same goes for events that nobody can wait for.
func (s *Sagas) Forget(ctx context.Context, before time.Time) error {
	_, err := s.db.Exec(ctx, "DELETE FROM "+table+" WHERE state IN ($1, $2) AND changed < $3", string(Done), string(Undone), before)
	if err != nil {
		return fmt.Errorf("forget sagas: %w", err)
	}
	return s.forgetEvents(ctx, before)
}
