package check_test

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/esgen/esgen/internal/check"
	"github.com/esgen/esgen/internal/diag"
	"github.com/esgen/esgen/model"
)

var update = flag.Bool("update", false, "write the expected.txt files anew")

const bad = "../../testdata/bad"

// judged loads and checks the model of a directory and returns all that is said
// about it.
func judged(dir string) *diag.List {
	sys, diags := model.LoadFS(os.DirFS(dir), model.DocumentName)
	_, more := check.System(sys)
	diags.Merge(more)
	return diags
}

// TestBadModels compares what is said about every model below testdata/bad
// with the expected.txt beside it.
func TestBadModels(t *testing.T) {
	t.Parallel()
	cases, err := os.ReadDir(bad)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		t.Run(c.Name(), func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join(bad, c.Name())
			var out bytes.Buffer
			if err := diag.Print(&out, diag.Text, judged(dir), diag.Options{}); err != nil {
				t.Fatal(err)
			}
			got, file := out.String(), filepath.Join(dir, "expected.txt")
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("%s (-want +got):\n%s\nif the new text is right: go test ./internal/check -update", file, diff)
			}
			if got == "" {
				t.Error("nothing is said about the model")
			}
		})
	}
}

// TestMessagesAreForPeople makes sure that no message speaks of Go, of YAML
// libraries or of CEL.
func TestMessagesAreForPeople(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join(bad, "*", "expected.txt"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, word := range []string{
			"int64", "*model", "map[", "struct", "interface", "nil", "yaml:", "cel", "overload", "expr.", "%!", "<invalid",
		} {
			if strings.Contains(strings.ReplaceAll(string(text), "ancel", ""), word) {
				t.Errorf("%s speaks of %q", f, word)
			}
		}
	}
}

// TestGoodModels makes sure that every model of the repository checks without
// errors.
func TestGoodModels(t *testing.T) {
	t.Parallel()
	for _, pattern := range []string{"../../testdata/models/*", "../../testdata/models/*/*", "../../examples/*"} {
		dirs, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, dir := range dirs {
			if _, err := os.Stat(filepath.Join(dir, model.DocumentName)); err != nil {
				continue
			}
			t.Run(filepath.ToSlash(dir), func(t *testing.T) {
				t.Parallel()
				for _, d := range judged(dir).Sorted() {
					if d.Severity == diag.Error {
						t.Errorf("%s: %s (%s)", d.Pos, d.Message, d.Rule)
					}
				}
			})
		}
	}
}
