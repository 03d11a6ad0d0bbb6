package aggregate

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/esgen/esgen/templates/chassis/command"
	"github.com/esgen/esgen/templates/chassis/message"
	"github.com/esgen/esgen/templates/chassis/outbox"
	"github.com/esgen/esgen/templates/chassis/store"
	"github.com/esgen/esgen/templates/chassis/values"
	"github.com/esgen/esgen/templates/chassis/wait"
	"github.com/esgen/esgen/templates/chassis/where"
)

// Run runs a command: it loads the instance, has the command decided, and stores
// what happened, or nothing. It decides again from a fresh load when another
// command was faster. Without events nothing is stored but the key.
func (r *Repository[S, E]) Run(ctx context.Context, req command.Request, decide command.Decide[S, E]) (command.Outcome, error) {
	x, err := newExecution(r, req)
	if err != nil {
		return command.Outcome{}, err
	}
	if req.Until != nil && x.now.After(*req.Until) {
		return command.Outcome{}, command.ErrOverdue
	}
	out, err := x.attempts(ctx, decide)
	if err == nil {
		return out, nil
	}
	kept := x.keep(err)
	if lost := x.run.abandon(ctx, kept); lost != nil {
		// The leases run out by themselves, and what was called is compensated then.
		r.opts.Log.WarnContext(ctx, "command is given up by its lease", "command", req.Name, "id", x.req.ID, "error", lost)
		if kept != nil {
			return command.Outcome{}, lost // who is told no without its being recorded may be told yes the next time
		}
	}
	return command.Outcome{}, err
}

// execution is one Run.
type execution[S any, E Event] struct {
	repo *Repository[S, E]
	req  command.Request
	now  time.Time
	ids  *values.IDs
	run  *run
	// unheard: the instance's id was made for this very command, so that nobody
	// can have made it. If somebody has all the same, storing it tells.
	unheard bool
}

func newExecution[S any, E Event](r *Repository[S, E], req command.Request) (*execution[S, E], error) {
	hash := ""
	var err error
	if req.Key.ID != "" {
		if hash, err = req.Hash(); err != nil {
			return nil, r.failed(req.Name, err)
		}
	}
	unheard := req.ID == ""
	if unheard {
		if req.ID, err = newID(req); err != nil {
			return nil, err
		}
	}
	if req.Correlation == "" {
		req.Correlation = uuid.NewString()
	}
	x := &execution[S, E]{
		repo: r, req: req, now: values.Truncate(r.opts.Clock()), unheard: unheard, ids: newIDs(req),
		run: &run{id: uuid.NewString(), db: r.db, req: req, hash: hash, lease: r.opts.Lease, faults: r.faults},
	}
	if r.spec.Calls != nil {
		x.run.calls = r.spec.Calls.of(x.run)
	}
	return x, nil
}

// newID names a new instance: by the command's key, so that the command's
// repetition means the same instance, else by chance.
func newID(req command.Request) (values.ID, error) {
	if req.Mode == values.Existing {
		return "", command.ErrNotFound.Saying("%s needs the id of its instance", req.Name)
	}
	if req.Key.ID != "" {
		return values.DeriveID(req.Key.Scope, req.Key.ID, req.Name), nil
	}
	return values.NewID(), nil
}

// newIDs are those that a decision makes: by the command's key, so that its
// repetition, also by another process, asks others for the same.
func newIDs(req command.Request) *values.IDs {
	if req.Key.ID != "" {
		return values.IDsOf(req.Key.Scope, req.Key.ID, req.Name)
	}
	return &values.IDs{}
}

func (x *execution[S, E]) attempts(ctx context.Context, decide command.Decide[S, E]) (command.Outcome, error) {
	for attempt := 1; ; attempt++ {
		out, err := x.attempt(ctx, decide)
		switch {
		case err == nil:
			return out, nil
		case errors.Is(err, errAgain):
			if attempt >= x.repo.opts.Attempts {
				return command.Outcome{}, command.ErrConflict.Saying("%s %s: %s", x.repo.spec.Aggregate, x.req.ID, command.ErrConflict.Message)
			}
			if err := pause(ctx, attempt); err != nil {
				return command.Outcome{}, err
			}
		default:
			// What was refused may have been refused because this very command
			// was handled meanwhile, by its other delivery.
			if done, ok := x.repeated(ctx); ok {
				return done, nil
			}
			return command.Outcome{}, err
		}
	}
}

// pause waits a random while that grows with every lost attempt.
func pause(ctx context.Context, attempt int) error {
	return wait.For(ctx, rand.N(min(5*time.Millisecond<<attempt, 250*time.Millisecond)))
}

func (x *execution[S, E]) attempt(ctx context.Context, decide command.Decide[S, E]) (command.Outcome, error) {
	if done, ok, err := x.handled(ctx); ok || err != nil {
		return done, err
	}
	if x.req.Compensates != "" {
		if done, ok, err := x.run.neverHappened(ctx); ok || err != nil {
			return done, err
		}
	}
	instance, there, w, err := x.load(ctx)
	if err != nil {
		return command.Outcome{}, err
	}
	if err := x.expect(instance.Version, there); err != nil {
		return command.Outcome{}, err
	}
	x.ids.Rewind()
	d := &command.Attempt[S]{
		ID: x.req.ID, State: instance.State, Meta: instance.Meta, IsNew: !there, Version: instance.Version,
		Now: x.now, Actor: x.req.Actor, IDs: x.ids, Asker: x.run.calls,
	}
	if x.run.calls != nil {
		x.run.calls.begin()
	}
	events, err := x.decide(ctx, d, decide)
	if err != nil {
		return command.Outcome{}, err
	}
	c, err := x.change(ctx, instance, there, w, events)
	if err != nil {
		return command.Outcome{}, err
	}
	return x.commit(ctx, c)
}

// load is the instance as it is now.
func (x *execution[S, E]) load(ctx context.Context) (instance command.Instance[S], there bool, w *row, err error) {
	if x.unheard {
		x.unheard = false // the next attempt knows better
		instance, err = x.repo.unborn(x.req.ID)
		return instance, false, nil, err
	}
	return x.repo.load(ctx, x.repo.db, x.req.ID)
}

// expect compares the instance with what the command wants.
func (x *execution[S, E]) expect(version int64, there bool) error {
	name := x.repo.spec.Aggregate
	switch {
	case x.req.Mode == values.Existing && !there:
		return command.ErrNotFound.Saying("%s %s is not there", name, x.req.ID)
	case x.req.Mode == values.New && there:
		return command.ErrExists.Saying("%s %s exists already", name, x.req.ID)
	case !x.req.IfMatch.Holds(version, there, x.req.Mode):
		return command.ErrVersion.Saying("%s %s is at version %d", name, x.req.ID, version)
	}
	return nil
}

func (x *execution[S, E]) decide(ctx context.Context, d *command.Attempt[S], decide command.Decide[S, E]) (events []E, err error) {
	defer message.Recover(&err)
	events, err = decide(ctx, d)
	if x.run.calls != nil && x.run.calls.failure() != nil {
		// It may have been mistaken for a failure of the callee, and fallen back upon.
		return nil, x.run.calls.failure()
	}
	return events, err
}

// repeated looks whether the command was handled after all.
func (x *execution[S, E]) repeated(ctx context.Context) (command.Outcome, bool) {
	if x.req.Key.ID == "" {
		return command.Outcome{}, false
	}
	out, ok, err := x.handled(ctx)
	return out, ok && err == nil
}

// handled answers a command whose key was handled before.
func (x *execution[S, E]) handled(ctx context.Context) (out command.Outcome, ok bool, err error) {
	out, ok, err = x.run.handled(ctx)
	if ok && x.repo.spec.Personal != nil {
		out.Reply, err = x.repo.spec.Personal.open(ctx, x.repo.db, out.ID).read(out.Reply)
	}
	return out, ok && err == nil, err
}

// keep returns the no to record under the key, if there is one.
func (x *execution[S, E]) keep(err error) *no {
	var rejection *values.Rejection
	var refusal *command.Error
	switch {
	case x.req.Key.ID == "":
	case x.req.KeepRejection && errors.As(err, &rejection):
		return &no{stateRejected, rejection}
	case x.req.KeepRefusal && (errors.Is(err, command.ErrNotFound) || errors.Is(err, command.ErrExists)) && errors.As(err, &refusal):
		return &no{stateRefused, &values.Rejection{Kind: refusal.Kind, Code: refusal.Code, Message: refusal.Message}}
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
	doc      json.RawMessage // nil: the row is not to hold it
	gone     bool
	happened []happened[E]
	reply    json.RawMessage
	sealing  sealing[S, E] // nil: nothing is personal
}

type happened[E Event] struct {
	event E
	meta  values.Meta
	data  json.RawMessage
	told  json.RawMessage // as it is stored and published
}

func (x *execution[S, E]) change(ctx context.Context, instance command.Instance[S], there bool, w *row, events []E) (c change[S, E], err error) {
	defer message.Recover(&err)
	c = change[S, E]{row: w, there: there, state: instance.State}
	if w != nil {
		c.before = w.version
	}
	c.version = c.before
	said := make([]happened[E], len(events))
	for i, event := range events {
		c.version++
		meta := values.Meta{ID: values.NewID(), Time: x.now, Version: c.version, Type: event.Event().Name(), Actor: x.req.Actor}
		said[i] = happened[E]{event: event, meta: meta}
		c.gone = c.gone || event.Event().Deletes
	}
	if err := x.repo.happen(ctx, x.repo.db, x.req.ID, &c, said); err != nil {
		return c, err
	}
	if len(events) > 0 && !c.gone && x.repo.spec.Check != nil {
		if err := x.repo.spec.Check(c.state); err != nil {
			return c, err
		}
	}
	if c.doc, err = x.repo.document(c); err != nil {
		return c, err
	}
	c.reply, err = replyOf(c.happened)
	return c, err
}

// happen makes of a change what some events make of it. Of a person who is erased
// nothing personal happens any more.
func (r *Repository[S, E]) happen(ctx context.Context, q store.Querier, id values.ID, c *change[S, E], said []happened[E]) (err error) {
	if r.spec.Personal != nil && len(said) > 0 {
		if c.sealing, err = r.spec.Personal.seals(ctx, r, q, id, c, said); err != nil {
			return err
		}
	}
	for _, h := range said {
		if c.sealing != nil {
			h.meta.Person = c.sealing.person()
		}
		forgets := c.sealing != nil && c.sealing.erased()
		if forgets {
			if h.event, err = c.sealing.blank(r, h.event); err != nil {
				return err
			}
		}
		if c.state, err = r.spec.evolve(c.state, h.event, h.meta); err != nil {
			return err
		}
		if forgets {
			if c.state, err = r.spec.Personal.blank(r, id, c.state); err != nil {
				return err
			}
		}
		if h.data, err = r.encode(h.event); err != nil {
			return err
		}
		h.told = h.data
		if c.sealing != nil {
			if h.told, err = c.sealing.event(h.event, h.data); err != nil {
				return err
			}
		}
		c.happened = append(c.happened, h)
	}
	return nil
}

// document is the state as the row of its instance is to hold it.
func (r *Repository[S, E]) document(c change[S, E]) (json.RawMessage, error) {
	if c.gone || r.spec.Sourced != nil && !r.spec.Sourced.snapshots(c.snapshotBefore(r.shape), c.version) {
		return nil, nil
	}
	doc, err := values.Marshal(c.state)
	if err == nil && c.sealing != nil {
		doc, err = c.sealing.state(doc)
	}
	return doc, err
}

// sealedState is a state as the row of its instance is to hold it.
func (r *Repository[S, E]) sealedState(ctx context.Context, q store.Querier, id values.ID, state S) (json.RawMessage, error) {
	doc, err := values.Marshal(state)
	if err != nil || r.spec.Personal == nil {
		return doc, err
	}
	sealing, err := r.spec.Personal.of(ctx, q, id, state)
	if err != nil {
		return nil, err
	}
	return sealing.state(doc)
}

// snapshotBefore is a version up to which a release of a shape has all the snapshots
// that there are to be.
func (c change[S, E]) snapshotBefore(shape string) int64 {
	if c.there && c.row.shape != shape {
		return c.row.base
	}
	return c.before
}

// replyOf merges the fields of the events; later ones come over earlier ones.
func replyOf[E Event](happened []happened[E]) (json.RawMessage, error) {
	if len(happened) == 1 && happened[0].data[0] == '{' {
		return happened[0].data, nil
	}
	reply := map[string]json.RawMessage{}
	for _, h := range happened {
		// Fields of an event whose encoding is no object are of no reply.
		_ = json.Unmarshal(h.data, &reply)
	}
	return json.Marshal(reply)
}

func (r *Repository[S, E]) encode(event E) (json.RawMessage, error) {
	if r.spec.Encode != nil {
		return r.spec.Encode(event)
	}
	return values.Marshal(event)
}

// commit stores it all, or nothing.
func (x *execution[S, E]) commit(ctx context.Context, c change[S, E]) (command.Outcome, error) {
	out := command.Outcome{ID: x.req.ID, Version: c.version, Created: !c.there && !c.gone && len(c.happened) > 0, Reply: c.reply}
	if err := x.repo.at("before commit"); err != nil {
		return command.Outcome{}, err
	}
	err := x.repo.db.InTx(ctx, func(tx *store.Tx) error {
		if err := x.settle(ctx, tx, out, c); err != nil {
			return err
		}
		if len(c.happened) == 0 {
			return x.repo.at("in commit")
		}
		// The row first: it is the lock under which the outbox's sequence is taken.
		x.repo.write(tx, x.req.ID, c)
		for _, h := range c.happened {
			for _, project := range x.repo.spec.Inline {
				if err := project(ctx, tx, h.event, h.meta); err != nil {
					return fmt.Errorf("inline view: %w", err)
				}
			}
		}
		if err := outbox.Append(tx, x.envelopes(ctx, c)...); err != nil {
			return err
		}
		return x.repo.at("in commit")
	})
	if err != nil {
		return command.Outcome{}, x.refusal(ctx, err, c.state)
	}
	return out, x.repo.at("after commit")
}

// settle notes how the command ended, and has its person stay who they are, or be
// erased, until all is stored.
func (x *execution[S, E]) settle(ctx context.Context, tx *store.Tx, out command.Outcome, c change[S, E]) error {
	if c.sealing == nil {
		return x.run.settle(ctx, tx, out)
	}
	reply, err := c.sealing.reply(c.happened, out.Reply)
	if err != nil {
		return err
	}
	out.Reply = reply
	if err := x.run.settle(ctx, tx, out); err != nil {
		return err
	}
	erases := slices.ContainsFunc(c.happened, func(h happened[E]) bool { return h.event.Event().Erases })
	there, err := c.sealing.hold(ctx, tx, erases)
	switch {
	case err != nil:
		return err
	case !there:
		return errAgain
	case erases:
		c.sealing.erase(tx)
	}
	return nil
}

// refusal makes of a violated unique index the model's rejection: of several
// that are violated the first of the model, whichever the database met first.
func (x *execution[S, E]) refusal(ctx context.Context, err error, state S) error {
	name, ok := store.IsUniqueViolation(err)
	if !ok {
		return x.repo.failed(string(x.req.ID), err)
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
	cond := where.Ne(where.Col(IDColumn), id)
	for i, v := range r.lookups(state) {
		if c := r.spec.IndexColumns[i].Name; slices.Contains(u.Columns, c) {
			cond = where.And(cond, where.Eq(where.Col(c), v))
		}
	}
	rows, err := r.rows(ctx, r.db, r.alive(cond), nil, 1, "")
	return err == nil && len(rows) > 0
}

func (x *execution[S, E]) envelopes(ctx context.Context, c change[S, E]) []message.Envelope {
	spec := x.repo.spec
	var envelopes []message.Envelope
	for _, h := range c.happened {
		event := h.event.Event()
		e := message.Envelope{
			ID: h.meta.ID, Source: spec.Source, Type: event.Type, Subject: string(x.req.ID),
			Time: h.meta.Time, Sequence: h.meta.Version, DataVersion: event.DataVersion(),
			CorrelationID: x.req.Correlation, CausationID: x.req.Causation, Actor: x.req.Actor,
			Topic: spec.Topic, Key: string(x.req.ID), Data: h.told,
		}
		e.Capture(ctx)
		if spec.OwnTopic != "" {
			own := e
			own.Topic = spec.OwnTopic
			envelopes = append(envelopes, own)
		}
		if !event.Private {
			envelopes = append(envelopes, e)
		}
	}
	return envelopes
}
