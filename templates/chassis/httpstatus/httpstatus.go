// Package httpstatus says in terms of HTTP what the domain says in its own.
package httpstatus

import (
	"net/http"
	"strconv"

	"github.com/esgen/esgen/templates/chassis/values"
)

var statuses = map[values.Kind]int{
	values.Rule:       http.StatusUnprocessableEntity,
	values.Malformed:  http.StatusBadRequest,
	values.Unpaid:     http.StatusPaymentRequired,
	values.Forbidden:  http.StatusForbidden,
	values.Missing:    http.StatusNotFound,
	values.Conflict:   http.StatusConflict,
	values.Gone:       http.StatusGone,
	values.Outdated:   http.StatusPreconditionFailed,
	values.Locked:     http.StatusLocked,
	values.TooEarly:   http.StatusTooEarly,
	values.TooMany:    http.StatusTooManyRequests,
	values.Unfinished: http.StatusNotImplemented,
}

// Of is the status to answer a kind of rejection with. One that is none of a
// refusal is that of a rule.
func Of(kind values.Kind) int {
	if status, ok := statuses[kind]; ok {
		return status
	}
	if status, err := strconv.Atoi(string(kind)); err == nil && status >= 400 && status <= 599 {
		return status
	}
	return http.StatusUnprocessableEntity
}

// Kind is the kind of rejection that a status stands for.
func Kind(status int) values.Kind {
	for kind, s := range statuses {
		if s == status {
			return kind
		}
	}
	return values.Kind(strconv.Itoa(status))
}
