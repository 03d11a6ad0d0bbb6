package aggregate

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/esgen/esgen/templates/chassis/command"
	"github.com/esgen/esgen/templates/chassis/store"
	"github.com/esgen/esgen/templates/chassis/upcast"
	"github.com/esgen/esgen/templates/chassis/values"
)

// Sourced keeps the events of an aggregate, each with the version of the instance
// that it made, which is there once. The row of the instance has its version, which
// is what commands that come at once compete for, its lookup columns and, now and
// then, a snapshot.
type Sourced[S any, E Event] struct {
	Table string // of the events
	// SnapshotEvery is after how many events the state is kept beside them; 0: never.
	SnapshotEvery int
	// Folding tells apart how the model says that events are folded.
	Folding string
	Events  []Stored[E]
}

// Stored reads the events of one type as they are stored.
type Stored[E Event] struct {
	name     string
	personal []string // fields, in whichever version they are
	read     func(version int, data []byte, meta values.Meta) (E, error)
}

// Stores reads events of a type in whichever version they were stored.
func Stores[One, E Event]() Stored[E] {
	var one One
	reader, broken := upcast.NewReader[One](upcast.Of[One](), nil)
	return Stored[E]{one.Event().Name(), personalOf(one), func(version int, data []byte, meta values.Meta) (event E, err error) {
		if broken != nil {
			return event, broken
		}
		one, err := reader.Read(version, data, meta)
		if err == nil {
			event = any(one).(E)
		}
		return event, err
	}}
}

// beginning is the name of what is stored before the first event of an instance
// that was kept as its state: that state. No event of a model is called so.
const beginning = "_state"

func (s Sourced[S, E]) table() store.TableSpec {
	return store.TableSpec{Name: s.Table, Columns: []store.Column{
		{Name: "instance", Type: store.Text, Key: true},
		{Name: "version", Type: store.Int, Key: true},
		{Name: "message", Type: store.Text},
		{Name: "name", Type: store.Text},
		{Name: "data_version", Type: store.Int},
		{Name: "data", Type: store.JSON},
		{Name: "at", Type: store.Time},
		{Name: "actor", Type: store.JSON},
	}}
}

func (s Sourced[S, E]) folding() string { return s.Folding }

func (s Sourced[S, E]) snapshots(before, after int64) bool {
	every := int64(s.SnapshotEvery)
	return every > 0 && after/every > before/every
}

// fold applies the events after the snapshot, or all, up to the version of the row.
func (s Sourced[S, E]) fold(ctx context.Context, r *Repository[S, E], q store.Querier, w *row) (S, error) {
	state, at := r.spec.New(w.id), w.base
	var opens opening
	if r.spec.Personal != nil {
		opens = r.spec.Personal.open(ctx, q, w.id)
	}
	if w.doc != nil && w.shape == r.shape {
		doc, err := readable(opens, w.doc)
		if err == nil {
			err = json.Unmarshal(doc, &state)
		}
		if err != nil {
			return state, r.failed(string(w.id), err)
		}
		at = w.snapshot
	}
	if at == w.version {
		return state, nil
	}
	err := s.each(ctx, r, q, w.id, at, w.version, 0, opens, func(e stored) error {
		at = e.meta.Version
		if e.meta.Type == beginning {
			state = r.spec.New(w.id)
			return json.Unmarshal(e.data, &state)
		}
		event, err := s.event(e)
		if err != nil {
			return err
		}
		if state, err = r.spec.evolve(state, event, e.meta); err != nil {
			// What has happened cannot be refused any more: the model was
			// changed so that its own history breaks it.
			return &values.Fault{Message: fmt.Sprintf("%s %s: event %d, %s, no longer applies: %v", r.spec.Aggregate, w.id, at, e.meta.Type, err)}
		}
		return nil
	})
	switch {
	case err != nil:
		return state, err
	case at == w.version && opens != nil && opens.erased():
		return r.spec.Personal.blank(r, w.id, state)
	case at == w.version:
		return state, nil
	case w.doc != nil && w.snapshot == w.version:
		// A release that kept no events wrote this row.
		w.eventless = true
		state = r.spec.New(w.id)
		doc, err := readable(opens, w.doc)
		if err != nil {
			return state, r.failed(string(w.id), err)
		}
		return state, json.Unmarshal(doc, &state)
	}
	return state, r.failed(string(w.id), fmt.Errorf("it is at version %d, and its events end with %d", w.version, at))
}

// readable is what was stored; opens is nil where nothing is sealed.
func readable(opens opening, data json.RawMessage) (json.RawMessage, error) {
	if opens == nil {
		return data, nil
	}
	return opens.read(data)
}

// stored is a row of the table of events.
type stored struct {
	meta    values.Meta
	version int // of what the event says
	data    json.RawMessage
}

// each hands over the events of an instance after one version up to another, at
// most limit (0: all).
func (s Sourced[S, E]) each(ctx context.Context, r *Repository[S, E], q store.Querier, id values.ID, after, upTo int64, limit int, opens opening, do func(stored) error) error {
	query := "SELECT version, message, name, data_version, data, at, actor FROM " + store.Quote(s.Table) +
		" WHERE instance = $1 AND version > $2 AND version <= $3 ORDER BY version"
	if limit > 0 {
		query += fmt.Sprintf(" LIMIT %d", limit)
	}
	hand := func(e stored) (err error) {
		if e.data, err = readable(opens, e.data); err == nil {
			err = do(e)
		}
		if err != nil {
			return r.failed(string(id), fmt.Errorf("event %d, %s: %w", e.meta.Version, e.meta.Type, err))
		}
		return nil
	}
	rows, err := q.Query(ctx, query, id, after, upTo)
	if err != nil {
		return r.failed(string(id), err)
	}
	defer func() { _ = rows.Close() }()
	var sealed []stored // their keys are asked for when the rows are read
	for rows.Next() {
		var e stored
		if err := rows.Scan(&e.meta.Version, &e.meta.ID, &e.meta.Type, &e.version, &e.data, &e.meta.Time, &e.meta.Actor); err != nil {
			return r.failed(string(id), err)
		}
		if opens != nil {
			sealed = append(sealed, e)
		} else if err := hand(e); err != nil {
			return err
		}
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return r.failed(string(id), err)
	}
	for _, e := range sealed {
		if err := hand(e); err != nil {
			return err
		}
	}
	return nil
}

// event is what was stored, as it is said today.
func (s Sourced[S, E]) event(e stored) (event E, err error) {
	i := slices.IndexFunc(s.Events, func(t Stored[E]) bool { return t.name == e.meta.Type })
	if i < 0 {
		return event, fmt.Errorf("no event is called so")
	}
	return s.Events[i].read(e.version, e.data, e.meta)
}

func (s Sourced[S, E]) append(tx *store.Tx, id values.ID, c change[S, E]) {
	if c.row != nil {
		s.begin(tx, c.row)
	}
	for _, h := range c.happened {
		s.insert(tx, id, stored{h.meta, h.event.Event().DataVersion(), h.told}, "")
	}
}

func (s Sourced[S, E]) reshape(ctx context.Context, r *Repository[S, E], tx *store.Tx, w *row, state S) (doc json.RawMessage, at int64, err error) {
	s.begin(tx, w)
	if r.spec.Personal != nil {
		if err := s.seal(ctx, r, tx, w, state); err != nil {
			return nil, 0, err
		}
	}
	if !s.snapshots(w.base, w.version) {
		return nil, w.base, nil // a snapshot of another shape may lack what the events tell
	}
	doc, err = r.sealedState(ctx, tx, w.id, state)
	return doc, w.version, err
}

// seal seals what was stored of an instance before anything was personal.
func (s Sourced[S, E]) seal(ctx context.Context, r *Repository[S, E], tx *store.Tx, w *row, state S) error {
	sealing, err := r.spec.Personal.of(ctx, tx, w.id, state)
	if err != nil {
		return err
	}
	return s.each(ctx, r, tx, w.id, w.base, w.version, 0, sealing.opensNothing(), func(e stored) error {
		told, err := sealing.again(e.meta.Type == beginning, s.members(e), e.data)
		if err == nil && told != nil {
			tx.Later(nil, "UPDATE "+store.Quote(s.Table)+" SET data = $3 WHERE instance = $1 AND version = $2", w.id, e.meta.Version, told)
		}
		return err
	})
}

// members are those of a stored event that are personal.
func (s Sourced[S, E]) members(e stored) []string {
	for _, t := range s.Events {
		if t.name == e.meta.Type {
			return t.personal
		}
	}
	return nil
}

// begin keeps what a row held before events were kept.
func (s Sourced[S, E]) begin(tx *store.Tx, w *row) {
	if w.eventless {
		meta := values.Meta{ID: values.NewID(), Time: w.meta.ChangedAt, Version: w.version, Type: beginning}
		s.insert(tx, w.id, stored{meta, 1, w.doc}, " ON CONFLICT DO NOTHING")
	}
}

func (s Sourced[S, E]) insert(tx *store.Tx, id values.ID, e stored, otherwise string) {
	tx.Later(nil, "INSERT INTO "+store.Quote(s.Table)+" (instance, version, message, name, data_version, data, at, actor) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"+otherwise,
		id, e.meta.Version, e.meta.ID, e.meta.Type, e.version, e.data, e.meta.Time, e.meta.Actor)
}

// EventsOf returns what happened to an instance after a version of it, the oldest
// first, at most limit events. What happened to an earlier instance of the same id
// is nothing of it.
func (r *Repository[S, E]) EventsOf(ctx context.Context, id values.ID, after int64, limit int) ([]command.Recorded, error) {
	s, sourced := r.spec.Sourced.(Sourced[S, E])
	w, err := r.row(ctx, r.db, id)
	if err != nil || w == nil || w.deleted || !sourced {
		return nil, err
	}
	var events []command.Recorded
	// One more, for the beginning: what came before it nobody knows.
	var opens opening
	if r.spec.Personal != nil {
		opens = r.spec.Personal.open(ctx, r.db, id)
	}
	err = s.each(ctx, r, r.db, id, max(after, w.base), w.version, limit+1, opens, func(e stored) error {
		if e.meta.Type == beginning {
			return nil
		}
		event, err := s.event(e)
		if err != nil {
			return err
		}
		data, err := r.encode(event)
		events = append(events, command.Recorded{
			ID: e.meta.ID, Version: e.meta.Version, Type: e.meta.Type, Time: e.meta.Time, By: e.meta.Actor.By(), Data: data,
		})
		return err
	})
	return events[:min(len(events), limit)], err
}
