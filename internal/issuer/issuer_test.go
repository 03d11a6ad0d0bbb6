package issuer_test

import (
	"errors"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/esgen/esgen/internal/issuer"
	"github.com/esgen/esgen/templates/chassis/identity"
)

// The services verify what the issuer makes, also after it was started again.
func TestServicesBelieveIt(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "issuer.json")
	server := httptest.NewUnstartedServer(nil)
	url := "http://" + server.Listener.Addr().String()
	first, err := issuer.Open(file, url, "shop")
	if err != nil {
		t.Fatal(err)
	}
	old, err := first.Token("c-1", []string{"customer"}, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	again, err := issuer.Open(file, url, "shop")
	if err != nil {
		t.Fatal(err)
	}
	server.Config.Handler = again.Handler()
	server.Start()
	defer server.Close()
	v, err := identity.New(identity.Config{Issuer: url, Audience: "shop"})
	if err != nil {
		t.Fatal(err)
	}
	loaded, err := issuer.Load(file)
	if err != nil {
		t.Fatal(err)
	}
	fresh, err := loaded.Token("c-1", []string{"customer"}, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	for name, token := range map[string]string{"of the first run": old, "of the command": fresh} {
		actor, err := v.Verify(t.Context(), token)
		if err != nil || actor.Subject != "c-1" || !slices.Equal(actor.Roles, []string{"customer"}) {
			t.Errorf("a token %s: %+v, %v", name, actor, err)
		}
	}
	over, err := loaded.Token("c-1", []string{"customer"}, -time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := v.Verify(t.Context(), over); err == nil {
		t.Error("a token that is over is believed")
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("others may read the key: %v, %v", info.Mode(), err)
	}
}

// Tokens are made for whoever asks on this machine, by its name; a page of
// another name that has a browser ask gets none.
func TestTokensOverHTTP(t *testing.T) {
	t.Parallel()
	i, err := issuer.Open(filepath.Join(t.TempDir(), "issuer.json"), "http://i", "shop")
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		host, query string
		status      int
		subject     string
		roles       []string
	}{
		{"localhost:20000", "?role=customer&sub=c-1", http.StatusOK, "c-1", []string{"customer"}},
		{"127.0.0.1:20000", "?role=customer,owner", http.StatusOK, "customer-1", []string{"customer", "owner"}},
		{"[::1]:20000", "?role=%EC%86%90%EB%8B%98&role=owner", http.StatusOK, "손님-1", []string{"손님", "owner"}},
		{"localhost", "", http.StatusBadRequest, "", nil},
		{"localhost", "?role=,", http.StatusBadRequest, "", nil},
		{"evil.example:20000", "?role=customer", http.StatusForbidden, "", nil},
		{"localhost.evil.example", "?role=customer", http.StatusForbidden, "", nil},
		{"192.0.2.1", "?role=customer", http.StatusForbidden, "", nil},
	} {
		r := httptest.NewRequest(http.MethodGet, issuer.TokenPath+test.query, nil)
		r.Host = test.host
		w := httptest.NewRecorder()
		i.Handler().ServeHTTP(w, r)
		if w.Code != test.status {
			t.Errorf("%s%s: %d %s", test.host, test.query, w.Code, w.Body)
		}
		if test.status != http.StatusOK {
			continue
		}
		claims := jwt.MapClaims{}
		if _, _, err := jwt.NewParser().ParseUnverified(strings.TrimSpace(w.Body.String()), claims); err != nil {
			t.Fatal(err)
		}
		var roles []string
		for _, role := range claims["roles"].([]any) {
			roles = append(roles, role.(string))
		}
		if claims["sub"] != test.subject || !slices.Equal(roles, test.roles) {
			t.Errorf("%s%s: %v", test.host, test.query, claims)
		}
	}
}

func TestDamagedFile(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "issuer.json")
	if _, err := issuer.Load(file); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("without a file: %v", err)
	}
	for _, text := range []string{"", "{", `{"seed":"AA=="}`} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := issuer.Open(file, "http://i", "shop"); err == nil {
			t.Errorf("%q is an issuer", text)
		}
	}
}
