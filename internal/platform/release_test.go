package platform_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/dirhash"

	"github.com/esgen/esgen/internal/platform"
)

// What go.sum says of a release is what go will find in it.
func TestRelease(t *testing.T) {
	release := platform.Release{Path: "example.com/kit", Version: "v1.2.0"}
	published, err := release.Publish()
	if err != nil {
		t.Fatal(err)
	}
	part := mentioned(t, map[string]string{"store": "example.com/kit/platform/store", "given": "example.com/kit/testkit/given"},
		"package a\n\nvar _, _ = store.Open, given.Read\n", "example.com/kit")
	files := shared(t, platform.Layout{Release: release}, part)
	if len(files) != 2 {
		t.Errorf("%d files are written where a release is required, and not go.mod and go.sum alone", len(files))
	}
	for _, module := range []string{"example.com/kit/platform", "example.com/kit/testkit"} {
		if mod := files["services/a/go.mod"]; !strings.Contains(mod, module+" v1.2.0\n") || strings.Contains(mod, "replace") {
			t.Errorf("%s is not required:\n%s", module, mod)
		}
		for _, f := range published {
			if f.Path != module+"/@v/v1.2.0.zip" {
				continue
			}
			at := filepath.Join(t.TempDir(), "module.zip")
			if err := os.WriteFile(at, f.Data, 0o600); err != nil {
				t.Fatal(err)
			}
			sum, err := dirhash.HashZip(at, dirhash.Hash1)
			if err != nil {
				t.Fatal(err)
			}
			if line := module + " v1.2.0 " + sum + "\n"; !strings.Contains(files["services/a/go.sum"], line) {
				t.Errorf("go.sum does not have %s", line)
			}
		}
	}
	for _, bad := range []string{"", "example.com/kit", "example.com/kit@1.2.0", "example.com/kit@v2.0.0", "example.com/kit@v1.2", "kit@v1.2.0"} {
		if _, err := platform.ParseRelease(bad); err == nil {
			t.Errorf("%q is taken for a release", bad)
		}
	}
}

// A module that is a repository of its own holds what it uses, and requires
// nothing of its system.
func TestStandalone(t *testing.T) {
	const base = "example.com/shop/services/a/internal"
	part := mentioned(t, map[string]string{"store": base + "/platform/store", "given": base + "/testkit/given"},
		"package a\n\nvar _, _ = store.Open, given.Read\n", base)
	files := shared(t, platform.Layout{Standalone: true}, part)
	for _, want := range []string{"services/a/internal/platform/store/db.go", "services/a/internal/testkit/given/given.go"} {
		if files[want] == "" {
			t.Errorf("%s is not there", want)
		}
	}
	for name, text := range files {
		if !strings.HasPrefix(name, "services/a/") {
			t.Errorf("%s is outside of the repository", name)
		}
		if strings.Contains(text, `"example.com/shop/platform/`) || strings.Contains(text, `"example.com/shop/testkit/`) {
			t.Errorf("%s imports what is not in the repository", name)
		}
	}
	if mod := files["services/a/go.mod"]; strings.Contains(mod, "example.com/shop/platform") || !strings.Contains(mod, "\tmodernc.org/sqlite ") {
		t.Error(mod)
	}
}
