package command

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/esgen/esgen/templates/chassis/message"
)

// Error is a refusal by the engine, where a *values.Rejection is one by the
// model. Compare with errors.Is.
type Error struct {
	Code    string
	Status  int // of HTTP
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
	ErrNotFound    = &Error{Code: "NotFound", Status: http.StatusNotFound, Message: "no such instance", is: message.ErrMissing}
	ErrExists      = &Error{Code: "AlreadyExists", Status: http.StatusConflict, Message: "it exists already"}
	ErrConflict    = &Error{Code: "Conflict", Status: http.StatusConflict, Message: "others keep changing it; try again", is: message.ErrUnavailable}
	ErrCallChanged = &Error{Code: "CallChanged", Status: http.StatusConflict, Message: "it changed while another service was asked; try again", is: message.ErrUnavailable}
	ErrVersion     = &Error{Code: "VersionMismatch", Status: http.StatusPreconditionFailed, Message: "it has changed"}
	ErrKeyReused   = &Error{Code: "KeyReused", Status: http.StatusUnprocessableEntity, Message: "the idempotency key was used for another request"}
	ErrInFlight    = &Error{Code: "InFlight", Status: http.StatusConflict, Message: "the same request is being handled", is: message.ErrUnavailable}
	ErrCompensated = &Error{Code: "Compensated", Status: http.StatusConflict, Message: "the request was compensated before it came"}
)

// ErrNotSent: a call did not leave this service, as when its breaker is open.
// There is nothing to compensate.
var ErrNotSent = errors.New("not sent")

// saying is the error with what it is about.
func (e *Error) saying(format string, args ...any) error {
	return &Error{Code: e.Code, Status: e.Status, Message: fmt.Sprintf(format, args...), is: e.is}
}
