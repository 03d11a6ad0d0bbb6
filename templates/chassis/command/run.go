package command

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/esgen/esgen/templates/chassis/store"
	"github.com/esgen/esgen/templates/chassis/values"
)

// States of a key in platform_commands.
const (
	stateRunning     = "running"     // its command calls others; alive while its lease is
	stateDone        = "done"        //
	stateRejected    = "rejected"    // recorded: Request.KeepRejection
	stateCompensated = "compensated" // undone, or undone before it came
)

// run is one Execute as the tables of keys and intents know it: by an id of its
// own, so that whoever took over from it can tell.
type run struct {
	id    string
	db    *store.DB
	req   Request
	hash  string
	lease time.Duration
	calls calls
	faults
}

// handling is a row of platform_commands.
type handling struct {
	state, hash string
	owner       string
	alive       bool
	outcome     Outcome
	rejection   *values.Rejection
}

func (r *run) find(ctx context.Context, q store.Querier, id string) (h handling, ok bool, err error) {
	var owner, instance *string
	var version *int64
	var created, alive *bool
	err = q.QueryRow(ctx, `SELECT state, hash, owner, lease_until > `+q.Dialect().Now()+`, instance, version, created, reply, rejection
		FROM platform_commands WHERE scope = $1 AND id = $2`, r.req.Key.Scope, id).
		Scan(&h.state, &h.hash, &owner, &alive, &instance, &version, &created, &h.outcome.Reply, &h.rejection)
	if errors.Is(err, sql.ErrNoRows) {
		return h, false, nil
	}
	if err != nil {
		return h, false, fmt.Errorf("key %s: %w", id, err)
	}
	h.owner, h.alive = zero(owner), zero(alive)
	h.outcome.ID, h.outcome.Version, h.outcome.Created = values.ID(zero(instance)), zero(version), zero(created)
	return h, true, nil
}

func zero[T any](p *T) (v T) {
	if p != nil {
		v = *p
	}
	return v
}

// handled answers a command whose key was handled before.
func (r *run) handled(ctx context.Context) (out Outcome, ok bool, err error) {
	if r.req.Key.ID == "" {
		return Outcome{}, false, nil
	}
	h, found, err := r.find(ctx, r.db, r.req.Key.ID)
	if err != nil || !found || h.owner == r.id {
		return Outcome{}, false, err
	}
	// Who chooses keys may choose one twice. A policy's key is its message's,
	// and what the policy makes of it may differ at the second delivery. A
	// tombstone was set before the command came, and knows no hash.
	if r.req.Key.chosen() && h.hash != "" && h.hash != r.hash {
		return Outcome{}, false, ErrKeyReused
	}
	switch {
	case h.state == stateDone:
		h.outcome.Repeated = true
		return h.outcome, true, nil
	case h.state == stateRejected:
		return Outcome{}, false, h.rejection
	case h.state == stateCompensated:
		return Outcome{}, false, ErrCompensated
	case h.alive:
		return Outcome{}, false, ErrInFlight
	}
	// Its process died while it ran: this run may take over.
	return Outcome{}, false, nil
}

// neverHappened answers a compensation for whose original there is nothing to
// undo, and makes sure that it stays so: the original is refused from now on.
func (r *run) neverHappened(ctx context.Context) (out Outcome, ok bool, err error) {
	original, found, err := r.find(ctx, r.db, r.req.Compensates)
	switch {
	case err != nil:
		return Outcome{}, false, err
	case found && original.state == stateDone:
		return Outcome{}, false, nil
	case found && original.state == stateRunning && original.alive:
		return Outcome{}, false, ErrInFlight
	}
	out = Outcome{ID: r.req.ID, NeverHappened: true, Reply: json.RawMessage("{}")}
	err = r.db.InTx(ctx, func(tx *store.Tx) error {
		n, err := tx.Exec(ctx, `INSERT INTO platform_commands (scope, id, state, hash) VALUES ($1, $2, $3, '')
			ON CONFLICT (scope, id) DO UPDATE SET state = excluded.state, owner = NULL
			WHERE platform_commands.state = $4 OR platform_commands.state = $3
			   OR platform_commands.state = $5 AND platform_commands.lease_until <= `+tx.Dialect().Now(),
			r.req.Key.Scope, r.req.Compensates, stateCompensated, stateRejected, stateRunning)
		if err != nil {
			return err
		}
		if n == 0 {
			return errAgain
		}
		return r.settleKey(ctx, tx, out)
	})
	return out, err == nil, err
}

// settle notes in the command's transaction that it was handled, what it
// compensated, and what becomes of its calls.
func (r *run) settle(ctx context.Context, tx *store.Tx, out Outcome) error {
	if r.req.Compensates != "" {
		n, err := tx.Exec(ctx, "UPDATE platform_commands SET state = $3 WHERE scope = $1 AND id = $2 AND state = $4",
			r.req.Key.Scope, r.req.Compensates, stateCompensated, stateDone)
		if err != nil {
			return fmt.Errorf("key %s: %w", r.req.Compensates, err)
		}
		if n == 0 {
			return errAgain
		}
	}
	if err := r.settleKey(ctx, tx, out); err != nil {
		return err
	}
	return r.settleCalls(ctx, tx)
}

func (r *run) settleKey(ctx context.Context, tx *store.Tx, out Outcome) error {
	if r.req.Key.ID == "" {
		return nil
	}
	args := []any{r.req.Key.Scope, r.req.Key.ID, stateDone, r.hash, out.ID, out.Version, out.Created, string(out.Reply), stateRunning, r.id}
	// Own claims first, and those of dead owners; all other rows mean that
	// somebody else was faster.
	n, err := tx.Exec(ctx, `INSERT INTO platform_commands (scope, id, state, hash, instance, version, created, reply)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
		ON CONFLICT (scope, id) DO UPDATE SET state = excluded.state, hash = excluded.hash, instance = excluded.instance,
			version = excluded.version, created = excluded.created, reply = excluded.reply, owner = NULL, lease_until = NULL,
			handled_at = excluded.handled_at
		WHERE platform_commands.state = $9
		  AND (platform_commands.owner = $10 OR platform_commands.lease_until <= `+tx.Dialect().Now()+`)`, args...)
	if err != nil {
		return fmt.Errorf("key %s: %w", r.req.Key.ID, err)
	}
	if n == 0 {
		return errAgain
	}
	return nil
}

// claim makes the key this run's while it calls others: a second delivery is
// told that the first one is in flight.
func (r *run) claim(ctx context.Context, tx *store.Tx, lease time.Duration) error {
	if r.req.Key.ID == "" {
		return nil
	}
	n, err := tx.Exec(ctx, `INSERT INTO platform_commands (scope, id, state, hash, owner, lease_until)
		VALUES ($1, $2, $3, $4, $5, `+tx.Dialect().NowPlus("$6")+`)
		ON CONFLICT (scope, id) DO UPDATE SET hash = excluded.hash, owner = excluded.owner, lease_until = excluded.lease_until
		WHERE platform_commands.state = $3
		  AND (platform_commands.owner = excluded.owner OR platform_commands.lease_until <= `+tx.Dialect().Now()+`)`,
		r.req.Key.Scope, r.req.Key.ID, stateRunning, r.hash, r.id, store.Seconds(lease))
	if err != nil {
		return fmt.Errorf("key %s: %w", r.req.Key.ID, err)
	}
	if n == 0 {
		return errAgain
	}
	return nil
}
