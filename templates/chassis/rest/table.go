package rest

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/esgen/esgen/templates/chassis/inbound"
)

// table is the routes of one listener.
type table struct {
	mux     *http.ServeMux
	methods []string                // that any route has
	routes  map[string]http.Handler // by their patterns
}

// handler answers, or returns an error that is answered for it.
type handler func(w http.ResponseWriter, r *http.Request, actor inbound.Actor) error

func newTable() *table { return &table{mux: http.NewServeMux(), routes: map[string]http.Handler{}} }

// add adds a route of a method. A path that ends with a slash means itself, not
// all that is below it, as it does to ServeMux.
func (t *table) add(pattern string, h http.Handler) error {
	method, path, found := strings.Cut(pattern, " ")
	if !found || !strings.HasPrefix(path, "/") {
		return fmt.Errorf("route %q: must be a method and a path", pattern)
	}
	exact := pattern
	if strings.HasSuffix(path, "/") {
		exact += "{$}"
	}
	if err := t.register(exact, h); err != nil {
		return err
	}
	t.routes[pattern] = h
	if !slices.Contains(t.methods, method) {
		t.methods = append(t.methods, method)
		slices.Sort(t.methods)
	}
	return nil
}

// register adds a pattern. ServeMux panics at those it does not like; here they
// are errors.
func (t *table) register(pattern string, h http.Handler) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("route %q: %v", pattern, p)
		}
	}()
	t.mux.Handle(pattern, h)
	return nil
}

// pattern is that of the route that takes a request; "": none does. To a path
// that lacks the slash ServeMux would redirect.
func (t *table) pattern(r *http.Request) string {
	_, pattern := t.mux.Handler(r)
	if strings.HasSuffix(pattern, "/{$}") && !strings.HasSuffix(r.URL.Path, "/") {
		return ""
	}
	return pattern
}

// allowed lists the methods that a path has routes for.
func (t *table) allowed(r *http.Request) []string {
	var allowed []string
	for _, method := range t.methods {
		probe := &http.Request{Method: method, URL: r.URL, Host: r.Host}
		if t.pattern(probe) != "" {
			allowed = append(allowed, method)
			if method == http.MethodGet {
				allowed = append(allowed, http.MethodHead)
			}
		}
	}
	return allowed
}

// addPublic adds a route for actors. Without actors there is nobody who may
// use it, and no route.
func (r *Router) addPublic(pattern string, actors []string, h handler) {
	if len(actors) == 0 {
		return
	}
	if err := r.public.add(pattern, &endpoint{router: r, actors: actors, handle: h}); err != nil {
		r.fail("%w", err)
	}
}

// Renamed answers a route of before as the one that took its place, which was added
// already; its wildcards are called the same.
func (r *Router) Renamed(was, is string) {
	h, known := r.public.routes[is]
	if !known {
		r.fail("route %q: %q takes its place, and is none", was, is)
		return
	}
	if err := r.public.add(was, h); err != nil {
		r.fail("%w", err)
	}
}

// addInternal adds a route for other services, which are trusted by reaching it.
func (r *Router) addInternal(pattern string, h handler) {
	if err := r.internal.add(pattern, &endpoint{router: r, internal: true, handle: h}); err != nil {
		r.fail("%w", err)
	}
}
