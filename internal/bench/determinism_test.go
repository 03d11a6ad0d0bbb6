package bench_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/esgen/esgen/internal/artifact"
	"github.com/esgen/esgen/internal/synthetic"
	"github.com/esgen/esgen/internal/testsample"
	"github.com/esgen/esgen/internal/testsystem"
)

// models are what the tests of determinism generate.
func models(t *testing.T) map[string]string {
	t.Helper()
	return map[string]string{
		"fooddelivery":    "../../examples/fooddelivery",
		"library":         "../../examples/library",
		"every-construct": "../../testdata/models/every-construct",
		"korean":          "../../testdata/models/korean",
		"synthetic":       filepath.Dir(modelDir(t, 4)),
	}
}

// TestSameBytes generates again and again, on one to eight processors. Each
// time maps are walked in another order, and work is done in another.
func TestSameBytes(t *testing.T) {
	processors := runtime.GOMAXPROCS(0)
	t.Cleanup(func() { runtime.GOMAXPROCS(processors) })
	for name, dir := range models(t) {
		t.Run(name, func(t *testing.T) {
			first, times := generated(t, dir), 4
			if name == "every-construct" && testsample.Long() {
				times = 20
			}
			for i := range times {
				runtime.GOMAXPROCS(1 + 3*i%8)
				same(t, first, generated(t, dir))
			}
		})
	}
}

// TestAnyDirectory makes sure that where a model lies leaves no trace in what
// is generated from it.
func TestAnyDirectory(t *testing.T) {
	t.Parallel()
	for name, dir := range models(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			elsewhere := filepath.Join(t.TempDir(), "some", "where else")
			ok(t, os.CopyFS(elsewhere, os.DirFS(dir)))
			same(t, generated(t, dir), generated(t, elsewhere))
		})
	}
}

// TestOneFileOrMany makes sure that a model may be cut into files as one likes.
func TestOneFileOrMany(t *testing.T) {
	t.Parallel()
	whole := filepath.Join(t.TempDir(), synthetic.Document)
	ok(t, os.WriteFile(whole, synthetic.Model(3), 0o600))
	same(t, generated(t, whole), generated(t, modelDir(t, 3)))
}

func same(t *testing.T, want, got []artifact.File) {
	t.Helper()
	if len(want) != len(got) {
		t.Fatalf("%d files, then %d", len(want), len(got))
	}
	for i, w := range want {
		if g := got[i]; w.Path != g.Path || w.Owner != g.Owner || string(w.Data) != string(g.Data) {
			t.Fatalf("%s of %s, then %s of %s (-first +then):\n%s", w.Path, w.Owner, g.Path, g.Owner, cmp.Diff(string(w.Data), string(g.Data)))
		}
	}
}

// TestAgainTouchesNothing generates into a directory that is right already:
// inodes and times stay, directories' included.
func TestAgainTouchesNothing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	testsystem.Write(t, dir, generated(t, "../../examples/fooddelivery"))
	past := time.Now().Add(-time.Hour).Truncate(time.Second)
	before := map[string]fs.FileInfo{}
	var paths []string
	ok(t, filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		paths = append(paths, path)
		return err
	}))
	for _, path := range paths {
		ok(t, os.Chtimes(path, past, past))
		info, err := os.Stat(path)
		ok(t, err)
		before[path] = info
	}
	testsystem.Write(t, dir, generated(t, "../../examples/fooddelivery"))
	for path, was := range before {
		is, err := os.Stat(path)
		ok(t, err)
		if !os.SameFile(was, is) || !is.ModTime().Equal(was.ModTime()) {
			t.Errorf("%s was touched", path)
		}
	}
}

// TestAfterChange generates one model after the other into one directory, where
// a run makes anew only what it does not remember, and compares with what is
// generated into an empty one.
func TestAfterChange(t *testing.T) {
	t.Parallel()
	model, out := modelDir(t, 4), t.TempDir()
	for i, change := range []func(){
		func() {},
		func() { changeNote(t, model, 1, 1) },
		func() { changeNote(t, model, 1, 2); changeNote(t, model, 3, 1) },
		func() { changeNote(t, model, 1, 1) },
		func() { fill(t, model, 3) }, // the last context is gone, and two have another neighbour
		func() { fill(t, model, 5) },
	} {
		change()
		fresh := t.TempDir()
		generate(t, model, out, "--allow", "lose") // of the context that goes
		generate(t, model, fresh)
		if diff := cmp.Diff(contents(t, fresh), contents(t, out)); diff != "" {
			t.Fatalf("after change %d (-fresh +again):\n%s", i, diff)
		}
	}
}

// fill makes a synthetic model one of n contexts.
func fill(t *testing.T, model string, n int) {
	t.Helper()
	dir := filepath.Dir(model)
	ok(t, os.RemoveAll(dir))
	ok(t, os.CopyFS(dir, synthetic.Files(n)))
}

// contents reads all files of a directory but what a run remembers, and what is
// written once.
func contents(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	ok(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == ".esgen" || d.Name() == "overlays"):
			return fs.SkipDir
		case d.IsDir():
			return nil
		}
		data, err := os.ReadFile(path)
		out[path[len(dir):]] = string(data)
		return err
	}))
	return out
}
