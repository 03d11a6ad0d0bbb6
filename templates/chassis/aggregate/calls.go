package aggregate

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/esgen/esgen/templates/chassis/command"
	"github.com/esgen/esgen/templates/chassis/store"
	"github.com/esgen/esgen/templates/chassis/values"
)

// Undoable makes each call once, and has it undone when it was in vain.
type Undoable struct{}

func (Undoable) of(r *run) caller { return &calls{run: r} }

// calls are those of one Run.
type calls struct {
	*run
	made    []*made
	counted map[string]int // calls of a name in the current attempt
	fatal   error
	stored  bool // rows of this run, in intents or as the claim of a key
}

// made is a call that was, or may have been, made.
type made struct {
	slot     string // name, and which one of that name
	key      string
	query    bool
	args     []byte
	reply    any
	err      error
	intent   bool // stored
	noEffect bool // its callee refused it, or never saw it
	used     bool // by the current attempt
}

func (c *calls) begin() {
	c.counted, c.fatal = map[string]int{}, nil
	for _, m := range c.made {
		m.used = false
	}
}

func (c *calls) failure() error { return c.fatal }

func (c *calls) owns() bool { return c.stored }

func (c *calls) slot(name string) string {
	c.counted[name]++
	return fmt.Sprintf("%s/%d", name, c.counted[name])
}

func (c *calls) find(slot string) *made {
	for _, m := range slices.Backward(c.made) {
		if m.slot == slot {
			return m
		}
	}
	return nil
}

// Ask makes a call; see command.Ask.
func (c *calls) Ask(ctx context.Context, q command.Question) (any, error) {
	args, err := values.Marshal(q.Ask)
	if err != nil {
		return nil, fmt.Errorf("call %s: %w", q.Name, err)
	}
	slot := c.slot(q.Name)
	m := c.find(slot)
	switch {
	case m != nil && bytes.Equal(m.args, args):
		m.used = true
		return m.reply, m.err
	case m != nil && !m.query:
		c.fatal = command.ErrCallChanged.Saying("%s: %s", q.Name, command.ErrCallChanged.Message)
		return nil, c.fatal
	}
	m = &made{slot: slot, query: q.Query, args: args, used: true, key: c.callKey(slot, args, q.Undo != "")}
	if err := c.intend(ctx, m, undoingOf(q, m.key, nil)); err != nil {
		c.fatal = err
		return nil, err
	}
	c.made = append(c.made, m)
	cause := command.Cause{Key: m.key, Correlation: c.req.Correlation, Causation: c.req.Causation, Actor: c.req.Actor}
	m.reply, m.err = q.Do(ctx, cause)
	var rejection *values.Rejection
	m.noEffect = errors.As(m.err, &rejection) || errors.Is(m.err, command.ErrNotSent)
	if err := c.at("after call"); err != nil {
		c.fatal = err
		return nil, err
	}
	if m.err == nil && m.intent {
		if err := c.refine(ctx, m, undoingOf(q, m.key, m.reply)); err != nil {
			c.fatal = err
			return nil, err
		}
	}
	return m.reply, m.err
}

// undoing is how an intent is stored.
type undoing struct {
	name, compensation string
	target             values.ID
	payload            []byte
	err                error
}

func undoingOf(q command.Question, key string, reply any) undoing {
	u := undoing{name: q.Name, compensation: q.Undo}
	if q.Undo != "" && q.Undoing != nil {
		var ask any
		u.target, ask = q.Undoing(key, reply)
		u.payload, u.err = values.Marshal(ask)
	}
	return u
}

// callKey is the idempotency key of a call. One that can be compensated has a
// key of this run: should the run die, the call is undone under this key, and
// the command's next delivery calls anew. One that cannot has the same key at
// every delivery, so that at least it has one effect.
func (c *calls) callKey(slot string, args []byte, compensable bool) string {
	if compensable || c.req.Key.ID == "" {
		return c.id + "/" + slot
	}
	return string(values.DeriveID(c.req.Key.Scope, c.req.Key.ID, c.req.Name, slot, string(args)))
}

// intend stores, before a call is made, that it will be.
func (c *calls) intend(ctx context.Context, m *made, u undoing) error {
	if m.query || u.compensation == "" && c.req.Key.ID == "" {
		return nil
	}
	if u.err != nil {
		return fmt.Errorf("call %s: %w", u.name, u.err)
	}
	lease := c.lease
	if deadline, ok := ctx.Deadline(); ok {
		lease += max(0, time.Until(deadline))
	}
	err := c.db.InTx(ctx, func(tx *store.Tx) error {
		if err := c.claim(ctx, tx, lease); err != nil {
			return err
		}
		until := tx.Dialect().NowPlus("$2")
		if _, err := tx.Exec(ctx, "UPDATE platform_intents SET claimable_at = "+until+" WHERE run = $1 AND state = '"+intentOpen+"'",
			c.id, store.Seconds(lease)); err != nil {
			return err
		}
		if u.compensation == "" {
			return nil
		}
		_, err := tx.Exec(ctx, `INSERT INTO platform_intents
			(key, run, command, instance, name, compensation, target, payload, correlation, state, claimable_at)
			VALUES ($1, $3, $4, $5, $6, $7, $8, $9, $10, $11, `+until+`)`,
			m.key, store.Seconds(lease), c.id, c.req.Name, c.req.ID, u.name, u.compensation, u.target, string(u.payload), c.req.Correlation, intentOpen)
		return err
	})
	if err != nil {
		return fmt.Errorf("call %s: store its intent: %w", u.name, err)
	}
	m.intent = u.compensation != ""
	c.stored = true
	return nil
}

// claim makes the key this run's while it calls others: a second delivery is
// told that the first one is in flight.
func (c *calls) claim(ctx context.Context, tx *store.Tx, lease time.Duration) error {
	if c.req.Key.ID == "" {
		return nil
	}
	n, err := tx.Exec(ctx, `INSERT INTO platform_commands (scope, id, state, hash, owner, lease_until)
		VALUES ($1, $2, $3, $4, $5, `+tx.Dialect().NowPlus("$6")+`)
		ON CONFLICT (scope, id) DO UPDATE SET hash = excluded.hash, owner = excluded.owner, lease_until = excluded.lease_until
		WHERE platform_commands.state = $3
		  AND (platform_commands.owner = excluded.owner OR platform_commands.lease_until <= `+tx.Dialect().Now()+`)`,
		c.req.Key.Scope, c.req.Key.ID, command.Running, c.hash, c.id, store.Seconds(lease))
	if err != nil {
		return fmt.Errorf("key %s: %w", c.req.Key.ID, err)
	}
	if n == 0 {
		return command.ErrLost
	}
	return nil
}

// refine stores what the reply adds to how the call is undone.
func (c *calls) refine(ctx context.Context, m *made, u undoing) error {
	if u.err != nil {
		return fmt.Errorf("call %s: %w", u.name, u.err)
	}
	_, err := c.db.Exec(ctx, "UPDATE platform_intents SET target = $2, payload = $3 WHERE key = $1 AND (target <> $2 OR payload <> $3)",
		m.key, u.target, string(u.payload))
	if err != nil {
		return fmt.Errorf("call %s: store its reply: %w", u.name, err)
	}
	return nil
}

// settle ends the intents in the command's transaction: what it builds on
// is settled; what failed, or was not asked for again, is compensated.
func (c *calls) settle(ctx context.Context, tx *store.Tx) error {
	for _, m := range c.made {
		if !m.intent {
			continue
		}
		var n int64
		var err error
		if m.noEffect || m.used && m.err == nil {
			n, err = tx.Exec(ctx, "DELETE FROM platform_intents WHERE key = $1 AND state = $2", m.key, intentOpen)
		} else {
			n, err = c.due(ctx, tx, m.key)
		}
		if err != nil {
			return fmt.Errorf("settle calls: %w", err)
		}
		if n == 0 && m.used && m.err == nil {
			// The lease ran out, and the call is being compensated.
			return command.ErrConflict.Saying("%s took too long after it called %s", c.req.Name, m.slot)
		}
	}
	return nil
}

func (c *calls) due(ctx context.Context, tx *store.Tx, key string) (int64, error) {
	n, err := tx.Exec(ctx, "UPDATE platform_intents SET state = $2, claimable_at = "+tx.Dialect().Now()+" WHERE key = $1 AND state = $3",
		key, intentDue, intentOpen)
	tx.Wake(intentSignal)
	return n, err
}

// abandon has what was called compensated, and gives up the claim of the key.
func (c *calls) abandon(ctx context.Context, tx *store.Tx) error {
	for _, m := range c.made {
		if !m.intent {
			continue
		}
		if m.noEffect {
			if _, err := tx.Exec(ctx, "DELETE FROM platform_intents WHERE key = $1 AND state = $2", m.key, intentOpen); err != nil {
				return err
			}
			continue
		}
		if _, err := c.due(ctx, tx, m.key); err != nil {
			return err
		}
	}
	_, err := tx.Exec(ctx, "DELETE FROM platform_commands WHERE scope = $1 AND id = $2 AND state = $3 AND owner = $4",
		c.req.Key.Scope, c.req.Key.ID, command.Running, c.id)
	return err
}
