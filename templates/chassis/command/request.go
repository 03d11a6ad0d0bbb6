// Package command is what a command is to those who give it and to those who
// decide it. How its instance is loaded and stored is package aggregate's.
package command

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/esgen/esgen/templates/chassis/values"
)

// Key recognises a command that comes again: one effect, one reply. The zero
// Key recognises nothing.
type Key struct {
	// Scope separates those who choose keys. A command and its compensation
	// come in the same scope.
	Scope string
	ID    string
}

// CallScope is the scope of keys that came with HTTP requests, those of other
// services' calls among them; a key that is a person's own is in the scope
// CallScope:<subject>. Their senders choose them: one that comes with another
// payload is ErrKeyReused.
const CallScope = "http"

// Chosen tells whether somebody outside chose the key.
func (k Key) Chosen() bool { return k.Scope == CallScope || strings.HasPrefix(k.Scope, CallScope+":") }

// Request is a command with its circumstances.
type Request struct {
	Name string    // of the command
	ID   values.ID // of the instance; empty with New: derived from the key, else generated
	Mode values.Mode
	// Input is the command's input. With the name, the instance and the
	// actor's subject it is what a repeated key that somebody chose must repeat.
	Input any
	Actor values.Actor
	Key   Key
	// IfMatch says which version the instance must have: ErrVersion. nil: any,
	// or none.
	IfMatch *Match
	// KeepRejection records a rejection under the key, so that the command is
	// rejected again without being decided again. Policies do: a rejected
	// command is done.
	KeepRejection bool
	// KeepRefusal records in the same way that the instance is not there, or there
	// already. Sagas do: they were told so, and went on from it.
	KeepRefusal bool
	// Until is when its time is over: ErrOverdue. nil: never.
	Until *time.Time
	// Compensates is the ID of the Key, of this key's scope, whose command
	// this one undoes. Was that one never handled, this one succeeds without
	// effect and that one is refused from now on: ErrCompensated.
	Compensates string

	Correlation string // of the envelope of every event; empty: a new one
	Causation   string
}

// Input is the input of a command, which knows what the command is called.
type Input interface{ Command() values.Command }

// Of is the request with what the input says of itself.
func (r Request) Of(input Input) Request {
	c := input.Command()
	r.Name, r.Mode, r.ID, r.Input = c.Name, c.Mode, c.ID, input
	return r
}

// Match says which version an instance must have.
type Match struct {
	Versions []int64 // one of these
	Any      bool    // any, but one of what is there
}

// Holds for an instance of a version, or one that is not there. What is to be
// created cannot be there, so that any version is its.
func (m *Match) Holds(version int64, there bool, mode values.Mode) bool {
	switch {
	case m == nil, m.Any && mode == values.New:
		return true
	case m.Any:
		return there
	}
	return there && slices.Contains(m.Versions, version)
}

// Outcome is what a command that was not rejected leaves behind.
type Outcome struct {
	ID      values.ID
	Version int64
	Created bool
	// Repeated: the key was handled before; this is what was answered then.
	Repeated bool
	// NeverHappened: there was nothing to compensate.
	NeverHappened bool
	// Reply has the merged fields of the events.
	Reply json.RawMessage
}

// Instance is a loaded instance.
type Instance[S any] struct {
	ID      values.ID
	Version int64
	State   S
	Meta    values.Stamps
}

// Hash is what a repeated key must repeat. The instance is part of it only as
// far as the request named it, the actor by its subject: tokens are renewed. No
// list and an empty one are the same request: gRPC knows but one of them.
func (r Request) Hash() (string, error) {
	data, err := values.Marshal([]any{r.Name, r.ID, r.Input, leftOut(r.Input), r.Actor.Subject, r.Compensates})
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:]), nil
}

// leftOut are the fields that an input says were left out of the request: a
// request with null in their place is another one.
func leftOut(input any) []string {
	v := reflect.ValueOf(input)
	if v.Kind() != reflect.Struct {
		return nil
	}
	var names []string
	for i := range v.NumField() {
		if of := v.Type().Field(i).Tag.Get("absent"); of != "" && v.Field(i).Kind() == reflect.Bool && v.Field(i).Bool() {
			names = append(names, of)
		}
	}
	return names
}

// Recorded is an event of the history of an instance, as it is said today.
type Recorded struct {
	ID      values.ID       `json:"id"`
	Version int64           `json:"version"` // of the instance, after it
	Type    string          `json:"type"`    // OrderPlaced
	Time    time.Time       `json:"time"`
	By      *values.ID      `json:"by,omitempty"` // nil: the system, on nobody's behalf
	Data    json.RawMessage `json:"data"`
}
