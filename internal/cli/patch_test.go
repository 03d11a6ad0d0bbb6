package cli

import (
	"bytes"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/esgen/esgen/internal/tree"
	"github.com/esgen/esgen/model"
)

// What --diff prints is a patch that git applies: what comes of it is, to the last
// byte, what generate would have written.
func TestPatch(t *testing.T) {
	git, err := exec.LookPath("git")
	if err != nil {
		t.Skip("there is no git")
	}
	mini, err := os.ReadFile("../../testdata/models/mini/esgen.yaml")
	if err != nil {
		t.Fatal(err)
	}
	older := strings.Replace(string(mini), "          FinishTask:\n", custom+"          FinishTask:\n", 1)
	newer := strings.NewReplacer(
		"            custom: true\n", "            title: 결정하다\n            custom: true\n", "AddTask", "NoteTask", "      TaskBoard:\n", "      Wall:\n",
	).Replace(older)
	const decide = "services/todo/internal/domain/task/decide_decide.go"
	for _, c := range []struct {
		name, out string
		before    string // model; "": nothing was generated
		elsewhere bool
	}{
		{name: "changes", out: "out", before: older},
		{name: "a name to be quoted", out: `the "out" put`, before: older},
		{name: "a name of two words", out: "the 출력", before: older},
		{name: "all of it", out: "out"},
		{name: "elsewhere", out: "out", before: older, elsewhere: true},
	} {
		t.Run(c.name, func(t *testing.T) {
			top, patched := t.TempDir(), t.TempDir()
			t.Chdir(top)
			put := func(path, text string) {
				t.Helper()
				if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if c.before != "" {
				put(model.DocumentName, c.before)
				runs(t, exitFine, "generate", "--out", c.out)
				reword(t, filepath.Join(c.out, decide), "return nil", "// mine\n\treturn nil")
				if err := os.CopyFS(filepath.Join(patched, c.out), os.DirFS(c.out)); err != nil {
					t.Fatal(err)
				}
			}
			put(model.DocumentName, newer)
			out, at := c.out, patched
			if c.elsewhere {
				out, at = filepath.Join(top, c.out), filepath.Join(patched, c.out)
				t.Chdir(t.TempDir())
			}
			var patch, said bytes.Buffer
			if code := Run([]string{"generate", top, "--out", out, "--diff"}, nil, &patch, &said); code != exitFine {
				t.Fatalf("exit %d: %s", code, &said)
			}
			apply := exec.CommandContext(t.Context(), git, "apply", "--whitespace=nowarn", "-")
			apply.Dir, apply.Stdin = at, &patch
			apply.Env = append(os.Environ(), "GIT_CEILING_DIRECTORIES="+filepath.Dir(patched))
			if said, err := apply.CombinedOutput(); err != nil {
				t.Fatalf("%v: %s", err, said)
			}
			runs(t, exitFine, "generate", top, "--out", out)
			if diff := cmp.Diff(written(t, out), written(t, filepath.Join(patched, c.out))); diff != "" {
				t.Errorf("the patch makes something else (-generate +patch):\n%s", diff)
			}
			runs(t, exitFine, "generate", top, "--out", filepath.Join(patched, c.out), "--check")
		})
	}
}

// A file that is empty comes and goes, too.
func TestPatchOfNothing(t *testing.T) {
	for _, c := range []struct {
		change tree.Change
		want   string
	}{
		{tree.Change{Kind: tree.Create, New: []byte{}}, "new file"},
		{tree.Change{Kind: tree.Remove, Gone: true, Old: []byte{}}, "deleted file"},
	} {
		var b strings.Builder
		showDiff(&b, "x", c.change)
		if want := "diff --git a/x b/x\n" + c.want + " mode 100644\n"; b.String() != want {
			t.Errorf("got %q, want %q", &b, want)
		}
	}
}

// written are all files of a directory but what is kept for the next run.
func written(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if os.IsNotExist(err) || err == nil && d.IsDir() && d.Name() == "cache" {
			return fs.SkipDir
		}
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		rel, _ := filepath.Rel(dir, path)
		out[filepath.ToSlash(rel)] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}
