package command

import (
	"context"
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
