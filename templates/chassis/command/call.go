package command

import (
	"context"
	"errors"

	"github.com/esgen/esgen/templates/chassis/values"
)

// Call asks another context for something while a command is being decided.
type Call[Req, Rep any] struct {
	Name string // unique within the command
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

// Do makes a call on behalf of a decision. No transaction is open meanwhile;
// what has to happen when the command fails after it, or when this process
// dies, is stored before.
func Do[S, Req, Rep any](ctx context.Context, d *Decision[S], call Call[Req, Rep], req Req) (Rep, error) {
	var none Rep
	return none, errors.New("not written yet")
}
