package issuer_test

import (
	"errors"
	"io/fs"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

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
