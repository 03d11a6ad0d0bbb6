package inbound

import (
	"errors"
	"net/http"
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
