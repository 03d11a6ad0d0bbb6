package command

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/esgen/esgen/templates/chassis/values"
)

// Attempt is one attempt at a command: what it is decided on. Another one is
// made, from a fresh load, when somebody else was faster.
type Attempt[S any] struct {
	ID      values.ID
	State   S
	Meta    values.Stamps // of the instance as it was; zero when it is new
	IsNew   bool
	Version int64
	Now     time.Time // the same at every attempt
	Actor   values.Actor
	IDs     *values.IDs // what the decision makes of ids: the same at every attempt
	Asker   Asker       // of Ask
}

// Decide is what the model says between loading and storing, in the order of the
// language: allow, read, require, call, emit. It may run again, so that it must
// have no effect but what it asks of others by Ask. No events: nothing is stored.
type Decide[S, E any] func(ctx context.Context, at *Attempt[S]) ([]E, error)

// ErrNotSent: a call did not leave this service, as when its breaker is open.
// There is nothing to compensate.
var ErrNotSent = errors.New("not sent")

// ErrNoAnswer: a call was not answered. It may go away by itself, and a fallback
// may stand in.
var ErrNoAnswer = errors.New("no answer")

// Cause is because of what, and on whose behalf, somebody else is asked.
type Cause struct {
	// Key is the idempotency key; the same at every try. Required for commands
	// that are tried more than once.
	Key string
	// Compensates is the key of the command that this one undoes.
	Compensates string
	Correlation string
	Causation   string
	Actor       values.Actor
}

// Call asks another context, or an external system, for something while a
// command is being decided.
type Call[Req, Rep any] struct {
	Name string // within the command
	// Query: the call has no effect. It is asked again when the command starts
	// again with other arguments.
	Query bool
	// Do makes the call. A *values.Rejection, or an error that is ErrNotSent, says
	// that the call had no effect; after any other error nobody knows, and it is
	// undone.
	Do func(ctx context.Context, cause Cause, ask Req) (Rep, error)
	// Undo is the name under which it is known how to undo the call; empty: it
	// needs no undoing.
	Undo string
	// Undoing is the instance to undo it at, and what is asked then. The reply is
	// nil when none came: the target of a call that creates is then known by being
	// derived from the key.
	Undoing func(key string, reply *Rep) (target values.ID, ask any)
}

// To is a call to do something.
func To[Req, Rep any](name string, do func(ctx context.Context, cause Cause, ask Req) (Rep, error)) Call[Req, Rep] {
	return Call[Req, Rep]{Name: name, Do: do}
}

// Query is a call that has no effect.
func Query[Req, Rep any](name string, do func(ctx context.Context, cause Cause, ask Req) (Rep, error)) Call[Req, Rep] {
	return Call[Req, Rep]{Name: name, Query: true, Do: do}
}

// Asker makes calls on behalf of a command: each once, and undone when it was in
// vain.
type Asker interface {
	Ask(ctx context.Context, q Question) (reply any, err error)
}

// Question is a call to an Asker.
type Question struct {
	Name    string
	Query   bool
	Ask     any
	Do      func(ctx context.Context, cause Cause) (reply any, err error)
	Undo    string
	Undoing func(key string, reply any) (target values.ID, ask any)
}

// Ask makes a call on behalf of a command. No transaction is open meanwhile.
// What has to happen when the command fails after it, or when this process dies,
// is stored before. A command that starts again gets the reply that it has
// already if it asks for the same; else it ends with ErrCallChanged.
func Ask[S, Req, Rep any](ctx context.Context, at *Attempt[S], call Call[Req, Rep], ask Req) (Rep, error) {
	q := Question{
		Name: call.Name, Query: call.Query, Ask: ask, Undo: call.Undo,
		Do: func(ctx context.Context, cause Cause) (any, error) { return call.Do(ctx, cause, ask) },
	}
	if call.Undoing != nil {
		q.Undoing = func(key string, reply any) (values.ID, any) {
			if rep, came := reply.(Rep); came {
				return call.Undoing(key, &rep)
			}
			return call.Undoing(key, nil)
		}
	}
	reply, err := at.Asker.Ask(ctx, q)
	rep, _ := reply.(Rep)
	return rep, err
}

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
	Due          bool // being compensated; else its command may still be running
	Attempts     int  // at compensating
	LastError    string
	CreatedAt    time.Time
	NextAt       time.Time
}

// UndoKey is the idempotency key of the compensation itself.
func (i Intent) UndoKey() string { return i.Key + "/undo" }
