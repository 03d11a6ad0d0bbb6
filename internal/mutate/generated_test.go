package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/esgen/esgen/internal/check"
	"github.com/esgen/esgen/internal/plan"
	"github.com/esgen/esgen/internal/testsample"
	"github.com/esgen/esgen/internal/testsystem"
)

const (
	module  = "example.com/library"
	service = "services/loan/internal/"
	domain  = service + "domain/loan/"
	noticed = 0.85 // share of them that the generated tests must notice
)

// TestGenerated: the tests that are generated from the scenarios notice when the
// domain is another than the model's: it is generated from mutants, and tested by
// the tests of the model itself. A mutant that differs in what the domain has no
// part in (whom it asks, and for how long) is none of theirs.
func TestGenerated(t *testing.T) {
	if testing.Short() {
		t.Skip("it builds Go")
	}
	s, err := read(os.DirFS(filepath.Join("..", "..", "examples", "library")))
	if err != nil {
		t.Fatal(err)
	}
	broken := 8 // mutants of its domain that are generated
	if testsample.All() {
		broken = 16
	}
	own := generated(t, s.model)
	dir := t.TempDir()
	for name, data := range own {
		switch {
		case strings.HasPrefix(name, "platform/values/"), strings.HasPrefix(name, "testkit/scenarios/"), strings.HasPrefix(name, service+"types/"), strings.HasPrefix(name, domain):
			writeFile(t, filepath.Join(dir, name), data)
		case name == "platform/go.mod":
			writeFile(t, filepath.Join(dir, "go.mod"), bytes.Replace(data, []byte("module "+module+"/platform"), []byte("module "+module), 1))
		case name == "platform/go.sum":
			writeFile(t, filepath.Join(dir, "go.sum"), data)
		}
	}
	mutants := map[string]*Mutant{} // by package
	for _, m := range sample(ofLoans(s.mutants()), 2*broken) {
		if len(mutants) == broken {
			break
		}
		at := fmt.Sprintf("m%d", len(mutants))
		if s.generate(t, m, own, filepath.Join(dir, service, "domain", at)) {
			mutants[at] = m
		}
	}
	if len(mutants) < broken/2 {
		t.Fatalf("only %d mutants change the domain", len(mutants))
	}
	failed := testAll(t, dir)
	if f := failed["loan"]; len(f) > 0 {
		t.Fatalf("the model's own domain fails its tests: %v", f)
	}
	survivors := 0
	for at, m := range mutants {
		if len(failed[at]) == 0 {
			survivors++
		}
		t.Logf("%s: %s", m, failed[at])
	}
	if share := killed(len(mutants), survivors); share < noticed {
		t.Errorf("%.0f %% of %d mutants are noticed, want %.0f %%", 100*share, len(mutants), 100*noticed)
	}
}

// ofLoans are mutants of what the aggregate decides and keeps.
func ofLoans(all []*Mutant) []*Mutant {
	inside := regexp.MustCompile(`^contexts\.loan\.aggregates\.Loan\.(commands\.\w+\.(allow|require|let|emit)|events\.\w+\.apply|lifecycle|invariants)`)
	return slices.DeleteFunc(slices.Clone(all), func(m *Mutant) bool { return !inside.MatchString(m.Path) })
}

// generate writes the domain of a mutant beside the tests of the model, if there
// is one and it is another.
func (s *subject) generate(t *testing.T, m *Mutant, own map[string][]byte, dir string) bool {
	mutant, diags := load(s.with(m))
	if diags.HasErrors() {
		return false
	}
	files := generated(t, mutant)
	other := false
	for name, data := range files {
		if strings.HasPrefix(name, domain) && !strings.HasSuffix(name, "_test.go") {
			other = other || !bytes.Equal(data, own[name])
		}
	}
	if !other {
		return false
	}
	for name, data := range files {
		if strings.HasPrefix(name, domain) {
			if strings.HasSuffix(name, "_test.go") {
				data = own[name]
			}
			writeFile(t, filepath.Join(dir, path.Base(name)), data)
		}
	}
	return true
}

// generated are the files of a model, by path.
func generated(t *testing.T, m *check.Model) map[string][]byte {
	t.Helper()
	p := testsystem.Plan(t, m)
	p.Units = slices.DeleteFunc(p.Units, func(u plan.Unit) bool {
		return !slices.Contains([]string{"system", "service", "types", "aggregate", "command", "aggregate-tests"}, u.Kind)
	})
	out := map[string][]byte{}
	for _, f := range testsystem.Render(t, p) {
		out[f.Path] = f.Data
	}
	return out
}

func writeFile(t *testing.T, name string, data []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

// testAll runs the tests of all packages once, and returns the subtests that fail, by
// package; of one that does not compile, that.
func testAll(t *testing.T, dir string) map[string][]string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "test", "-json", "./services/...")
	cmd.Dir, cmd.Env = dir, append(os.Environ(), "GOWORK=off", "GOFLAGS=-mod=mod")
	out, _ := cmd.Output() // that some fail is what is wanted
	failed := map[string][]string{}
	seen := 0
	for d := json.NewDecoder(bytes.NewReader(out)); d.More(); {
		var e struct{ Action, Package, Test string }
		if err := d.Decode(&e); err != nil {
			t.Fatal(err)
		}
		at := path.Base(e.Package)
		switch {
		case e.Action == "pass" && e.Test == "":
			seen++
		case e.Action == "fail" && strings.Contains(e.Test, "/"):
			failed[at] = append(failed[at], e.Test)
			seen++
		case e.Action == "fail" && e.Test == "" && failed[at] == nil:
			failed[at] = []string{"it does not compile"}
		}
	}
	if seen == 0 {
		t.Fatalf("no test was run:\n%s", out)
	}
	return failed
}
