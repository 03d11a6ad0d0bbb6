// Package aggregate runs the commands of aggregates: it loads an instance, lets
// the domain decide, and stores state, events, outbox, inline views and the
// command's key in one transaction.
package aggregate

import (
	"context"
	"encoding/json"

	"github.com/esgen/esgen/templates/chassis/command"
	"github.com/esgen/esgen/templates/chassis/store"
	"github.com/esgen/esgen/templates/chassis/values"
	"github.com/esgen/esgen/templates/chassis/view"
)

// Event is what the events of an aggregate have in common.
type Event interface{ Event() values.Event }

// Unique is a rule that no two instances share the values of some columns.
type Unique struct {
	Columns []string
	Code    string // of the rejection
	Message string
}

// Projection keeps a view in the transaction of the command.
type Projection[E Event] func(ctx context.Context, tx *store.Tx, event E, meta values.Meta) error

// View is the table of a view, of which events change rows.
type View[R any] interface {
	Apply(ctx context.Context, tx *store.Tx, meta values.Meta, change view.Change[R]) error
}

// Follow has a view follow one type of event.
func Follow[E, One Event, R any](v View[R], change func(event One, meta values.Meta) view.Change[R]) Projection[E] {
	return func(ctx context.Context, tx *store.Tx, event E, meta values.Meta) error {
		if one, ok := any(event).(One); ok {
			return v.Apply(ctx, tx, meta, change(one, meta))
		}
		return nil
	}
}

// Calling makes what the commands of an aggregate ask of others.
type Calling interface{ of(r *run) caller }

// caller makes the calls of one Run, across its attempts.
type caller interface {
	command.Asker
	// begin starts an attempt: its calls are compared with those of the last one.
	begin()
	// failure is what ends the command whatever the decision makes of it.
	failure() error
	// settle ends the calls in the command's transaction.
	settle(ctx context.Context, tx *store.Tx) error
	// owns tells whether something is stored that abandon is to clear.
	owns() bool
	abandon(ctx context.Context, tx *store.Tx) error
}

// Sourcing is how an aggregate is kept of which the events are the truth.
type Sourcing[S any, E Event] interface {
	table() store.TableSpec
	// folding tells apart how states were folded: by other rules they are other states.
	folding() string
	// fold is the state of a row's instance.
	fold(ctx context.Context, r *Repository[S, E], q store.Querier, w *row) (S, error)
	// snapshots tells whether a change of version is to leave the state in the row.
	snapshots(before, after int64) bool
	append(tx *store.Tx, id values.ID, c change[S, E])
	// reshape is what the row of a state that another release wrote is to hold, and
	// of which version.
	reshape(ctx context.Context, r *Repository[S, E], tx *store.Tx, w *row, state S) (doc json.RawMessage, at int64, err error)
}

// Spec says what an aggregate is. S is its state, E the interface of its events.
type Spec[S any, E Event] struct {
	Aggregate string // name of the aggregate, in errors
	Source    string // ce_source: /<system>/<context>
	Type      string // prefix of ce_type: <context>.<aggregate>
	Table     string
	Topic     string // see message.Topic
	// OwnTopic has all events, for the aggregate's own context, where some are
	// private and not in Topic; "": none are. See message.OwnTopic.
	OwnTopic string

	// New is the state of an instance of which nothing has happened yet.
	New func(id values.ID) S
	// Evolve applies an event.
	Evolve func(state S, event E, meta values.Meta) S
	// Transition refuses what no event may make of a state; nil: nothing is refused.
	Transition func(from, to S) error
	// Check holds the invariants; nil: none.
	Check func(state S) error

	// IndexColumns are the columns by which instances are found; Index gives
	// their values, in their order.
	IndexColumns []store.Column
	Index        func(state S) []any
	Unique       []Unique

	// Encode is an event as it is published and stored; nil: json.Marshal.
	Encode func(event E) (json.RawMessage, error)

	// Decode reads the event of a name.
	Decode func(name string, data []byte) (E, error)
	// Sourced keeps the events, and has the state be their fold; nil: the state is
	// kept. See Sourced.
	Sourced Sourcing[S, E]

	// Personal keeps what is personal under the key of the person; nil: nothing is.
	// See Personal.
	Personal Privacy[S, E]

	// Calls makes what commands ask of others; nil: they ask nobody.
	Calls Calling

	// Inline are the views of this aggregate that are kept with it.
	Inline []Projection[E]
}

// evolve applies an event, unless that makes of the state what it may not.
func (s Spec[S, E]) evolve(state S, event E, meta values.Meta) (S, error) {
	next := s.Evolve(state, event, meta)
	if s.Transition == nil {
		return next, nil
	}
	return next, s.Transition(state, next)
}
