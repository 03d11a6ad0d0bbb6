package tree

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/esgen/esgen/internal/artifact"
)

// What would be written elsewhere, or over something else, is refused, and
// nothing is changed: neither here nor there.
func TestElsewhere(t *testing.T) {
	t.Parallel()
	link := func(at string) func(t *testing.T, dir, other string) {
		return func(t *testing.T, dir, other string) {
			t.Helper()
			path := filepath.Join(dir, at)
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.RemoveAll(path); err != nil {
				t.Fatal(err)
			}
			if err := os.Symlink(other, path); err != nil {
				t.Skip(err)
			}
		}
	}
	listed := func(path string) func(t *testing.T, dir, other string) {
		return func(t *testing.T, dir, _ string) {
			t.Helper()
			put(t, dir, manifestPath, `{"version": 3, "generated": {"`+path+`": {"one.go": "dpLDrTVAu4A8"}}}`)
		}
	}
	for _, c := range []struct {
		name  string
		edit  func(t *testing.T, dir, other string)
		files []artifact.File
		want  string
	}{
		{name: "a directory is a link", edit: link("b"), files: append(before(), generated("b/three.go", "3")), want: "b is a link"},
		{name: "a directory on the way is a link", edit: link("b/c"), files: append(before(), generated("b/c/d/three.go", "3")), want: "c is a link"},
		{name: "a file is a link", edit: link("b.go"), files: append(before(), generated("b.go", "3")), want: "b.go"},
		{name: "what is gone is behind a link", edit: link("a"), files: before()[:1], want: "a is a link"},
		{name: "up", files: []artifact.File{generated("../x", "")}, want: "../x would not be"},
		{name: "from the top", files: []artifact.File{generated("/x", "")}, want: "/x would not be"},
		{name: "to esgen", files: []artifact.File{generated(".esgen/manifest.json", "")}, want: "no place"},
		{name: "to git", files: []artifact.File{generated(".Git/hooks/pre-commit", "")}, want: "no place"},
		{name: "two files of one name", files: []artifact.File{generated("a/X.go", "1"), generated("a/x.go", "2")}, want: "a/X.go and a/x.go"},
		{name: "two directories of one name", files: []artifact.File{generated("a/B/x.go", "1"), generated("a/b/y.go", "2")}, want: "a/B and a/b"},
		{name: "listed above", edit: listed("../other"), files: before(), want: "damaged"},
		{name: "listed as git's", edit: listed(".git"), files: before(), want: "damaged"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			top := t.TempDir()
			dir, other := filepath.Join(top, "out"), filepath.Join(top, "other")
			applied(t, dir, before()...)
			put(t, other, "one.go", "one")
			if c.edit != nil {
				c.edit(t, dir, other)
			}
			was := contents(t, top)
			cmpn, err := Compare(dir, c.files)
			if err == nil {
				err = cmpn.Apply(true)
			}
			if err == nil || !strings.Contains(filepath.ToSlash(err.Error()), c.want) {
				t.Errorf("error %v, want one that says %q", err, c.want)
			}
			for path, data := range contents(t, top) {
				if was[path] != data {
					t.Errorf("%s is %q, was %q", path, data, was[path])
				}
			}
		})
	}
}

// A file that is renamed by case only is one file where case makes no
// difference, and stays there. Two names of one file are such a place.
func TestRenamedByCase(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"one", "another"} {
		dir := t.TempDir()
		applied(t, dir, generated("a/one.go", "one"))
		if err := os.Link(filepath.Join(dir, "a", "one.go"), filepath.Join(dir, "a", "One.go")); err != nil {
			t.Skip(err)
		}
		applied(t, dir, generated("a/One.go", text))
		if data, err := os.ReadFile(filepath.Join(dir, "a", "One.go")); err != nil || string(data) != text {
			t.Errorf("%q, %v; want %q", data, err, text)
		}
	}
}
