package inbound

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/esgen/esgen/templates/chassis/values"
)

// Actor is who asks.
type Actor = values.Actor

// Authenticator finds out who asks.
type Authenticator interface {
	// Authenticate returns the actor of a request, or ErrNoIdentity or
	// ErrBadIdentity, wrapped or not; any other error is a failure of its own.
	// It looks at headers alone: those of a gRPC call are its metadata.
	Authenticate(r *http.Request) (Actor, error)
	// Challenge is the WWW-Authenticate header of a 401.
	Challenge() string
}

// Why there is no actor.
var (
	ErrNoIdentity  = errors.New("the request does not say who asks")
	ErrBadIdentity = errors.New("the request does not prove who asks")
)

// Identify finds out who asks, and whether they have one of the roles. Without
// roles nobody may.
func Identify(by Authenticator, r *http.Request, roles []string) (Actor, error) {
	actor, err := by.Authenticate(r)
	switch {
	case errors.Is(err, ErrBadIdentity):
		return Actor{}, NewProblem(http.StatusUnauthorized, CodeUnauthorized, ErrBadIdentity.Error())
	case errors.Is(err, ErrNoIdentity):
		return Actor{}, NewProblem(http.StatusUnauthorized, CodeUnauthorized, ErrNoIdentity.Error())
	case err != nil:
		return Actor{}, err
	case !actor.HasRole(roles...):
		return Actor{}, NewProblem(http.StatusForbidden, CodeForbidden, "this is for others")
	}
	return actor, nil
}

// DenyAll knows nobody: what a service does that was not told how to
// recognise its actors.
type DenyAll struct{}

// Authenticate refuses.
func (DenyAll) Authenticate(*http.Request) (Actor, error) { return Actor{}, ErrNoIdentity }

// Challenge asks for a token.
func (DenyAll) Challenge() string { return "Bearer" }

// Headers in which a request says who asks, during development.
const (
	HeaderActorID    = "X-Actor-Id"
	HeaderActorRoles = "X-Actor-Roles" // separated by commas
	HeadersOfActor   = "X-Actor-"      // what all of them begin with
)

// DevHeaders believes what a request says. It is for development only, and has
// to be asked for (AUTH=dev).
type DevHeaders struct{}

// Authenticate reads the headers.
func (DevHeaders) Authenticate(r *http.Request) (Actor, error) {
	subject := r.Header.Get(HeaderActorID)
	if subject == "" {
		return Actor{}, ErrNoIdentity
	}
	if values.ID(subject).Check() != nil {
		return Actor{}, ErrBadIdentity
	}
	return Actor{Subject: values.ID(subject), Roles: SplitList(r.Header.Get(HeaderActorRoles))}, nil
}

// Challenge tells that a header is missing.
func (DevHeaders) Challenge() string { return "DevHeaders" }

// SplitList reads a list separated by commas.
func SplitList(text string) []string {
	var list []string
	for part := range strings.SplitSeq(text, ",") {
		if part = strings.TrimSpace(part); part != "" {
			list = append(list, part)
		}
	}
	return list
}

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
