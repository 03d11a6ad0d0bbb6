// Package command runs the commands of aggregates: it loads an instance, lets
// the domain decide, and stores state, events, outbox, inline views and the
// command's key in one transaction.
package command

import (
	"context"
	"encoding/json"

	"github.com/esgen/esgen/templates/chassis/store"
	"github.com/esgen/esgen/templates/chassis/values"
)

// Event is what the events of an aggregate have in common.
type Event interface {
	// EventType is the event's name, without context and aggregate.
	EventType() string
	// EventVersion is the version of its fields, from 1.
	EventVersion() int
}

// Unique is a rule that no two instances share the values of some columns.
type Unique struct {
	Columns []string
	Code    string // of the rejection, status 409
	Message string
}

// Projection keeps a view in the transaction of the command.
type Projection[E Event] func(ctx context.Context, tx *store.Tx, event E, meta values.Meta) error

// Spec says what an aggregate is. S is its state, E the interface of its events.
type Spec[S any, E Event] struct {
	Aggregate string // name of the aggregate, in errors
	Source    string // ce_source: /<system>/<context>
	Type      string // prefix of ce_type: <context>.<aggregate>
	Table     string
	Topic     string // see message.Topic

	// New is the state of an instance of which nothing has happened yet.
	New func(id values.ID) S
	// Evolve applies an event; it may refuse (an undeclared transition).
	Evolve func(state S, event E, meta values.Meta) (S, error)
	// Check holds the invariants; nil: none.
	Check func(state S) error

	// IndexColumns are the columns by which instances are found; Index gives
	// their values, in their order.
	IndexColumns []store.Column
	Index        func(state S) []any
	Unique       []Unique

	// Deletes tells of events after which the instance is gone; nil: none are.
	Deletes func(event E) bool
	// Private tells of events that do not leave the context; nil: there are
	// none. An aggregate that has some sends all its events to
	// message.OwnTopic(Topic) and the public ones to Topic as well: its own
	// context subscribes to the first, all others to the second.
	Private func(event E) bool

	// Encode is an event as it is published and stored; nil: json.Marshal.
	Encode func(event E) (json.RawMessage, error)

	// Decode reads an event of any version, upcasting older ones.
	Decode func(name string, version int, data json.RawMessage) (E, error)
	// Sourced: the events are the truth, and the state is their fold.
	Sourced       bool
	SnapshotEvery int // events; 0: no snapshots

	// Inline are the views of this aggregate that are kept with it.
	Inline []Projection[E]
}
