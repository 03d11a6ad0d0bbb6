package rest

import (
	"net/http"
	"strings"

	"github.com/esgen/esgen/templates/chassis/inbound"
)

// Headers of requests between services, beside traceparent; escaped like parts
// of a path. The public listener does not look at them.
const (
	HeaderKey         = "Esgen-Key"         // idempotency key
	HeaderCompensates = "Esgen-Compensates" // key of the command that this one undoes
	HeaderCorrelation = "Esgen-Correlation"
	HeaderCausation   = "Esgen-Causation"
	HeaderSubject     = "Esgen-Actor"       // subject of the actor on whose behalf
	HeaderRoles       = "Esgen-Actor-Roles" // separated by commas
)

// notModified tells whether the sender has this tag already.
func notModified(r *http.Request, tag string) bool {
	for _, list := range r.Header.Values("If-None-Match") {
		for _, known := range inbound.SplitList(list) {
			if known == "*" || strings.TrimPrefix(known, "W/") == tag {
				return true
			}
		}
	}
	return false
}

// HeaderRequestID names a request, for those who look for it in the logs of
// all that it went through.
const HeaderRequestID = "X-Request-Id"

// maxRequestID is as long as such a name may be.
const maxRequestID = 128

// RequestID is the name a request has; "": none, or none that one would log.
func RequestID(r *http.Request) string {
	id := r.Header.Get(HeaderRequestID)
	if len(id) > maxRequestID || strings.Trim(id, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.:=+/") != "" {
		return ""
	}
	return id
}
