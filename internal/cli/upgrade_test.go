package cli

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/esgen/esgen/docs/upgrading"
)

// notesFile has the notes; the release before the newest one is the commit before it came.
const notesFile = "docs/upgrading/README.md"

// lastRelease builds the esgen of the last release: of the newest tag, and as long as there
// is none, of the commit before the newest note.
func lastRelease(t *testing.T) (program string) {
	t.Helper()
	if testing.Short() {
		t.Skip("builds another esgen")
	}
	git := func(args ...string) (string, error) {
		cmd := exec.CommandContext(t.Context(), "git", args...)
		cmd.Dir = "../.."
		out, err := cmd.Output()
		return strings.TrimSpace(string(out)), err
	}
	commit, err := git("describe", "--tags", "--abbrev=0", "--match", "v*")
	if err != nil {
		if commit, err = git("log", "-1", "--format=%H", "--", notesFile); err != nil || commit == "" {
			t.Skipf("there is no history of git to build an esgen of before from: %v", err)
		}
		commit += "^"
	}
	if _, err := git("rev-parse", "--verify", "--quiet", commit+"^{commit}"); err != nil {
		t.Skipf("the history of git ends before %s", commit)
	}
	source := filepath.Join(t.TempDir(), "before")
	if out, err := git("worktree", "add", "--detach", "--quiet", source, commit); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	t.Cleanup(func() {
		cmd := exec.Command("git", "worktree", "remove", "--force", source)
		cmd.Dir = "../.."
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%v: %s", err, out)
		}
	})
	program = filepath.Join(t.TempDir(), "esgen")
	cmd := exec.CommandContext(t.Context(), "go", "build", "-o", program, "./cmd/esgen")
	cmd.Dir = source
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return program
}

// What the last release has generated is brought up to date: it is said what is written
// otherwise, and then it is as if this esgen had written it all.
func TestUpgrade(t *testing.T) {
	before := lastRelease(t)
	top := t.TempDir()
	text, err := os.ReadFile("../e2e/testdata/larder/before/esgen.yaml")
	if err == nil {
		err = os.WriteFile(filepath.Join(top, "esgen.yaml"), text, 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(top, "generated")
	if said, err := exec.CommandContext(t.Context(), before, "generate", top).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	title := upgrading.Notes()[upgrading.Edition()-1].Title
	said := runs(t, exitFine, "generate", top)
	if !strings.Contains(said, title) {
		t.Errorf("it is not told of %q:\n%s", title, said)
	}
	runs(t, exitFine, "generate", top, "--check")
	if said := runs(t, exitFine, "generate", top); strings.Contains(said, title) {
		t.Errorf("it is told once more:\n%s", said)
	}
	fresh := filepath.Join(top, "fresh")
	runs(t, exitFine, "generate", top, "--out", fresh)
	if diff := cmp.Diff(filesBelow(t, fresh), filesBelow(t, out)); diff != "" {
		t.Error(diff)
	}
}

// filesBelow are the texts of all files below a directory, but for what is of this
// machine only.
func filesBelow(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			if err == nil && d.Name() == "cache" {
				return filepath.SkipDir
			}
			return err
		}
		text, err := os.ReadFile(path)
		below, _ := filepath.Rel(dir, path)
		out[below] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestUpgradeNotes(t *testing.T) {
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, ".esgen"), 0o755); err != nil {
		t.Fatal(err)
	}
	manifest := func(text string) {
		if err := os.WriteFile(filepath.Join(dir, ".esgen", "manifest.json"), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	say := func(want int, args ...string) string {
		var said bytes.Buffer
		if code := Run(append([]string{"upgrade-notes"}, args...), nil, &said, &said); code != want {
			t.Errorf("%v: %d, want %d: %s", args, code, want, &said)
		}
		return said.String()
	}
	all := upgrading.Notes()
	manifest(`{"version": 4, "generated": {}}`)
	for _, n := range all {
		if said := say(exitFine, dir); !strings.Contains(said, n.Title) || !strings.Contains(said, n.Text) {
			t.Errorf("note %d is not shown:\n%s", n.Number, said)
		}
	}
	manifest(`{"version": 4, "edition": 1000, "generated": {}}`)
	if said := say(exitFine, dir); strings.Contains(said, all[0].Title) {
		t.Errorf("it shows what is known:\n%s", said)
	}
	if said := say(exitFine, dir, "--since", "0"); !strings.Contains(said, all[0].Title) {
		t.Errorf("it does not show all:\n%s", said)
	}
	manifest(`{`)
	say(exitFail, dir)
	say(exitFail, t.TempDir())
	say(exitFail, "a", "b")
}
