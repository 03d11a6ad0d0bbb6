package apidoc_test

import (
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/esgen/esgen/internal/apidoc"
	"github.com/esgen/esgen/internal/check"
	"github.com/esgen/esgen/internal/contract"
	"github.com/esgen/esgen/internal/sample"
	"github.com/esgen/esgen/internal/stories"
	"github.com/esgen/esgen/model"
)

var update = flag.Bool("update", false, "write the golden files anew")

// models are those whose documents third parties are asked about.
var models = []string{
	"../../examples/fooddelivery", "../../examples/library",
	"../../testdata/models/every-construct", "../../testdata/models/clinic", "../../testdata/models/korean", "../../testdata/models/mini", "../../testdata/models/depot", "testdata/bikes",
	"../../testdata/models/journey", "../../testdata/models/haulage",
}

// load reads a model that must be fine.
func load(t testing.TB, dir string) *check.Model {
	t.Helper()
	sys, diags := model.Load(filepath.Join(dir, "esgen.yaml"))
	if !diags.HasErrors() {
		checked, more := check.System(sys)
		if !more.HasErrors() {
			return checked
		}
		diags = more
	}
	for _, d := range diags.Sorted() {
		t.Error(d.Pos, d.Message)
	}
	t.FailNow()
	return nil
}

// files are the documents of a model, by path.
func files(t testing.TB, dir string) map[string]string {
	t.Helper()
	m := load(t, dir)
	out := map[string]string{}
	for _, f := range apidoc.Files(contract.Build(m), apidoc.NewExamples(m, stories.Play(m), sample.New(m).Example)) {
		text, err := f.Text()
		if err != nil {
			t.Fatal(err)
		}
		out[f.Path] = text
	}
	return out
}

// TestGolden compares the documents of a small model, file by file.
func TestGolden(t *testing.T) {
	const golden = "testdata/bikes/documents"
	got := files(t, "testdata/bikes")
	if *update {
		if err := os.RemoveAll(golden); err != nil {
			t.Fatal(err)
		}
		for path, text := range got {
			path = filepath.Join(golden, path)
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	want := map[string]string{}
	err := filepath.WalkDir(golden, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		name, _ := filepath.Rel(golden, path)
		want[filepath.ToSlash(name)] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the documents differ (-want +got); go test ./internal/apidoc -update writes them anew:\n%s", diff)
	}
}

// Documents of one model are the same whenever they are written.
func TestDeterministic(t *testing.T) {
	one, two := files(t, models[0]), files(t, models[0])
	if diff := cmp.Diff(one, two); diff != "" {
		t.Error(diff)
	}
}

// ofKind lists the documents whose paths end in a suffix and hold something.
func ofKind(files map[string]string, suffix string, holding ...string) map[string]string {
	out := map[string]string{}
	for path, text := range files {
		if strings.HasSuffix(path, suffix) && (len(holding) == 0 || strings.Contains(path, holding[0])) {
			out[path] = text
		}
	}
	return out
}
