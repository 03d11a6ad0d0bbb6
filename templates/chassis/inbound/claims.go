package inbound

import (
	"context"
	"net/http"
	"slices"

	"github.com/esgen/esgen/templates/chassis/values"
)

// Claiming is an authenticator that keeps claims, and does not believe a role of
// somebody who has not got what goes with it.
type Claiming struct {
	Authenticator
	// Names are the claims that are kept.
	Names []string
	// Complete tells of a role whether its claims are there; of others nothing is
	// asked.
	Complete map[string]func(values.Claims) bool
}

// Authenticate finds out who asks, and what is claimed of them.
func (c Claiming) Authenticate(r *http.Request) (Actor, error) {
	actor, err := c.Authenticator.Authenticate(r)
	if err != nil {
		return Actor{}, err
	}
	if by, ok := c.Authenticator.(interface {
		Claimed(r *http.Request, names []string) values.Claims
	}); ok {
		actor.Claims = by.Claimed(r, c.Names)
	}
	actor.Roles = slices.DeleteFunc(slices.Clone(actor.Roles), func(role string) bool {
		complete := c.Complete[role]
		return complete != nil && !complete(actor.Claims)
	})
	return actor, nil
}

// Ready reports whether actors can be recognised.
func (c Claiming) Ready(ctx context.Context) error {
	if by, ok := c.Authenticator.(interface {
		Ready(ctx context.Context) error
	}); ok {
		return by.Ready(ctx)
	}
	return nil
}

// HeaderActorClaim begins the headers in which a request says what is claimed of
// who asks, during development: X-Actor-Claim-tenant.
const HeaderActorClaim = "X-Actor-Claim-"

// Claimed reads the headers.
func (DevHeaders) Claimed(r *http.Request, names []string) values.Claims {
	claims := values.Claims{}
	for _, name := range names {
		if said := r.Header.Values(HeaderActorClaim + name); len(said) == 1 {
			claims[name] = said[0]
		}
	}
	return claims
}
