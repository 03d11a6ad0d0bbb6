package inbound

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/esgen/esgen/templates/chassis/command"
	"github.com/esgen/esgen/templates/chassis/strictjson"
	"github.com/esgen/esgen/templates/chassis/values"
	"github.com/esgen/esgen/templates/chassis/wait"
)

// Resource is the state of an aggregate as every way in shows it.
type Resource[S any] struct {
	Name   string // of the aggregate
	Actors []string
	Load   func(ctx context.Context, id values.ID) (command.Instance[S], error)
	// Allow narrows who of the actors may see an instance; for the others it is
	// not there. nil: all of them.
	Allow func(state S, meta values.Stamps, actor Actor, now time.Time) bool
}

// Read reads an instance for an actor. It waits for a version, at most as long
// as is configured: then what is there is better than nothing. An id that is none is
// invalid at the pointer.
func (x Resource[S]) Read(ctx context.Context, config Config, actor Actor, id values.ID, pointer string, minVersion int64) (command.Instance[S], error) {
	if id.Check() != nil {
		return command.Instance[S]{}, Invalid([]strictjson.Problem{{Pointer: pointer, Code: strictjson.Format, Message: "is no id"}})
	}
	instance, err := x.load(ctx, id, minVersion, config.Wait)
	if err != nil {
		return instance, err
	}
	if x.Allow != nil && !x.Allow(instance.State, instance.Meta, actor, config.Now()) {
		return command.Instance[S]{}, command.ErrNotFound
	}
	return instance, nil
}

func (x Resource[S]) load(ctx context.Context, id values.ID, minVersion int64, patience time.Duration) (command.Instance[S], error) {
	deadline := time.Now().Add(patience)
	for {
		instance, err := x.Load(ctx, id)
		behind := errors.Is(err, command.ErrNotFound) && minVersion > 0 || err == nil && instance.Version < minVersion
		if !behind || time.Now().After(deadline) || wait.For(ctx, lookAgain/2+rand.N(lookAgain)) != nil {
			return instance, err
		}
	}
}

// lookAgain is about how long a reader waits until it looks again.
const lookAgain = 20 * time.Millisecond
