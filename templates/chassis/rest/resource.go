package rest

import (
	"context"
	"net/http"
	"reflect"
	"time"

	"github.com/esgen/esgen/templates/chassis/command"
	"github.com/esgen/esgen/templates/chassis/inbound"
	"github.com/esgen/esgen/templates/chassis/values"
)

// Links are the links of a resource by relation; the values are paths, those
// that begin with ../ of another service: a client follows them through the
// gateway, and is told of them there.
type Links map[string]string

// ResourceRoute is the state of an aggregate: GET /orders/{id}, with ETag,
// If-None-Match and ?minVersion=, which waits for a version for a short time.
type ResourceRoute[S any] struct {
	Name string // of the aggregate
	// Path is that of the collection, "/orders".
	Path   string
	Actors []string
	Load   func(ctx context.Context, id values.ID) (command.Instance[S], error)
	// Allow narrows who of the actors may see an instance; for the others it is
	// not there. nil: all of them.
	Allow func(state S, meta values.Stamps, actor inbound.Actor, now time.Time) bool
	// Links are further links of an instance; nil: none.
	Links func(state S) Links
}

// resourceRunner answers the route of an aggregate's state.
type resourceRunner[S any] struct {
	router   *Router
	route    ResourceRoute[S]
	resource inbound.Resource[S]
	shape    shape
}

// Resource adds the route of an aggregate's state.
func Resource[S any](r *Router, route ResourceRoute[S]) {
	if route.Load == nil {
		r.fail("resource %s: Load must be there", route.Name)
		return
	}
	run := &resourceRunner[S]{
		router: r, route: route, shape: shapeOf(reflect.TypeFor[S]()),
		resource: newResource(route),
	}
	if len(route.Actors) > 0 {
		r.resources[route.Name] = route.Path
	}
	r.addPublic("GET "+route.Path+"/{id}", route.Actors, run.get)
}

func newResource[S any](route ResourceRoute[S]) inbound.Resource[S] {
	return inbound.Resource[S]{Name: route.Name, Actors: route.Actors, Load: route.Load, Allow: route.Allow}
}

func (x *resourceRunner[S]) get(w http.ResponseWriter, r *http.Request, actor inbound.Actor) error {
	query := newParams(r)
	minVersion := query.minVersion()
	if problems := query.done(); len(problems) > 0 {
		return inbound.Invalid(problems)
	}
	id := values.ID(r.PathValue("id"))
	instance, err := x.resource.Read(r.Context(), x.router.config, actor, id, "/id", minVersion)
	if err != nil {
		return err
	}
	tag := inbound.ETag(instance.Version)
	w.Header().Set("ETag", tag)
	w.Header().Set("Cache-Control", "private, no-cache")
	if notModified(r, tag) {
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	var links Links
	if x.route.Links != nil {
		links = x.route.Links(instance.State)
	}
	self := instancePath(x.route.Path, instance.ID)
	body, err := x.shape.extend(instance.State,
		extra{"id", instance.ID}, extra{"version", instance.Version}, extra{"meta", instance.Meta}, extra{"_links", hal(r, self, links)})
	if err != nil {
		return err
	}
	return WriteJSON(w, r, http.StatusOK, body)
}
