package rest

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"reflect"
	"strconv"
	"time"

	"github.com/esgen/esgen/templates/chassis/command"
	"github.com/esgen/esgen/templates/chassis/strictjson"
	"github.com/esgen/esgen/templates/chassis/values"
)

// resourceRunner answers the route of an aggregate's state.
type resourceRunner[S any] struct {
	router *Router
	route  ResourceRoute[S]
	shape  shape
}

func addResource[S any](r *Router, route ResourceRoute[S]) {
	if route.Load == nil {
		r.fail("resource %s: Load must be there", route.Name)
		return
	}
	run := &resourceRunner[S]{router: r, route: route, shape: shapeOf(reflect.TypeFor[S]())}
	r.addPublic("GET "+route.Path+"/{id}", route.Actors, run.get)
}

func (x *resourceRunner[S]) get(w http.ResponseWriter, r *http.Request, actor Actor) error {
	id := values.ID(r.PathValue("id"))
	if id.Check() != nil {
		return invalid([]strictjson.Problem{{Pointer: "/id", Code: strictjson.Format, Message: "is no id"}})
	}
	query := newParams(r)
	minVersion := query.minVersion()
	if problems := query.done(); len(problems) > 0 {
		return invalid(problems)
	}
	instance, err := x.load(r.Context(), id, minVersion)
	if err != nil {
		return err
	}
	if x.route.Allow != nil && !x.route.Allow(instance.State, actor) {
		return command.ErrNotFound
	}
	tag := etag(instance.Version)
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
		extra{"id", instance.ID}, extra{"version", instance.Version}, extra{"_links", hal(self, links)})
	if err != nil {
		return err
	}
	return writeJSON(w, r, http.StatusOK, body)
}

// load reads an instance. It looks again until the version is there, or its
// patience is over: then what is there is better than nothing.
func (x *resourceRunner[S]) load(ctx context.Context, id values.ID, minVersion int64) (command.Instance[S], error) {
	deadline := time.Now().Add(x.router.config.Wait)
	for {
		instance, err := x.route.Load(ctx, id)
		behind := errors.Is(err, command.ErrNotFound) && minVersion > 0 || err == nil && instance.Version < minVersion
		if !behind || time.Now().After(deadline) || pause(ctx, 20*time.Millisecond) != nil {
			return instance, err
		}
	}
}

func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d/2 + rand.N(d))
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// versionOf reads a version as a parameter.
func versionOf(text string) (int64, bool) {
	version, err := strconv.ParseInt(text, 10, 64)
	return version, err == nil && version >= 0
}
