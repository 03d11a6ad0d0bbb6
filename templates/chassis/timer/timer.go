// Package timer has policies act when their time has come: some time after an
// event, or again and again. A timer is a row, set in the transaction that
// handles the event; when it is due it becomes a message of the service to
// itself, in the transaction that takes the row away. So it rings once, however
// many replicas there are, and what comes of it is handled, repeated and parked
// like any other message.
package timer

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/esgen/esgen/templates/chassis/message"
	"github.com/esgen/esgen/templates/chassis/outbox"
	"github.com/esgen/esgen/templates/chassis/store"
	"github.com/esgen/esgen/templates/chassis/values"
)

// Timers are those of one service.
type Timers struct {
	db     *store.DB
	source string // of its messages: /<system>/<context>
	topic  string
	clocks []Clock
	// clock is what time it is, by what the database says; tests let it pass.
	clock func(now time.Time) time.Time
}

// New returns the timers of a service, whose messages to itself have a topic of
// their own.
func New(db *store.DB, source, topic string) *Timers {
	return &Timers{db: db, source: source, topic: topic, clock: func(now time.Time) time.Time { return now }}
}

// The tables, and what wakes the one who rings.
const (
	waiting   = "platform_timers"
	calledOff = "platform_timers_off"
	signal    = "timers"
)

// Prepare makes the tables.
func (t *Timers) Prepare(ctx context.Context) error {
	return t.db.Ensure(ctx,
		store.TableSpec{
			Name: waiting,
			Columns: []store.Column{
				{Name: "policy", Type: store.Text, Key: true},
				{Name: "id", Type: store.Text, Key: true}, // of the event; "" of a policy of the clock
				{Name: "instance", Type: store.Text},
				{Name: "since", Type: store.Time},
				{Name: "due_at", Type: store.Time},
				{Name: "message", Type: store.Text},  // of a policy that waits since an event
				{Name: "schedule", Type: store.Text}, // of a policy of the clock
			},
			Indexes: []store.Index{{Columns: []string{"due_at"}}, {Columns: []string{"policy", "instance"}}},
		},
		store.TableSpec{
			Name: calledOff,
			Columns: []store.Column{
				{Name: "policy", Type: store.Text, Key: true},
				{Name: "instance", Type: store.Text, Key: true},
				{Name: "called_off", Type: store.Time},
			},
			Indexes: []store.Index{{Columns: []string{"called_off"}}},
		},
	)
}

// set has a policy act on an event at a time, unless it was called off already
// by an event of elsewhere that came first and happened later.
func (t *Timers) set(ctx context.Context, tx *store.Tx, policy string, e message.Envelope, due time.Time) error {
	var off bool
	err := tx.QueryRow(ctx, "SELECT EXISTS (SELECT 1 FROM "+calledOff+" WHERE policy = $1 AND instance = $2 AND called_off > $3)",
		policy, e.Subject, e.Time).Scan(&off)
	if err != nil {
		return fmt.Errorf("timer: %w", err)
	}
	if off {
		return nil
	}
	return t.Set(tx, policy, e, due)
}

// Set has a message come to the service itself when it is due, in the name of a
// policy or of whoever else waits: see On. Of messages of one id the first
// counts.
func (t *Timers) Set(tx *store.Tx, policy string, e message.Envelope, due time.Time) error {
	text, err := json.Marshal(t.note(policy, e))
	if err != nil {
		return fmt.Errorf("timer: %w", err)
	}
	tx.Later(nil, "INSERT INTO "+waiting+" (policy, id, instance, since, due_at, message) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING",
		policy, e.ID, e.Subject, e.Time, values.Truncate(due), string(text))
	tx.Wake(signal)
	return nil
}

// Tell has a message come to the service itself at once.
func (t *Timers) Tell(tx *store.Tx, policy string, e message.Envelope) error {
	return outbox.Append(tx, t.note(policy, e))
}

// note is a message as the service tells it to itself.
func (t *Timers) note(policy string, e message.Envelope) message.Envelope {
	e.Topic, e.Type = t.topic, typeOf(policy, e.Event())
	return e
}

// CallOff ends what somebody waits for at an instance.
func (t *Timers) CallOff(tx *store.Tx, policy string, instance values.ID) {
	tx.Later(nil, "DELETE FROM "+waiting+" WHERE policy = $1 AND instance = $2", policy, instance)
}

// callOff ends what waits for an instance since before a time. An event of
// elsewhere may come before the one that it calls off; it is remembered.
func (t *Timers) callOff(tx *store.Tx, policy string, instance values.ID, at time.Time, elsewhere bool) {
	tx.Later(nil, "DELETE FROM "+waiting+" WHERE policy = $1 AND instance = $2 AND since <= $3", policy, instance, at)
	if elsewhere {
		tx.Later(nil, "INSERT INTO "+calledOff+` AS o (policy, instance, called_off) VALUES ($1, $2, $3)
			ON CONFLICT (policy, instance) DO UPDATE SET called_off = excluded.called_off WHERE o.called_off < excluded.called_off`, policy, instance, at)
	}
}

// Forget deletes what was remembered of events before a time that called
// something off.
func (t *Timers) Forget(ctx context.Context, before time.Time) error {
	if _, err := t.db.Exec(ctx, "DELETE FROM "+calledOff+" WHERE called_off < $1", before); err != nil {
		return fmt.Errorf("forget timers: %w", err)
	}
	return nil
}

// typeOf is the type of the message that a timer becomes.
func typeOf(policy, event string) string { return "timer." + policy + "." + event }

// poll is how often is looked for what others have set.
const poll = time.Second

// batch is how many timers ring in one transaction.
const batch = 100

// Keep adds policies that act at times of the clock. All are added before Run.
func (t *Timers) Keep(clocks ...Clock) { t.clocks = append(t.clocks, clocks...) }

// Run rings what is due until ctx is done. Every replica does.
func (t *Timers) Run(ctx context.Context) error {
	if err := t.wind(ctx, t.clocks); err != nil {
		return err
	}
	for ctx.Err() == nil {
		signal := t.db.Signal(signal)
		rung, err := t.ring(ctx, t.clocks)
		if err != nil {
			return err // the service starts its worker again, more and more slowly
		}
		if rung < batch {
			t.rest(ctx, signal)
		}
	}
	return nil
}

// rest waits until something may be due.
func (t *Timers) rest(ctx context.Context, signal <-chan struct{}) {
	pause := poll
	var next *time.Time
	if err := t.db.QueryRow(ctx, "SELECT MIN(due_at) FROM "+waiting).Scan(&next); err == nil && next != nil {
		if now, err := t.Now(ctx, t.db); err == nil {
			pause = min(pause, max(next.Sub(now), 0))
		}
	}
	wait := time.NewTimer(pause)
	defer wait.Stop()
	select {
	case <-ctx.Done():
	case <-signal:
	case <-wait.C:
	}
}

// Now is the database's time: the clocks of replicas differ.
func (t *Timers) Now(ctx context.Context, q store.Querier) (time.Time, error) {
	var now time.Time
	if err := q.QueryRow(ctx, "SELECT "+q.Dialect().Now()).Scan(&now); err != nil {
		return now, fmt.Errorf("timers: %w", err)
	}
	return values.Truncate(t.clock(now)), nil
}

// due is a row whose time has come.
type due struct {
	policy, id string
	at         time.Time
	message    *string
	schedule   *string
}

// ring makes messages of what is due, and returns how many rows it took.
func (t *Timers) ring(ctx context.Context, clocks []Clock) (rung int, err error) {
	err = t.db.InTx(ctx, func(tx *store.Tx) error {
		now, err := t.Now(ctx, tx)
		if err != nil {
			return err
		}
		rows, err := claim(ctx, tx, now)
		if err != nil {
			return err
		}
		rung = len(rows)
		for _, d := range rows {
			if d.message == nil {
				err = t.strike(tx, clocks, d, now)
			} else {
				err = t.release(tx, d)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
	return rung, err
}

func claim(ctx context.Context, tx *store.Tx, now time.Time) ([]due, error) {
	rows, err := tx.Query(ctx, fmt.Sprintf("SELECT policy, id, due_at, message, schedule FROM %s WHERE due_at <= $1 ORDER BY due_at, policy, id LIMIT %d%s",
		waiting, batch, tx.Dialect().SkipLocked()), now)
	if err != nil {
		return nil, fmt.Errorf("timers: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var list []due
	for rows.Next() {
		var d due
		if err := rows.Scan(&d.policy, &d.id, &d.at, &d.message, &d.schedule); err != nil {
			return nil, fmt.Errorf("timers: %w", err)
		}
		list = append(list, d)
	}
	return list, rows.Err()
}

// release has a policy act that waited since an event: the message is that of
// the event, as the policy hears it.
func (t *Timers) release(tx *store.Tx, d due) error {
	var e message.Envelope
	if err := json.Unmarshal([]byte(*d.message), &e); err != nil {
		return fmt.Errorf("timer %s/%s: %w", d.policy, d.id, err)
	}
	tx.Later(nil, "DELETE FROM "+waiting+" WHERE policy = $1 AND id = $2", d.policy, d.id)
	return outbox.Append(tx, e)
}
