package rest

import (
	"context"

	"github.com/esgen/esgen/templates/chassis/command"
	"github.com/esgen/esgen/templates/chassis/values"
)

// CommandRoute is a command as a route, or two: for actors, and for the other
// services.
//
// Requests: the input as a JSON object; fields of it that are in the pattern
// may be left out. Idempotency-Key: a repeated one has one effect and one
// answer. If-Match: the version that the instance must have.
// Replies: 201 with Location when an instance was made, else 200; ETag is the
// version, the body has the reply's fields, id, version and _links.
type CommandRoute[I any] struct {
	// Name is the command's: "Order.PlaceOrder".
	Name string
	// Pattern is the public route, "POST /orders/{orderId}/cancel"; its
	// wildcards are JSON names of the input. Empty: there is none.
	Pattern string
	// Internal is the path of the internal route,
	// "/internal/commands/Order/PlaceOrder". Empty: there is none.
	Internal string
	// Actors are the roles that may use the public route. None: nobody.
	Actors []string
	Mode   command.Mode
	// ID is the place of the aggregate's id in the input, and IDField its name
	// in JSON. The id may be missing when Mode is New: Request.ID is empty then.
	ID      func(input *I) *values.ID
	IDField string
	// Own are the members of the reply that are the model's own although their
	// names are those of what the service says besides: version.
	Own []string
	// Resource is the path under which instances are read, "/orders"; empty:
	// nowhere.
	Resource string
	// RequireVersion: a public request without If-Match is refused (428).
	RequireVersion bool
	// Do runs the command. The request has all but what only the model knows;
	// its Input is the *I.
	Do func(ctx context.Context, req command.Request, input I) (command.Outcome, error)
}

// Command adds the routes of a command.
func Command[I any](r *Router, route CommandRoute[I]) { addCommand(r, route) }
