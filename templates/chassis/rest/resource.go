package rest

import (
	"context"
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

// Resource adds the route of an aggregate's state.
func Resource[S any](r *Router, route ResourceRoute[S]) { addResource(r, route) }
