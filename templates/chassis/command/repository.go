package command

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/esgen/esgen/templates/chassis/store"
	"github.com/esgen/esgen/templates/chassis/values"
)

// Options are what repositories share. The zero value works.
type Options struct {
	Log      *slog.Logger
	Clock    func() time.Time // nil: the system's
	Attempts int              // at a command that loses against others; 0: 8
	// Lease is how long a command that calls others is believed to be alive
	// beyond the deadline of its context; 0: 30s.
	Lease time.Duration
}

// Repository keeps the instances of an aggregate.
type Repository[S any, E Event] struct {
	db   *store.DB
	spec Spec[S, E]
	opts Options
}

// NewRepository returns the repository of an aggregate. Call Prepare before its first use.
func NewRepository[S any, E Event](db *store.DB, spec Spec[S, E], opts Options) *Repository[S, E] {
	return &Repository[S, E]{db: db, spec: spec, opts: opts}
}

// Prepare makes the tables of the aggregate what the model wants, and fills
// columns that the model has grown.
func (r *Repository[S, E]) Prepare(ctx context.Context) error { return errors.New("not written yet") }

// Load returns an instance, or ErrNotFound.
func (r *Repository[S, E]) Load(ctx context.Context, id values.ID) (Instance[S], error) {
	return Instance[S]{}, errors.New("not written yet")
}

// Find returns the ids of the instances whose lookup column has the value.
func (r *Repository[S, E]) Find(ctx context.Context, column string, value any) ([]values.ID, error) {
	return nil, errors.New("not written yet")
}

// Select returns the instances for whose lookup columns the condition holds, at most limit (0: all).
func (r *Repository[S, E]) Select(ctx context.Context, cond store.Cond, orders []store.Order, limit int) ([]Instance[S], error) {
	return nil, errors.New("not written yet")
}

// Scan calls each with every instance, in the order of ids, until it says stop.
func (r *Repository[S, E]) Scan(ctx context.Context, each func(Instance[S]) (stop bool, err error)) error {
	return errors.New("not written yet")
}

// Execute runs a command. Decide does, in the order of the language, what the
// model says between loading and applying: allow, read, require, call, emit;
// it returns the events. It runs again from a fresh load when another command
// was faster, so it must have no effect but its calls, which it makes by Do.
// No events: nothing is stored but the key.
func Execute[S any, E Event](ctx context.Context, r *Repository[S, E], req Request, decide func(ctx context.Context, d *Decision[S]) ([]E, error)) (Outcome, error) {
	return Outcome{}, errors.New("not written yet")
}
