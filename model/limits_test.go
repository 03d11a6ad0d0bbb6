package model

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/esgen/esgen/internal/source"
)

// faultsOf says what is wrong with a model of one file.
func faultsOf(text string) string {
	_, diags := LoadFS(fstest.MapFS{DocumentName: {Data: []byte(text)}}, DocumentName)
	return print(diags)
}

// What there is too much of is told with how much there may be.
func TestLimits(t *testing.T) {
	t.Parallel()
	many := func(n int, format string) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, format, i)
		}
		return b.String()
	}
	const document = "esgen: v1\nsystem: s\n"
	for _, c := range []struct{ name, text, want string }{
		{"requirements", document + "requirements:\n" + many(20_001, "  R%d: text\n"), "esgen.yaml:4:3: error: requirements of the document: there are 20001, and may be 20000 [yaml-limit]"},
		{"contexts", document + "contexts:\n" + many(1_001, "  c%d:\n"), "esgen.yaml:4:3: error: contexts of the document: there are 1001, and may be 1000 [yaml-limit]"},
		{"commands", document + "contexts: {c: {aggregates: {A: {commands: [" + many(1_001, "C%d, ") + "]}}}}\n", "commands of aggregate A: there are 1001, and may be 1000"},
		{"fields", document + "types: {T: {fields: {" + many(1_001, "f%d: string, ") + "}}}\n", "fields of type T: there are 1001, and may be 1000"},
		{"values of an enum", document + "types: {T: {enum: [" + many(1_001, "V%d, ") + "]}}\n", "enum of type T: there are 1001, and may be 1000"},
		{"lets", document + "contexts: {c: {aggregates: {A: {commands: {C: {let: {" + many(201, "l%d: 1, ") + "}}}}}}}\n", "let of command C: there are 201, and may be 200"},
		{"scenarios", document + "scenarios:\n" + many(10_001, "  s %d: {}\n"), "scenarios of the document: there are 10001, and may be 10000"},
		{"steps", document + "contexts: {c: {}}\nscenarios: {s: {steps: [" + many(2_001, "{advance: %ds}, ") + "]}}\n", "steps of scenario s: there are 2001, and may be 2000"},
		{"hotspots", document + "hotspots: [" + many(2_001, "h%d, ") + "]\n", "hotspots of the document: there are 2001, and may be 2000"},
		{"notes", document + "contexts:\n" + many(290, "  c%d: {aggregates: ["+many(900, "A%d, ")+"]}\n"), "notes; it may have 250000"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := faultsOf(c.text); !strings.Contains(got, c.want) {
				t.Errorf("want %q in:\n%.2000s", c.want, got)
			}
		})
	}
}

// A document includes files of its own directory, and nothing else.
func TestIncludedFiles(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("links need rights there")
	}
	outside := filepath.Join(t.TempDir(), "secret")
	write(t, outside, "password: x\n")
	for _, c := range []struct {
		name string
		make func(t *testing.T, dir string)
		want string // "": the file is a part of the model
	}{
		{"a file", func(t *testing.T, dir string) { write(t, filepath.Join(dir, "parts/a.yaml"), "contexts: [a]\n") }, ""},
		{"a link inside", func(t *testing.T, dir string) {
			write(t, filepath.Join(dir, "a.yaml"), "contexts: [a]\n")
			link(t, "../a.yaml", filepath.Join(dir, "parts/a.yaml"))
		}, ""},
		{"a link out", func(t *testing.T, dir string) { link(t, outside, filepath.Join(dir, "parts/a.yaml")) }, "parts/a.yaml cannot be included: it leads out of the directory"},
		{"a directory that is a link out", func(t *testing.T, dir string) {
			if err := os.Remove(filepath.Join(dir, "parts")); err != nil {
				t.Fatal(err)
			}
			link(t, filepath.Dir(outside), filepath.Join(dir, "parts"))
		}, "no file matches parts/*"},
		{"a link to nothing", func(t *testing.T, dir string) { link(t, "nothing", filepath.Join(dir, "parts/a.yaml")) }, "parts/a.yaml cannot be included: it leads out of the directory of the document, or nowhere"},
		{"a device", func(t *testing.T, dir string) { link(t, "/dev/zero", filepath.Join(dir, "parts/a.yaml")) }, "parts/a.yaml cannot be included"},
		{"too many", func(t *testing.T, dir string) {
			for i := range maxFiles + 1 {
				write(t, filepath.Join(dir, "parts", fmt.Sprintf("f%d.yaml", i)), "title: x\n")
			}
		}, "more than the 1000 files, or the 64 MiB, that it may"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			if err := os.Mkdir(filepath.Join(dir, "parts"), 0o755); err != nil {
				t.Fatal(err)
			}
			write(t, filepath.Join(dir, DocumentName), "esgen: v1\nsystem: s\ninclude: parts/*\n")
			c.make(t, dir)
			sys, diags := Load(dir)
			got := print(diags)
			switch {
			case c.want == "" && (got != "" || len(sys.Contexts) != 1):
				t.Errorf("%d contexts, and %s", len(sys.Contexts), got)
			case !strings.Contains(got, c.want) || strings.Contains(got, "password"):
				t.Errorf("want %q in:\n%.1000s", c.want, got)
			}
		})
	}
}

// The document may be whatever can be read, but no longer than a file may be.
func TestEndlessDocument(t *testing.T) {
	t.Parallel()
	if _, err := os.Stat("/dev/zero"); err != nil {
		t.Skip("there is no file without an end")
	}
	_, diags := Load("/dev/zero")
	if got, want := print(diags), fmt.Sprintf("the file has more than the %d bytes that a file may have", source.DefaultLimits().Bytes); !strings.Contains(got, want) {
		t.Errorf("want %q in:\n%s", want, got)
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func link(t *testing.T, to, path string) {
	t.Helper()
	if err := os.Symlink(to, path); err != nil {
		t.Fatal(err)
	}
}

// What becomes part of a command, a path or a header is of the form it has there.
func TestValuesOfCommands(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, text, want string }{
		{"module", "module: -modfile=/tmp/x", "is no Go module path"},
		{"module", "module: example.com/-x", "is no Go module path"},
		{"module", "module: example.com/../x", "is no Go module path"},
		{"module", `module: "example.com/a b"`, "is no Go module path"},
		{"module", `module: "example.com/$(id)"`, "is no Go module path"},
		{"module", "module: example.com/x", ""},
		{"module", "module: shop", ""},
		{"role", `actors: {A: {role: "x\nX-Actor-System: true"}}`, "is not the name of a role"},
		{"role", `actors: {A: {role: "x,admin"}}`, "is not the name of a role"},
		{"role", `actors: {A: {role: "x\"; DROP"}}`, "is not the name of a role"},
		{"role", `actors: {A: {role: "realm:shop/store keeper"}}`, ""},
		{"registry", "deploy: {registry: -x}", "is not a registry"},
		{"registry", `deploy: {registry: "a.example/x\nRUN id"}`, "is not a registry"},
		{"host", `deploy: {host: "a.example\nx: y"}`, "is not a host name"},
		{"ingress", `deploy: {ingress: "a/b c"}`, "does not say which Gateway"},
		{"zone", `zone: "../../etc/passwd"`, "is no time zone"},
		{"zone", `zone: "Asia/Seoul\n"`, "is no time zone"},
		{"origin", "gateway: {cors: [\"https://a.example`\"]}", "is no origin"},
		{"system of before", "gateway: {routes: [{path: /a, to: \"http://a/`+x+`\"}]}", "is not where a system is"},
		{"system of before", `gateway: {routes: [{path: /a, to: "http://a/|x"}]}`, "is not where a system is"},
		{"system of before", `gateway: {routes: [{path: "/a` + "`" + `", to: "http://a/x"}]}`, "may hold letters"},
		{"scenario", `scenarios: {"a\u2028b": {}}`, "is no name"},
		{"requirement", `requirements: {"a\u202Eb": text}`, "is no name"},
	} {
		got := faultsOf("esgen: v1\nsystem: s\n" + c.text + "\n")
		if c.want == "" && strings.Contains(got, "error") || !strings.Contains(got, c.want) {
			t.Errorf("%s %s: want %q in:\n%s", c.name, c.text, c.want, got)
		}
	}
}
