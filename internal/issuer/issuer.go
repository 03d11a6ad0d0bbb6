// Package issuer is an identity provider for development: it makes tokens for
// whoever one wants to be, and publishes the key they are verified with, as
// OpenID Connect Discovery 1.0 and RFC 7517 have it. What it makes is a good
// token only where somebody trusts it.
package issuer

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/MicahParks/jwkset"
	"github.com/golang-jwt/jwt/v5"
)

// Issuer makes tokens.
type Issuer struct {
	URL      string // the iss of its tokens, and where it is asked for its key
	Audience string // their aud
	key      ed25519.PrivateKey
}

// kept is an issuer in its file.
type kept struct {
	URL      string `json:"url"`
	Audience string `json:"audience"`
	Seed     []byte `json:"seed"` // of the key
}

// Open is the issuer of a file, at a URL. Its key is that of earlier runs, so
// that their tokens stay good; the first time one is made.
func Open(file, url, audience string) (*Issuer, error) {
	i, err := Load(file)
	if errors.Is(err, fs.ErrNotExist) {
		i = &Issuer{}
		_, i.key, err = ed25519.GenerateKey(rand.Reader)
	}
	if err != nil {
		return nil, err
	}
	i.URL, i.Audience = url, audience
	data, err := json.Marshal(kept{url, audience, i.key.Seed()})
	if err != nil {
		return nil, err
	}
	return i, os.WriteFile(file, data, 0o600)
}

// Load is the issuer of a file, as it was opened last.
func Load(file string) (*Issuer, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var k kept
	if err := json.Unmarshal(data, &k); err != nil || len(k.Seed) != ed25519.SeedSize {
		return nil, fmt.Errorf("%s: it is damaged; without it, the next run makes a new one", file)
	}
	return &Issuer{URL: k.URL, Audience: k.Audience, key: ed25519.NewKeyFromSeed(k.Seed)}, nil
}

// Token makes a token for a subject with roles that is good for a while. Nobody
// in particular is the first of a role: customer-1.
func (i *Issuer) Token(subject string, roles []string, ttl time.Duration) (string, error) {
	return i.TokenSaying(nil, subject, roles, ttl)
}

// TokenSaying is a token that says more: claims by their names, none of which is one
// that every token has.
func (i *Issuer) TokenSaying(claims map[string]string, subject string, roles []string, ttl time.Duration) (string, error) {
	if subject == "" && len(roles) > 0 {
		subject = roles[0] + "-1"
	}
	all := map[string]any{}
	for name, said := range claims {
		all[name] = said
	}
	now := time.Now()
	maps.Copy(all, map[string]any{
		"iss": i.URL, "aud": i.Audience, "sub": subject, "roles": roles, "iat": now.Unix(), "exp": now.Add(ttl).Unix(),
	})
	return i.Sign(all)
}

// Sign makes a token of any claims, good or bad.
func (i *Issuer) Sign(claims map[string]any) (string, error) {
	token := jwt.NewWithClaims(jwt.SigningMethodEdDSA, jwt.MapClaims(claims))
	token.Header["kid"] = i.keyID()
	return token.SignedString(i.key)
}

// keyID names the key: another key has another name.
func (i *Issuer) keyID() string {
	sum := sha256.Sum256(i.key.Public().(ed25519.PublicKey))
	return base64.RawURLEncoding.EncodeToString(sum[:8])
}

// Where tokens are made, and what is asked for.
const (
	TokenPath = "/token"
	Subject   = "sub"
	Roles     = "role"   // one, or several with commas between
	Claim     = "claim." // and its name
)

// usual is how long a token is good for.
const usual = time.Hour

// token makes a token for whoever asks. It is asked by its own name only, so
// that no page of another one can have a browser ask, and read the answer.
func (i *Issuer) token(w http.ResponseWriter, r *http.Request) {
	host, _, err := net.SplitHostPort(r.Host)
	if err != nil {
		host = r.Host
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		http.Error(w, "tokens are made for this machine only", http.StatusForbidden)
		return
	}
	roles := slices.DeleteFunc(strings.Split(strings.Join(r.URL.Query()[Roles], ","), ","), func(role string) bool { return role == "" })
	if len(roles) == 0 {
		http.Error(w, "as whom? write "+TokenPath+"?"+Roles+"=customer&"+Subject+"=customer-1", http.StatusBadRequest)
		return
	}
	claims := map[string]string{}
	for name := range r.URL.Query() {
		if claim, ok := strings.CutPrefix(name, Claim); ok {
			claims[claim] = r.URL.Query().Get(name)
		}
	}
	token, err := i.TokenSaying(claims, r.URL.Query().Get(Subject), roles, usual)
	if err != nil {
		http.Error(w, "the token cannot be made", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	_, _ = io.WriteString(w, token+"\n") // who asked may be gone
}

// Handler makes tokens, and answers with the discovery document and the key.
func (i *Issuer) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, map[string]any{
			"issuer": i.URL, "jwks_uri": i.URL + "/jwks.json",
			"id_token_signing_alg_values_supported": []string{"EdDSA"}, "subject_types_supported": []string{"public"},
			"response_types_supported": []string{"token"},
		})
	})
	mux.HandleFunc("GET "+TokenPath, i.token)
	mux.HandleFunc("GET /jwks.json", func(w http.ResponseWriter, r *http.Request) {
		set, err := i.published(r.Context())
		if err != nil {
			http.Error(w, "the key cannot be written", http.StatusInternalServerError)
			return
		}
		answer(w, set)
	})
	return mux
}

// published is the public half of the key.
func (i *Issuer) published(ctx context.Context) (json.RawMessage, error) {
	jwk, err := jwkset.NewJWKFromKey(i.key.Public(), jwkset.JWKOptions{
		Metadata: jwkset.JWKMetadataOptions{KID: i.keyID(), USE: jwkset.UseSig, ALG: jwkset.AlgEdDSA},
	})
	if err != nil {
		return nil, err
	}
	storage := jwkset.NewMemoryStorage()
	if err := storage.KeyWrite(ctx, jwk); err != nil {
		return nil, err
	}
	return storage.JSONPublic(ctx)
}

func answer(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v) // who asked may be gone
}
