package format_test

import (
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
	"github.com/esgen/esgen/internal/format"
	"github.com/esgen/esgen/internal/rule"
	"github.com/esgen/esgen/internal/source"
	"github.com/esgen/esgen/model"
)

var update = flag.Bool("update", false, "write the out.yaml files anew")

// formatted formats a text, which must be possible.
func formatted(t *testing.T, path string, data []byte) []byte {
	t.Helper()
	out, faults := format.File(&source.File{Path: path, Data: data})
	for _, f := range faults {
		t.Fatal(f)
	}
	return out
}

// stays fails where a canonical text is not its own canonical text.
func stays(t *testing.T, path string, text []byte) {
	t.Helper()
	if diff := cmp.Diff(string(text), string(formatted(t, path, text))); diff != "" {
		t.Errorf("%s: formatted twice (-once +twice):\n%s", path, diff)
	}
}

// Every in.yaml below testdata becomes the out.yaml beside it.
func TestGolden(t *testing.T) {
	cases, err := filepath.Glob("testdata/*/in.yaml")
	if err != nil || len(cases) == 0 {
		t.Fatal(cases, err)
	}
	for _, in := range cases {
		t.Run(filepath.Base(filepath.Dir(in)), func(t *testing.T) {
			data, err := os.ReadFile(in)
			if err != nil {
				t.Fatal(err)
			}
			got, golden := formatted(t, in, data), filepath.Join(filepath.Dir(in), "out.yaml")
			if *update {
				if err := os.WriteFile(golden, got, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), string(got)); diff != "" {
				t.Errorf("(-want +got); if it is meant: go test ./internal/format -update\n%s", diff)
			}
			stays(t, in, got)
		})
	}
}

// Every model of the repository says the same when it is formatted: the same
// values, the same comments, and check has the same to say about it.
func TestSameModel(t *testing.T) {
	models := 0
	for _, root := range []string{"../../examples", "../../testdata"} {
		err := filepath.WalkDir(root, func(file string, e fs.DirEntry, err error) error {
			if err != nil || e.Name() != model.DocumentName {
				return err
			}
			dir := os.DirFS(filepath.Dir(file))
			sys, _ := model.LoadFS(dir, model.DocumentName)
			after := fstest.MapFS{}
			for _, f := range sys.Files {
				out, faults := format.File(f)
				if len(faults) > 0 {
					return nil // YAML cannot read it; see TestRefuses
				}
				stays(t, file, out)
				after[f.Path] = &fstest.MapFile{Data: out}
				if got, want := remarks(&source.File{Path: f.Path, Data: out}), remarks(f); !slices.Equal(got, want) {
					t.Errorf("%s: the comments of %s differ:\n%s", file, f.Path, cmp.Diff(want, got))
				}
			}
			models++
			if diff := cmp.Diff(said(dir), said(after)); diff != "" {
				t.Errorf("%s: (-before +after)\n%s", file, diff)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if models < 50 {
		t.Errorf("only %d models were found", models)
	}
}

// The examples are written the canonical way.
func TestExamples(t *testing.T) {
	documents, err := filepath.Glob("../../examples/*/" + model.DocumentName)
	if err != nil || len(documents) == 0 {
		t.Fatal(documents, err)
	}
	for _, file := range documents {
		sys, _ := model.Load(file)
		for _, f := range sys.Files {
			if diff := cmp.Diff(string(f.Data), string(formatted(t, f.Path, f.Data))); diff != "" {
				t.Errorf("esgen fmt --write %s (-file +canonical):\n%s", f.Path, diff)
			}
		}
	}
}

// said is all that check has to say about a model, but for the places.
func said(dir fs.FS) []string {
	sys, diags := model.LoadFS(dir, model.DocumentName)
	_, more := check.System(sys)
	diags.Merge(more)
	messages := map[string]bool{}
	for _, d := range diags.Sorted() {
		messages[string(d.Rule)+": "+d.Message] = true
	}
	return slices.Sorted(maps.Keys(messages))
}

// remarks are the comments of a file, sorted.
func remarks(f *source.File) []string {
	source.Parse(f, source.DefaultLimits())
	var all []string
	for _, c := range f.Comments() {
		all = append(all, strings.TrimSpace(c.Text))
	}
	slices.Sort(all)
	return all
}

func TestRefuses(t *testing.T) {
	for _, c := range []struct {
		name, text string
		rule       rule.ID
	}{
		{"an expression YAML cuts", "a: {x: max(a, b)}\n", "yaml-split"},
		{"a tag", "if: !x\n", "yaml-tag"},
		{"no YAML", "a: [b\n", "yaml-syntax"},
		{"nothing", "", "yaml-empty"},
		{"a list", "- a\n", "wrong-kind"},
		{"an empty map", "{}\n", "wrong-kind"},
		{"a name no line can hold", "? " + strings.Repeat("long ", 250) + "\n: a\n", "bad-name"},
		{"a comment nobody sees as one", "a: {b: c}#d\n", "format"},
	} {
		t.Run(c.name, func(t *testing.T) {
			out, faults := format.File(&source.File{Path: "m.yaml", Data: []byte(c.text)})
			if out != nil || len(faults) == 0 || faults[0].Rule != c.rule {
				t.Errorf("got %q and %v, want %s", out, faults, c.rule)
			}
		})
	}
}

// FuzzFmt: what can be formatted says the same, and is left alone the next time.
// (That the values and comments are the same, File makes sure itself: it
// refuses otherwise, which only a comment without a blank before it may cause.)
func FuzzFmt(f *testing.F) {
	var seeds []string
	for _, pattern := range []string{"testdata/*/in.yaml", "../../testdata/models/*/*.yaml"} {
		found, err := filepath.Glob(pattern)
		if err != nil || len(found) == 0 {
			f.Fatal(pattern, err)
		}
		seeds = append(seeds, found...)
	}
	for _, seed := range seeds {
		data, err := os.ReadFile(seed)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > 1<<14 {
			return
		}
		file := &source.File{Path: "m.yaml", Data: data}
		out, faults := format.File(file)
		if len(faults) > 0 {
			if faults[0].Rule == "format" && !hidden(string(data)) {
				t.Fatalf("%q cannot be formatted", data)
			}
			return
		}
		again, faults := format.File(&source.File{Path: "m.yaml", Data: out})
		if len(faults) > 0 {
			t.Fatalf("%q became %q: %v", data, out, faults)
		}
		if string(again) != string(out) {
			t.Fatalf("%q\nbecame\n%s\nand then\n%s", data, out, again)
		}
		if want, got := remarks(file), remarks(&source.File{Path: "m.yaml", Data: out}); !slices.Equal(want, got) {
			t.Fatalf("%q\nhas the comments %q; formatted, %q", data, want, got)
		}
	})
}

// hidden finds a comment without a blank before it, which YAML minds no more
// than the comments of a file do.
var hidden = regexp.MustCompile(`[]}\[{,"']#|[|>][-+0-9]*#`).MatchString
