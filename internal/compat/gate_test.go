package compat_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/esgen/esgen/internal/cli"
)

// The gate that stands in front of the main branch of a generated system, done
// for real: a branch that breaks somebody is refused by the contract tests and
// by breaking, one that offers old and new side by side passes, and so does the
// first of all.
func TestGate(t *testing.T) {
	if testing.Short() {
		t.Skip("generates systems and runs their contract tests")
	}
	drawn(t)
	for _, tool := range []string{"git", "sh"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skip(tool + " is not installed")
		}
	}
	g := newGate(t)
	for _, context := range []string{"product", "order", "delivery", "gateway"} {
		for file, text := range map[string]string{"_pipeline": `run: sh contracts.sh "$PART" "$AGAINST"`, context: "part: " + context + ","} {
			workflow, err := os.ReadFile(filepath.Join(g.dir, ".github", "workflows", file+".yaml"))
			if err != nil || !strings.Contains(string(workflow), text) {
				t.Errorf("the workflow %s of %s has no %q (%v)", file, context, text, err)
			}
		}
	}
	if out, ok := g.pass("product"); !ok || !strings.Contains(out, "version step: none") {
		t.Errorf("nothing has changed:\n%s", out)
	}
	for _, c := range []struct {
		branch, context string
		change          change
		refused         bool
		says            []string
	}{
		{"accident", "product", named(t, "the path of a route is renamed"), true, []string{
			"Clerk_gives", "POST /product/p1/reprice answered 404", "[breaking-route]", "Clerk relies on it", "version step: major"}},
		{"accident", "order", change{}, false, []string{"version step: none"}},
		{"accident", "gateway", change{}, true, []string{"[breaking-route]"}},
		{"side-by-side", "product", named(t, "a second route is offered beside the first, by another command"), false, []string{"version step: minor"}},
	} {
		t.Run(c.branch+" "+c.context, func(t *testing.T) {
			if c.change.does != "" {
				g.branch(t, c.branch, c.change)
			}
			out, ok := g.pass(c.context)
			if ok == c.refused {
				t.Errorf("passes: %v", ok)
			}
			for _, text := range c.says {
				if !strings.Contains(out, text) {
					t.Errorf("it does not say %q", text)
				}
			}
			if t.Failed() {
				t.Log(out)
			}
		})
	}
	if left := g.run(t, "git", "worktree", "list"); strings.Count(left, "\n") != 1 {
		t.Errorf("the gate leaves trees behind:\n%s", left)
	}
}

// named finds a change of the table.
func named(t *testing.T, does string) change {
	t.Helper()
	for _, c := range changes {
		if c.does == does {
			return c
		}
	}
	t.Fatalf("the table has no change %q", does)
	return change{}
}

// gate is a clone of a repository with a generated system.
type gate struct{ dir, esgen, base string }

func newGate(t *testing.T) gate {
	t.Helper()
	g := gate{dir: filepath.Join(t.TempDir(), "clone"), esgen: filepath.Join(t.TempDir(), "esgen"), base: base(t)}
	origin := filepath.Join(t.TempDir(), "origin.git")
	build := exec.Command("go", "build", "-o", g.esgen, "../../cmd/esgen")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if err := os.Mkdir(g.dir, 0o755); err != nil {
		t.Fatal(err)
	}
	g.run(t, "git", "init", "-q", "--bare", origin)
	g.run(t, "git", "init", "-q")
	g.run(t, "git", "checkout", "-q", "-b", "main")
	g.write(t, g.base)
	g.commit(t, "as it was")
	g.run(t, "git", "remote", "add", "origin", origin)
	g.run(t, "git", "push", "-q", "origin", "main")
	return g
}

// write writes a model and what is generated of it.
func (g gate) write(t *testing.T, model string) {
	t.Helper()
	file := filepath.Join(g.dir, "esgen.yaml")
	if err := os.WriteFile(file, []byte(model), 0o644); err != nil {
		t.Fatal(err)
	}
	var out, problems bytes.Buffer
	if code := cli.Run([]string{"generate", file, "--partial", "--out", g.dir}, nil, &out, &problems); code != 0 {
		t.Fatalf("generate: exit %d\n%s%s", code, &out, &problems)
	}
}

// branch makes a branch of main with a change.
func (g gate) branch(t *testing.T, name string, c change) {
	t.Helper()
	g.run(t, "git", "checkout", "-q", "-b", name, "main")
	g.write(t, c.edited(t, g.base))
	g.commit(t, c.does)
}

func (g gate) commit(t *testing.T, message string) {
	t.Helper()
	g.run(t, "git", "add", ".")
	g.run(t, "git", "-c", "user.name=a", "-c", "user.email=a@example.com", "commit", "-q", "-m", message)
}

func (g gate) run(t *testing.T, name string, args ...string) string {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Dir = g.dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s %v: %v: %s", name, args, err, out)
	}
	return string(out)
}

// pass asks the gate, as a pipeline does.
func (g gate) pass(context string) (said string, ok bool) {
	cmd := exec.Command("sh", "contracts.sh", context, "origin/main")
	cmd.Dir = g.dir
	cmd.Env = append(os.Environ(), "ESGEN="+g.esgen, "GOFLAGS=-vet=off")
	out, err := cmd.CombinedOutput()
	return string(out), err == nil
}
