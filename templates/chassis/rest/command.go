package rest

import (
	"context"

	"github.com/esgen/esgen/templates/chassis/command"
)

// CommandRoute is a command as a route, or two: for actors, and for the other
// services.
//
// Requests: the input as a JSON object; fields of it that are in the pattern
// may be left out. Idempotency-Key: a repeated one has one effect and one
// answer. If-Match: the version that the instance must have.
// Replies: 201 with Location when an instance was made, else 200; ETag is the
// version, the body has the reply's fields, id, version and _links.
//
// What the command is called, who may give it and which instance it is for, its
// input says.
type CommandRoute[I command.Input] struct {
	// Pattern is the public route, "POST /orders/{orderId}/cancel"; its
	// wildcards are JSON names of the input. Empty: there is none.
	Pattern string
	// Internal is the path of the internal route,
	// "/internal/commands/Order/PlaceOrder". Empty: there is none.
	Internal string
	// Own are the members of the reply that are the model's own although their
	// names are those of what the service says besides: version.
	Own []string
	// Resource is the path under which instances are read, "/orders"; empty:
	// nowhere.
	Resource string
	// RequireVersion: a public request without If-Match is refused (428).
	RequireVersion bool
	// Do runs the command.
	Do func(ctx context.Context, req command.Request, input I) (command.Outcome, error)
}

// Command adds the routes of a command.
func Command[I command.Input](r *Router, route CommandRoute[I]) { addCommand(r, route) }
