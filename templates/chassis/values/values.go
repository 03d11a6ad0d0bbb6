// Package values is the language's values at run time: what the model's types
// are in Go, and the arithmetic that checks itself.
package values

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
)

// ID identifies something. It is opaque.
type ID string

// NewID is a fresh id: a UUID version 7, so that ids sort by their making.
func NewID() ID {
	id, err := uuid.NewV7()
	if err != nil {
		return ID(uuid.NewString()) // only when the system's clock or randomness fails version 7
	}
	return ID(id.String())
}

// DeriveID is the same id for the same parts: a UUID version 8 made of their
// hash. Who creates something because of a message derives its id, so that a
// second delivery meets the first.
func DeriveID(parts ...string) ID {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	sum[6] = sum[6]&0x0f | 0x80
	sum[8] = sum[8]&0x3f | 0x80
	h := hex.EncodeToString(sum[:16])
	return ID(h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:])
}

// Actor is who asks for something.
type Actor struct {
	Subject ID       `json:"subject"`
	Roles   []string `json:"roles,omitempty"`
	System  bool     `json:"system,omitempty"` // a policy or another context, not a person
}

// HasRole reports whether the actor has one of the roles.
func (a Actor) HasRole(roles ...string) bool {
	return slices.ContainsFunc(a.Roles, func(r string) bool { return slices.Contains(roles, r) })
}

// Meta is what an event says of itself.
type Meta struct {
	ID      ID
	Time    time.Time
	Version int64 // of the instance that the event made
	Type    string
	Actor   Actor
}

// Rejection is a refusal by the model: nothing is stored, nothing is emitted.
type Rejection struct {
	Code    string
	Status  int // of HTTP
	Message string
}

func (r *Rejection) Error() string {
	if r.Message == "" || r.Message == r.Code {
		return r.Code
	}
	return r.Code + ": " + r.Message
}

// Reject makes a rejection.
func Reject(code string, status int, message string) error {
	return &Rejection{Code: code, Status: status, Message: message}
}

// Rename gives a rejection another code; other errors stay as they are.
func Rename(err error, codes map[string]string) error {
	var r *Rejection
	if !errors.As(err, &r) || codes[r.Code] == "" {
		return err
	}
	return &Rejection{Code: codes[r.Code], Status: r.Status, Message: r.Message}
}

// Fault is an evaluation that has no result: an index out of range, a division
// by zero, an overflow. It is a fault of the model, not of the request.
type Fault struct{ Message string }

func (f *Fault) Error() string { return "model error: " + f.Message }

// fault ends an evaluation; Catch turns it into an error at the boundary.
func fault(format string, args ...any) {
	panic(&Fault{fmt.Sprintf(format, args...)})
}

// Catch is deferred where expressions of the model are evaluated: a fault
// becomes the error. Any other panic goes on.
func Catch(err *error) {
	switch p := recover().(type) {
	case nil:
	case *Fault:
		*err = p
	default:
		panic(p)
	}
}

// Truncate cuts an instant to microseconds in UTC, as it is stored.
func Truncate(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }
