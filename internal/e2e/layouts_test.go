package e2e

import (
	"crypto/sha256"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/esgen/esgen/internal/plan"
	shared "github.com/esgen/esgen/internal/platform"
	"github.com/esgen/esgen/internal/testsample"
	"github.com/esgen/esgen/internal/testsystem"
	"github.com/esgen/esgen/model"
)

// written is where the system of a plan is.
func written(t *testing.T, p *plan.Plan) (dir string) {
	t.Helper()
	dir = t.TempDir()
	testsystem.Write(t, dir, testsystem.Render(t, p))
	return dir
}

// goes runs go in a directory, with some variables.
func goes(t *testing.T, dir string, env []string, args ...string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", args...)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), env...)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("go %s in %s: %v\n%s", strings.Join(args, " "), dir, err, out)
	}
}

// A system builds upon a platform that was released, from a proxy that is made
// of files, and its tests do: with the checksums that are in its go.sum.
func TestReleasedPlatform(t *testing.T) {
	if testing.Short() {
		t.Skip("generates and builds whole systems")
	}
	testsample.Drawn(t, t.Name(), 1, "TestReleasedPlatform", "TestStandalone")
	release := shared.Release{Path: "kit.example/shared", Version: "v1.0.0-" + digestOfPlatform(t)}
	text, err := os.ReadFile("../cli/starter.yaml")
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), model.DocumentName)
	if err := os.WriteFile(file, append(text, "\ndeploy: {platform: "+release.Path+"@"+release.Version+"}\n"...), 0o600); err != nil {
		t.Fatal(err)
	}
	dir := written(t, testsystem.Plan(t, testsystem.Load(t, file)))
	if _, err := os.Stat(filepath.Join(dir, "platform")); err == nil {
		t.Error("a platform is copied that is required")
	}
	published, err := release.Publish()
	if err != nil {
		t.Fatal(err)
	}
	proxy := t.TempDir()
	testsystem.Write(t, proxy, published)
	cache, err := exec.CommandContext(t.Context(), "go", "env", "GOMODCACHE").Output()
	if err != nil {
		t.Fatal(err)
	}
	// What others released is on this machine: this repository needs it, too.
	env := []string{"GOPROXY=file://" + filepath.ToSlash(proxy) + ",file://" + filepath.ToSlash(strings.TrimSpace(string(cache))) + "/cache/download", "GOFLAGS=-mod=readonly", "GOWORK=off"}
	for _, module := range []string{"gateway", "services/tasks"} {
		goes(t, filepath.Join(dir, module), env, "build", "./...")
		goes(t, filepath.Join(dir, module), env, "vet", "./...")
	}
	goes(t, filepath.Join(dir, "services/tasks"), env, "test", "./internal/domain/...")
}

// digestOfPlatform tells releases of one source from those of another: what go
// has fetched once under a version, it does not fetch again.
func digestOfPlatform(t *testing.T) string {
	t.Helper()
	files, err := shared.Release{Path: "kit.example/shared", Version: "v1.0.0"}.Publish()
	if err != nil {
		t.Fatal(err)
	}
	h := sha256.New()
	for _, f := range files {
		h.Write(f.Data)
	}
	return fmt.Sprintf("x%x", h.Sum(nil)[:8])
}

// A service that is a repository of its own builds anywhere, and so do its tests
// and the gateway.
func TestStandalone(t *testing.T) {
	if testing.Short() {
		t.Skip("generates and builds whole systems")
	}
	testsample.Drawn(t, t.Name(), 1, "TestReleasedPlatform", "TestStandalone")
	p, err := plan.BuildAs(testsystem.Load(t, "../../examples/library/esgen.yaml"), plan.Earlier{}, shared.Layout{Standalone: true})
	if err != nil {
		t.Fatal(err)
	}
	dir := written(t, p)
	if _, err := os.Stat(filepath.Join(dir, "go.work")); err == nil {
		t.Error("there is a workspace of repositories of their own")
	}
	env := []string{"GOWORK=off", "GOFLAGS=", "CONTRACTS="}
	var services []string
	for _, s := range p.System.Services {
		services = append(services, "services/"+s.Dir)
	}
	consumed := func(module string) bool {
		files, _ := filepath.Glob(filepath.Join(dir, module, "contracts", "consumers", "*.json"))
		return len(files) > 0
	}
	if !slices.ContainsFunc(services, consumed) {
		t.Error("no service has consumers: nothing of what they rely on is tried")
	}
	for _, module := range append(testsample.Systems(t, 1, services...), "gateway") {
		tested := consumed(module) || module == "gateway"
		alone := filepath.Join(t.TempDir(), "alone")
		if err := os.Rename(filepath.Join(dir, module), alone); err != nil {
			t.Fatal(err)
		}
		goes(t, alone, env, "build", "./...")
		goes(t, alone, env, "vet", "./...")
		if tested {
			goes(t, alone, env, "test", "./...")
		}
		for _, file := range []string{"Dockerfile", ".dockerignore", "go.sum"} {
			if _, err := os.Stat(filepath.Join(alone, file)); err != nil {
				t.Error(err)
			}
		}
	}
	pipelines, err := filepath.Glob(filepath.Join(dir, ".github", "workflows", "*"))
	if err != nil || len(pipelines) > 0 {
		t.Error("a pipeline is not in the repository of what it builds:", pipelines)
	}
}
