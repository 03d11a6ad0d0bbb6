package tree

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// first is a manifest of version 1, as esgen wrote it after before().
const first = `{
  "version": 1,
  "files": {
    "a/deep/two.go": {
      "owner": "generated",
      "sha256": "3fc4ccfe745870e2c0d99f71f30ff0656c8dedd41cc1d7d3d376b0dbe685e2f3"
    },
    "a/one.go": {
      "owner": "generated",
      "sha256": "7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed"
    },
    "a/own.go": {
      "owner": "seeded",
      "sha256": "19b25856e1c150ca834cffc8b59b23adbd0ec0389e58eb22b3b64768098d002b"
    },
    "go.work": {
      "owner": "generated",
      "sha256": "8946df557e17fd1d6180a979ed5af02265377498f33068632b1ecf999d74fd93"
    }
  }
}
`

// second is the same of version 2.
const second = `{
"version": 2,
"generated": {
"a/deep/two.go": "P8TM_nRYcOLA",
"a/one.go": "dpLDrTVAu4A8",
"go.work": "iUbfVX4X_R1h"
},
"seeded": {
"a/own.go": "GbJYVuHBUMqD"
}
}
`

// TestManifestText shows what is written: a line for each file, by directory.
func TestManifestText(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	applied(t, dir, before()...)
	want := `{
"version": 4,
"generated": {
".": {
"go.work": "iUbfVX4X_R1h"
},
"a": {
"one.go": "dpLDrTVAu4A8"
},
"a/deep": {
"two.go": "P8TM_nRYcOLA"
}
},
"seeded": {
"a": {
"own.go": "GbJYVuHBUMqD"
}
}
}
`
	if diff := cmp.Diff(want, manifestOf(t, dir)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// TestOlderManifests makes sure that what an older esgen wrote is known: what is
// unchanged is replaced and removed, an edit stops the run, and what is the
// user's stays.
func TestOlderManifests(t *testing.T) {
	t.Parallel()
	for name, older := range map[string]string{"first": first, "second": second} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			testOlder(t, older)
		})
	}
}

func testOlder(t *testing.T, older string) {
	was := func(t *testing.T) string {
		dir := t.TempDir()
		applied(t, dir, before()...)
		put(t, dir, manifestPath, older)
		return dir
	}
	t.Run("nothing new", func(t *testing.T) {
		t.Parallel()
		dir, today := was(t), t.TempDir()
		applied(t, dir, before()...)
		applied(t, today, before()...)
		if diff := cmp.Diff(manifestOf(t, today), manifestOf(t, dir)); diff != "" {
			t.Errorf("the manifest is not today's (-want +got):\n%s", diff)
		}
	})
	t.Run("changes", func(t *testing.T) {
		t.Parallel()
		dir := was(t)
		put(t, dir, "a/own.go", "mine")
		applied(t, dir, generated("go.work", "go 1.27\n"), generated("a/one.go", "1"))
		want := map[string]string{"go.work": "go 1.27\n", "a/one.go": "1", "a/own.go": "mine"}
		if diff := cmp.Diff(want, contents(t, dir)); diff != "" {
			t.Errorf("files (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff([]string{"a/own.go"}, compareWith(t, dir, before()[0]).Of(Orphan)); diff != "" {
			t.Errorf("orphans (-want +got):\n%s", diff)
		}
	})
	t.Run("edits", func(t *testing.T) {
		t.Parallel()
		dir := was(t)
		put(t, dir, "a/one.go", "won")
		put(t, dir, "a/deep/two.go", "mine, too")
		c := compareWith(t, dir, generated("go.work", "go 1.27\n"), generated("a/one.go", "1"))
		if diff := cmp.Diff([]string{"a/deep/two.go", "a/one.go"}, c.Of(Edited)); diff != "" {
			t.Errorf("edited (-want +got):\n%s", diff)
		}
	})
}

func manifestOf(t *testing.T, dir string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(manifestPath)))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
