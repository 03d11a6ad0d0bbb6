package lsp

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/esgen/esgen/internal/expr"
	"github.com/esgen/esgen/internal/schema"
)

const extension = "../../editors/vscode"

// TestExtensionIsUpToDate holds what the extension repeats of the language against the
// language.
func TestExtensionIsUpToDate(t *testing.T) {
	want, err := schema.Document()
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(filepath.Join(extension, "schemas/esgen.schema.json"))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Error("the schema is another one: go run ./cmd/esgen schema > editors/vscode/schemas/esgen.schema.json")
	}
	grammar, err := os.ReadFile(filepath.Join(extension, "syntaxes/expression.tmLanguage.json"))
	if err != nil {
		t.Fatal(err)
	}
	if !json.Valid(grammar) {
		t.Fatal("the grammar is no JSON")
	}
	names := map[string]bool{}
	for _, f := range expr.Functions() {
		names[f.Name] = true
	}
	words := strings.Join(slices.Sorted(maps.Keys(names)), "|")
	if !regexp.MustCompile(`\(` + regexp.QuoteMeta(words) + `\)`).Match(grammar) {
		t.Errorf("the functions of the grammar are to be %s", words)
	}
}

// npm is a directory with packages of npm, installed unless they are there.
func npm(t *testing.T, packages ...string) string {
	t.Helper()
	dir := os.Getenv("ESGEN_TEST_NPM")
	if dir == "" {
		t.Skip("set ESGEN_TEST_NPM to a directory for packages of npm")
	}
	program, err := exec.LookPath("npm")
	if err != nil {
		t.Skip("there is no npm")
	}
	if dir, err = filepath.Abs(filepath.Join(dir, "lsp")); err != nil {
		t.Fatal(err)
	}
	stamp := filepath.Join(dir, strings.NewReplacer("/", "_").Replace(strings.Join(packages, ".")))
	if _, err := os.Stat(stamp); err == nil {
		return dir
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	install := exec.CommandContext(t.Context(), program, append([]string{"install", "--prefix", dir, "--no-audit", "--no-fund", "--ignore-scripts", "--no-save"}, packages...)...)
	if out, err := install.CombinedOutput(); err != nil {
		t.Skipf("the packages cannot be installed here: %v\n%s", err, out)
	}
	if err := os.WriteFile(stamp, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	return dir
}

const client = "vscode-languageserver-protocol@3.18.5"

// ofExtension are the packages that the extension is made with, as it says.
func ofExtension(t *testing.T) []string {
	t.Helper()
	var about struct {
		DevDependencies map[string]string
	}
	data, err := os.ReadFile(filepath.Join(extension, "package.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &about); err != nil {
		t.Fatal(err)
	}
	out := []string{client}
	for _, name := range slices.Sorted(maps.Keys(about.DevDependencies)) {
		out = append(out, name+"@"+about.DevDependencies[name])
	}
	return out
}

// TestExtensionPacks has the packer of VS Code make the extension.
func TestExtensionPacks(t *testing.T) {
	packages := npm(t, ofExtension(t)...)
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(extension)); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(filepath.Join(dir, "node_modules")); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Join(packages, "node_modules"), filepath.Join(dir, "node_modules")); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "npm", "run", "package")
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	packed, err := zip.OpenReader(filepath.Join(dir, "esgen.vsix"))
	if err != nil {
		t.Fatal(err)
	}
	defer packed.Close() //nolint:errcheck // it was read from
	var names []string
	for _, f := range packed.File {
		names = append(names, f.Name)
	}
	for _, want := range []string{"extension/package.json", "extension/dist/extension.js", "extension/syntaxes/expression.tmLanguage.json", "extension/schemas/esgen.schema.json"} {
		if !slices.Contains(names, want) {
			t.Errorf("it lacks %s: %v", want, names)
		}
	}
	if slices.ContainsFunc(names, func(n string) bool { return strings.Contains(n, "node_modules") }) {
		t.Errorf("it has what it needs not: %v", names)
	}
}

// TestSession has the client library of VS Code speak with the program.
func TestSession(t *testing.T) {
	packages := npm(t, ofExtension(t)...)
	dir := t.TempDir()
	program := filepath.Join(dir, "esgen")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", program, "../../cmd/esgen").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for name, text := range map[string]string{"esgen.yaml": document, "contexts/store.yaml": store} {
		path := filepath.Join(dir, "shop", name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	script, err := os.ReadFile("testdata/session.cjs")
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "node", "-e", string(script), "--", program, filepath.Join(dir, "shop"))
	cmd.Dir = packages
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	t.Logf("%s", out)
}
