// Package saga is what an orchestrated story is to those who write it: steps in
// order, and what undoes them. How its stories are kept and taken further is
// package orchestrator's, and what is asked of others is done by package
// participant.
package saga

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/esgen/esgen/templates/chassis/strictjson"
	"github.com/esgen/esgen/templates/chassis/values"
)

// Saga is an orchestrated story, started by an event E, of which it keeps D.
// When a step is refused or the time is over before the pivot, what was done is
// undone in reverse; after the pivot a step is repeated until it succeeds.
type Saga[E, D any] struct {
	// Name is that of the saga and its context: it tells the keys of its requests
	// from those of others.
	Name    string
	Timeout time.Duration // of all steps before the pivot; 0: none
	Steps   []Step[E, D]
	// Last is asked when all is undone; without a topic nobody is.
	Last    Target
	AskLast func(story Story[E, D]) Request
}

// Story is one run of a saga.
type Story[E, D any] struct {
	Event E // that started it
	Meta  values.Meta
	Data  D
}

// Step is one request of a saga, or an event that it waits for.
type Step[E, D any] struct {
	Do Target
	// Await is the type of an event that is waited for in place of an answer: of
	// the instance that Ask names.
	Await  string
	Beside bool                         // it begins together with the step before
	If     func(story Story[E, D]) bool // nil: always
	Ask    func(story Story[E, D]) Request
	Save   func(story Story[E, D], reply json.RawMessage) (D, error) // nil: nothing is kept
	Pivot  bool                                                      // there is no way back from here on
	// Timeout is how long it may take before the story is turned round; 0: as long
	// as all of them.
	Timeout time.Duration
	// Undo is asked to undo it; without a topic nobody is.
	Undo    Target
	AskUndo func(story Story[E, D]) Request
}

// UndoneThere reports whether a step is undone where it is done, where it is known
// whether it was.
func (s Step[E, D]) UndoneThere() bool {
	return s.Do.Command != "" && s.Undo.Command != "" && s.Do.Topic == s.Undo.Topic
}

// MayComeLater reports whether a step that ran out of time must be called off where
// it is done before it is undone: what undoes it does not do that, or needs to know
// what the step answered.
func (s Step[E, D]) MayComeLater() bool {
	return s.Do.Command != "" && (s.Save != nil || !s.UndoneThere())
}

// Target is who is asked for what.
type Target struct {
	Topic string // of the one who is asked
	Type  string // of the message
	// Command is the full name of a command, of which an instance is named that a
	// request does not name; "": an operation of an external system.
	Command string
}

// Request is what a target is asked.
type Request struct {
	Instance values.ID // that it is for; "": see By
	By       *Lookup   // finds the instance; nil: a new one, or of an undoing, that of its step
	Input    any
}

// Lookup finds an instance by a value that it has.
type Lookup struct {
	Column string          `json:"column"`
	Value  json.RawMessage `json:"value"`
}

// By is a Lookup; no instance has no value.
func By(column string, value any) *Lookup {
	l := &Lookup{Column: column, Value: json.RawMessage("null")}
	if data, err := values.Marshal(value); err == nil {
		l.Value = data
	}
	return l
}

// Saving makes a Step's Save of what a reply changes in the data.
func Saving[E, D, R any](change func(story Story[E, D], reply R) D) func(story Story[E, D], reply json.RawMessage) (D, error) {
	read, broken := strictjson.Lenient[R]()
	return func(story Story[E, D], data json.RawMessage) (D, error) {
		var reply R
		if broken != nil {
			return story.Data, broken
		}
		if err := strictjson.Error(read.Decode(data, &reply)); err != nil {
			return story.Data, fmt.Errorf("reply: %w", err)
		}
		return change(story, reply), nil
	}
}
