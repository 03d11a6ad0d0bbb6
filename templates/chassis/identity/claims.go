package identity

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"

	"github.com/esgen/esgen/templates/chassis/values"
)

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
