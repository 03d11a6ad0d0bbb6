package values

import (
	"reflect"
	"strings"
)

// Mode says what a command expects of its instance.
type Mode int

// What a command expects.
const (
	Existing Mode = iota // it must be there
	New                  // it must not
	Upsert               // either
)

// Command says what a command is called, who may give it, and which instance it
// is for.
type Command struct {
	Name    string   // Order.PlaceOrder
	Actors  []string // the roles that may give it; none: policies and other services only
	Mode    Mode
	ID      ID     // of the instance; empty where it is to be made up
	IDField string // the name of the id in JSON
}

// Aggregate is the first part of the name: Order.
func (c Command) Aggregate() string {
	aggregate, _, _ := strings.Cut(c.Name, ".")
	return aggregate
}

// Event says what an event is called, and where it is heard.
type Event struct {
	Type    string // front.order.OrderPlaced
	Topic   string // from which this context reads it
	Version int    // of its fields; 0: the first, 1
	Private bool   // it stays in its context
	Deletes bool   // the instance is gone after it
	Erases  bool   // the person is erased whose data the instance holds
}

// Name is the last part of the type: OrderPlaced.
func (e Event) Name() string { return e.Type[strings.LastIndexByte(e.Type, '.')+1:] }

// DataVersion is the version of its fields, from 1 on.
func (e Event) DataVersion() int { return max(e.Version, 1) }

// Upcast makes of what an event said in one version what it says in the next.
type Upcast struct {
	Old  reflect.Type // what is read of a record
	Next func(old any, meta Meta) (any, error)
	// Last: what comes of it is told by nobody, but how the event is understood here.
	Last bool
}

// Step is the upcast that a function does.
func Step[Old, Next any](next func(old Old, meta Meta) Next) Upcast {
	return Upcast{Old: reflect.TypeFor[Old](), Next: func(old any, meta Meta) (any, error) { return next(old.(Old), meta), nil }}
}

// Translation makes of what an event says in its newest version what it means here.
func Translation[Told, Means any](translate func(told Told, meta Meta) (Means, error)) Upcast {
	return Upcast{Old: reflect.TypeFor[Told](), Last: true, Next: func(told any, meta Meta) (any, error) { return translate(told.(Told), meta) }}
}
