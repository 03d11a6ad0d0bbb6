// Package policy gives commands because of events: at least once, with one
// effect.
package policy

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"

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

// Because says why a command is given.
type Because struct {
	Policy  string
	Message message.Envelope
	Missing Missing
	Log     *slog.Logger // nil: silence
	// Rejected gives the command that answers a rejection; nil: there is none.
	Rejected func(ctx context.Context, req command.Request) (command.Outcome, error)

	sub string // tells the commands of one message apart; "": there is only one
}

// For is the reason of one of several commands, told apart by what they are for.
func (b Because) For(sub string) Because {
	b.sub = sub
	return b
}

// Give gives a command to one instance.
func Give[I any](ctx context.Context, because Because, do func(ctx context.Context, req command.Request, input I) (command.Outcome, error), input I) error {
	_, err := do(ctx, because.request(), input)
	return because.settle(ctx, err)
}

// GiveAll gives several commands in their order, each known again by its place. One
// that has to wait keeps those behind it waiting.
func GiveAll[I any](ctx context.Context, because Because, do func(ctx context.Context, req command.Request, input I) (command.Outcome, error), inputs []I) error {
	for i, input := range inputs {
		if err := Give(ctx, because.at(i), do, input); err != nil {
			return err
		}
	}
	return nil
}

// AskAll asks an external system for several things, as GiveAll gives commands.
func AskAll[R any](ctx context.Context, because Because, ask func(ctx context.Context, cause command.Cause, request R) error, requests []R) error {
	for i, request := range requests {
		key := because.at(i).request().Key
		cause := command.Cause{Key: key.Scope + "/" + key.ID, Correlation: because.Message.CorrelationID, Causation: string(because.Message.ID)}
		if err := ask(ctx, cause, request); err != nil {
			return err
		}
	}
	return nil
}

// at is the reason of one of several things, told apart by their places.
func (b Because) at(i int) Because {
	place := strconv.Itoa(i + 1)
	if b.sub != "" {
		place = b.sub + "/" + place
	}
	return b.For(place)
}

// settle is what is left to do when the command was given.
func (b Because) settle(ctx context.Context, err error) error {
	switch rejection := (*values.Rejection)(nil); {
	case err == nil:
		return nil
	case b.Missing == Skip && errors.Is(err, message.ErrMissing):
		return nil
	case errors.As(err, &rejection), errors.Is(err, command.ErrExists):
		// What the model refuses is done, not failed: trying again would be refused again.
		b.log().InfoContext(ctx, "command rejected", "policy", b.Policy, "message", b.Message.ID, "reason", err.Error())
		if b.Rejected == nil {
			return nil
		}
		if _, err := b.Rejected(ctx, b.For(b.sub+"/rejected").request()); err != nil && !errors.As(err, &rejection) {
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
func (b Because) request() command.Request {
	id := string(b.Message.ID)
	if b.sub != "" {
		id += "/" + b.sub
	}
	actor := b.Message.Actor
	actor.System = true
	return command.Request{
		Actor:         actor,
		Key:           command.Key{Scope: b.Policy, ID: id},
		KeepRejection: true,
		Correlation:   b.Message.CorrelationID,
		Causation:     string(b.Message.ID),
	}
}

func (b Because) log() *slog.Logger {
	if b.Log == nil {
		return slog.New(slog.DiscardHandler)
	}
	return b.Log
}
