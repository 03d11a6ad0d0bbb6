package client

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/esgen/esgen/templates/chassis/command"
	"github.com/esgen/esgen/templates/chassis/httpstatus"
	"github.com/esgen/esgen/templates/chassis/values"
)

// judge tells what an answer means: yes, no, or trouble.
func (d *Dependency) judge(req request, a *answer) error {
	if a.status >= 200 && a.status < 300 {
		return nil
	}
	p := readProblem(a)
	switch a.status {
	case http.StatusRequestTimeout, http.StatusGatewayTimeout:
		return &Timeout{Dependency: d.name}
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		return &Unavailable{Dependency: d.name, Reason: "it says so", RetryAfter: waitOf(a.header), Sent: true}
	case http.StatusConflict:
		if req.internal && p.Code == command.ErrInFlight.Code {
			// An earlier try of ours is still being handled: it may yet succeed.
			return &Timeout{Dependency: d.name, Cause: errInFlight}
		}
	}
	if a.status >= 500 {
		return &Failure{Dependency: d.name, Status: a.status, Reason: p.Code, sent: true, final: p.Code == codeModelError}
	}
	if a.status < 400 || isOurs(req, a.status) {
		return &Failure{Dependency: d.name, Status: a.status, Reason: p.Code, final: true}
	}
	return rejection(req, a.status, p)
}

// codeModelError is a fault of the other one's model: it will be there next time.
const codeModelError = "model-error"

var errInFlight = errors.New("an earlier try is still being handled")

// isOurs tells of refusals that mean that the request is not what the two have
// agreed on: somebody must change code or configuration.
func isOurs(req request, status int) bool {
	switch status {
	case http.StatusUnauthorized, http.StatusMethodNotAllowed, http.StatusNotAcceptable, http.StatusRequestEntityTooLarge,
		http.StatusUnsupportedMediaType, http.StatusPreconditionRequired, http.StatusProxyAuthRequired:
		return true
	case http.StatusBadRequest:
		// Other systems say so of anything they do not like, a card for one.
		return req.internal
	}
	return false
}

// rejection is the other one's no. An external system's status is its own
// matter; to who asked this service, it is a rule that does not hold.
func rejection(req request, status int, p problem) error {
	if !req.internal {
		status = http.StatusUnprocessableEntity
	}
	if p.Code == "" {
		p.Code = "Rejected"
	}
	return values.Reject(httpstatus.Kind(status), p.Code, p.Detail)
}

// problem is what is read of problem details.
type problem struct {
	Code   string `json:"code"`
	Title  string `json:"title"`
	Detail string `json:"detail"`
}

// Bounds of what is repeated of somebody else's words.
const (
	maxCode   = 64
	maxDetail = 300
)

func readProblem(a *answer) problem {
	var p problem
	if json.Unmarshal(a.body, &p) != nil {
		return problem{} // a page of HTML from something in between
	}
	if p.Detail == "" {
		p.Detail = p.Title
	}
	if len(p.Code) > maxCode {
		p.Code = ""
	}
	if len(p.Detail) > maxDetail {
		p.Detail = p.Detail[:maxDetail]
	}
	return p
}

// maxWait is as long as a Retry-After is believed.
const maxWait = 5 * time.Minute

func waitOf(h http.Header) time.Duration {
	seconds, err := strconv.Atoi(h.Get("Retry-After"))
	if err != nil || seconds < 0 {
		return time.Second
	}
	return min(time.Duration(seconds)*time.Second, maxWait)
}

// broken tells what it means that no answer came.
func (d *Dependency) broken(ctx context.Context, err error) error {
	var dial *net.OpError
	var dns *net.DNSError
	switch {
	case errors.As(err, &dns), errors.As(err, &dial) && dial.Op == "dial":
		return &Unavailable{Dependency: d.name, Reason: "it cannot be reached", RetryAfter: time.Second, Cause: err}
	case errors.Is(ctx.Err(), context.Canceled):
		return &Timeout{Dependency: d.name, Cause: context.Canceled}
	case ctx.Err() != nil, isTimeout(err):
		return &Timeout{Dependency: d.name, Cause: err}
	}
	return &Unavailable{Dependency: d.name, Reason: "the connection broke", RetryAfter: time.Second, Sent: true, Cause: err}
}

func isTimeout(err error) bool {
	var network net.Error
	return errors.As(err, &network) && network.Timeout()
}

// isPassing tells of trouble that may be over at the next try.
func isPassing(err error) bool {
	var failure *Failure
	if errors.As(err, &failure) {
		return !failure.final
	}
	return IsTechnical(err) && !errors.Is(err, context.Canceled)
}

// isAlarming tells of trouble that is a sign that a dependency is not well.
func isAlarming(err error) bool {
	return isPassing(err) && !errors.Is(err, errInFlight)
}

// mayHaveHappened tells of a try whose effect nobody knows.
func mayHaveHappened(err error) bool {
	var timeout *Timeout
	var away *Unavailable
	var failure *Failure
	switch {
	case errors.As(err, &timeout):
		return true
	case errors.As(err, &away):
		return away.Sent
	case errors.As(err, &failure):
		return failure.sent
	}
	return false
}

// isOwn tells of the errors of this package.
func isOwn(err error) bool {
	var rejection *values.Rejection
	return IsTechnical(err) || errors.As(err, &rejection)
}
