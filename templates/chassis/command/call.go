package command

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/esgen/esgen/templates/chassis/store"
	"github.com/esgen/esgen/templates/chassis/values"
)

// Call asks another context, or an external system, for something while a
// command is being decided.
type Call[Req, Rep any] struct {
	Name string // within the command
	// Query: the call has no effect. It is asked again when the command starts
	// again with other arguments.
	Query bool
	// Compensation is the name under which the Compensator finds how to undo
	// the call; empty: it needs no undoing.
	Compensation string
	// Undo is the instance to compensate and the compensation's input. The
	// reply is nil when none came: the target of a call that creates is then
	// known by being derived from the key.
	Undo func(key string, req Req, rep *Rep) (target values.ID, payload any)
	// Do makes the call, with the key as its idempotency key. A
	// *values.Rejection, or an error that is ErrNotSent, says that the call
	// had no effect; after any other error nobody knows, and it is compensated.
	Do func(ctx context.Context, key string, req Req) (Rep, error)
}

// calls are the calls of one Execute, across its attempts.
type calls struct {
	made    []*made
	counted map[string]int // calls of a name in the current attempt
	// fatal is what ends the command whatever the decision makes of it.
	fatal error
	// owns: rows of this run are stored, in intents or as the claim of a key.
	owns bool
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

// begin starts an attempt: its calls are compared with those of the last one.
func (c *calls) begin() {
	c.counted, c.fatal = map[string]int{}, nil
	for _, m := range c.made {
		m.used = false
	}
}

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

// Do makes a call on behalf of a decision. No transaction is open meanwhile.
// What has to happen when the command fails after it, or when this process
// dies, is stored before. A command that starts again gets the reply that it
// has already if it asks for the same; else it ends with ErrCallChanged.
func Do[S, Req, Rep any](ctx context.Context, d *Decision[S], call Call[Req, Rep], req Req) (Rep, error) {
	var none Rep
	c := &d.run.calls
	args, err := values.Marshal(req)
	if err != nil {
		return none, fmt.Errorf("call %s: %w", call.Name, err)
	}
	slot := c.slot(call.Name)
	m := c.find(slot)
	switch {
	case m != nil && bytes.Equal(m.args, args):
		m.used = true
		rep, _ := m.reply.(Rep)
		return rep, m.err
	case m != nil && !m.query:
		c.fatal = ErrCallChanged.saying("%s: %s", call.Name, ErrCallChanged.Message)
		return none, c.fatal
	}
	m = &made{slot: slot, query: call.Query, args: args, used: true, key: d.run.callKey(slot, args, call.Compensation != "")}
	if err := d.run.intend(ctx, m, call.intent(m.key, req, nil)); err != nil {
		c.fatal = err
		return none, err
	}
	c.made = append(c.made, m)
	rep, err := call.Do(ctx, m.key, req)
	m.reply, m.err = rep, err
	var rejection *values.Rejection
	m.noEffect = errors.As(err, &rejection) || errors.Is(err, ErrNotSent)
	if err := d.run.at("after call"); err != nil {
		c.fatal = err
		return none, err
	}
	if err == nil && m.intent {
		if err := d.run.refine(ctx, m, call.intent(m.key, req, &rep)); err != nil {
			c.fatal = err
			return none, err
		}
	}
	return rep, err
}

// undoing is how an intent is stored.
type undoing struct {
	name, compensation string
	target             values.ID
	payload            []byte
	err                error
}

func (call Call[Req, Rep]) intent(key string, req Req, rep *Rep) undoing {
	u := undoing{name: call.Name, compensation: call.Compensation}
	if call.Compensation != "" && call.Undo != nil {
		var payload any
		u.target, payload = call.Undo(key, req, rep)
		u.payload, u.err = values.Marshal(payload)
	}
	return u
}

// callKey is the idempotency key of a call. One that can be compensated has a
// key of this run: should the run die, the call is undone under this key, and
// the command's next delivery calls anew. One that cannot has the same key at
// every delivery, so that at least it has one effect.
func (r *run) callKey(slot string, args []byte, compensable bool) string {
	if compensable || r.req.Key.ID == "" {
		return r.id + "/" + slot
	}
	return string(values.DeriveID(r.req.Key.Scope, r.req.Key.ID, r.req.Name, slot, string(args)))
}

// intend stores, before a call is made, that it will be.
func (r *run) intend(ctx context.Context, m *made, u undoing) error {
	if m.query || u.compensation == "" && r.req.Key.ID == "" {
		return nil
	}
	if u.err != nil {
		return fmt.Errorf("call %s: %w", u.name, u.err)
	}
	lease := r.lease
	if deadline, ok := ctx.Deadline(); ok {
		lease += max(0, time.Until(deadline))
	}
	err := r.db.InTx(ctx, func(tx *store.Tx) error {
		if err := r.claim(ctx, tx, lease); err != nil {
			return err
		}
		until := tx.Dialect().NowPlus("$2")
		if _, err := tx.Exec(ctx, "UPDATE platform_intents SET claimable_at = "+until+" WHERE run = $1 AND state = '"+intentOpen+"'",
			r.id, store.Seconds(lease)); err != nil {
			return err
		}
		if u.compensation == "" {
			return nil
		}
		_, err := tx.Exec(ctx, `INSERT INTO platform_intents
			(key, run, command, instance, name, compensation, target, payload, correlation, state, claimable_at)
			VALUES ($1, $3, $4, $5, $6, $7, $8, $9, $10, $11, `+until+`)`,
			m.key, store.Seconds(lease), r.id, r.req.Name, r.req.ID, u.name, u.compensation, u.target, string(u.payload), r.req.Correlation, intentOpen)
		return err
	})
	if err != nil {
		return fmt.Errorf("call %s: store its intent: %w", u.name, err)
	}
	m.intent = u.compensation != ""
	r.calls.owns = true
	return nil
}

// refine stores what the reply adds to how the call is undone.
func (r *run) refine(ctx context.Context, m *made, u undoing) error {
	if u.err != nil {
		return fmt.Errorf("call %s: %w", u.name, u.err)
	}
	_, err := r.db.Exec(ctx, "UPDATE platform_intents SET target = $2, payload = $3 WHERE key = $1 AND (target <> $2 OR payload <> $3)",
		m.key, u.target, string(u.payload))
	if err != nil {
		return fmt.Errorf("call %s: store its reply: %w", u.name, err)
	}
	return nil
}

// settleCalls ends the intents in the command's transaction: what it builds on
// is settled; what failed, or was not asked for again, is compensated.
func (r *run) settleCalls(ctx context.Context, tx *store.Tx) error {
	for _, m := range r.calls.made {
		if !m.intent {
			continue
		}
		var n int64
		var err error
		if m.noEffect || m.used && m.err == nil {
			n, err = tx.Exec(ctx, "DELETE FROM platform_intents WHERE key = $1 AND state = $2", m.key, intentOpen)
		} else {
			n, err = r.due(ctx, tx, m.key)
		}
		if err != nil {
			return fmt.Errorf("settle calls: %w", err)
		}
		if n == 0 && m.used && m.err == nil {
			// The lease ran out, and the call is being compensated.
			return ErrConflict.saying("%s took too long after it called %s", r.req.Name, m.slot)
		}
	}
	return nil
}

func (r *run) due(ctx context.Context, tx *store.Tx, key string) (int64, error) {
	n, err := tx.Exec(ctx, "UPDATE platform_intents SET state = $2, claimable_at = "+tx.Dialect().Now()+" WHERE key = $1 AND state = $3",
		key, intentDue, intentOpen)
	tx.Wake(intentSignal)
	return n, err
}

// abandonTime bounds what a failed command does about its calls itself.
const abandonTime = 5 * time.Second

// abandon has the calls of a failed command compensated and gives up its
// claim of the key, or keeps the rejection under it.
func (r *run) abandon(ctx context.Context, rejection *values.Rejection) error {
	if !r.calls.owns && rejection == nil {
		return nil
	}
	// Also when the command failed because its caller is gone.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), abandonTime)
	defer cancel()
	if err := r.at("before abandon"); err != nil {
		return err
	}
	return r.db.InTx(ctx, func(tx *store.Tx) error {
		for _, m := range r.calls.made {
			if !m.intent {
				continue
			}
			if m.noEffect {
				if _, err := tx.Exec(ctx, "DELETE FROM platform_intents WHERE key = $1 AND state = $2", m.key, intentOpen); err != nil {
					return err
				}
				continue
			}
			if _, err := r.due(ctx, tx, m.key); err != nil {
				return err
			}
		}
		if r.calls.owns {
			_, err := tx.Exec(ctx, "DELETE FROM platform_commands WHERE scope = $1 AND id = $2 AND state = $3 AND owner = $4",
				r.req.Key.Scope, r.req.Key.ID, stateRunning, r.id)
			if err != nil {
				return err
			}
		}
		if rejection == nil {
			return nil
		}
		_, err := tx.Exec(ctx, `INSERT INTO platform_commands (scope, id, state, hash, rejection) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (scope, id) DO NOTHING`, r.req.Key.Scope, r.req.Key.ID, stateRejected, r.hash, rejection)
		return err
	})
}
