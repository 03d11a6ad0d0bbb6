package compat_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/esgen/esgen/internal/cli"
)

// everyChange is the variable that asks for the proof of all changes. Without
// it a few are proven: each generates a system, builds its contract tests and
// runs them.
const everyChange = "ESGEN_TEST_CHANGES"

// proven are the changes that are proven at every test: the classic accidents,
// and a way around one.
var proven = []string{
	"the path of a route is renamed",
	"a second route is offered beside the first, by another command",
	"a field of an event is gone that a consumer reads",
	"an input field must be sent that was not there",
}

// What the table says of a change and what the generated contract tests say
// agree: the provider's test, held against what consumers of the system as it
// was rely on, fails exactly when somebody who is known breaks by something
// that such a test can see.
func TestContractTestsAgree(t *testing.T) {
	if testing.Short() {
		t.Skip("generates systems and runs their contract tests")
	}
	all := os.Getenv(everyChange) == "all"
	was, is := filepath.Join(t.TempDir(), "was"), filepath.Join(t.TempDir(), "is")
	generate(t, base(t), was)
	if failed := failing(t, is, was, base(t)); len(failed) > 0 {
		t.Fatalf("nothing has changed, and the contract tests of %v fail", failed)
	}
	for _, c := range changes {
		if !all && !slices.Contains(proven, c.does) {
			continue
		}
		t.Run(c.does, func(t *testing.T) {
			if diff := cmp.Diff(c.failing(), failing(t, is, was, c.edited(t, base(t)))); diff != "" {
				t.Errorf("contexts whose contract tests fail, -table +tests:\n%s", diff)
			}
		})
	}
	if !all {
		t.Logf("the others are proven with %s=all", everyChange)
	}
}

// failing are the contexts whose contract tests fail by the table.
func (c change) failing() []string {
	if c.because != "" {
		return c.tests
	}
	var out []string
	for _, w := range c.want {
		head, who, _ := strings.Cut(w, ": ")
		words := strings.Fields(head)
		if words[0] != "breaking" || len(words) < 3 || ofItself[words[1]] {
			continue
		}
		service := words[2]
		others := func(name string) bool { return !strings.HasPrefix(name, service+" (") }
		if slices.ContainsFunc(strings.Split(who, ", "), others) && !slices.Contains(out, service) {
			out = append(out, service)
		}
	}
	slices.Sort(out)
	return out
}

// ofItself are the kinds of changes that are about what a service, or somebody
// who listens, has kept from before: contract tests begin with nothing.
var ofItself = map[string]bool{"history": true, "stored": true}

// generate writes the services of a model.
func generate(t *testing.T, model, dir string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "esgen.yaml")
	if err := os.WriteFile(file, []byte(model), 0o644); err != nil {
		t.Fatal(err)
	}
	var out, problems bytes.Buffer
	if code := cli.Run([]string{"generate", file, "--partial", "--out", dir}, nil, &out, &problems); code != 0 {
		t.Fatalf("generate: exit %d\n%s%s", code, &out, &problems)
	}
}

// failing generates a model over what was in a directory, so that what did not
// change need not be built anew, and lists the contexts whose contract tests,
// held against the consumers of another tree, fail.
func failing(t *testing.T, dir, against, model string) []string {
	t.Helper()
	generate(t, model, dir)
	tests, err := filepath.Glob(filepath.Join(dir, "services", "*", "contracts"))
	if err != nil || len(tests) == 0 {
		t.Fatalf("no contract tests: %v", err)
	}
	// Trimmed paths are found in the build cache wherever they were; what is
	// generated is vetted elsewhere, and nobody debugs it here.
	args := []string{"test", "-trimpath", "-vet=off", "-ldflags=-s -w", "-run", "TestConsumersCanRelyOnIt"}
	for _, d := range tests {
		args = append(args, "./services/"+filepath.Base(filepath.Dir(d))+"/contracts")
	}
	cmd := exec.CommandContext(t.Context(), "go", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "CONTRACTS="+against)
	out, err := cmd.CombinedOutput()
	var failed []string
	for line := range strings.Lines(string(out)) {
		if fields := strings.Fields(line); len(fields) > 1 && fields[0] == "FAIL" && strings.HasSuffix(fields[1], "/contracts") {
			if strings.Contains(line, "build failed") {
				t.Fatalf("what is generated cannot be built:\n%s", out)
			}
			failed = append(failed, filepath.Base(filepath.Dir(fields[1])))
		}
	}
	if err != nil && len(failed) == 0 {
		t.Fatalf("%v:\n%s", err, out)
	}
	t.Logf("%s", out)
	slices.Sort(failed)
	return failed
}
