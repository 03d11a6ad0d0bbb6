package command

import (
	"errors"
	"fmt"

	"github.com/esgen/esgen/templates/chassis/message"
	"github.com/esgen/esgen/templates/chassis/values"
)

// Error is a refusal by the engine, where a *values.Rejection is one by the
// model. Compare with errors.Is.
type Error struct {
	Code    string
	Kind    values.Kind
	Message string
	is      error
}

func (e *Error) Error() string { return e.Message }

// Unwrap returns the more general error that this one is, if there is one.
func (e *Error) Unwrap() error { return e.is }

// Is tells of errors with the same code.
func (e *Error) Is(target error) bool {
	other, ok := target.(*Error)
	return ok && other.Code == e.Code
}

// The refusals there are; errors that say more are equal to them by errors.Is.
// Those that may end otherwise a moment later are message.ErrUnavailable, so
// that a policy's message is tried again.
var (
	ErrNotFound    = &Error{Code: "NotFound", Kind: values.Missing, Message: "no such instance", is: message.ErrMissing}
	ErrExists      = &Error{Code: "AlreadyExists", Kind: values.Conflict, Message: "it exists already"}
	ErrConflict    = &Error{Code: "Conflict", Kind: values.Conflict, Message: "others keep changing it; try again", is: message.ErrUnavailable}
	ErrCallChanged = &Error{Code: "CallChanged", Kind: values.Conflict, Message: "it changed while another service was asked; try again", is: message.ErrUnavailable}
	ErrVersion     = &Error{Code: "VersionMismatch", Kind: values.Outdated, Message: "it has changed"}
	ErrKeyReused   = &Error{Code: "KeyReused", Kind: values.Rule, Message: "the idempotency key was used for another request"}
	ErrInFlight    = &Error{Code: "InFlight", Kind: values.Conflict, Message: "the same request is being handled", is: message.ErrUnavailable}
	ErrCompensated = &Error{Code: "Compensated", Kind: values.Conflict, Message: "the request was compensated before it came"}
)

// ErrOverdue: the command came when its time was over, and was not looked at.
var ErrOverdue = errors.New("the time of the command is over")

// Saying is the error with what it is about.
func (e *Error) Saying(format string, args ...any) error {
	return &Error{Code: e.Code, Kind: e.Kind, Message: fmt.Sprintf(format, args...), is: e.is}
}
