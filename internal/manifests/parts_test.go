package manifests

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/loader"
	"github.com/compose-spec/compose-go/v2/types"
)

// TestContextsCalledLikeParts: whatever is in a deployment, a context may be
// called so. Of names that are there twice neither kustomize nor compose makes
// anything.
func TestContextsCalledLikeParts(t *testing.T) {
	parts := partNames(t, generate(t, "shop", "testdata/shop"))
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "esgen.yaml"), []byte(contextsCalled(parts)), 0o600); err != nil {
		t.Fatal(err)
	}
	s := generate(t, "parts", dir)
	for _, overlay := range overlays {
		build(t, s, overlay)
	}
	services := compose(t, s).Services
	for _, name := range parts {
		_, plain := services[name]
		_, suffixed := services[name+"-context"]
		if !plain && !suffixed {
			t.Errorf("compose.yaml has no service of the context %s", name)
		}
	}
}

// partNames are what the objects of a system's overlays and the services of its
// compose.yaml are called, as far as a context can be called so.
func partNames(t *testing.T, s system) []string {
	t.Helper()
	names := map[string]bool{}
	for _, overlay := range overlays {
		for _, o := range build(t, s, overlay) {
			names[o.name] = true
		}
	}
	for name := range compose(t, s).Services {
		names[name] = true
	}
	code := regexp.MustCompile(`^[a-z][a-z0-9-]*$`)
	maps.DeleteFunc(names, func(name string, _ bool) bool { return !code.MatchString(name) })
	return slices.Sorted(maps.Keys(names))
}

// contextsCalled is a model with a context of each name.
func contextsCalled(names []string) string {
	var text strings.Builder
	text.WriteString("esgen: v1\nsystem: shop\nactors: [Clerk]\nexternals: {Bank: {operations: {pay: {input: {n: int}, reply: {ok: bool}}}}}\ncontexts:\n")
	for i, name := range names {
		fmt.Fprintf(&text, `  %s:
    aggregates:
      Crate%[2]d:
        state: {n: int}
        commands: {Pack%[2]d: {actor: Clerk, creates: true, input: [n], call: {to: Bank.pay, timeout: 1s}, emit: [Packed%[2]d]}}
        events: {Packed%[2]d: {fields: [n]}}
`, strings.ReplaceAll(name, "-", "_"), i)
	}
	return text.String()
}

// compose is compose.yaml as docker compose reads it.
func compose(t *testing.T, s system) *types.Project {
	t.Helper()
	project, err := loader.LoadWithContext(t.Context(), types.ConfigDetails{
		WorkingDir:  s.dir,
		ConfigFiles: []types.ConfigFile{{Filename: filepath.Join(s.dir, "compose.yaml")}},
		Environment: types.Mapping{},
	}, func(o *loader.Options) { o.SetProjectName(s.name, true) })
	if err != nil {
		t.Fatal(err)
	}
	return project
}
