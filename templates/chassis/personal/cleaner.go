package personal

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/esgen/esgen/templates/chassis/store"
	"github.com/esgen/esgen/templates/chassis/values"
)

// signal is the name of the store signal that wakes the cleaner.
const signal = "personal"

// Place is where something stands that is said of persons in plain, so that it can be
// asked for: columns of instances and rows.
type Place interface {
	// ForgetPerson makes what is said of a person of it what it is without it, and does
	// nothing where that was done.
	ForgetPerson(ctx context.Context, person values.ID) error
}

// Cleaner has what was said of those who are erased forgotten where it stands in plain.
type Cleaner struct {
	keys   *Keys
	log    *slog.Logger
	places []Place
}

// NewCleaner returns the cleaner of a service.
func NewCleaner(keys *Keys, log *slog.Logger, places ...Place) *Cleaner {
	return &Cleaner{keys, log, places}
}

// Erase erases a person: their key first, which is what counts, and then all else.
// Done again it does no harm.
func (c *Cleaner) Erase(ctx context.Context, person values.ID) error {
	err := c.keys.db.InTx(ctx, func(tx *store.Tx) error {
		c.keys.Erase(tx, person)
		return nil
	})
	if err != nil {
		return fmt.Errorf("erase: %w", err)
	}
	return c.clean(ctx, person)
}

// again is how often is looked for what other replicas left undone.
const again = 5 * time.Second

// Run cleans up after erasures until ctx is done: those of commands, and those in
// whose midst somebody died.
func (c *Cleaner) Run(ctx context.Context) error {
	for {
		woken := c.keys.db.Signal(signal)
		if err := c.Clean(ctx); err != nil && ctx.Err() == nil {
			c.log.WarnContext(ctx, "what was said of an erased person is not forgotten everywhere yet, and is tried again", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-woken:
		case <-time.After(again):
		}
	}
}

// Clean cleans up after all erasures that are not done yet.
func (c *Cleaner) Clean(ctx context.Context) error {
	persons, err := c.undone(ctx)
	if err != nil {
		return err
	}
	var errs []error
	for _, person := range persons {
		errs = append(errs, c.clean(ctx, person))
	}
	return errors.Join(errs...)
}

func (c *Cleaner) undone(ctx context.Context) ([]values.ID, error) {
	rows, err := c.keys.db.Query(ctx, "SELECT person FROM "+table+" WHERE clean = $1", false)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var persons []values.ID
	for rows.Next() {
		var person values.ID
		if err := rows.Scan(&person); err != nil {
			return nil, err
		}
		persons = append(persons, person)
	}
	return persons, rows.Err()
}

// clean has a person forgotten at every place. Nothing is told to be done before all is.
func (c *Cleaner) clean(ctx context.Context, person values.ID) error {
	for _, place := range c.places {
		if err := place.ForgetPerson(ctx, person); err != nil {
			return fmt.Errorf("forget: %w", err)
		}
	}
	_, err := c.keys.db.Exec(ctx, "UPDATE "+table+" SET clean = $2 WHERE person = $1", person, true)
	return err
}
