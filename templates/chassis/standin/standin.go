// Package standin stands in for systems of others, in development and in
// tests: it answers their operations plausibly, or as a script says, and
// remembers what it was asked.
package standin

import (
	"fmt"
	"net/http"
)

// Route is one operation of an external system.
type Route struct {
	External  string // PG
	Operation string // charge
	Method    string // POST
	Path      string // /v1/charges/{id}
	// Reply is what is answered unless a script says else: JSON. Text of the
	// form "{name}" in it is replaced by that field of the request.
	Reply string
}

// Limits bound what is remembered. The zero value has sensible ones.
type Limits struct {
	Calls int   // remembered, the newest; 1000
	Keys  int   // idempotency keys remembered, the newest; 10000
	Body  int64 // bytes read of a request; 1 MiB
}

// Server is the stand-in: an http.Handler.
//
// The operations are served under /<External><path>, and under their paths
// where no other system before has them. Beside them:
//
//	GET    /_calls?external=&operation=      what was asked, oldest first
//	DELETE /_calls                           forget it
//	PUT    /_script/<External>/<Operation>   {"reply": …, "status": 200, "delay": "2s", "fails": 3, "with": {…}}
//	POST   /_script/<External>/<Operation>   likewise, beside those before: of several that fit, the last counts
//	DELETE /_script/<External>/<Operation>   back to the usual reply
//	DELETE /_script                          all of them
//	PUT    /_away/<External>                 nobody reaches it; DELETE: it is back
//	GET    /livez
type Server struct {
	mux     http.Handler
	limits  Limits
	calls   *calls
	scripts *scripts
	keys    *keys
}

// New returns a stand-in for the operations. It says no to routes that are
// malformed or in conflict, and to replies that are no JSON.
func New(routes []Route, limits Limits) (*Server, error) {
	s, err := build(routes, limits)
	if err != nil {
		return nil, fmt.Errorf("stand-in: %w", err)
	}
	return s, nil
}

// ServeHTTP answers.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.mux.ServeHTTP(w, r) }
