package rest

import (
	"net/http"
	"strings"
)

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
