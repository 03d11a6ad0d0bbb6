package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// What can be in a command's way.
var (
	errNotFound  = errors.New("there is no such order")
	errExists    = errors.New("the order exists already")
	errVersion   = errors.New("the order is at another version")
	errConflict  = errors.New("others were faster")
	errKeyReused = errors.New("the key was used for another request")
	errRaced     = errors.New("somebody was faster: again from load")
)

// shape names the state's fields, as the generated service does.
const shape = "1053414030416377"

// orders runs the commands, and stores what comes of them.
type orders struct {
	pool    *pgxpool.Pool
	context string
	topic   string
	stored  func() // wakes the relay
}

// request is a command's circumstances.
type request struct {
	subject string
	roles   []string
	key     string // empty: it is not recognised when it comes again
	match   *int64 // version that must be there; nil: any
}

// outcome is what a command leaves behind.
type outcome struct {
	id       string
	version  int64
	created  bool
	repeated bool
	reply    json.RawMessage
}

func (r request) hash(command any) string {
	data, _ := json.Marshal([]any{command, r.subject}) // plain structs
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// place runs the creating command.
func (o *orders) place(ctx context.Context, r request, c placeOrder) (outcome, error) {
	hash := ""
	if r.key != "" {
		hash = r.hash(c)
		if out, done, err := o.handled(ctx, r, hash); done || err != nil {
			return out, err
		}
	}
	if c.OrderID == "" {
		c.OrderID = uuid.Must(uuid.NewV7()).String()
	}
	state, event, err := place(c)
	if err != nil {
		return outcome{}, err
	}
	doc, err := json.Marshal(state)
	if err != nil {
		return outcome{}, err
	}
	m, err := o.message(ctx, r, "OrderPlaced", state.OrderID, 1, event)
	if err != nil {
		return outcome{}, err
	}
	out := outcome{id: state.OrderID, version: 1, created: true, reply: m.data}
	err = o.commit(ctx, r, hash, out, m, func(b *pgx.Batch) {
		b.Queue(`INSERT INTO "order" (_id, _version, _deleted, _shape, _updated_at, _updated_by, _base, _created_at, _created_by, _doc, _snapshot, customer_id)
			VALUES ($1, 1, FALSE, $2, $3, $4, 0, $3, $4, $5, 1, $6) ON CONFLICT (_id) DO NOTHING`,
			state.OrderID, shape, m.time, r.subject, string(doc), state.CustomerID)
	})
	if errors.Is(err, errRaced) {
		if out, done, err := o.handled(ctx, r, hash); done || err != nil {
			return out, err
		}
		return outcome{}, errExists
	}
	return out, err
}

// attempts bounds how often a command that loses against others starts again.
const attempts = 8

// cancel runs the changing command.
func (o *orders) cancel(ctx context.Context, r request, id string) (outcome, error) {
	hash := ""
	if r.key != "" {
		hash = r.hash(id)
	}
	for range attempts {
		if out, done, err := o.handled(ctx, r, hash); done || err != nil {
			return out, err
		}
		out, err := o.tryCancel(ctx, r, hash, id)
		if !errors.Is(err, errRaced) {
			return out, err
		}
	}
	return outcome{}, errConflict
}

func (o *orders) tryCancel(ctx context.Context, r request, hash, id string) (outcome, error) {
	before, err := o.load(ctx, id)
	if err != nil {
		return outcome{}, err
	}
	if r.match != nil && *r.match != before.version {
		return outcome{}, errVersion
	}
	state, event, err := before.cancel()
	if err != nil {
		return outcome{}, err
	}
	doc, err := json.Marshal(state)
	if err != nil {
		return outcome{}, err
	}
	m, err := o.message(ctx, r, "OrderCancelled", id, before.version+1, event)
	if err != nil {
		return outcome{}, err
	}
	out := outcome{id: id, version: before.version + 1, reply: m.data}
	return out, o.commit(ctx, r, hash, out, m, func(b *pgx.Batch) {
		b.Queue(`UPDATE "order" SET _version = $2, _deleted = FALSE, _shape = $3, _updated_at = $4, _updated_by = $5, _doc = $6, _snapshot = $2, customer_id = $7
			WHERE _id = $1 AND _version = $8`, id, out.version, shape, m.time, r.subject, string(doc), state.CustomerID, before.version)
	})
}

// load reads an order.
func (o *orders) load(ctx context.Context, id string) (instance, error) {
	var i instance
	var doc []byte
	err := o.pool.QueryRow(ctx, `SELECT _version, _doc, _created_at, _created_by, _updated_at, _updated_by FROM "order" WHERE _id = $1 AND NOT _deleted`, id).
		Scan(&i.version, &doc, &i.meta.CreatedAt, &i.meta.CreatedBy, &i.meta.ChangedAt, &i.meta.ChangedBy)
	if errors.Is(err, pgx.ErrNoRows) {
		return i, errNotFound
	}
	if err != nil {
		return i, err
	}
	i.meta.CreatedAt, i.meta.ChangedAt = i.meta.CreatedAt.UTC(), i.meta.ChangedAt.UTC()
	return i, json.Unmarshal(doc, &i.order)
}

// handled answers a command whose key was handled before.
func (o *orders) handled(ctx context.Context, r request, hash string) (out outcome, done bool, err error) {
	if r.key == "" {
		return outcome{}, false, nil
	}
	var before string
	err = o.pool.QueryRow(ctx, `SELECT hash, instance, version, created, reply FROM platform_commands WHERE scope = $1 AND id = $2`, r.scope(), r.key).
		Scan(&before, &out.id, &out.version, &out.created, &out.reply)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return outcome{}, false, nil
	case err != nil:
		return outcome{}, false, err
	case before != hash:
		return outcome{}, false, errKeyReused
	}
	out.repeated = true
	return out, true, nil
}

// scope: each actor has keys of their own.
func (r request) scope() string { return "http:" + r.subject }

// commit stores key, state and message in one transaction, or nothing. The row
// comes before the message: it is the lock under which the outbox's sequence
// is taken.
func (o *orders) commit(ctx context.Context, r request, hash string, out outcome, m message, write func(*pgx.Batch)) error {
	err := pgx.BeginFunc(ctx, o.pool, func(tx pgx.Tx) error {
		var b pgx.Batch
		if r.key != "" {
			b.Queue(`INSERT INTO platform_commands (scope, id, state, hash, instance, version, created, reply)
				VALUES ($1, $2, 'done', $3, $4, $5, $6, $7) ON CONFLICT (scope, id) DO NOTHING`,
				r.scope(), r.key, hash, out.id, out.version, out.created, string(out.reply))
		}
		write(&b)
		checked := b.Len() // of these, each must touch a row
		b.Queue(`INSERT INTO platform_outbox (topic, key, headers, data) VALUES ($1, $2, $3, $4)`, m.topic, m.key, m.headers, string(m.data))
		results := tx.SendBatch(ctx, &b)
		raced := false
		for i := range b.Len() {
			tag, err := results.Exec()
			if err != nil {
				return errors.Join(err, results.Close())
			}
			raced = raced || i < checked && tag.RowsAffected() == 0
		}
		if err := results.Close(); err != nil {
			return err
		}
		if raced {
			return errRaced
		}
		return nil
	})
	if err == nil {
		o.stored()
	}
	return err
}

// now is as precise as the database keeps it.
func now() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }
