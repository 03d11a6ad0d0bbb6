package client

import (
	"errors"
	"fmt"
	"time"

	"github.com/esgen/esgen/templates/chassis/command"
	"github.com/esgen/esgen/templates/chassis/message"
)

// Timeout: no answer came in time. What was asked for may have happened.
type Timeout struct {
	Dependency string
	Cause      error
}

func (e *Timeout) Error() string { return e.Dependency + " did not answer in time" }

// Unwrap: it is tried again later by who can, like everything unavailable.
func (e *Timeout) Unwrap() []error {
	return causes(e.Cause, command.ErrNoAnswer, message.ErrUnavailable)
}

// Unavailable: the dependency cannot be asked now: its breaker is open, too
// many are asking, it refuses connections, or says so itself.
type Unavailable struct {
	Dependency string
	Reason     string
	RetryAfter time.Duration
	// Sent: the request left, and may have had an effect. Else errors.Is holds
	// for command.ErrNotSent: there is nothing to compensate.
	Sent  bool
	Cause error
}

func (e *Unavailable) Error() string { return e.Dependency + " is not available: " + e.Reason }

// Unwrap tells what kind of trouble it is.
func (e *Unavailable) Unwrap() []error {
	if e.Sent {
		return causes(e.Cause, command.ErrNoAnswer, message.ErrUnavailable)
	}
	return causes(e.Cause, command.ErrNoAnswer, message.ErrUnavailable, command.ErrNotSent)
}

// Failure: an answer came that says neither yes nor no.
type Failure struct {
	Dependency string
	Status     int // 0: the answer could not be read
	Reason     string
	Cause      error

	sent  bool // what was asked for may have happened
	final bool // trying again would not help
}

func (e *Failure) Error() string {
	if e.Status == 0 {
		return fmt.Sprintf("%s: %s", e.Dependency, e.Reason)
	}
	return fmt.Sprintf("%s answered %d: %s", e.Dependency, e.Status, e.Reason)
}

// Unwrap tells what kind of trouble it is. What the other one refused to look
// at had no effect.
func (e *Failure) Unwrap() []error {
	if !e.sent {
		return causes(e.Cause, command.ErrNoAnswer, command.ErrNotSent)
	}
	return causes(e.Cause, command.ErrNoAnswer, message.ErrUnavailable)
}

// IsTechnical tells whether an error is about the call and not about what was
// asked for: it may go away by itself, and a fallback may stand in.
func IsTechnical(err error) bool { return errors.Is(err, command.ErrNoAnswer) }

func causes(cause error, kinds ...error) []error {
	if cause != nil {
		kinds = append(kinds, cause)
	}
	return kinds
}
