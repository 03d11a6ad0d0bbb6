package model

import (
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/esgen/esgen/internal/diag"
)

var update = flag.Bool("update", false, "write the expected.txt files anew")

// TestBad loads every model below testdata/bad and compares what is said about
// it with expected.txt beside it.
func TestBad(t *testing.T) {
	t.Parallel()
	cases, err := os.ReadDir("testdata/bad")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		t.Run(c.Name(), func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join("testdata/bad", c.Name())
			_, diags := LoadFS(os.DirFS(dir), DocumentName)
			got, file := print(diags), filepath.Join(dir, "expected.txt")
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
				t.Errorf("%s (-want +got):\n%s\nif the new text is right: go test ./model -update", file, diff)
			}
			if got == "" {
				t.Error("nothing is wrong with the model")
			}
		})
	}
}

// TestGood loads the models of the repository, of which all must be right.
func TestGood(t *testing.T) {
	t.Parallel()
	for _, root := range []string{"../testdata/models", "../examples"} {
		err := filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
			if err == nil && e.Name() == DocumentName {
				t.Run(filepath.ToSlash(path), func(t *testing.T) {
					t.Parallel()
					if _, diags := Load(path); diags.HasErrors() {
						t.Error(print(diags))
					}
				})
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// print writes diagnostics as one line each, with what belongs to it below.
func print(diags *diag.List) string {
	var b strings.Builder
	for _, d := range diags.Sorted() {
		fmt.Fprintf(&b, "%s: %s: %s [%s]\n", d.Pos, d.Severity, d.Message, d.Rule)
		for _, r := range d.Related {
			fmt.Fprintf(&b, "    %s: %s\n", r.Pos, r.Message)
		}
		if d.Suggestion != "" {
			fmt.Fprintf(&b, "    %s\n", d.Suggestion)
		}
	}
	return b.String()
}
