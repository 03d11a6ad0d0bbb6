package command

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"time"

	"github.com/esgen/esgen/templates/chassis/store"
	"github.com/esgen/esgen/templates/chassis/values"
)

// Intent is a call that was, or may have been, made, and how to undo it.
type Intent struct {
	Key          string // the idempotency key of the call: Request.Compensates at the callee
	Command      string // that made the call
	Instance     values.ID
	Call         string
	Compensation string
	Target       values.ID
	Payload      json.RawMessage
	Correlation  string
	Attempts     int // at compensating
	LastError    string
	Due          bool // being compensated; else the command may still be running
	CreatedAt    time.Time
	NextAt       time.Time
}

// UndoKey is the idempotency key of the compensation itself.
func (i Intent) UndoKey() string { return i.Key + "/undo" }

// calls are the calls of one Execute.
type calls struct{}

// Compensator undoes calls whose commands failed or whose owners are gone.
type Compensator struct {
	DB  *store.DB
	Log *slog.Logger
	// Undo holds the compensations by their names.
	Undo map[string]func(ctx context.Context, intent Intent) error
	// Poll is how often it looks for owners that are gone; 0: 1s.
	Poll time.Duration
	// Backoff bounds the pause between two attempts at one compensation; 0: 1m.
	Backoff time.Duration
}

// Run compensates until ctx is done.
func (c *Compensator) Run(ctx context.Context) error { return errors.New("not written yet") }

// Intents lists the calls that are neither settled nor compensated, oldest first.
func Intents(ctx context.Context, db *store.DB) ([]Intent, error) {
	return nil, errors.New("not written yet")
}

// Retry makes every failing compensation due now.
func Retry(ctx context.Context, db *store.DB) error { return errors.New("not written yet") }
