package manifests

import (
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
	"testing"
)

// tool builds a program of somebody else, which has dependencies of its own:
// PACKAGE@VERSION.
func tool(t *testing.T, pkg string) string {
	t.Helper()
	cmd := exec.Command("go", "install", pkg)
	cmd.Env = append(os.Environ(), "GOBIN="+work)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Skipf("%s cannot be installed here: %v\n%s", pkg, err, out)
	}
	name, _, _ := strings.Cut(path.Base(pkg), "@")
	return filepath.Join(work, name)
}

// TestScore: kube-score finds nothing critical in either overlay. A limit of
// the processor is not asked for: it slows down what nobody waits for.
func TestScore(t *testing.T) {
	score := tool(t, "github.com/zegl/kube-score/cmd/kube-score@v1.20.0")
	// In a cluster to try things in, images need not come from a registry.
	ignored := map[string][]string{"dev": {"--ignore-test", "container-image-pull-policy"}, "prod": nil}
	eachSystem(t, func(t *testing.T, s system) {
		for _, overlay := range overlays {
			var all strings.Builder
			for _, o := range build(t, s, overlay) {
				all.WriteString("---\n" + string(o.yaml))
			}
			cmd := exec.Command(score, append([]string{"score", "--ignore-container-cpu-limit", "--output-format", "ci"}, append(ignored[overlay], "-")...)...)
			cmd.Stdin = strings.NewReader(all.String())
			out, _ := cmd.Output() // it fails when it finds something, which is read here
			if !strings.Contains(string(out), "[OK]") {
				t.Errorf("%s: nothing is judged: %s", overlay, out)
			}
			for line := range strings.Lines(string(out)) {
				if strings.HasPrefix(line, "[CRITICAL]") {
					t.Errorf("%s: %s", overlay, line)
				}
			}
		}
	})
}
