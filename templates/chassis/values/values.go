// Package values holds the values of the model language at run time: exact
// decimals, days, durations, ids, and the functions of expressions. It knows
// nothing of any system.
//
// What cannot be computed is a Fault: it panics, and Catch turns it into an
// error where a decision ends.
package values

import (
	"fmt"
	"slices"
	"time"
)

// Fault is what goes wrong when an expression is evaluated: overflow, division
// by zero, an element that is not there. It is a mistake of the model, not of
// the caller.
type Fault struct{ Message string }

func (f *Fault) Error() string { return "model error: " + f.Message }

func fail(format string, args ...any) { panic(&Fault{fmt.Sprintf(format, args...)}) }

// Catch turns a Fault into an error. It is to be deferred:
//
//	defer values.Catch(&err)
func Catch(err *error) {
	switch r := recover().(type) {
	case nil:
	case *Fault:
		*err = r
	default:
		panic(r)
	}
}

// BadField is what the check of a struct says of one of its fields.
type BadField struct {
	Field   string // its name in JSON
	Message string
}

func (b *BadField) Error() string { return b.Field + " " + b.Message }

// Actor is who gives a command or asks.
type Actor struct {
	Subject ID       `json:"subject"`
	Roles   []string `json:"roles,omitempty"`
	System  bool     `json:"system,omitempty"` // a policy or another service, on nobody's behalf
	Claims  Claims   `json:"-"`                // for this request: events do not keep them
}

// HasRole reports whether the actor has one of the roles.
func (a Actor) HasRole(roles ...string) bool {
	return slices.ContainsFunc(a.Roles, func(r string) bool { return slices.Contains(roles, r) })
}

// Meta is what is known of an event beside its fields.
type Meta struct {
	ID      ID
	Time    time.Time
	Version int64 // of the instance, once the event is applied
	Type    string
	Actor   Actor
	Person  ID // whose what it tells of is, where something is personal; "": nobody's
}

// Stamps is what is known of an instance beside its state: when and by whom it
// was created and last changed, as its events say.
type Stamps struct {
	CreatedAt time.Time `json:"createdAt"`
	CreatedBy *ID       `json:"createdBy,omitempty"` // nil: by the system, on nobody's behalf
	ChangedAt time.Time `json:"changedAt"`
	ChangedBy *ID       `json:"changedBy,omitempty"`
}

// By is who an actor is to those who look at what came of it; nil: nobody.
func (a Actor) By() *ID {
	if a.Subject == "" {
		return nil
	}
	return &a.Subject
}

// Checked is a constrained scalar that holds what its type asks; another one
// is a Fault.
func Checked[T interface{ Check() error }](v T) T {
	if err := v.Check(); err != nil {
		fail("%v", err)
	}
	return v
}

// Once is a value that is computed when it is first asked for, and kept.
type Once[T any] struct{ value *T }

// Get is the value; compute is asked the first time.
func (o *Once[T]) Get(compute func() T) T {
	if o.value == nil {
		v := compute()
		o.value = &v
	}
	return *o.value
}

// If is a conditional whose sides are computed both.
func If[T any](cond bool, yes, no T) T {
	if cond {
		return yes
	}
	return no
}
