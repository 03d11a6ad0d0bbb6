package identity_test

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"

	"github.com/golang-jwt/jwt/v5"

	"github.com/esgen/esgen/templates/chassis/identity"
	"github.com/esgen/esgen/templates/chassis/inbound"
	"github.com/esgen/esgen/templates/chassis/values"
)

// Who lacks a claim that goes with a role has not got the role.
func TestClaims(t *testing.T) {
	t.Parallel()
	i := newIssuer(t)
	by := inbound.Claiming{
		Authenticator: verifier(t, identity.Config{Issuer: i.URL}),
		Names:         []string{"tenant", "level", "vip", "areas"},
		Complete: map[string]func(values.Claims) bool{
			"customer": func(claims values.Claims) bool { return claims.AsText("tenant") != nil },
		},
	}
	for name, c := range map[string]struct {
		says  map[string]any
		roles []string
		areas []string
		level int64 // 0: none
		vip   bool
	}{
		"all":              {map[string]any{"tenant": "acme", "level": 3, "vip": true, "areas": []string{"a", "b c"}}, []string{"customer"}, []string{"a", "b c"}, 3, true},
		"as texts":         {map[string]any{"tenant": "acme", "level": "3", "vip": "true", "areas": "a b,c"}, []string{"customer"}, []string{"a", "b", "c"}, 3, true},
		"nothing":          {nil, nil, nil, 0, false},
		"of wrong types":   {map[string]any{"tenant": 7, "level": 1.5, "vip": 1, "areas": []any{1, "a"}}, nil, []string{"a"}, 0, false},
		"of another's too": {map[string]any{"roles": []string{"customer", "owner"}}, []string{"owner"}, nil, 0, false},
	} {
		token := sign(t, jwt.SigningMethodRS256, rsaKey, i.claims(c.says), map[string]any{"kid": "rsa"})
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
		r.Header.Set("Authorization", "Bearer "+token)
		r.Header.Set("X-Actor-Claim-tenant", "evil")
		actor, err := by.Authenticate(r)
		level, vip := actor.Claims.AsInt("level"), actor.Claims.AsBool("vip")
		if err != nil || !slices.Equal(actor.Roles, c.roles) || !slices.Equal(actor.Claims.AsTexts("areas"), c.areas) ||
			(level != nil) != (c.level != 0) || level != nil && *level != c.level || (vip != nil) != c.vip {
			t.Errorf("%s: %+v, %v", name, actor, err)
		}
		if _, kept := actor.Claims["iss"]; kept {
			t.Errorf("%s: more is kept than is asked", name)
		}
	}
	if err := by.Ready(t.Context()); err != nil {
		t.Error(err)
	}
}
