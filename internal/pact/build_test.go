package pact_test

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/esgen/esgen/internal/check"
	"github.com/esgen/esgen/internal/contract"
	"github.com/esgen/esgen/internal/pact"
	"github.com/esgen/esgen/internal/sample"
	"github.com/esgen/esgen/internal/stories"
	"github.com/esgen/esgen/model"
)

var update = flag.Bool("update", false, "rewrite the expected files")

func build(t testing.TB, path string) ([]*pact.File, []*contract.Need) {
	t.Helper()
	sys, bad := model.Load(path)
	if bad.HasErrors() {
		t.Fatal(bad.Sorted())
	}
	m, bad := check.System(sys)
	if bad.HasErrors() {
		t.Fatal(bad.Sorted())
	}
	return pact.Build(contract.Build(m), stories.Play(m), sample.New(m).JSON)
}

// Files are what the models in testdata have beside them.
func TestBuild(t *testing.T) {
	models, err := filepath.Glob("testdata/*/esgen.yaml")
	if err != nil || len(models) == 0 {
		t.Fatal(models, err)
	}
	for _, path := range models {
		dir := filepath.Dir(path)
		t.Run(filepath.Base(dir), func(t *testing.T) {
			files, uncovered := build(t, path)
			for _, n := range uncovered {
				t.Errorf("%s is met by nothing", n.By)
			}
			got := map[string]string{}
			for _, f := range files {
				data, err := f.JSON()
				if err != nil {
					t.Fatal(err)
				}
				got[filepath.Base(f.Path())] = string(data)
			}
			if *update {
				write(t, dir, got)
			}
			if diff := cmp.Diff(expected(t, dir), got); diff != "" {
				t.Errorf("-want +got; if it is meant: go test ./internal/pact -update\n%s", diff)
			}
		})
	}
}

func expected(t *testing.T, dir string) map[string]string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		out[filepath.Base(path)] = string(data)
	}
	return out
}

func write(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for name := range expected(t, dir) {
		if err := os.Remove(filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// All that services of the examples rely on is shown by what was played, and
// the files are the same each time.
func TestExamplesAreCovered(t *testing.T) {
	for _, path := range []string{"../../examples/library", "../../examples/fooddelivery", "../../testdata/models/korean", "../../testdata/models/every-construct", "../../testdata/models/clinic"} {
		t.Run(filepath.Base(path), func(t *testing.T) {
			files, uncovered := build(t, path+"/esgen.yaml")
			again, _ := build(t, path+"/esgen.yaml")
			for _, n := range uncovered {
				t.Errorf("%s relies on %s, and nothing shows it", n.By, n.What())
			}
			if len(files) == 0 || len(files) != len(again) {
				t.Fatalf("%d files, and %d the next time", len(files), len(again))
			}
			for i := range files {
				one, err := files[i].JSON()
				if err != nil {
					t.Fatal(err)
				}
				if other, _ := again[i].JSON(); !bytes.Equal(one, other) {
					t.Errorf("%s is another one the next time", files[i].Path())
				}
			}
		})
	}
}
