package main

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/MicahParks/keyfunc/v3"
	"github.com/golang-jwt/jwt/v5"
)

type authConfig struct {
	off                    bool // tokens are read and not verified: what does that cost?
	issuer, audience, jwks string
}

var (
	errUnauthorized = errors.New("the request does not prove who asks")
	errForbidden    = errors.New("this is for others")
)

// verifier recognises actors by their tokens.
type verifier struct {
	off    bool
	parser *jwt.Parser
	keys   keyfunc.Keyfunc
}

func newVerifier(ctx context.Context, c authConfig) (*verifier, error) {
	keys, err := keyfunc.NewDefaultCtx(ctx, []string{c.jwks})
	if err != nil {
		return nil, err
	}
	return &verifier{off: c.off, keys: keys, parser: jwt.NewParser(
		jwt.WithValidMethods([]string{"RS256", "ES256", "EdDSA"}), jwt.WithIssuer(c.issuer), jwt.WithAudience(c.audience),
		jwt.WithExpirationRequired(), jwt.WithLeeway(30*time.Second), jwt.WithStrictDecoding(),
	)}, nil
}

type claims struct {
	jwt.RegisteredClaims
	Roles []string `json:"roles"`
}

func (v *verifier) customer(r *http.Request) (subject string, roles []string, err error) {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return "", nil, errUnauthorized
	}
	var c claims
	if v.off {
		_, _, err = v.parser.ParseUnverified(token, &c)
	} else {
		_, err = v.parser.ParseWithClaims(token, &c, v.keys.Keyfunc)
	}
	if err != nil || c.Subject == "" {
		return "", nil, errUnauthorized
	}
	if !slices.Contains(c.Roles, "customer") {
		return "", nil, errForbidden
	}
	return c.Subject, c.Roles, nil
}
