package aggregate

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/esgen/esgen/templates/chassis/command"
	"github.com/esgen/esgen/templates/chassis/message"
	"github.com/esgen/esgen/templates/chassis/store"
)

// States of an intent.
const (
	intentOpen    = "open"    // its command may still be running
	intentDue     = "due"     // it is to be compensated, at once or at its next try
	intentUndoing = "undoing" // it is being compensated
)

const intentSignal = "intents"

// Compensator undoes calls whose commands failed or whose owners are gone.
// One runs in every replica.
type Compensator struct {
	DB  *store.DB
	Log *slog.Logger // nil: silence
	// Undo holds the compensations by their names. They are repeated until
	// they succeed.
	Undo map[string]func(ctx context.Context, intent command.Intent) error
	// Poll is how often it looks for owners that are gone; 0: 1s.
	Poll time.Duration
	// Backoff is the longest pause between two attempts at one compensation; 0: 1m.
	Backoff time.Duration
	// Timeout bounds one attempt; 0: 30s.
	Timeout time.Duration
}

// maxUndoing bounds how many compensations a replica runs side by side.
const maxUndoing = 8

// Run compensates until ctx is done.
func (c *Compensator) Run(ctx context.Context) error {
	log := cmp.Or(c.Log, slog.New(slog.DiscardHandler))
	var undoing errgroup.Group
	undoing.SetLimit(maxUndoing)
	defer func() { _ = undoing.Wait() }()
	for {
		signal := c.DB.Signal(intentSignal)
		for {
			intent, ok, err := c.claim(ctx)
			if err != nil && ctx.Err() == nil {
				log.WarnContext(ctx, "compensations cannot be read", "error", err)
			}
			if err != nil || !ok {
				break
			}
			undoing.Go(func() error {
				c.undo(ctx, log, intent)
				return nil
			})
		}
		poll := time.NewTimer(cmp.Or(c.Poll, time.Second))
		select {
		case <-ctx.Done():
		case <-signal:
		case <-poll.C:
		}
		poll.Stop()
		if ctx.Err() != nil {
			return nil
		}
	}
}

const intentColumns = "key, command, instance, name, compensation, target, payload, correlation, state, attempts, last_error, created_at, claimable_at"

func scanIntent(scan func(...any) error) (i command.Intent, err error) {
	var state string
	err = scan(&i.Key, &i.Command, &i.Instance, &i.Call, &i.Compensation, &i.Target, &i.Payload, &i.Correlation,
		&state, &i.Attempts, &i.LastError, &i.CreatedAt, &i.NextAt)
	i.Due = state != intentOpen
	return i, err
}

// claim takes the newest intent that is due, or whose owner is gone, for as
// long as an attempt may take. An owner that is alive after all finds its
// intent taken, and does not commit.
func (c *Compensator) claim(ctx context.Context) (intent command.Intent, ok bool, err error) {
	d := c.DB.Dialect()
	err = c.DB.InTx(ctx, func(tx *store.Tx) error {
		ok = false
		rows, err := tx.Query(ctx, `UPDATE platform_intents SET state = $1, attempts = attempts + 1, claimable_at = `+d.NowPlus("$2")+`
			WHERE seq = (SELECT seq FROM platform_intents WHERE claimable_at <= `+d.Now()+` ORDER BY seq DESC LIMIT 1`+d.SkipLocked()+`)
			RETURNING `+intentColumns, intentUndoing, store.Seconds(2*cmp.Or(c.Timeout, 30*time.Second)))
		if err != nil {
			return err
		}
		defer func() { _ = rows.Close() }()
		if !rows.Next() {
			return rows.Err()
		}
		intent, err = scanIntent(rows.Scan)
		ok = err == nil
		return err
	})
	return intent, ok && err == nil, err
}

func (c *Compensator) undo(ctx context.Context, log *slog.Logger, intent command.Intent) {
	log = log.With("call", intent.Call, "key", intent.Key, "compensation", intent.Compensation, "attempt", intent.Attempts)
	err := c.try(ctx, intent)
	// Its outcome is stored even when the service is just stopping.
	ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), abandonTime)
	defer cancel()
	if err == nil {
		log.InfoContext(ctx, "compensated")
		_, err = c.DB.Exec(ending, "DELETE FROM platform_intents WHERE key = $1", intent.Key)
	} else {
		log.WarnContext(ctx, "compensation failed", "error", err)
		pause := min(cmp.Or(c.Backoff, time.Minute), 100*time.Millisecond<<min(intent.Attempts, 16))
		_, err = c.DB.Exec(ending, "UPDATE platform_intents SET state = $4, last_error = $2, claimable_at = "+c.DB.Dialect().NowPlus("$3")+" WHERE key = $1",
			intent.Key, err.Error(), store.Seconds(pause), intentDue)
	}
	if err != nil {
		// The claim runs out, and the compensation is repeated: its key makes it have one effect.
		log.WarnContext(ctx, "outcome of a compensation is not stored", "error", err)
	}
}

func (c *Compensator) try(ctx context.Context, intent command.Intent) (err error) {
	defer message.Recover(&err)
	undo, ok := c.Undo[intent.Compensation]
	if !ok {
		return fmt.Errorf("no compensation is called %s", intent.Compensation)
	}
	ctx, cancel := context.WithTimeout(ctx, cmp.Or(c.Timeout, 30*time.Second))
	defer cancel()
	return undo(ctx, intent)
}

// Intents lists the calls that are neither settled nor compensated, oldest first.
func Intents(ctx context.Context, db *store.DB) ([]command.Intent, error) {
	rows, err := db.Query(ctx, "SELECT "+intentColumns+" FROM platform_intents ORDER BY seq")
	if err != nil {
		return nil, fmt.Errorf("intents: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var intents []command.Intent
	for rows.Next() {
		intent, err := scanIntent(rows.Scan)
		if err != nil {
			return nil, fmt.Errorf("intents: %w", err)
		}
		intents = append(intents, intent)
	}
	return intents, rows.Err()
}

// Pending counts the calls that are neither settled nor compensated: those that are
// being compensated, or may be at any moment, and those whose compensation failed and
// is repeated later.
func (c *Compensator) Pending(ctx context.Context) (busy, later int64, err error) {
	var all int64
	err = c.DB.QueryRow(ctx, "SELECT count(*), count(*) FILTER (WHERE state = $1 AND claimable_at > "+c.DB.Dialect().Now()+") FROM platform_intents", intentDue).
		Scan(&all, &later)
	if err != nil {
		return 0, 0, fmt.Errorf("intents: %w", err)
	}
	return all - later, later, nil
}

// Retry has every compensation that failed tried again now, but those that just are.
func (c *Compensator) Retry(ctx context.Context) error {
	err := c.DB.InTx(ctx, func(tx *store.Tx) error {
		tx.Wake(intentSignal)
		_, err := tx.Exec(ctx, "UPDATE platform_intents SET claimable_at = "+tx.Dialect().Now()+" WHERE state = $1", intentDue)
		return err
	})
	if err != nil {
		return fmt.Errorf("intents: %w", err)
	}
	return nil
}
