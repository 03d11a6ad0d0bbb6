// Package identity recognises actors by the tokens of an identity provider:
// JSON Web Tokens (RFC 7519), as access tokens of OAuth 2.0 carry them
// (RFC 9068), signed with a key of the provider's published set (RFC 7517).
package identity

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/esgen/esgen/templates/chassis/inbound"
	"github.com/esgen/esgen/templates/chassis/values"
)

// Config says whose tokens are believed.
type Config struct {
	// Issuer must be the iss of a token, letter by letter.
	Issuer string
	// Audience must be one of the aud of a token: a token for somebody else is
	// none for us.
	Audience string
	// JWKS is the URL of the issuer's keys; empty: the issuer's discovery document
	// tells (OpenID Connect Discovery 1.0).
	JWKS string
	// Roles is the claim that has the roles, or the path to it with dots:
	// "realm_access.roles" as Keycloak has it; empty: "roles".
	Roles string
	// Client fetches the keys; nil: one with sensible limits.
	Client *http.Client
}

// algorithms are those of which only the issuer can have made a signature. A
// token that says "none", or HMAC, whose key would be one that everybody knows,
// is not looked at.
var algorithms = []string{"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"}

// leeway is how far the clocks of issuer and service may be apart.
const leeway = 30 * time.Second

// Verifier verifies tokens. It is safe for concurrent use.
type Verifier struct {
	keys   *keys
	parser *jwt.Parser
	roles  string
	proven proven
}

// New returns a verifier. Nobody is asked yet: the issuer may be down when the
// service starts.
func New(config Config) (*Verifier, error) {
	if config.Issuer == "" || config.Audience == "" {
		return nil, errors.New("identity: issuer and audience must be said: a token of anybody, or for anybody, proves nothing")
	}
	for _, text := range []string{config.Issuer, config.JWKS} {
		if text != "" && !isURL(text) {
			return nil, errors.New("identity: issuer and keys must be URLs, https://host or http://host")
		}
	}
	if config.Roles == "" {
		config.Roles = "roles"
	}
	if config.Client == nil {
		config.Client = &http.Client{Timeout: fetchFor}
	}
	return &Verifier{
		keys:  &keys{client: config.Client, issuer: config.Issuer, url: config.JWKS, now: time.Now},
		roles: config.Roles,
		parser: jwt.NewParser(jwt.WithValidMethods(algorithms), jwt.WithIssuer(config.Issuer), jwt.WithAudience(config.Audience),
			jwt.WithExpirationRequired(), jwt.WithLeeway(leeway), jwt.WithStrictDecoding()),
	}, nil
}

func isURL(text string) bool {
	u, err := url.Parse(text)
	return err == nil && u.Host != "" && (u.Scheme == "http" || u.Scheme == "https")
}

// Authenticate finds the token of a request (RFC 6750), and verifies it.
func (v *Verifier) Authenticate(r *http.Request) (inbound.Actor, error) {
	headers := r.Header.Values("Authorization")
	switch len(headers) {
	case 0:
		return inbound.Actor{}, inbound.ErrNoIdentity
	case 1:
	default: // those behind us might take the other one
		return inbound.Actor{}, inbound.ErrBadIdentity
	}
	scheme, token, _ := strings.Cut(headers[0], " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return inbound.Actor{}, inbound.ErrBadIdentity
	}
	return v.Verify(r.Context(), strings.TrimSpace(token))
}

// Challenge asks for a token.
func (v *Verifier) Challenge() string { return "Bearer" }

// Verify is who a token is about. The error is inbound.ErrBadIdentity, wrapped; or
// a *inbound.Problem of status 503 when the issuer's keys cannot be had: then
// nothing is known against who asks.
func (v *Verifier) Verify(ctx context.Context, token string) (inbound.Actor, error) {
	keys, err := v.keys.first(ctx)
	if err != nil {
		return inbound.Actor{}, &inbound.Problem{
			Status: http.StatusServiceUnavailable, Code: inbound.CodeUnavailable,
			Detail: "who asks cannot be verified now", RetryAfter: firstAgain,
		}
	}
	if actor, ok := v.proven.find(token, keys, time.Now()); ok {
		return actor, nil
	}
	claims := jwt.MapClaims{}
	_, err = v.parser.ParseWithClaims(token, claims, func(t *jwt.Token) (any, error) {
		if _, critical := t.Header["crit"]; critical {
			return nil, errors.New("it has extensions that must be understood") // RFC 7515, 4.1.11
		}
		return v.keys.of(ctx, t)
	})
	if err != nil {
		return inbound.Actor{}, fmt.Errorf("%w: %w", inbound.ErrBadIdentity, err)
	}
	subject, err := claims.GetSubject()
	if err != nil || values.ID(subject).Check() != nil {
		return inbound.Actor{}, fmt.Errorf("%w: its subject is no id", inbound.ErrBadIdentity)
	}
	actor := inbound.Actor{Subject: values.ID(subject), Roles: rolesOf(claims, v.roles)}
	if until, err := claims.GetExpirationTime(); err == nil && until != nil {
		v.proven.add(token, proof{actor, until.Time, keys})
	}
	return actor, nil
}

// Ready reports whether tokens can be verified. Once the keys are known they
// can, even when the issuer is down.
func (v *Verifier) Ready(ctx context.Context) error {
	_, err := v.keys.first(ctx)
	return err
}
