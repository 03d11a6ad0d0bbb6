package pact_test

import (
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

// all is what is shown of all services.
type all struct {
	Files     []*pact.File
	Told      []*pact.Told
	Uncovered []*contract.Need
}

func build(t testing.TB, path string) *all {
	t.Helper()
	sys, bad := model.Load(path)
	if bad.HasErrors() {
		t.Fatal(bad.Sorted())
	}
	m, bad := check.System(sys)
	if bad.HasErrors() {
		t.Fatal(bad.Sorted())
	}
	contracts, out := contract.Build(m), &all{}
	played := pact.Of(contracts, stories.Play(m), sample.New(m).JSON)
	for _, s := range contracts.Services {
		shown := played.Show(s)
		out.Files, out.Uncovered = append(out.Files, shown.Files...), append(out.Uncovered, shown.Uncovered...)
		if shown.Told != nil {
			out.Told = append(out.Told, shown.Told)
		}
	}
	return out
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
			shown := build(t, path)
			for _, n := range shown.Uncovered {
				t.Errorf("%s is met by nothing", n.By)
			}
			got := texts(t, shown)
			if *update {
				write(t, dir, got)
			}
			if diff := cmp.Diff(expected(t, dir), got); diff != "" {
				t.Errorf("-want +got; if it is meant: go test ./internal/pact -update\n%s", diff)
			}
		})
	}
}

// texts are all files, called as they are expected.
func texts(t *testing.T, shown *all) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, f := range shown.Files {
		data, err := f.JSON()
		if err != nil {
			t.Fatal(err)
		}
		out[filepath.Base(f.Path())] = string(data)
	}
	for _, told := range shown.Told {
		data, err := told.JSON()
		if err != nil {
			t.Fatal(err)
		}
		out[told.Service.Name.Kebab+"-examples.json"] = string(data)
	}
	return out
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

// heavy is what haulage asks for when a parcel is heavy, which no sample is.
const heavy = "depot.Write"

// All that services of the examples rely on is shown by what was played, and
// the files are the same each time.
func TestExamplesAreCovered(t *testing.T) {
	for _, path := range []string{"../../examples/library", "../../examples/fooddelivery", "../../testdata/models/korean", "../../testdata/models/every-construct", "../../testdata/models/clinic", "../../testdata/models/depot", "../../testdata/models/haulage", "../../testdata/models/journey", "../../testdata/models/savings", "../../examples/ftgo", "../../examples/account", "../../examples/twelvestreet", "../../examples/healthstore"} {
		t.Run(filepath.Base(path), func(t *testing.T) {
			shown := build(t, path+"/esgen.yaml")
			for _, n := range shown.Uncovered {
				if n.What() != heavy {
					t.Errorf("%s relies on %s, and nothing shows it", n.By, n.What())
				}
			}
			files := texts(t, shown)
			if len(files) == 0 {
				t.Fatal("nothing is shown")
			}
			if diff := cmp.Diff(files, texts(t, build(t, path+"/esgen.yaml"))); diff != "" {
				t.Errorf("the next time it is another one (-first +next):\n%s", diff)
			}
		})
	}
}
