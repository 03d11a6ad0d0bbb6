package apidoc_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// What third parties from npm are asked.
const (
	spectral = "@stoplight/spectral-cli@6.16.3"
	asyncapi = "@asyncapi/parser@3.6.3"
)

// packages installs what is asked into the directory that ESGEN_TEST_NPM names,
// unless it is there, and returns where it is.
func packages(t *testing.T) string {
	t.Helper()
	dir := os.Getenv("ESGEN_TEST_NPM")
	if dir == "" {
		t.Skip("set ESGEN_TEST_NPM to a directory for packages of npm to have third parties read the documents")
	}
	npm, err := exec.LookPath("npm")
	if err != nil {
		t.Skip("there is no npm")
	}
	dir, err = filepath.Abs(filepath.Join(dir, "apidoc"))
	if err != nil {
		t.Fatal(err)
	}
	stamp := filepath.Join(dir, filepath.Base(spectral)+"."+filepath.Base(asyncapi))
	if _, err := os.Stat(stamp); err == nil {
		return dir
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	install := exec.CommandContext(t.Context(), npm, "install", "--prefix", dir, "--no-audit", "--no-fund", "--ignore-scripts", "--no-save", spectral, asyncapi)
	if out, err := install.CombinedOutput(); err != nil {
		t.Skipf("the packages cannot be installed here: %v\n%s", err, out)
	}
	if err := os.WriteFile(stamp, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	return dir
}

// written puts the documents of all models into files, because they refer to one
// another, with what the gateway makes of them, and returns those whose paths end
// in a suffix.
func written(t *testing.T, suffix string) []string {
	t.Helper()
	root := t.TempDir()
	var out []string
	for _, model := range models {
		all := files(t, model)
		inYAML, err := composed(t, all).YAML()
		if err != nil {
			t.Fatal(err)
		}
		all["composed/openapi.yaml"] = string(inYAML)
		for path, text := range all {
			path = filepath.Join(root, filepath.Base(model), path)
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
			if strings.HasSuffix(path, suffix) {
				out = append(out, path)
			}
		}
	}
	if len(out) == 0 {
		t.Fatalf("no document ends in %s", suffix)
	}
	return out
}

// Spectral finds nothing in any OpenAPI document, of any rule that applies.
func TestSpectral(t *testing.T) {
	dir := packages(t)
	byRules := map[string][]string{}
	for _, path := range written(t, "openapi.yaml") {
		rules := "ruleset.yaml"
		if strings.HasSuffix(path, filepath.FromSlash("/gateway/api/openapi.yaml")) {
			rules = "list.yaml"
		}
		byRules[rules] = append(byRules[rules], path)
	}
	for rules, paths := range byRules {
		ruleset, err := filepath.Abs(filepath.Join("testdata/npm", rules))
		if err != nil {
			t.Fatal(err)
		}
		args := append([]string{"lint", "--ruleset", ruleset, "--fail-severity", "hint"}, paths...)
		if out, err := exec.CommandContext(t.Context(), filepath.Join(dir, "node_modules", ".bin", "spectral"), args...).CombinedOutput(); err != nil {
			t.Errorf("%v\n%s", err, out)
		}
	}
}

// The parser of the AsyncAPI initiative reads every AsyncAPI document without
// an error or a warning.
func TestAsyncAPIParser(t *testing.T) {
	dir := packages(t)
	script, err := os.ReadFile("testdata/npm/asyncapi.cjs")
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "node", append([]string{"-e", string(script), "--"}, written(t, "asyncapi.yaml")...)...)
	cmd.Dir = dir // where its packages are found
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
