package cli

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// With --context, what is of the context comes, wherever it lies, and nothing else
// does.
func TestContext(t *testing.T) {
	t.Parallel()
	dir := inTwoFiles(t)
	extend(t, filepath.Join(dir, "esgen.yaml"), "deploy: {pipeline: github}\n")
	out := filepath.Join(dir, "out")
	runs(t, exitFine, "generate", dir, "--out", out)
	extend(t, filepath.Join(dir, "parts", "b.yaml"), `contexts:
  Shop:
    aggregates:
      Shop:
        id: shopId
        state: {name: string}
        commands:
          OpenShop: {creates: true, actor: Clerk, input: {name: string}, emit: [ShopOpened]}
        events:
          ShopOpened: {fields: [name]}
`)
	reword(t, filepath.Join(dir, "parts", "a.yaml"), "state: {note: string}", "state: {note: string, closed: {type: bool, default: false}}")
	was := written(t, out)
	runs(t, exitFine, "generate", dir, "--out", out, "--context", "Shop")
	now := written(t, out)
	beside := map[string]bool{}
	for path, text := range now {
		if before, there := was[path]; !there || before != text {
			beside[path] = true
		}
	}
	maps.DeleteFunc(beside, func(path string, _ bool) bool {
		return path == ".esgen/manifest.json" || strings.HasPrefix(path, "services/shop/")
	})
	want := []string{".github/workflows/shop.yaml", "deploy/kustomize/base/shop.yaml", "docs/catalogue/shop.md"}
	if diff := cmp.Diff(want, slices.Sorted(maps.Keys(beside))); diff != "" {
		t.Errorf("beside the service (-want +got):\n%s", diff)
	}
	if _, err := os.Stat(filepath.Join(out, "services", "shop", "Dockerfile")); err != nil {
		t.Error(err)
	}
	runs(t, exitFine, "generate", dir, "--out", out)
	runs(t, exitFine, "generate", dir, "--out", out, "--check")
}
