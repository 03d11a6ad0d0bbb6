package check_test

import (
	"bytes"
	"flag"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/esgen/esgen/internal/check"
	"github.com/esgen/esgen/internal/diag"
	"github.com/esgen/esgen/internal/rule"
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

// eachBad runs a test on every model below testdata/bad.
func eachBad(t *testing.T, test func(t *testing.T, dir string)) {
	t.Helper()
	dirs, err := filepath.Glob(filepath.Join(bad, "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, dir := range dirs {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			t.Parallel()
			test(t, dir)
		})
	}
}

// TestBadModels compares what is said about every model below testdata/bad
// with the expected.txt beside it.
func TestBadModels(t *testing.T) {
	t.Parallel()
	eachBad(t, func(t *testing.T, dir string) {
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

// machine are words that belong to how esgen is made.
var machine = regexp.MustCompile(`\b(int64|struct|interface|nil|cel|overload|ast)\b|\*model|map\[|yaml:|expr\.|%!|<nil>`)

// TestMessagesAreForPeople makes sure that no message speaks of Go, of YAML
// libraries or of CEL; the language's own {cel: …} may be spoken of.
func TestMessagesAreForPeople(t *testing.T) {
	t.Parallel()
	eachBad(t, func(t *testing.T, dir string) {
		for _, d := range judged(dir).Sorted() {
			said := []string{d.Message, d.Suggestion}
			for _, r := range d.Related {
				said = append(said, r.Message)
			}
			for _, text := range said {
				if word := machine.FindString(strings.ReplaceAll(text, "{cel:", "")); word != "" {
					t.Errorf("%s speaks of %q: %s", d.Pos, word, text)
				}
			}
			if !d.Pos.IsValid() {
				t.Errorf("%s is nowhere", d.Message)
			}
		}
	})
}

// TestRules makes sure that every rule of the table has a bad model that breaks
// it, and that nothing is reported under another name.
func TestRules(t *testing.T) {
	t.Parallel()
	broken := map[rule.ID]bool{}
	dirs, err := filepath.Glob(filepath.Join(bad, "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, dir := range dirs {
		sys, _ := model.LoadFS(os.DirFS(dir), model.DocumentName)
		_, diags := check.System(sys)
		for _, d := range diags.Sorted() {
			broken[d.Rule] = true
		}
	}
	for _, r := range rule.Checked() {
		if !broken[r.ID] {
			t.Errorf("no model below %s breaks %s", bad, r.ID)
		}
		delete(broken, r.ID)
	}
	for id := range broken {
		if _, ok := rule.Find(id); !ok {
			t.Errorf("%s is not in the table of rules", id)
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

// TestBrokenModels takes single lines out of models: whatever is left
// must be judged without a crash, and a fault must have a place.
func TestBrokenModels(t *testing.T) {
	t.Parallel()
	for _, dir := range []string{"../../testdata/models/every-construct", "../../testdata/models/clinic", "../../testdata/models/korean", "../../examples/fooddelivery",
		bad + "/saga", bad + "/timers", bad + "/versions-and-links", bad + "/scenario-impossible", bad + "/relations"} {
		whole := fstest.MapFS{}
		err := fs.WalkDir(os.DirFS(dir), ".", func(path string, e fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return err
			case e.IsDir() && e.Name() == "generated":
				return fs.SkipDir
			case e.IsDir() || filepath.Ext(path) != ".yaml":
				return nil
			}
			data, err := os.ReadFile(filepath.Join(dir, path))
			whole[path] = &fstest.MapFile{Data: data}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		for path, f := range whole {
			t.Run(filepath.Base(dir)+"/"+path, func(t *testing.T) {
				t.Parallel()
				lines := bytes.SplitAfter(f.Data, []byte("\n"))
				for i := 0; i < len(lines); i += len(lines)/5 + 1 {
					broken := maps.Clone(whole)
					broken[path] = &fstest.MapFile{Data: slices.Concat(slices.Concat(lines[:i]...), slices.Concat(lines[i+1:]...))}
					sys, diags := model.LoadFS(broken, model.DocumentName)
					_, more := check.System(sys)
					diags.Merge(more)
					for _, d := range diags.Sorted() {
						if !d.Pos.IsValid() {
							t.Errorf("without line %d: %s is nowhere", i+1, d.Message)
						}
					}
				}
			})
		}
	}
}
