// Package rest is the way in over HTTP. Generated code fills a table of routes
// with typed functions; reading, checking, authorizing and answering is done
// here, once.
package rest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/esgen/esgen/templates/chassis/inbound"
)

// Router holds the routes of a service: public ones for actors, and internal
// ones for the other services of the system, which are served on a listener
// that only they reach.
type Router struct {
	config   inbound.Config
	public   *table
	internal *table
	around   []func(http.Handler) http.Handler // of the public routes, the outermost last
	errs     []error
	commands map[string]string // their internal paths, by name
	// resources are the paths under which instances are read, by their aggregate.
	resources map[string]string
	lasting   lasting // nil: no answers do
}

// NewRouter returns a router without routes.
func NewRouter(config inbound.Config) *Router {
	return &Router{
		config: config.OrDefault(), public: newTable(), internal: newTable(), commands: map[string]string{}, resources: map[string]string{},
	}
}

// Public answers the requests of actors.
func (r *Router) Public() http.Handler {
	var h http.Handler = &front{router: r, table: r.public}
	for _, around := range r.around {
		h = around(h)
	}
	return h
}

// Internal answers the requests of other services.
func (r *Router) Internal() http.Handler { return &front{router: r, table: r.internal} }

// CommandPath is the internal path of a command, "Order.PlaceOrder"; empty: it
// has none.
func (r *Router) CommandPath(name string) string { return r.commands[name] }

// Err tells which routes could not be added: patterns that are malformed or in
// conflict, inputs that cannot be read. A service does not start with any.
func (r *Router) Err() error { return errors.Join(r.errs...) }

// Ready reports whether the router can find out who asks: an authenticator
// that needs something for it has a method of that name.
func (r *Router) Ready(ctx context.Context) error {
	if a, ok := r.config.Authenticator.(interface {
		Ready(ctx context.Context) error
	}); ok {
		return a.Ready(ctx)
	}
	return nil
}

// Handle adds a public route of the service's own: fn answers, or returns an
// error that is answered as problem details.
func (r *Router) Handle(pattern string, actors []string, fn func(w http.ResponseWriter, req *http.Request, actor inbound.Actor) error) {
	r.addPublic(pattern, actors, fn)
}

// HandleOpen adds a public route for everybody, known or not. A path without a
// method is for all of them.
func (r *Router) HandleOpen(pattern string, fn func(w http.ResponseWriter, req *http.Request) error) {
	h := func(w http.ResponseWriter, req *http.Request, _ inbound.Actor) error { return fn(w, req) }
	add := r.public.add
	if strings.HasPrefix(pattern, "/") {
		add = r.public.register
	}
	if err := add(pattern, &endpoint{router: r, open: true, handle: h}); err != nil {
		r.fail("%w", err)
	}
}

// UseClock has the routes go by a clock of their own. It is for tests, and for
// before the first request.
func (r *Router) UseClock(clock func() time.Time) { r.config.Clock = clock }

// Around puts something around all public routes, and around what was put there
// before.
func (r *Router) Around(around func(http.Handler) http.Handler) { r.around = append(r.around, around) }

// HandleInternal adds an internal route of the service's own.
func (r *Router) HandleInternal(pattern string, fn func(w http.ResponseWriter, req *http.Request) error) {
	r.addInternal(pattern, func(w http.ResponseWriter, req *http.Request, _ inbound.Actor) error { return fn(w, req) })
}

func (r *Router) fail(format string, args ...any) {
	r.errs = append(r.errs, fmt.Errorf(format, args...))
}

// PathDocument is where a service tells everybody what its public routes are.
const PathDocument = "/openapi.yaml"

// Document adds the route that tells what the public routes are, in OpenAPI.
func (r *Router) Document(openAPI []byte) {
	tag := fmt.Sprintf("%q", fmt.Sprintf("%x", sha256.Sum256(openAPI)))
	r.HandleOpen("GET "+PathDocument, func(w http.ResponseWriter, req *http.Request) error {
		w.Header().Set("Content-Type", "application/yaml")
		w.Header().Set("Cache-Control", "no-cache")
		w.Header().Set("ETag", tag)
		http.ServeContent(w, req, "", time.Time{}, bytes.NewReader(openAPI))
		return nil
	})
}
