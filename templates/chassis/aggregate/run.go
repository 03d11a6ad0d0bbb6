package aggregate

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/esgen/esgen/templates/chassis/command"
	"github.com/esgen/esgen/templates/chassis/store"
	"github.com/esgen/esgen/templates/chassis/values"
)

// run is one Run as the tables of keys and intents know it: by an id of its
// own, so that whoever took over from it can tell.
type run struct {
	id    string
	db    *store.DB
	req   command.Request
	hash  string
	lease time.Duration
	calls caller // nil: it makes none
	faults
}

func (r *run) find(ctx context.Context, q store.Querier, id string) (h command.Handling, ok bool, err error) {
	var owner, instance *string
	var version *int64
	var created, alive *bool
	err = q.QueryRow(ctx, `SELECT state, hash, owner, lease_until > `+q.Dialect().Now()+`, instance, version, created, reply, rejection
		FROM platform_commands WHERE scope = $1 AND id = $2`, r.req.Key.Scope, id).
		Scan(&h.State, &h.Hash, &owner, &alive, &instance, &version, &created, &h.Outcome.Reply, &h.Rejection)
	if errors.Is(err, sql.ErrNoRows) {
		return h, false, nil
	}
	if err != nil {
		return h, false, fmt.Errorf("key %s: %w", id, err)
	}
	h.Owner, h.Alive = zero(owner), zero(alive)
	h.Outcome.ID, h.Outcome.Version, h.Outcome.Created = values.ID(zero(instance)), zero(version), zero(created)
	return h, true, nil
}

func zero[T any](p *T) (v T) {
	if p != nil {
		v = *p
	}
	return v
}

// handled answers a command whose key was handled before.
func (r *run) handled(ctx context.Context) (out command.Outcome, ok bool, err error) {
	if r.req.Key.ID == "" {
		return command.Outcome{}, false, nil
	}
	h, found, err := r.find(ctx, r.db, r.req.Key.ID)
	if err != nil || !found || h.Owner == r.id {
		return command.Outcome{}, false, err
	}
	return h.Answer(r.req, r.hash)
}

// neverHappened answers a compensation for whose original there is nothing to
// undo, and makes sure that it stays so: the original is refused from now on.
func (r *run) neverHappened(ctx context.Context) (out command.Outcome, ok bool, err error) {
	original, found, err := r.find(ctx, r.db, r.req.Compensates)
	switch {
	case err != nil:
		return command.Outcome{}, false, err
	case found && original.State == command.Done:
		return command.Outcome{}, false, nil
	case found && original.State == command.Running && original.Alive:
		return command.Outcome{}, false, command.ErrInFlight
	}
	out = command.Outcome{ID: r.req.ID, NeverHappened: true, Reply: json.RawMessage("{}")}
	err = r.db.InTx(ctx, func(tx *store.Tx) error {
		if err := bury(ctx, tx, r.req.Key.Scope, r.req.Compensates); err != nil {
			return err
		}
		r.settleKey(tx, out)
		return nil
	})
	return out, err == nil, err
}

// bury has a command that was not done refused from now on.
func bury(ctx context.Context, tx *store.Tx, scope, id string) error {
	n, err := tx.Exec(ctx, `INSERT INTO platform_commands (scope, id, state, hash) VALUES ($1, $2, $3, '')
		ON CONFLICT (scope, id) DO UPDATE SET state = excluded.state, owner = NULL
		WHERE platform_commands.state IN ($3, $4, $6)
		   OR platform_commands.state = $5 AND platform_commands.lease_until <= `+tx.Dialect().Now(),
		scope, id, command.Compensated, command.Rejected, command.Running, command.Refused)
	switch {
	case err != nil:
		return fmt.Errorf("key %s: %w", id, err)
	case n == 0:
		return command.ErrLost
	}
	return nil
}

// Cancel has a command refused that has not come yet. Of one that was done it
// returns the outcome.
func Cancel(ctx context.Context, db *store.DB, key command.Key) (out command.Outcome, done bool, err error) {
	r := &run{db: db, req: command.Request{Key: key}}
	h, found, err := r.find(ctx, db, key.ID)
	switch {
	case err != nil:
		return out, false, err
	case found && h.State == command.Done:
		return h.Outcome, true, nil
	case found && h.State == command.Running && h.Alive:
		return out, false, command.ErrInFlight
	}
	err = db.InTx(ctx, func(tx *store.Tx) error { return bury(ctx, tx, key.Scope, key.ID) })
	if errors.Is(err, command.ErrLost) {
		err = command.ErrInFlight // it came meanwhile: asked again, it is known what became of it
	}
	return out, false, err
}

// settle notes in the command's transaction that it was handled, what it
// compensated, and what becomes of its calls.
func (r *run) settle(ctx context.Context, tx *store.Tx, out command.Outcome) error {
	if r.req.Compensates != "" {
		n, err := tx.Exec(ctx, "UPDATE platform_commands SET state = $3 WHERE scope = $1 AND id = $2 AND state = $4",
			r.req.Key.Scope, r.req.Compensates, command.Compensated, command.Done)
		if err != nil {
			return fmt.Errorf("key %s: %w", r.req.Compensates, err)
		}
		if n == 0 {
			return command.ErrLost
		}
	}
	r.settleKey(tx, out)
	if r.calls == nil {
		return nil
	}
	return r.calls.settle(ctx, tx)
}

func (r *run) settleKey(tx *store.Tx, out command.Outcome) {
	if r.req.Key.ID == "" {
		return
	}
	args := []any{r.req.Key.Scope, r.req.Key.ID, command.Done, r.hash, out.ID, out.Version, out.Created, string(out.Reply), command.Running, r.id}
	// Own claims first, and those of dead owners; all other rows mean that
	// somebody else was faster.
	tx.Later(oneRow, `INSERT INTO platform_commands (scope, id, state, hash, instance, version, created, reply)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
		ON CONFLICT (scope, id) DO UPDATE SET state = excluded.state, hash = excluded.hash, instance = excluded.instance,
			version = excluded.version, created = excluded.created, reply = excluded.reply, owner = NULL, lease_until = NULL,
			handled_at = excluded.handled_at
		WHERE platform_commands.state = $9
		  AND (platform_commands.owner = $10 OR platform_commands.lease_until <= `+tx.Dialect().Now()+`)`, args...)
}

// abandonTime bounds what a failed command does about its calls itself.
const abandonTime = 5 * time.Second

// abandon ends a failed command: it gives up its calls, and keeps the no, if
// there is one, under the key.
func (r *run) abandon(ctx context.Context, kept *command.No) error {
	called := r.calls != nil && r.calls.owns()
	if !called && kept == nil {
		return nil
	}
	// Also when the command failed because its caller is gone.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), abandonTime)
	defer cancel()
	if err := r.at("before abandon"); err != nil {
		return err
	}
	return r.db.InTx(ctx, func(tx *store.Tx) error {
		if called {
			if err := r.calls.abandon(ctx, tx); err != nil {
				return err
			}
		}
		if kept == nil {
			return nil
		}
		_, err := tx.Exec(ctx, `INSERT INTO platform_commands (scope, id, state, hash, rejection) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (scope, id) DO NOTHING`, r.req.Key.Scope, r.req.Key.ID, kept.State, r.hash, kept.Rejection)
		return err
	})
}

// Forget deletes keys that were handled before a time: from then on a command
// that comes again with one of them has a second effect. Keys that are in use,
// and tombstones of compensations, are kept as long.
func Forget(ctx context.Context, db *store.DB, before time.Time) (int64, error) {
	n, err := db.Exec(ctx, "DELETE FROM platform_commands WHERE handled_at < $1 AND state <> $2", before, command.Running)
	if err != nil {
		return 0, fmt.Errorf("forget keys: %w", err)
	}
	return n, nil
}
