package tree

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/esgen/esgen/internal/artifact"
)

func generated(path, data string) artifact.File {
	return artifact.File{Path: path, Data: []byte(data)}
}

func seeded(path, data string) artifact.File {
	return artifact.File{Path: path, Data: []byte(data), Owner: artifact.Seeded}
}

func compareWith(t *testing.T, dir string, files ...artifact.File) *Comparison {
	t.Helper()
	c, err := Compare(dir, files)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// stagedWith is compareWith for what is staged while it is compared.
func stagedWith(t *testing.T, dir string, files ...artifact.File) *Comparison {
	t.Helper()
	b, err := Stage(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Close)
	for _, f := range files {
		if err := b.Take(f); err != nil {
			t.Fatal(err)
		}
	}
	c, err := b.End()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func applied(t *testing.T, dir string, files ...artifact.File) {
	t.Helper()
	if err := compareWith(t, dir, files...).Apply(false); err != nil {
		t.Fatal(err)
	}
}

func put(t *testing.T, dir, path, data string) {
	t.Helper()
	path = filepath.Join(dir, path)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(data), 0o644); err != nil {
		t.Fatal(err)
	}
}

// contents reads all files of a directory but what is kept about them.
func contents(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || d.Type()&os.ModeSymlink != 0 {
			return err
		}
		data, err := os.ReadFile(path)
		rel, _ := filepath.Rel(dir, path)
		if rel = filepath.ToSlash(rel); rel != manifestPath && rel != seedsPath {
			out[rel] = string(data)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// before is what every case of TestApply starts from.
func before() []artifact.File {
	return []artifact.File{
		generated("go.work", "go 1.26\n"), generated("a/one.go", "one"), generated("a/deep/two.go", "two"), seeded("a/own.go", "seed"),
	}
}

// TestApply tells what a second run does to what a first one wrote.
func TestApply(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		edit    func(t *testing.T, dir string) // by the user, between the runs
		files   []artifact.File
		force   bool
		changes []string
		edited  []string // paths that stop the run
		want    map[string]string
	}{
		{
			name: "nothing new", files: before(),
			want: map[string]string{"go.work": "go 1.26\n", "a/one.go": "one", "a/deep/two.go": "two", "a/own.go": "seed"},
		},
		{
			name: "more, less and other",
			files: []artifact.File{
				generated("go.work", "go 1.27\n"), generated("a/one.go", "one"), seeded("a/own.go", "seed"), generated("b/c/three.go", "three"),
				generated("b/four.go", "four"), generated("a/deep/er/five.go", "five"), {Path: "empty"},
			},
			changes: []string{
				"create a/deep/er/five.go", "remove a/deep/two.go", "create b/c/three.go", "create b/four.go", "create empty", "update go.work",
			},
			want: map[string]string{
				"go.work": "go 1.27\n", "a/one.go": "one", "a/own.go": "seed", "b/c/three.go": "three", "b/four.go": "four",
				"a/deep/er/five.go": "five", "empty": "",
			},
		},
		{
			name:    "removed sticky",
			edit:    func(t *testing.T, dir string) { put(t, dir, "a/own.go", "mine") },
			files:   before()[:1],
			changes: []string{"remove a/deep/two.go", "remove a/one.go", "orphan a/own.go"},
			want:    map[string]string{"go.work": "go 1.26\n", "a/own.go": "mine"},
		},
		{
			name:    "removed sticky, of which nobody has written anything",
			files:   before()[:1],
			changes: []string{"remove a/deep/two.go", "remove a/one.go", "remove a/own.go"},
			want:    map[string]string{"go.work": "go 1.26\n"},
		},
		{
			name:    "the seed changes",
			files:   append(before()[:3], seeded("a/own.go", "another seed")),
			changes: []string{"update a/own.go"},
			want:    map[string]string{"go.work": "go 1.26\n", "a/one.go": "one", "a/deep/two.go": "two", "a/own.go": "another seed"},
		},
		{
			name:    "seed is the user's",
			edit:    func(t *testing.T, dir string) { put(t, dir, "a/own.go", "mine") },
			files:   before(),
			changes: nil,
			want:    map[string]string{"go.work": "go 1.26\n", "a/one.go": "one", "a/deep/two.go": "two", "a/own.go": "mine"},
		},
		{
			name:    "files of the user beside",
			edit:    func(t *testing.T, dir string) { put(t, dir, "a/deep/mine.go", "mine") },
			files:   before()[:2],
			changes: []string{"remove a/deep/two.go", "remove a/own.go"},
			want:    map[string]string{"go.work": "go 1.26\n", "a/one.go": "one", "a/deep/mine.go": "mine"},
		},
		{
			name:    "edited",
			edit:    func(t *testing.T, dir string) { put(t, dir, "a/one.go", "won") },
			files:   append(before(), generated("b/more.go", "more")),
			changes: []string{"edited a/one.go", "create b/more.go"},
			edited:  []string{"a/one.go"},
			want:    map[string]string{"go.work": "go 1.26\n", "a/one.go": "won", "a/deep/two.go": "two", "a/own.go": "seed"},
		},
		{
			name:    "edited, forced",
			edit:    func(t *testing.T, dir string) { put(t, dir, "a/one.go", "won") },
			files:   before(),
			force:   true,
			changes: []string{"edited a/one.go"},
			want:    map[string]string{"go.work": "go 1.26\n", "a/one.go": "one", "a/deep/two.go": "two", "a/own.go": "seed"},
		},
		{
			name:    "edited and generated no more",
			edit:    func(t *testing.T, dir string) { put(t, dir, "a/one.go", "won") },
			files:   before()[:1],
			changes: []string{"remove a/deep/two.go", "edited a/one.go", "remove a/own.go"},
			edited:  []string{"a/one.go"},
			want:    map[string]string{"go.work": "go 1.26\n", "a/one.go": "won", "a/deep/two.go": "two", "a/own.go": "seed"},
		},
		{
			name:    "deleted by the user",
			edit:    func(t *testing.T, dir string) { _ = os.RemoveAll(filepath.Join(dir, "a")) },
			files:   before(),
			changes: []string{"create a/deep/two.go", "create a/one.go", "create a/own.go"},
			want:    map[string]string{"go.work": "go 1.26\n", "a/one.go": "one", "a/deep/two.go": "two", "a/own.go": "seed"},
		},
		{
			name:    "already as it should be",
			edit:    func(t *testing.T, dir string) { put(t, dir, "a/one.go", "1") },
			files:   append(before()[2:], generated("a/one.go", "1"), generated("go.work", "go 1.26\n")),
			changes: nil,
			want:    map[string]string{"go.work": "go 1.26\n", "a/one.go": "1", "a/deep/two.go": "two", "a/own.go": "seed"},
		},
	} {
		for how, with := range map[string]func(*testing.T, string, ...artifact.File) *Comparison{"": compareWith, ", staged": stagedWith} {
			t.Run(c.name+how, func(t *testing.T) {
				t.Parallel()
				dir := filepath.Join(t.TempDir(), "out")
				applied(t, dir, before()...)
				if c.edit != nil {
					c.edit(t, dir)
				}
				cmpn := with(t, dir, c.files...)
				var changes []string
				for _, ch := range cmpn.Changes {
					changes = append(changes, ch.Kind.String()+" "+ch.Path)
				}
				if diff := cmp.Diff(c.changes, changes); diff != "" {
					t.Errorf("changes (-want +got):\n%s", diff)
				}
				err := cmpn.Apply(c.force)
				var edited *EditedError
				errors.As(err, &edited)
				switch {
				case c.edited == nil && err != nil:
					t.Fatal(err)
				case c.edited != nil && (edited == nil || !slices.Equal(edited.Paths, c.edited)):
					t.Errorf("%v, want %v to stop the run", err, c.edited)
				}
				cleared(t, dir)
				if diff := cmp.Diff(c.want, contents(t, dir)); diff != "" {
					t.Errorf("files (-want +got):\n%s", diff)
				}
				if again := compareWith(t, dir, c.files...); c.edited == nil && !again.Clean() {
					t.Errorf("a second run would change %v", again.Changes)
				}
			})
		}
	}
}

// cleared removes what a run has staged and not closed yet.
func cleared(t *testing.T, dir string) {
	t.Helper()
	left, err := filepath.Glob(filepath.Join(dir, ".esgen", stageName+"*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, stage := range left {
		if err := os.RemoveAll(stage); err != nil {
			t.Fatal(err)
		}
	}
}

// TestStageLeavesNothing makes sure that what is staged and not applied is gone,
// and nothing else was touched; and that of files that are kept, one that is not
// as it was is noticed.
func TestStageLeavesNothing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	applied(t, dir, before()...)
	put(t, dir, "a/one.go", "won")
	was := contents(t, dir)
	b, err := Stage(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Take(generated("go.work", "go 1.27\n")); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]bool{"a/one.go": false, "a/deep/two.go": true, "a/none.go": false, "a/own.go": false} {
		if got := b.Keep(path, artifact.Generated); got != want {
			t.Errorf("%s is kept: %t", path, got)
		}
	}
	if !b.Keep("a/own.go", artifact.Seeded) {
		t.Error("the user's own is not kept")
	}
	b.Close()
	if diff := cmp.Diff(was, contents(t, dir)); diff != "" {
		t.Errorf("files (-before +after):\n%s", diff)
	}
}

// TestOrphanIsToldAgain makes sure that code the user owns is not forgotten.
func TestOrphanIsToldAgain(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	applied(t, dir, before()...)
	put(t, dir, "a/own.go", "mine")
	for range 2 {
		c := compareWith(t, dir, before()[:3]...)
		if got := c.Of(Orphan); !slices.Equal(got, []string{"a/own.go"}) {
			t.Errorf("orphans %v", got)
		}
		if err := c.Apply(false); err != nil {
			t.Fatal(err)
		}
	}
}

// TestNothingIsTouched makes sure that a run without changes leaves every file,
// the manifest included, as it was: inode, times and all.
func TestNothingIsTouched(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	applied(t, dir, before()...)
	past := time.Now().Add(-time.Hour).Truncate(time.Second)
	infos := map[string]os.FileInfo{}
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			err = os.Chtimes(path, past, past)
		}
		if err == nil {
			infos[path], err = os.Stat(path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	applied(t, dir, before()...)
	for path, was := range infos {
		is, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if !os.SameFile(was, is) || !was.ModTime().Equal(is.ModTime()) {
			t.Errorf("%s was touched", path)
		}
	}
}

// TestAllOrNothing makes sure that a run that fails half-way leaves everything
// as it was. What stands in the way appears after the comparison: what is
// there before, the comparison finds.
func TestAllOrNothing(t *testing.T) {
	t.Parallel()
	next := []artifact.File{
		generated("a/one.go", "1"), generated("a/new.go", "new"), generated("b/c/three.go", "three"), generated("b/four.go", "four"),
		generated("m/n/five.go", "five"), generated("z/last.go", "last"),
	}
	for _, c := range []struct {
		name     string
		obstacle func(t *testing.T, dir string)
		at       string
	}{
		{"a file where a directory should be", func(t *testing.T, dir string) { put(t, dir, "z", "file") }, "z"},
		{"a file where a directory in a directory should be", func(t *testing.T, dir string) { put(t, dir, "m/n", "file") }, "m/n"},
		{"a directory in the place of the stage", func(t *testing.T, dir string) {
			if err := os.RemoveAll(filepath.Join(dir, ".esgen")); err != nil {
				t.Fatal(err)
			}
			put(t, dir, ".esgen", "file")
		}, ".esgen"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			applied(t, dir, before()...)
			cmpn := compareWith(t, dir, next...)
			c.obstacle(t, dir)
			was := contents(t, dir)
			err := cmpn.Apply(false)
			if err == nil || !strings.Contains(err.Error(), c.at) {
				t.Fatalf("error %v, want one that names %s", err, c.at)
			}
			if diff := cmp.Diff(was, contents(t, dir)); diff != "" {
				t.Errorf("files (-before +after):\n%s", diff)
			}
			if entries, err := os.ReadDir(filepath.Join(dir, ".esgen")); err == nil && len(entries) != 2 { // the manifest and the seeds
				t.Errorf("left behind: %v", entries)
			}
			if _, err := os.Stat(filepath.Join(dir, "b")); err == nil {
				t.Error("directory b was left behind")
			}
		})
	}
}

// TestComparisonFails tells what Compare says of a directory it cannot read.
func TestComparisonFails(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, path, data string // put into the directory first
		want             string
	}{
		{"a directory where a file should be", "a/one.go/x", "", "a/one.go: is a directory"},
		{"a file where a directory should be", "a", "", "a/one.go: not a directory"},
		{"a damaged manifest", manifestPath, "{", manifestPath + " is damaged"},
		{"a manifest from the future", manifestPath, `{"version": 99}`, "newer esgen"},
		{"a manifest from the future that looks different", manifestPath, `{"version": 99, "generated": []}`, "newer esgen"},
		{"a damaged old manifest", manifestPath, `{"version": 1, "files": {"a": {"sha256": "00"}}}`, `"00" is no SHA-256`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			put(t, dir, c.path, c.data)
			_, err := Compare(dir, before())
			if err == nil || !strings.Contains(filepath.ToSlash(err.Error()), c.want) {
				t.Errorf("error %v, want %q", err, c.want)
			}
		})
	}
}

// A directory that holds the model is its author's own: what lies there is in
// nobody's way, unless it lies where a file is to be written.
func TestOwnDirectory(t *testing.T) {
	t.Parallel()
	for name, refused := range map[string]bool{"LICENSE": false, "README.md": true} {
		dir := t.TempDir()
		source := filepath.Join(dir, "esgen.yaml")
		for _, path := range []string{source, filepath.Join(dir, name)} {
			if err := os.WriteFile(path, []byte("mine"), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		c, err := Compare(dir, []artifact.File{{Path: "README.md", Data: []byte("written")}}, source)
		if err != nil {
			t.Fatal(err)
		}
		if got := c.Foreign() != nil; got != refused {
			t.Errorf("%s beside the model: %v", name, c.Foreign())
		}
	}
}
