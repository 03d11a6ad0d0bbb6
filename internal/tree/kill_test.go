package tree

import (
	"bufio"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/esgen/esgen/internal/artifact"
)

// The test binary applies changes to the directory of the first variable, and
// is killed, as by kill -9, before the step of the second one; or tells how many
// there are.
const (
	killDirEnv  = "ESGEN_TREE_TEST_DIR"
	killStepEnv = "ESGEN_TREE_TEST_STEP"
	killHowEnv  = "ESGEN_TREE_TEST_HOW"
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(killDirEnv); dir != "" {
		if err := applyUntil(dir, os.Getenv(killStepEnv), os.Getenv(killHowEnv)); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// after is what comes after before(): more, less and other.
func after() []artifact.File {
	return []artifact.File{
		generated("go.work", "go 1.27\n"), generated("a/one.go", "1"), seeded("a/own.go", "seed"), generated("b/c/three.go", "three"),
		generated("b/four.go", "four"), generated("a/deep/er/five.go", "five"), seeded("b/own.go", "another seed"),
	}
}

// applyUntil ends at a step of its own choosing; "": it tells how many there were.
func applyUntil(dir, last, how string) error {
	release, err := Lock(dir)
	if err != nil {
		return err
	}
	steps := 0
	step := func() {
		if steps++; strconv.Itoa(steps) == last {
			self, err := os.FindProcess(os.Getpid())
			if err == nil {
				err = self.Kill()
			}
			fmt.Println("still there:", err)
			select {}
		}
	}
	b, err := Stage(dir)
	if err != nil {
		return err
	}
	b.c.stage.step = step
	for _, f := range after() {
		if err := b.Take(f); err != nil {
			return err
		}
	}
	c, err := b.End()
	if err != nil {
		return err
	}
	if how == "fails" { // what stands in the way appears after the comparison
		if err := os.WriteFile(filepath.Join(dir, "b"), nil, 0o644); err != nil {
			return err
		}
	}
	if err := c.Apply(false); err != nil && how != "fails" {
		return err
	}
	step()
	b.Close()
	step()
	fmt.Println(steps)
	return release()
}

// killed runs applyUntil in a process of its own, and returns how many steps it
// took; 0: it was killed.
func killed(t *testing.T, dir string, step int, how string) int {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), killDirEnv+"="+dir, killStepEnv+"="+strconv.Itoa(step), killHowEnv+"="+how)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	said := ""
	for lines := bufio.NewScanner(out); lines.Scan(); {
		said += lines.Text()
	}
	err = cmd.Wait()
	var ended *exec.ExitError
	if step > 0 {
		if !errors.As(err, &ended) || ended.Exited() || said != "" {
			t.Fatalf("step %d: it was not killed: %v, %s", step, err, said)
		}
		return 0
	}
	steps, more := strconv.Atoi(said)
	if err != nil || more != nil {
		t.Fatalf("%v: %s", err, said)
	}
	return steps
}

// TestKilled kills a run at each of its steps: once the next one has taken the
// directory it is the old one or the new one, nothing is left in it of what was
// under way, and what the next run applies is there.
func TestKilled(t *testing.T) {
	t.Parallel()
	was, will := t.TempDir(), t.TempDir()
	applied(t, was, before()...)
	put(t, was, "a/own.go", "mine")
	if err := os.CopyFS(will, os.DirFS(was)); err != nil {
		t.Fatal(err)
	}
	applied(t, will, after()...)
	older, newer := everything(t, was), everything(t, will)
	for _, how := range []string{"", "fails"} {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			prepare := func(dir string) {
				t.Helper()
				if err := os.CopyFS(dir, os.DirFS(was)); err != nil {
					t.Fatal(err)
				}
			}
			prepare(dir)
			steps := killed(t, dir, 0, how)
			if steps < 10 {
				t.Fatalf("only %d steps", steps)
			}
			olds, news := 0, 0
			for step := 1; step <= steps; step++ {
				dir := filepath.Join(t.TempDir(), "out")
				prepare(dir)
				killed(t, dir, step, how)
				release, err := Lock(dir)
				if err != nil {
					t.Fatalf("step %d: %v", step, err)
				}
				if how == "fails" {
					if err := os.RemoveAll(filepath.Join(dir, "b")); err != nil {
						t.Fatal(err)
					}
				}
				now := everything(t, dir)
				delete(now, ".esgen/generate.lock")
				switch {
				case maps.Equal(now, older):
					olds++
				case maps.Equal(now, newer):
					news++
				default:
					t.Errorf("step %d of %d: neither old nor new:\n%s", step, steps, cmp.Diff(older, now))
				}
				applied(t, dir, after()...)
				if err := release(); err != nil {
					t.Error(err)
				}
				if diff := cmp.Diff(newer, everything(t, dir)); diff != "" {
					t.Errorf("step %d of %d: after the next run (-want +got):\n%s", step, steps, diff)
				}
			}
			if olds == 0 || news == 0 && how == "" {
				t.Errorf("%d old and %d new: no step is on the other side", olds, news)
			}
		})
	}
}

// everything is contents with what is there for esgen.
func everything(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := contents(t, dir)
	for _, path := range []string{manifestPath, seedsPath} {
		data, err := os.ReadFile(filepath.Join(dir, path))
		if err != nil {
			t.Fatal(err)
		}
		out[path] = string(data)
	}
	return out
}

// What somebody writes between a run that was killed and the next one stays, and
// who only looks is told.
func TestWrittenAfterKilled(t *testing.T) {
	t.Parallel()
	was := t.TempDir()
	applied(t, was, before()...)
	dir := filepath.Join(t.TempDir(), "out")
	if err := os.CopyFS(dir, os.DirFS(was)); err != nil {
		t.Fatal(err)
	}
	steps := killed(t, dir, 0, "")
	for step := 1; step <= steps; step++ {
		dir := filepath.Join(t.TempDir(), "out")
		if err := os.CopyFS(dir, os.DirFS(was)); err != nil {
			t.Fatal(err)
		}
		killed(t, dir, step, "")
		left, err := filepath.Glob(filepath.Join(dir, ".esgen", stageName+"*", "journal.json"))
		if err != nil {
			t.Fatal(err)
		}
		_, err = Compare(dir, before())
		if interrupted := errors.As(err, new(*InterruptedError)); interrupted != (len(left) > 0) {
			t.Errorf("step %d: %v, with %v", step, err, left)
		}
		mine := []string{"a/one.go", "a/own.go", "b/four.go", "b/beside.go"}
		for _, path := range mine {
			put(t, dir, path, "// mine\n")
		}
		if err := heal(dir); err != nil {
			t.Fatal(err)
		}
		now := contents(t, dir)
		for _, path := range mine {
			if now[path] != "// mine\n" {
				t.Errorf("step %d: %s is %q", step, path, now[path])
			}
		}
	}
}
