package command

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/esgen/esgen/templates/chassis/message"
	"github.com/esgen/esgen/templates/chassis/store"
	"github.com/esgen/esgen/templates/chassis/values"
)

// Execute runs a command. Decide does, in the order of the language, what the
// model says between loading and applying: allow, read, require, call, emit;
// it returns the events. It runs again from a fresh load when another command
// was faster, so it must have no effect but its calls, which it makes by Do.
// No events: nothing is stored but the key.
func Execute[S any, E Event](ctx context.Context, r *Repository[S, E], req Request, decide func(ctx context.Context, d *Decision[S]) ([]E, error)) (Outcome, error) {
	x, err := newExecution(r, req)
	if err != nil {
		return Outcome{}, err
	}
	out, err := x.attempts(ctx, decide)
	if err == nil {
		return out, nil
	}
	rejection := x.keep(err)
	if err := x.run.abandon(ctx, rejection); err != nil {
		// The leases run out by themselves, and what was called is compensated then.
		r.opts.Log.WarnContext(ctx, "command is given up by its lease", "command", req.Name, "id", x.req.ID, "error", err)
	}
	return Outcome{}, err
}

// execution is one Execute.
type execution[S any, E Event] struct {
	repo *Repository[S, E]
	req  Request
	now  time.Time
	ids  values.IDs
	run  *run
}

func newExecution[S any, E Event](r *Repository[S, E], req Request) (*execution[S, E], error) {
	hash, err := req.hash()
	if err != nil {
		return nil, r.failed(req.Name, err)
	}
	if req.ID == "" {
		if req.ID, err = newID(req); err != nil {
			return nil, err
		}
	}
	if req.Correlation == "" {
		req.Correlation = uuid.NewString()
	}
	return &execution[S, E]{
		repo: r, req: req, now: values.Truncate(r.opts.Clock()),
		run: &run{id: uuid.NewString(), db: r.db, req: req, hash: hash, lease: r.opts.Lease, faults: r.faults},
	}, nil
}

// newID names a new instance: by the command's key, so that the command's
// repetition means the same instance, else by chance.
func newID(req Request) (values.ID, error) {
	if req.Mode == Existing {
		return "", ErrNotFound.saying("%s needs the id of its instance", req.Name)
	}
	if req.Key.ID != "" {
		return values.DeriveID(req.Key.Scope, req.Key.ID, req.Name), nil
	}
	return values.NewID(), nil
}

func (x *execution[S, E]) attempts(ctx context.Context, decide func(context.Context, *Decision[S]) ([]E, error)) (Outcome, error) {
	for attempt := 1; ; attempt++ {
		out, err := x.attempt(ctx, decide)
		switch {
		case err == nil:
			return out, nil
		case errors.Is(err, errAgain):
			if attempt >= x.repo.opts.Attempts {
				return Outcome{}, ErrConflict.saying("%s %s: %s", x.repo.spec.Aggregate, x.req.ID, ErrConflict.Message)
			}
			if err := pause(ctx, attempt); err != nil {
				return Outcome{}, err
			}
		default:
			// What was refused may have been refused because this very command
			// was handled meanwhile, by its other delivery.
			if done, ok := x.repeated(ctx); ok {
				return done, nil
			}
			return Outcome{}, err
		}
	}
}

// pause waits a random while that grows with every lost attempt.
func pause(ctx context.Context, attempt int) error {
	timer := time.NewTimer(rand.N(min(5*time.Millisecond<<attempt, 250*time.Millisecond)))
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

func (x *execution[S, E]) attempt(ctx context.Context, decide func(context.Context, *Decision[S]) ([]E, error)) (Outcome, error) {
	if done, ok, err := x.run.handled(ctx); ok || err != nil {
		return done, err
	}
	if x.req.Compensates != "" {
		if done, ok, err := x.run.neverHappened(ctx); ok || err != nil {
			return done, err
		}
	}
	instance, there, w, err := x.repo.load(ctx, x.repo.db, x.req.ID)
	if err != nil {
		return Outcome{}, err
	}
	if err := x.expect(instance.Version, there); err != nil {
		return Outcome{}, err
	}
	x.run.calls.begin()
	x.ids.Rewind()
	d := &Decision[S]{
		ID: x.req.ID, State: instance.State, Meta: instance.Meta, IsNew: !there, Version: instance.Version,
		Now: x.now, Actor: x.req.Actor, IDs: &x.ids, run: x.run,
	}
	events, err := x.decide(ctx, d, decide)
	if err != nil {
		return Outcome{}, err
	}
	c, err := x.change(instance, there, w, events)
	if err != nil {
		return Outcome{}, err
	}
	return x.commit(ctx, c)
}

// expect compares the instance with what the command wants.
func (x *execution[S, E]) expect(version int64, there bool) error {
	name := x.repo.spec.Aggregate
	switch {
	case x.req.Mode == Existing && !there:
		return ErrNotFound.saying("%s %s is not there", name, x.req.ID)
	case x.req.Mode == New && there:
		return ErrExists.saying("%s %s exists already", name, x.req.ID)
	case !x.req.IfMatch.holds(version, there, x.req.Mode):
		return ErrVersion.saying("%s %s is at version %d", name, x.req.ID, version)
	}
	return nil
}

func (x *execution[S, E]) decide(ctx context.Context, d *Decision[S], decide func(context.Context, *Decision[S]) ([]E, error)) (events []E, err error) {
	defer message.Recover(&err)
	events, err = decide(ctx, d)
	if x.run.calls.fatal != nil {
		// It may have been mistaken for a failure of the callee, and fallen back upon.
		return nil, x.run.calls.fatal
	}
	return events, err
}

// repeated looks whether the command was handled after all.
func (x *execution[S, E]) repeated(ctx context.Context) (Outcome, bool) {
	if x.req.Key.ID == "" {
		return Outcome{}, false
	}
	out, ok, err := x.run.handled(ctx)
	return out, ok && err == nil
}

// keep returns the rejection to record under the key, if there is one.
func (x *execution[S, E]) keep(err error) *values.Rejection {
	var rejection *values.Rejection
	if x.req.KeepRejection && x.req.Key.ID != "" && errors.As(err, &rejection) {
		return rejection
	}
	return nil
}

// change is what the events of a decision make of an instance.
type change[S any, E Event] struct {
	before   int64 // version
	row      *row  // as it was loaded; nil: there was none
	there    bool
	version  int64
	state    S
	doc      json.RawMessage
	gone     bool
	happened []happened[E]
	reply    json.RawMessage
}

type happened[E Event] struct {
	event E
	meta  values.Meta
	data  json.RawMessage
}

func (x *execution[S, E]) change(instance Instance[S], there bool, w *row, events []E) (c change[S, E], err error) {
	defer message.Recover(&err)
	c = change[S, E]{row: w, there: there, state: instance.State}
	if w != nil {
		c.before = w.version
	}
	c.version = c.before
	reply := map[string]json.RawMessage{}
	for _, event := range events {
		c.version++
		meta := values.Meta{ID: values.NewID(), Time: x.now, Version: c.version, Type: event.EventType(), Actor: x.req.Actor}
		if c.state, err = x.repo.spec.Evolve(c.state, event, meta); err != nil {
			return c, err
		}
		c.gone = c.gone || x.repo.spec.Deletes != nil && x.repo.spec.Deletes(event)
		data, err := x.repo.encode(event)
		if err != nil {
			return c, err
		}
		// Fields of an event whose encoding is no object are of no reply.
		_ = json.Unmarshal(data, &reply)
		c.happened = append(c.happened, happened[E]{event, meta, data})
	}
	if len(events) > 0 && !c.gone && x.repo.spec.Check != nil {
		if err := x.repo.spec.Check(c.state); err != nil {
			return c, err
		}
	}
	if c.doc, err = values.Marshal(c.state); err != nil {
		return c, err
	}
	c.reply, err = json.Marshal(reply)
	return c, err
}

func (r *Repository[S, E]) encode(event E) (json.RawMessage, error) {
	if r.spec.Encode != nil {
		return r.spec.Encode(event)
	}
	return values.Marshal(event)
}

// commit stores it all, or nothing.
func (x *execution[S, E]) commit(ctx context.Context, c change[S, E]) (Outcome, error) {
	out := Outcome{ID: x.req.ID, Version: c.version, Created: !c.there && !c.gone && len(c.happened) > 0, Reply: c.reply}
	if err := x.repo.at("before commit"); err != nil {
		return Outcome{}, err
	}
	err := x.repo.db.InTx(ctx, func(tx *store.Tx) error {
		if err := x.run.settle(ctx, tx, out); err != nil {
			return err
		}
		if len(c.happened) == 0 {
			return x.repo.at("in commit")
		}
		// The row first: it is the lock under which the outbox's sequence is taken.
		if err := x.repo.write(ctx, tx, x.req.ID, c); err != nil {
			return err
		}
		for _, h := range c.happened {
			for _, project := range x.repo.spec.Inline {
				if err := project(ctx, tx, h.event, h.meta); err != nil {
					return fmt.Errorf("inline view: %w", err)
				}
			}
		}
		if err := message.Append(ctx, tx, x.envelopes(ctx, c)...); err != nil {
			return err
		}
		return x.repo.at("in commit")
	})
	if err != nil {
		return Outcome{}, x.refusal(ctx, err, c.state)
	}
	return out, x.repo.at("after commit")
}

// refusal makes of a violated unique index the model's rejection: of several
// that are violated the first of the model, whichever the database met first.
func (x *execution[S, E]) refusal(ctx context.Context, err error, state S) error {
	name, ok := store.IsUniqueViolation(err)
	if !ok {
		return err
	}
	for _, u := range x.repo.spec.Unique {
		if store.UniqueName(x.repo.spec.Table, u.Columns...) == name || x.repo.taken(ctx, u, x.req.ID, state) {
			return u.rejection()
		}
	}
	return err
}

// taken reports whether another instance has the values of a state that must be
// unique. What is absent is like nothing else.
func (r *Repository[S, E]) taken(ctx context.Context, u Unique, id values.ID, state S) bool {
	cond := store.Ne(store.Col(IDColumn), id)
	for i, v := range r.lookups(state) {
		if c := r.spec.IndexColumns[i].Name; slices.Contains(u.Columns, c) {
			cond = store.And(cond, store.Eq(store.Col(c), v))
		}
	}
	rows, err := r.rows(ctx, r.db, r.alive(cond), nil, 1, "")
	return err == nil && len(rows) > 0
}

func (x *execution[S, E]) envelopes(ctx context.Context, c change[S, E]) []message.Envelope {
	spec := x.repo.spec
	var envelopes []message.Envelope
	for _, h := range c.happened {
		e := message.Envelope{
			ID: h.meta.ID, Source: spec.Source, Type: spec.Type + "." + h.event.EventType(), Subject: string(x.req.ID),
			Time: h.meta.Time, Sequence: h.meta.Version, DataVersion: h.event.EventVersion(),
			CorrelationID: x.req.Correlation, CausationID: x.req.Causation, Actor: x.req.Actor,
			Topic: spec.Topic, Key: string(x.req.ID), Data: h.data,
		}
		e.CaptureTrace(ctx)
		if spec.Private != nil {
			own := e
			own.Topic = message.OwnTopic(spec.Topic)
			envelopes = append(envelopes, own)
			if spec.Private(h.event) {
				continue
			}
		}
		envelopes = append(envelopes, e)
	}
	return envelopes
}
