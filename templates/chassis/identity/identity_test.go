package identity_test

import (
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/MicahParks/jwkset"
	"github.com/golang-jwt/jwt/v5"

	"github.com/esgen/esgen/templates/chassis/identity"
	"github.com/esgen/esgen/templates/chassis/inbound"
	"github.com/esgen/esgen/templates/chassis/rest"
)

func verifier(t *testing.T, config identity.Config) *identity.Verifier {
	t.Helper()
	if config.Audience == "" {
		config.Audience = "shop"
	}
	v, err := identity.New(config)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// statusOf asks a route for customers, with these Authorization headers.
func statusOf(t *testing.T, v *identity.Verifier, headers ...string) int {
	t.Helper()
	router := rest.NewRouter(inbound.Config{Authenticator: v})
	router.Handle("GET /orders", []string{"customer"}, func(w http.ResponseWriter, _ *http.Request, actor inbound.Actor) error {
		if actor.Subject != "c-1" {
			t.Errorf("the actor is %q", actor.Subject)
		}
		w.WriteHeader(http.StatusNoContent)
		return nil
	})
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/orders", nil)
	r.Header["Authorization"] = headers
	w := httptest.NewRecorder()
	router.Public().ServeHTTP(w, r)
	if (w.Header().Get("Retry-After") != "") != (w.Code == 503) || (w.Header().Get("WWW-Authenticate") == "Bearer") != (w.Code == 401) {
		t.Errorf("%d with %v", w.Code, w.Header())
	}
	return w.Code
}

func TestTokens(t *testing.T) {
	t.Parallel()
	i := newIssuer(t)
	v := verifier(t, identity.Config{Issuer: i.URL})
	rs := func(changes map[string]any) string {
		return "Bearer " + sign(t, jwt.SigningMethodRS256, rsaKey, i.claims(changes), map[string]any{"kid": "rsa"})
	}
	in := func(d time.Duration) int64 { return time.Now().Add(d).Unix() }
	public := x509.MarshalPKCS1PublicKey(&rsaKey.PublicKey)
	pemKey := pem.EncodeToMemory(&pem.Block{Type: "RSA PUBLIC KEY", Bytes: public})
	good := rs(nil)
	head, rest, _ := strings.Cut(good, ".")
	payload, signature, _ := strings.Cut(rest, ".")
	forged := base64.RawURLEncoding.EncodeToString([]byte(`{"iss":"` + i.URL + `","aud":"shop","sub":"c-1","roles":["customer"],"exp":9999999999}`))
	for name, test := range map[string]struct {
		headers []string
		want    int
	}{
		"good":                          {[]string{good}, 204},
		"scheme in small letters":       {[]string{"b" + good[1:]}, 204},
		"signed with ES256":             {[]string{"Bearer " + sign(t, jwt.SigningMethodES256, i.keys["ec"], i.claims(nil), map[string]any{"kid": "ec"})}, 204},
		"signed with EdDSA":             {[]string{"Bearer " + sign(t, jwt.SigningMethodEdDSA, i.keys["ed"], i.claims(nil), map[string]any{"kid": "ed"})}, 204},
		"without a kid":                 {[]string{"Bearer " + sign(t, jwt.SigningMethodRS256, rsaKey, i.claims(nil), nil)}, 204},
		"one audience as text":          {[]string{rs(map[string]any{"aud": "shop"})}, 204},
		"expired a second ago":          {[]string{rs(map[string]any{"exp": in(-time.Second)})}, 204},
		"valid in a second":             {[]string{rs(map[string]any{"nbf": in(time.Second)})}, 204},
		"none":                          {nil, 401},
		"empty":                         {[]string{""}, 401},
		"two headers":                   {[]string{good, good}, 401},
		"another scheme":                {[]string{"Basic " + base64.StdEncoding.EncodeToString([]byte("a:b"))}, 401},
		"no token":                      {[]string{"Bearer"}, 401},
		"garbage":                       {[]string{"Bearer a.b.c"}, 401},
		"garbage without dots":          {[]string{"Bearer garbage"}, 401},
		"wrong role":                    {[]string{rs(map[string]any{"roles": []string{"owner"}})}, 403},
		"no roles":                      {[]string{rs(map[string]any{"roles": nil})}, 403},
		"roles of a wrong type":         {[]string{rs(map[string]any{"roles": map[string]any{"customer": true}})}, 403},
		"expired":                       {[]string{rs(map[string]any{"exp": in(-time.Minute)})}, 401},
		"without end":                   {[]string{rs(map[string]any{"exp": nil})}, 401},
		"not yet valid":                 {[]string{rs(map[string]any{"nbf": in(time.Minute)})}, 401},
		"wrong issuer":                  {[]string{rs(map[string]any{"iss": "https://evil.example"})}, 401},
		"no issuer":                     {[]string{rs(map[string]any{"iss": nil})}, 401},
		"wrong audience":                {[]string{rs(map[string]any{"aud": []string{"bank"}})}, 401},
		"no audience":                   {[]string{rs(map[string]any{"aud": nil})}, 401},
		"no subject":                    {[]string{rs(map[string]any{"sub": nil})}, 401},
		"an empty subject":              {[]string{rs(map[string]any{"sub": ""})}, 401},
		"a subject that is no id":       {[]string{rs(map[string]any{"sub": "a\nb"})}, 401},
		"unknown kid":                   {[]string{"Bearer " + sign(t, jwt.SigningMethodRS256, rsaKey, i.claims(nil), map[string]any{"kid": "other"})}, 401},
		"kid of another type":           {[]string{"Bearer " + sign(t, jwt.SigningMethodRS256, rsaKey, i.claims(nil), map[string]any{"kid": 7})}, 401},
		"kid of another key":            {[]string{"Bearer " + sign(t, jwt.SigningMethodRS256, rsaKey, i.claims(nil), map[string]any{"kid": "ec"})}, 401},
		"another's key":                 {[]string{"Bearer " + sign(t, jwt.SigningMethodES256, ecKey(t), i.claims(nil), map[string]any{"kid": "ec"})}, 401},
		"alg none":                      {[]string{"Bearer " + sign(t, jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, i.claims(nil), map[string]any{"kid": "rsa"})}, 401},
		"alg none in other letters":     {[]string{"Bearer " + base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"nOnE","kid":"rsa"}`)) + "." + payload + "."}, 401},
		"HMAC with the public key":      {[]string{"Bearer " + sign(t, jwt.SigningMethodHS256, pemKey, i.claims(nil), map[string]any{"kid": "rsa"})}, 401},
		"HMAC with the public key, DER": {[]string{"Bearer " + sign(t, jwt.SigningMethodHS256, public, i.claims(nil), map[string]any{"kid": "rsa"})}, 401},
		"critical extensions":           {[]string{"Bearer " + sign(t, jwt.SigningMethodRS256, rsaKey, i.claims(nil), map[string]any{"kid": "rsa", "crit": []string{"b64"}})}, 401},
		"another payload":               {[]string{head + "." + forged + "." + signature}, 401},
		"no signature":                  {[]string{head + "." + payload + "."}, 401},
		"something behind it":           {[]string{good + " and more"}, 401},
		"a key that it brings along":    {[]string{"Bearer " + sign(t, jwt.SigningMethodES256, ecKey(t), i.claims(nil), map[string]any{"jwk": map[string]string{"kty": "EC"}})}, 401},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := statusOf(t, v, test.headers...); got != test.want {
				t.Errorf("%d, want %d", got, test.want)
			}
		})
	}
}

func TestRoles(t *testing.T) {
	t.Parallel()
	i := newIssuer(t)
	for _, test := range []struct {
		path   string
		claims map[string]any
		want   []string
	}{
		{"", map[string]any{"roles": []string{"a", "b"}}, []string{"a", "b"}},
		{"roles", map[string]any{"roles": "a  b"}, []string{"a", "b"}},
		{"roles", map[string]any{"roles": []any{"a", 1, nil}}, []string{"a"}},
		{"realm_access.roles", map[string]any{"realm_access": map[string]any{"roles": []string{"a"}}}, []string{"a"}},
		{"realm_access.roles", map[string]any{"realm_access": "a"}, nil},
		{"https://shop.example/roles", map[string]any{"https://shop.example/roles": []string{"a"}}, []string{"a"}},
	} {
		v := verifier(t, identity.Config{Issuer: i.URL, JWKS: i.URL + "/keys", Roles: test.path})
		actor, err := v.Verify(t.Context(), sign(t, jwt.SigningMethodRS256, rsaKey, i.claims(test.claims), map[string]any{"kid": "rsa"}))
		if err != nil || !slices.Equal(actor.Roles, test.want) || actor.System {
			t.Errorf("%s of %v: %+v, %v", test.path, test.claims, actor, err)
		}
	}
}

func TestKeysAreFetchedAgain(t *testing.T) {
	t.Parallel()
	i := newIssuer(t)
	v := verifier(t, identity.Config{Issuer: i.URL})
	var now atomic.Int64
	identity.SetClock(v, func() time.Time { return time.Unix(1e9+now.Load(), 0) })
	token := func(kid string) string {
		return "Bearer " + sign(t, jwt.SigningMethodES256, i.keys[kid], i.claims(nil), map[string]any{"kid": kid})
	}
	if got := statusOf(t, v, token("ec")); got != 204 || i.asked() != 1 {
		t.Fatalf("%d, asked %d times", got, i.asked())
	}
	fresh := ecKey(t)
	i.set(func() { i.keys["new"] = fresh })
	if got := statusOf(t, v, token("new")); got != 401 || i.asked() != 1 {
		t.Errorf("a moment later: %d, asked %d times", got, i.asked())
	}
	now.Add(31)
	for range 3 {
		if got := statusOf(t, v, token("new")); got != 204 || i.asked() != 2 {
			t.Errorf("a while later: %d, asked %d times", got, i.asked())
		}
	}
	i.set(func() { i.down = true })
	now.Add(3601)
	if got := statusOf(t, v, token("new")); got != 204 {
		t.Errorf("the known keys are forgotten: %d", got)
	}
	gone := token("ec")
	i.set(func() { i.down = false; delete(i.keys, "ec") })
	for deadline := time.Now().Add(10 * time.Second); statusOf(t, v, gone) != 401; {
		now.Add(31)
		if time.Now().After(deadline) {
			t.Fatal("a key that was taken back is still believed")
		}
	}
}

func TestIssuerThatIsDown(t *testing.T) {
	t.Parallel()
	i := newIssuer(t)
	i.set(func() { i.down = true })
	v := verifier(t, identity.Config{Issuer: i.URL})
	var now atomic.Int64
	identity.SetClock(v, func() time.Time { return time.Unix(1e9+now.Load(), 0) })
	good := "Bearer " + sign(t, jwt.SigningMethodRS256, rsaKey, i.claims(nil), map[string]any{"kid": "rsa"})
	if got := statusOf(t, v, good); got != 503 {
		t.Errorf("%d, want 503", got)
	}
	if got := statusOf(t, v); got != 401 {
		t.Errorf("without a token: %d", got)
	}
	if err := v.Ready(t.Context()); err == nil {
		t.Error("it is ready")
	}
	i.set(func() { i.down = false })
	now.Add(2)
	if err := v.Ready(t.Context()); err != nil {
		t.Error(err)
	}
	i.set(func() { i.down = true })
	if got := statusOf(t, v, good); got != 204 {
		t.Errorf("with known keys: %d", got)
	}
	if err := v.Ready(t.Context()); err != nil {
		t.Errorf("with known keys: %v", err)
	}
}

func TestIssuersThatAreNotBelieved(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*issuer){
		"says it is another": func(i *issuer) { i.claim = "https://other.example" },
		"has no keys":        func(i *issuer) { i.keys = nil },
		"has a symmetric key": func(i *issuer) {
			i.keys, i.extra = nil, []jwkset.JWKMarshal{{KTY: jwkset.KtyOct, K: "c2VjcmV0", KID: "rsa"}}
		},
		"encrypts only": func(i *issuer) {
			i.keys, i.extra = nil, []jwkset.JWKMarshal{{KTY: jwkset.KtyRSA, USE: jwkset.UseEnc, KID: "rsa"}}
		},
	} {
		i := newIssuer(t)
		i.set(func() { change(i) })
		if err := verifier(t, identity.Config{Issuer: i.URL}).Ready(t.Context()); err == nil {
			t.Errorf("an issuer that %s is believed", name)
		}
	}
}

func TestNewWantsToKnow(t *testing.T) {
	t.Parallel()
	for _, config := range []identity.Config{
		{}, {Issuer: "https://i.example"}, {Audience: "shop"}, {Issuer: "i.example", Audience: "shop"},
		{Issuer: "https://i.example", Audience: "shop", JWKS: "file:///etc/keys"},
	} {
		if _, err := identity.New(config); err == nil {
			t.Errorf("%+v is accepted", config)
		}
	}
}

// FuzzToken makes sure that no text is a token, and none crashes.
func FuzzToken(f *testing.F) {
	for _, seed := range []string{"", "a.b.c", "eyJhbGciOiJub25lIn0.e30.", "eyJhbGciOiJSUzI1NiIsImtpZCI6InJzYSJ9.e30.AA"} {
		f.Add(seed)
	}
	i := newFuzzIssuer(f)
	f.Fuzz(func(t *testing.T, token string) {
		if actor, err := i.Verify(t.Context(), token); !errors.Is(err, inbound.ErrBadIdentity) {
			t.Errorf("%q is %+v, %v", token, actor, err)
		}
	})
}

func newFuzzIssuer(f *testing.F) *identity.Verifier {
	f.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(`{"keys":[{"kty":"OKP","crv":"Ed25519","kid":"rsa","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}`))
	}))
	f.Cleanup(server.Close)
	v, err := identity.New(identity.Config{Issuer: server.URL, Audience: "shop", JWKS: server.URL})
	if err != nil {
		f.Fatal(err)
	}
	return v
}
