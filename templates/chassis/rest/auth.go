package rest

import (
	"context"

	"github.com/esgen/esgen/templates/chassis/inbound"
)

// Who asks is found out alike by every way in.
type (
	Actor         = inbound.Actor
	Authenticator = inbound.Authenticator
	DenyAll       = inbound.DenyAll
	DevHeaders    = inbound.DevHeaders
)

// Why there is no actor.
var (
	ErrNoIdentity  = inbound.ErrNoIdentity
	ErrBadIdentity = inbound.ErrBadIdentity
)

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
