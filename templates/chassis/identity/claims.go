package identity

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"

	"github.com/esgen/esgen/templates/chassis/values"
)

// rolesOf reads the roles of a token: a list, or words with blanks between
// them. Names of claims may have dots, so a claim of the whole name comes
// before a path.
func rolesOf(claims map[string]any, path string) []string {
	value, found := claims[path]
	if !found {
		value = at(claims, path)
	}
	switch value := value.(type) {
	case string:
		return strings.Fields(value)
	case []any:
		var roles []string
		for _, v := range value {
			if role, ok := v.(string); ok {
				roles = append(roles, role)
			}
		}
		return roles
	}
	return nil
}

// at is what is at a path with dots; nil: nothing is.
func at(claims map[string]any, path string) any {
	name, rest, deeper := strings.Cut(path, ".")
	if !deeper {
		return claims[name]
	}
	inner, ok := claims[name].(map[string]any)
	if !ok {
		return nil
	}
	return at(inner, rest)
}

// Claimed are claims of the token of a request that was authenticated: it is not
// verified again.
func (v *Verifier) Claimed(r *http.Request, names []string) values.Claims {
	_, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return nil
	}
	payload, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return nil
	}
	said := map[string]any{}
	decoder := json.NewDecoder(bytes.NewReader(payload))
	decoder.UseNumber()
	if decoder.Decode(&said) != nil {
		return nil
	}
	claims := values.Claims{}
	for _, name := range names {
		if value, ok := said[name]; ok {
			claims[name] = value
		}
	}
	return claims
}
