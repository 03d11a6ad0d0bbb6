package rest

import (
	"net/http"
	"reflect"

	"github.com/esgen/esgen/templates/chassis/inbound"
	"github.com/esgen/esgen/templates/chassis/values"
)

// resourceRunner answers the route of an aggregate's state.
type resourceRunner[S any] struct {
	router   *Router
	route    ResourceRoute[S]
	resource inbound.Resource[S]
	shape    shape
}

func addResource[S any](r *Router, route ResourceRoute[S]) {
	if route.Load == nil {
		r.fail("resource %s: Load must be there", route.Name)
		return
	}
	run := &resourceRunner[S]{
		router: r, route: route, shape: shapeOf(reflect.TypeFor[S]()),
		resource: newResource(route),
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
	return writeJSON(w, r, http.StatusOK, body)
}
