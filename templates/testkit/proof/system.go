package proof

import (
	"github.com/esgen/esgen/templates/chassis/standin"
	"github.com/esgen/esgen/templates/testkit/live"
)

// System is what is told of a system to those who prove it.
type System struct {
	ID        string          `json:"id"`
	Services  []Service       `json:"services"`
	Externals []standin.Route `json:"externals"`
	Commands  []Command       `json:"commands"`
	Sagas     []Saga          `json:"sagas"`
	Reactions []Reaction      `json:"reactions"`
	Played    live.Table      `json:"played"` // scenarios, which histories vary
	Calls     []Call          `json:"calls"`
	Duties    []Duty          `json:"duties"`
}

// Duty is what a policy does because of each event of some types: it gives a command
// of its service, or asks a system of others.
type Duty struct {
	Policy    string   `json:"policy"` // by which its records park
	Service   string   `json:"service"`
	Effect    string   `json:"effect"` // by which what comes of it is known
	Events    []string `json:"events"`
	Operation string   `json:"operation"` // External/operation; "": it gives a command
	Makes     string   `json:"makes"`     // how the types of the events begin of the instances that it makes; "": of none
}

// Call is one that commands make, and that is undone when it was in vain: for each
// that is not undone, one of Events happened.
type Call struct {
	Service   string   `json:"service"`   // that is called; "": a system of others
	Operation string   `json:"operation"` // of that system: External/operation
	Name      string   `json:"name"`      // of the call within its command
	Events    []string `json:"events"`
	Exact     bool     `json:"exact"` // and without it, none happens
}

// Reaction is a type of event of which one message may be the cause more than once.
type Reaction struct {
	Event string `json:"event"`
	Most  int    `json:"most"`
}

// Service is one of its services.
type Service struct {
	Name   string            `json:"name"`
	Group  string            `json:"group"`
	Topics []string          `json:"topics"` // that it hears
	Asks   map[string]string `json:"asks"`   // variables with addresses, and of whom; "": of a system of others
	Told   map[string]string `json:"told"`   // other variables
	// Aggregates have their topics; those with private events one of all of them.
	Aggregates []Aggregate `json:"aggregates"`
	Views      []View      `json:"views"` // that can be rebuilt
}

// View is a read model.
type View struct {
	Name  string `json:"name"`
	Table string `json:"table"`
}

// Aggregate is one of a service.
type Aggregate struct {
	Name  string `json:"name"`
	Topic string `json:"topic"`
	Own   string `json:"own"` // topic of all its events; "": it is Topic
	Table string `json:"table"`
	Type  string `json:"type"` // how the types of its events begin
	// Private are the types of events that only Own has.
	Private []string `json:"private"`
}

// Command is what actors can ask for.
type Command struct {
	Name      string   `json:"name"` // Order.PlaceOrder
	Service   string   `json:"service"`
	Aggregate string   `json:"aggregate"`
	Creates   bool     `json:"creates"` // New or Upsert
	Upsert    bool     `json:"upsert"`
	Method    string   `json:"method"`
	Path      string   `json:"path"`
	InPath    []string `json:"inPath"`
	ID        string   `json:"id"`   // name of the field of the instance
	Self      bool     `json:"self"` // the instance has the id of whoever gives the command
	Roles     []string `json:"roles"`
	Fields    []Field  `json:"fields"`
}

// Field is one of an input.
type Field struct {
	Name string `json:"name"`
	Type Type   `json:"type"`
}

// Type is what a value can be.
type Type struct {
	Kind    string  `json:"kind"`    // one of the kinds
	Of      string  `json:"of"`      // aggregate of a reference
	Elem    *Type   `json:"elem"`    // of Optional, List, Map
	Fields  []Field `json:"fields"`  // of Object
	Samples []any   `json:"samples"` // of Value and Moment
}

// The kinds of types.
const (
	Value     = "value"
	Moment    = "moment" // seconds from the beginning of a history
	Person    = "person"
	Reference = "reference"
	Optional  = "optional"
	List      = "list"
	Map       = "map"
	Object    = "object"
)

// Saga is an orchestrated story.
type Saga struct {
	Name    string `json:"name"` // trips.BookTrip
	Service string `json:"service"`
	Steps   []Step `json:"steps"`
}

// Step is one of a saga.
type Step struct {
	Undo  bool `json:"undo"`  // something undoes it
	There bool `json:"there"` // where it is done, which knows then that it is undone
	Pivot bool `json:"pivot"`
}
