package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/esgen/esgen/internal/testsample"
)

// The contract tests of generated systems hold: clients and listeners take what
// their contracts say, and what providers of another day may say; providers do
// what others rely on. So they do for models with names of every script, with
// every construct, and with no scenario at all.
func TestContractTests(t *testing.T) {
	models := []string{"../pact/testdata/lending"}
	if testsample.Long() {
		models = append(models, "../../examples/library", "../../testdata/models/mini", "../../testdata/models/korean", "../../testdata/models/every-construct", "../../testdata/models/clinic")
	}
	for _, model := range models {
		t.Run(filepath.Base(model), func(t *testing.T) {
			opts := generate(t, filepath.Join(model, "esgen.yaml"))
			args := []string{"test", "-v"}
			for _, s := range opts.System.Services {
				args = append(args, "./services/"+s.Dir+"/contracts/...")
			}
			test := exec.CommandContext(t.Context(), "go", args...)
			test.Dir = opts.Dir
			out, err := test.CombinedOutput()
			if err != nil {
				t.Errorf("%v\n%s", err, out)
			}
			if ran := strings.Count(string(out), "--- PASS"); ran < len(opts.System.Services) {
				t.Errorf("%d contract tests ran in %d services", ran, len(opts.System.Services))
			}
		})
	}
}

// A listener that reads strictly is found by its own contract tests.
func TestStrictListenersAreFound(t *testing.T) {
	opts := generate(t, "../pact/testdata/lending/esgen.yaml")
	replace(t, filepath.Join(opts.Dir, "platform", "upcast", "upcast.go"), "strictjson.Lenient[E]()", "strictjson.For[E](strictjson.Limits{})")
	test := exec.CommandContext(t.Context(), "go", "test", "-run", "TestHears", "./contracts/...")
	test.Dir = filepath.Join(opts.Dir, "services", "board")
	out, err := test.CombinedOutput()
	if err == nil || !strings.Contains(string(out), "with_more_than_is_known") || strings.Contains(string(out), "as_it_is (") {
		t.Errorf("%v\n%s", err, out)
	}
}

// replace changes a generated file by hand.
func replace(t *testing.T, path, before, after string) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(data), before) {
		t.Fatalf("%s has no %q", path, before)
	}
	if err := os.WriteFile(path, []byte(strings.Replace(string(data), before, after, 1)), 0o600); err != nil {
		t.Fatal(err)
	}
}
