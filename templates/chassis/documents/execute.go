package documents

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/google/uuid"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"

	"github.com/esgen/esgen/templates/chassis/command"
	"github.com/esgen/esgen/templates/chassis/message"
	"github.com/esgen/esgen/templates/chassis/outbox"
	"github.com/esgen/esgen/templates/chassis/values"
	"github.com/esgen/esgen/templates/chassis/wait"
)

// Run runs a command: it loads the instance, has the command decided, and stores
// what happened, or nothing. It decides again from a fresh load when another
// command was faster. Without events nothing is stored but the key.
func (r *Repository[S, E]) Run(ctx context.Context, req command.Request, decide command.Decide[S, E]) (command.Outcome, error) {
	x, err := r.execution(req)
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
	if kept := x.req.Kept(err); kept != nil {
		// Who is told no without its being recorded may be told yes the next time.
		if lost := r.db.keep(ctx, x.req.Key, x.hash, kept); lost != nil {
			return command.Outcome{}, lost
		}
	}
	return command.Outcome{}, err
}

// execution is one Run.
type execution[S any, E Event] struct {
	*Repository[S, E]
	req  command.Request
	now  time.Time
	ids  *values.IDs
	hash string
}

func (r *Repository[S, E]) execution(req command.Request) (x *execution[S, E], err error) {
	x = &execution[S, E]{Repository: r, now: values.Truncate(r.opts.Clock())}
	if req.Key.ID != "" {
		if x.hash, err = req.Hash(); err != nil {
			return nil, r.failed(req.Name, err)
		}
	}
	if req.ID == "" {
		if req.ID, err = req.NewID(); err != nil {
			return nil, err
		}
	}
	if req.Correlation == "" {
		req.Correlation = uuid.NewString()
	}
	x.req, x.ids = req, req.NewIDs()
	return x, nil
}

func (x *execution[S, E]) attempts(ctx context.Context, decide command.Decide[S, E]) (command.Outcome, error) {
	for attempt := 1; ; attempt++ {
		out, err := x.attempt(ctx, decide)
		switch {
		case err == nil:
			return out, nil
		case errors.Is(err, command.ErrLost):
			if attempt >= x.opts.Attempts {
				return command.Outcome{}, command.ErrConflict.Saying("%s %s: %s", x.spec.Aggregate, x.req.ID, command.ErrConflict.Message)
			}
			if err := wait.For(ctx, rand.N(min(5*time.Millisecond<<attempt, 250*time.Millisecond))); err != nil {
				return command.Outcome{}, err
			}
		default:
			// What was refused may have been refused because this very command
			// was handled meanwhile, by its other delivery.
			if done, ok, lost := x.db.handled(ctx, x.req, x.hash); ok && lost == nil {
				return done, nil
			}
			return command.Outcome{}, err
		}
	}
}

func (x *execution[S, E]) attempt(ctx context.Context, decide command.Decide[S, E]) (command.Outcome, error) {
	if done, ok, err := x.db.handled(ctx, x.req, x.hash); ok || err != nil {
		return done, err
	}
	if x.req.Compensates != "" {
		if done, ok, err := x.db.neverHappened(ctx, x.req, x.hash); ok || err != nil {
			return done, err
		}
	}
	loaded, there, doc, err := x.load(ctx, x.req.ID)
	if err != nil {
		return command.Outcome{}, err
	}
	if err := x.req.Expect(x.spec.Aggregate, loaded.Version, there); err != nil {
		return command.Outcome{}, err
	}
	x.ids.Rewind()
	events, err := decided(ctx, decide, &command.Attempt[S]{
		ID: x.req.ID, State: loaded.State, Meta: loaded.Meta, IsNew: !there, Version: loaded.Version,
		Now: x.now, Actor: x.req.Actor, IDs: x.ids,
	})
	if err != nil {
		return command.Outcome{}, err
	}
	c, err := x.change(loaded, there, doc, events)
	if err != nil {
		return command.Outcome{}, err
	}
	return x.commit(ctx, c)
}

func decided[S, E any](ctx context.Context, decide command.Decide[S, E], at *command.Attempt[S]) (events []E, err error) {
	defer message.Recover(&err)
	return decide(ctx, at)
}

// change is what the events of a decision make of an instance.
type change[S any] struct {
	before *instance // as it was loaded; nil: there was none
	there  bool
	after  instance
	state  S
	told   []command.Told
	reply  json.RawMessage
}

func (x *execution[S, E]) change(loaded command.Instance[S], there bool, before *instance, events []E) (c change[S], err error) {
	defer message.Recover(&err)
	c = change[S]{before: before, there: there, state: loaded.State}
	if before != nil {
		c.after = *before
	}
	var data []json.RawMessage
	gone := false
	for _, event := range events {
		about := event.Event()
		c.after.Version++
		gone = gone || about.Deletes
		meta := values.Meta{ID: values.NewID(), Time: x.now, Version: c.after.Version, Type: about.Name(), Actor: x.req.Actor}
		next := x.spec.Evolve(c.state, event, meta)
		if x.spec.Transition != nil {
			if err := x.spec.Transition(c.state, next); err != nil {
				return c, err
			}
		}
		c.state = next
		said, err := values.Marshal(event)
		if err != nil {
			return c, err
		}
		data = append(data, said)
		c.told = append(c.told, command.Told{Event: about, Meta: meta, Data: said})
	}
	if c.reply, err = command.Reply(data); err != nil || len(events) == 0 {
		return c, err
	}
	if !gone && x.spec.Check != nil {
		if err := x.spec.Check(c.state); err != nil {
			return c, err
		}
	}
	c.after.Gone = gone
	return c, x.write(&c)
}

// write makes of the instance the document of its state.
func (x *execution[S, E]) write(c *change[S]) error {
	doc, last := &c.after, c.told[len(c.told)-1].Meta
	doc.ID, doc.Shape = string(x.req.ID), x.shape()
	doc.ChangedAt, doc.ChangedBy = values.FormatTime(last.Time), subject(last.Actor)
	if !c.there {
		doc.CreatedAt, doc.CreatedBy = doc.ChangedAt, subject(c.told[0].Meta.Actor)
	}
	doc.State, doc.Lookup = nil, nil
	var err error
	if !doc.Gone {
		state, err := values.Marshal(c.state)
		if err != nil {
			return err
		}
		if doc.State, err = document(state); err != nil {
			return err
		}
		if doc.Lookup, err = x.lookups(c.state); err != nil {
			return err
		}
	}
	doc.Unique, err = x.uniques(doc.ID, doc.Lookup)
	return err
}

func subject(a values.Actor) string {
	if id := a.By(); id != nil {
		return string(*id)
	}
	return ""
}

func (r *Repository[S, E]) lookups(state S) (map[string]any, error) {
	if r.spec.Index == nil {
		return nil, nil //nolint:nilnil // none is an answer
	}
	lookups := map[string]any{}
	for i, v := range r.spec.Index(state) {
		bound, err := bind(v)
		if err != nil {
			return nil, err
		}
		if bound != nil {
			lookups[r.spec.Lookups[i]] = bound
		}
	}
	return lookups, nil
}

// uniques are what a unique index compares: the values of a rule, and, where one of
// them is absent, what no other instance has.
func (r *Repository[S, E]) uniques(id string, lookups map[string]any) (map[string]string, error) {
	uniques := map[string]string{}
	for _, u := range r.spec.Unique {
		list := make([]any, len(u.Lookups))
		absent := false
		for i, name := range u.Lookups {
			list[i] = lookups[name]
			absent = absent || list[i] == nil
		}
		data, err := json.Marshal(list)
		if err != nil {
			return nil, err
		}
		uniques[u.name()] = string(data)
		if absent {
			uniques[u.name()] = id
		}
	}
	return uniques, nil
}

// name is that of a rule among others.
func (u Unique) name() string { return strings.Join(u.Lookups, "+") }

// commit stores it all, or nothing.
func (x *execution[S, E]) commit(ctx context.Context, c change[S]) (command.Outcome, error) {
	out := command.Outcome{ID: x.req.ID, Version: c.after.Version, Reply: c.reply}
	out.Created = !c.there && !c.after.Gone && len(c.told) > 0
	envelopes := x.spec.Teller.Envelopes(ctx, x.req, c.told)
	now := x.opts.Clock()
	first := place(c.after.Told, now)
	c.after.Told = first + int64(len(envelopes)) - 1
	err := x.db.inTx(ctx, func(ctx context.Context) error {
		if len(c.told) > 0 {
			if err := x.store(ctx, c); err != nil {
				return err
			}
			if err := x.db.appendOutbox(ctx, first, now, envelopes); err != nil {
				return err
			}
		}
		return x.db.settle(ctx, x.req, x.hash, out)
	})
	if err != nil {
		return command.Outcome{}, x.refusal(ctx, err, c)
	}
	if len(envelopes) > 0 {
		x.db.Wake(outbox.Signal)
	}
	return out, nil
}

// store stores an instance at its new version, unless it is no longer at the
// one that was loaded.
func (x *execution[S, E]) store(ctx context.Context, c change[S]) error {
	if c.before == nil {
		_, err := x.instances().InsertOne(ctx, c.after)
		return err
	}
	replaced, err := x.instances().ReplaceOne(ctx,
		bson.D{{Key: idField, Value: c.after.ID}, {Key: "version", Value: c.before.Version}}, c.after)
	if err == nil && replaced.MatchedCount == 0 {
		return command.ErrLost
	}
	return err
}

// refusal makes of what was there already the model's rejection: of several rules that
// are broken the first of the model. Otherwise somebody was faster: with the instance,
// with its key, or with a place in the outbox.
func (x *execution[S, E]) refusal(ctx context.Context, err error, c change[S]) error {
	if lost := (*lostError)(nil); errors.As(err, &lost) {
		return fmt.Errorf("%w: %w", command.ErrLost, err)
	}
	if !mongo.IsDuplicateKeyError(err) {
		return x.failed(string(x.req.ID), err)
	}
	for _, u := range x.spec.Unique {
		taken, err := x.instances().CountDocuments(ctx, bson.D{
			{Key: uniqueField + u.name(), Value: c.after.Unique[u.name()]}, {Key: idField, Value: bson.D{{Key: "$ne", Value: c.after.ID}}},
		})
		if err != nil {
			return x.failed(string(x.req.ID), err)
		}
		if taken > 0 {
			return u.rejection()
		}
	}
	return command.ErrLost
}

// shape tells apart lookups of different models.
func (r *Repository[S, E]) shape() string {
	var b strings.Builder
	b.WriteString(strings.Join(r.spec.Lookups, ","))
	for _, u := range r.spec.Unique {
		b.WriteString(";" + u.name())
	}
	return b.String()
}

// Prepare makes the collection of the aggregate what the model wants, and fills lookups
// that the model has grown.
func (r *Repository[S, E]) Prepare(ctx context.Context) error {
	if err := r.db.ensure(ctx, r.spec.Collection, []mongo.IndexModel{index(shapeField)}); err != nil {
		return r.failed("prepare", err)
	}
	if err := r.dropUnique(ctx); err != nil {
		return r.failed("prepare", err)
	}
	if err := r.reindex(ctx); err != nil {
		return err
	}
	indexes := []mongo.IndexModel{}
	for _, name := range r.spec.Lookups {
		indexes = append(indexes, index(lookupField+name))
	}
	for _, u := range r.spec.Unique {
		indexes = append(indexes, unique(uniqueField+u.name()))
	}
	if err := r.db.ensure(ctx, r.spec.Collection, indexes); err != nil {
		return r.failed("prepare", err)
	}
	return nil
}

// dropUnique drops the unique indexes that the model no longer asks for: they would
// refuse what is allowed now.
func (r *Repository[S, E]) dropUnique(ctx context.Context) error {
	there, err := r.instances().Indexes().ListSpecifications(ctx)
	if err != nil {
		return err
	}
	for _, spec := range there {
		if spec.Unique == nil || !*spec.Unique || r.wants(spec.KeysDocument) {
			continue
		}
		if err := r.instances().Indexes().DropOne(ctx, spec.Name); err != nil {
			return err
		}
	}
	return nil
}

func (r *Repository[S, E]) wants(keys bson.Raw) bool {
	for _, u := range r.spec.Unique {
		if _, err := keys.LookupErr(uniqueField + u.name()); err == nil {
			return true
		}
	}
	return false
}

// reindex fills the lookups of instances that another release wrote.
func (r *Repository[S, E]) reindex(ctx context.Context) error {
	cond := bson.D{{Key: shapeField, Value: bson.D{{Key: "$ne", Value: r.shape()}}}}
	cursor, err := r.instances().Find(ctx, cond)
	if err != nil {
		return r.failed("reindex", err)
	}
	defer func() { _ = cursor.Close(ctx) }()
	for cursor.Next(ctx) {
		var doc instance
		if err := cursor.Decode(&doc); err != nil {
			return r.failed("reindex", err)
		}
		if err := r.reshape(ctx, doc); err != nil {
			return r.failed(doc.ID, err)
		}
	}
	return mark(cursor.Err())
}

// reshape makes of a document that another release wrote one of this release. One that
// changes meanwhile has the lookups of whoever changes it.
func (r *Repository[S, E]) reshape(ctx context.Context, doc instance) error {
	lookups := map[string]any{}
	if !doc.Gone {
		loaded, err := r.instance(&doc)
		if err != nil {
			return err
		}
		if lookups, err = r.lookups(loaded.State); err != nil {
			return err
		}
	}
	uniques, err := r.uniques(doc.ID, lookups)
	if err != nil {
		return err
	}
	_, err = r.instances().UpdateOne(ctx, bson.D{{Key: idField, Value: doc.ID}, {Key: "version", Value: doc.Version}},
		bson.D{{Key: "$set", Value: bson.D{{Key: shapeField, Value: r.shape()}, {Key: "lookup", Value: lookups}, {Key: "unique", Value: uniques}}}})
	return err
}
