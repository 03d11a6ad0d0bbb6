// Package rest is the way in over HTTP. Generated code fills a table of routes
// with typed functions; reading, checking, authorizing and answering is done
// here, once.
package rest

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/esgen/esgen/templates/chassis/inbound"
)

// Config says how requests are taken. The zero value works, and lets nobody in.
type Config = inbound.Config

// Router holds the routes of a service: public ones for actors, and internal
// ones for the other services of the system, which are served on a listener
// that only they reach.
type Router struct {
	config   Config
	public   *table
	internal *table
	errs     []error
}

// NewRouter returns a router without routes.
func NewRouter(config Config) *Router {
	return &Router{config: config.OrDefault(), public: newTable(), internal: newTable()}
}

// Public answers the requests of actors.
func (r *Router) Public() http.Handler { return &front{router: r, table: r.public} }

// Internal answers the requests of other services.
func (r *Router) Internal() http.Handler { return &front{router: r, table: r.internal} }

// Err tells which routes could not be added: patterns that are malformed or in
// conflict, inputs that cannot be read. A service does not start with any.
func (r *Router) Err() error { return errors.Join(r.errs...) }

// Handle adds a public route of the service's own: fn answers, or returns an
// error that is answered as problem details.
func (r *Router) Handle(pattern string, actors []string, fn func(w http.ResponseWriter, req *http.Request, actor Actor) error) {
	r.addPublic(pattern, actors, fn)
}

// HandleInternal adds an internal route of the service's own.
func (r *Router) HandleInternal(pattern string, fn func(w http.ResponseWriter, req *http.Request) error) {
	r.addInternal(pattern, func(w http.ResponseWriter, req *http.Request, _ Actor) error { return fn(w, req) })
}

func (r *Router) fail(format string, args ...any) {
	r.errs = append(r.errs, fmt.Errorf(format, args...))
}
