// Package inbound is what all ways into a service have in common: who asks and
// whether they may, how a command is run and a view is read, and what is
// answered when that fails. An adapter (rest, grpc) reads a request into the
// terms of this package, and writes the answer in its own.
package inbound

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/esgen/esgen/templates/chassis/client"
	"github.com/esgen/esgen/templates/chassis/command"
	"github.com/esgen/esgen/templates/chassis/httpstatus"
	"github.com/esgen/esgen/templates/chassis/message"
	"github.com/esgen/esgen/templates/chassis/strictjson"
	"github.com/esgen/esgen/templates/chassis/values"
	"github.com/esgen/esgen/templates/chassis/view"
)

// Problem is what goes back when a request fails: problem details, RFC 9457.
type Problem struct {
	Type     string               `json:"type"`
	Title    string               `json:"title"`
	Status   int                  `json:"status"` // of HTTP
	Detail   string               `json:"detail,omitempty"`
	Instance string               `json:"instance,omitempty"`
	Code     string               `json:"code"`
	TraceID  string               `json:"traceId,omitempty"`
	Errors   []strictjson.Problem `json:"errors,omitempty"`

	// RetryAfter is told where it is not zero.
	RetryAfter time.Duration `json:"-"`
}

// Error makes of a problem an error that is answered as it is.
func (p *Problem) Error() string { return p.Code + ": " + p.Detail }

// NewProblem is a problem of a way in: the code names its kind.
func NewProblem(status int, code, detail string) *Problem {
	return &Problem{Status: status, Code: code, Detail: detail}
}

// The codes of problems that are not the model's own, with their status of
// HTTP.
const (
	CodeInvalid        = "invalid"               // 400: see errors
	CodeUnauthorized   = "unauthorized"          // 401
	CodeForbidden      = "forbidden"             // 403
	CodeNotFound       = "not-found"             // 404
	CodeMethod         = "method-not-allowed"    // 405
	CodeTooLarge       = "too-large"             // 413
	CodeMedia          = "unsupported-media"     // 415
	CodePrecondition   = "precondition-required" // 428
	CodeModelError     = "model-error"           // 500: an evaluation without a result
	CodeInternal       = "internal"              // 500
	CodeUnavailable    = "unavailable"           // 503: something this service needs
	CodeOverloaded     = "overloaded"            // 503: this service itself
	CodeTimeout        = "timeout"               // 503: the time for the request is over
	CodeUpstreamFailed = "upstream-failed"       // 502: an answer of something this service needs
	CodeUpstreamSlow   = "upstream-timeout"      // 504
)

// retryAfter is what to wait where nothing better is known.
const retryAfter = time.Second

// StatusClientGone is nginx's for a request whose sender did not wait; nobody
// sees it but the log.
const StatusClientGone = 499

// ProblemOf says what to answer to an error. Errors that are not meant for
// strangers become a 500 that tells nothing; the log has them.
func ProblemOf(err error) Problem {
	var ready *Problem
	var rejection *values.Rejection
	var refused *command.Error
	var fault *values.Fault
	switch {
	case errors.As(err, &ready):
		return *ready
	case errors.As(err, &rejection):
		return Problem{Status: httpstatus.Of(rejection.Kind), Code: rejection.Code, Detail: rejection.Message}
	case errors.As(err, &refused):
		return Problem{Status: httpstatus.Of(refused.Kind), Code: refused.Code, Detail: refused.Message}
	case errors.As(err, &fault):
		return *NewProblem(http.StatusInternalServerError, CodeModelError, "the model has no answer to this request; nothing was stored")
	case errors.Is(err, message.ErrTooLarge):
		return *NewProblem(http.StatusRequestEntityTooLarge, CodeTooLarge, "what would happen is too large to be told")
	case errors.Is(err, view.ErrNotFound):
		return *NotFound()
	case errors.Is(err, view.ErrCursor):
		return *Invalid([]strictjson.Problem{{Pointer: "/cursor", Code: strictjson.Format, Message: view.ErrCursor.Error()}})
	case errors.Is(err, view.ErrQuery):
		return *NewProblem(http.StatusBadRequest, CodeInvalid, view.ErrQuery.Error())
	}
	return technical(err)
}

// outage is an error that says of itself that something is out of reach which
// the service has for itself. Package store has one for its database.
type outage interface {
	error
	Outage()
}

// technical says what to answer when something this service needs does not work.
func technical(err error) Problem {
	var slow *client.Timeout
	var away *client.Unavailable
	var failed *client.Failure
	var own outage
	switch {
	case errors.As(err, &slow):
		return *NewProblem(http.StatusGatewayTimeout, CodeUpstreamSlow, slow.Error())
	case errors.As(err, &away):
		p := *NewProblem(http.StatusServiceUnavailable, CodeUnavailable, away.Dependency+" is not available")
		p.RetryAfter = max(away.RetryAfter, retryAfter)
		return p
	case errors.As(err, &failed):
		return *NewProblem(http.StatusBadGateway, CodeUpstreamFailed, failed.Dependency+" did not give a usable answer")
	case errors.Is(err, context.Canceled):
		p := *NewProblem(StatusClientGone, CodeTimeout, "the request was given up")
		p.Title = "Client Closed Request"
		return p
	case errors.Is(err, context.DeadlineExceeded):
		return *Later(CodeTimeout, "it took too long")
	case errors.As(err, &own), errors.Is(err, message.ErrUnavailable):
		return *Later(CodeUnavailable, "something this service needs is not available")
	}
	return *NewProblem(http.StatusInternalServerError, CodeInternal, "something went wrong")
}

// Later is the problem of what may work a moment later: 503.
func Later(code, detail string) *Problem {
	p := NewProblem(http.StatusServiceUnavailable, code, detail)
	p.RetryAfter = retryAfter
	return p
}

// NotFound is the problem of what is not there, or not for who asks.
func NotFound() *Problem {
	return NewProblem(http.StatusNotFound, CodeNotFound, "there is nothing here")
}

// Invalid is the problem of a request that is not well-formed.
func Invalid(problems []strictjson.Problem) *Problem {
	p := NewProblem(http.StatusBadRequest, CodeInvalid, "the request is not well-formed; see errors")
	p.Errors = problems
	return p
}
