// Package policy gives commands because of events: at least once, with one
// effect.
package policy

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/esgen/esgen/templates/chassis/command"
	"github.com/esgen/esgen/templates/chassis/message"
	"github.com/esgen/esgen/templates/chassis/values"
)

// Missing says what a policy does when the instance is not there.
type Missing int

// What a policy does when the instance is not there.
const (
	Retry Missing = iota // tries again, then parks the event
	Skip                 // is done
)

// Reaction is a command that a policy gives because of a message.
type Reaction struct {
	Policy  string
	Message message.Envelope
	Missing Missing
	Log     *slog.Logger
	// Do gives the command.
	Do func(ctx context.Context, req command.Request) (command.Outcome, error)
	// Rejected gives the command that answers a rejection; nil: there is none.
	Rejected func(ctx context.Context, req command.Request) (command.Outcome, error)
}

// React gives the command to one instance. Sub tells the commands of one
// message apart; "" when there is only one.
func (r Reaction) React(ctx context.Context, sub string) error {
	_, err := r.Do(ctx, r.request(sub))
	switch rejection := (*values.Rejection)(nil); {
	case err == nil:
		return nil
	case r.Missing == Skip && errors.Is(err, message.ErrMissing):
		return nil
	case errors.As(err, &rejection), errors.Is(err, command.ErrExists):
		// What the model refuses is done, not failed: trying again would be refused again.
		r.log().InfoContext(ctx, "command rejected", "policy", r.Policy, "message", r.Message.ID, "reason", err.Error())
		if r.Rejected == nil {
			return nil
		}
		if _, err := r.Rejected(ctx, r.request(sub+"/rejected")); err != nil && !errors.As(err, &rejection) {
			return fmt.Errorf("answer a rejection: %w", err)
		}
		return nil
	}
	return err
}

// InOrder does one thing after the other. What fails keeps those behind it
// waiting: the message comes again, and what was done already has no effect then.
func InOrder(steps ...func() error) error {
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// Each gives the command to every instance; none at all is missing. What fails
// for one does not keep the others waiting.
func Each(ctx context.Context, ids []values.ID, missing Missing, react func(id values.ID) error) error {
	if len(ids) == 0 && missing == Retry {
		return fmt.Errorf("no instance is correlated: %w", message.ErrMissing)
	}
	var errs []error
	for _, id := range ids {
		if err := ctx.Err(); err != nil {
			return err
		}
		errs = append(errs, react(id))
	}
	return errors.Join(errs...)
}

// request is the command's circumstances: known again by the policy and the
// message, and given by the system on behalf of whoever caused the event.
func (r Reaction) request(sub string) command.Request {
	id := string(r.Message.ID)
	if sub != "" {
		id += "/" + sub
	}
	actor := r.Message.Actor
	actor.System = true
	return command.Request{
		Actor:         actor,
		Key:           command.Key{Scope: r.Policy, ID: id},
		KeepRejection: true,
		Correlation:   r.Message.CorrelationID,
		Causation:     string(r.Message.ID),
	}
}

func (r Reaction) log() *slog.Logger {
	if r.Log == nil {
		return slog.New(slog.DiscardHandler)
	}
	return r.Log
}
