package compat_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/esgen/esgen/internal/check"
	"github.com/esgen/esgen/internal/cli"
	"github.com/esgen/esgen/internal/testsample"
	"github.com/esgen/esgen/model"
)

// everyChange is the variable that asks for the proof of all changes. Without
// it two are drawn: each generates a system, builds its contract tests and
// runs them. With "all" those changes that no contract test minds are made
// together, as many as go together, for each build takes seconds; with "each"
// every change is made by itself.
const everyChange = "ESGEN_TEST_CHANGES"

// What the table says of a change and what the generated contract tests say
// agree: the provider's tests, held against what consumers of the system as it
// was rely on, and what actors were answered, fail exactly when somebody who is
// known breaks by something that such a test can see.
func TestContractTestsAgree(t *testing.T) {
	if testing.Short() {
		t.Skip("generates systems and runs their contract tests")
	}
	asked := os.Getenv(everyChange)
	if asked == "" {
		drawn(t)
	}
	was, is := filepath.Join(t.TempDir(), "was"), filepath.Join(t.TempDir(), "is")
	generate(t, base(t), was)
	if failed := failing(t, is, was, base(t)); len(failed) > 0 {
		t.Fatalf("nothing has changed, and the contract tests of %v fail", failed)
	}
	prove := func(t *testing.T, c change) {
		t.Run(c.does, func(t *testing.T) {
			if diff := cmp.Diff(c.failing(), failing(t, is, was, c.edited(t, base(t)))); diff != "" {
				t.Errorf("contexts whose contract tests fail, -table +tests:\n%s", diff)
			}
		})
	}
	proven := changes
	if asked == "" {
		proven = testsample.Draw(t, 2, changes...)
		t.Logf("the others are proven with %s=all", everyChange)
	}
	var harmless []change
	for _, c := range proven {
		if asked == "all" && len(c.failing()) == 0 {
			harmless = append(harmless, c)
		} else {
			prove(t, c)
		}
	}
	for _, b := range batches(t, harmless) {
		t.Run(b.name(), func(t *testing.T) {
			failed := failing(t, is, was, b.text)
			if len(failed) == 0 {
				return
			}
			t.Logf("with all of them the contract tests of %v fail", failed)
			for _, c := range b.of {
				prove(t, c)
			}
			if !t.Failed() {
				t.Errorf("with all of them the contract tests of %v fail, and with none of them alone: keep them apart", failed)
			}
		})
	}
}

// drawn skips a test that runs contract tests where this run draws the other one.
func drawn(t *testing.T) {
	t.Helper()
	testsample.Drawn(t, t.Name(), 1, "TestGate", "TestContractTestsAgree")
}

// batch is some changes that are made together.
type batch struct {
	text string // of the model with all of them
	of   []change
}

func (b batch) name() string {
	names := make([]string, len(b.of))
	for i, c := range b.of {
		names[i] = c.does
	}
	return strings.Join(names, "; ")
}

// together is how many changes are made at once: few enough that one hardly
// hides another.
const together = 12

// batches puts changes together that do not stand in one another's way: each
// finds the text that it changes, and the model is right with all of them.
func batches(t *testing.T, list []change) []batch {
	var out []batch
	for _, c := range list {
		placed := false
		for i := range out {
			if len(out[i].of) == together {
				continue
			}
			if text, ok := c.onTopOf(out[i].text, base(t)); ok {
				out[i].text, out[i].of, placed = text, append(out[i].of, c), true
				break
			}
		}
		if !placed {
			out = append(out, batch{c.edited(t, base(t)), []change{c}})
		}
	}
	return out
}

// onTopOf makes a change of a model that others were made of already. What it
// changes must be there as often as in the model that it is written for.
func (c change) onTopOf(text, written string) (string, bool) {
	for _, e := range c.edit {
		if n := strings.Count(text, e.old); n == 0 || n != strings.Count(written, e.old) {
			return "", false
		}
		text, written = strings.ReplaceAll(text, e.old, e.new), strings.ReplaceAll(written, e.old, e.new)
	}
	sys, bad := model.LoadFS(fstest.MapFS{"esgen.yaml": {Data: []byte(text)}}, "esgen.yaml")
	if bad.HasErrors() {
		return "", false
	}
	_, bad = check.System(sys)
	return text, !bad.HasErrors()
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
	services, err := filepath.Glob(filepath.Join(dir, "services", "*"))
	if err != nil || len(services) == 0 {
		t.Fatalf("no services: %v", err)
	}
	// What is generated is vetted elsewhere, and nobody debugs it here.
	args := []string{"test", "-vet=off", "-ldflags=-s -w", "-run", "TestConsumersCanRelyOnIt|TestExamples"}
	for _, d := range services {
		at := "./services/" + filepath.Base(d)
		args = append(args, at+"/contracts", at+"/internal/adapters/rest")
	}
	cmd := exec.CommandContext(t.Context(), "go", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "CONTRACTS="+against)
	out, err := cmd.CombinedOutput()
	var failed []string
	for line := range strings.Lines(string(out)) {
		fields := strings.Fields(line)
		if len(fields) < 2 || fields[0] != "FAIL" {
			continue
		}
		if strings.Contains(line, "build failed") {
			t.Fatalf("what is generated cannot be built:\n%s", out)
		}
		_, below, _ := strings.Cut(fields[1], "/services/")
		if service, _, _ := strings.Cut(below, "/"); service != "" && !slices.Contains(failed, service) {
			failed = append(failed, service)
		}
	}
	if err != nil && len(failed) == 0 {
		t.Fatalf("%v:\n%s", err, out)
	}
	t.Logf("%s", out)
	slices.Sort(failed)
	return failed
}
