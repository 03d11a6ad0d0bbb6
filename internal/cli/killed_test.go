//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package cli

import (
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/esgen/esgen/internal/testsample"
	"github.com/esgen/esgen/internal/tree"
	"github.com/esgen/esgen/model"
)

// A run that is killed, whenever that is, leaves the old tree or the new one for
// the next run, which writes what it would have written.
func TestKilledGenerations(t *testing.T) {
	times := 6
	if testsample.Long() {
		times = 200
	}
	draw := rand.New(rand.NewPCG(testsample.Seed(t), 0))
	mini, err := os.ReadFile("../../testdata/models/mini/esgen.yaml")
	if err != nil {
		t.Fatal(err)
	}
	top := t.TempDir()
	put := func(dir, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, model.DocumentName), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	put(top, string(mini))
	out := filepath.Join(top, "out")
	runs(t, exitFine, "generate", top, "--out", out)
	older := written(t, out)
	next := strings.NewReplacer("AddTask", "NoteTask", "TaskFinished", "TaskEnded").Replace(string(mini))
	put(top, next)
	began := time.Now()
	if err := <-begin(t, top, "generate", "--out", "fresh").ended; err != nil {
		t.Fatal(err)
	}
	took := time.Since(began)
	newer := written(t, filepath.Join(top, "fresh"))
	for i := range times {
		dir := filepath.Join(t.TempDir(), "out")
		was := map[string]string{}
		if i%3 > 0 { // there was something before
			was = older
			if err := os.CopyFS(dir, os.DirFS(out)); err != nil {
				t.Fatal(err)
			}
		}
		c := begin(t, top, "generate", "--out", dir)
		if i%2 == 0 { // while it writes, and not before
			for staged := []string(nil); len(staged) == 0; staged, _ = filepath.Glob(filepath.Join(dir, ".esgen", "stage-*")) {
				time.Sleep(100 * time.Microsecond)
			}
		}
		time.Sleep(time.Duration(draw.Int64N(int64(took)))) // whenever it is: nothing is waited for
		_ = c.cmd.Process.Kill()                            // perhaps it has ended
		t.Logf("it ended: %v", <-c.ended)
		release, err := tree.Lock(dir)
		if err != nil {
			t.Fatal(err)
		}
		if err := release(); err != nil {
			t.Fatal(err)
		}
		if now := written(t, dir); !maps.Equal(now, was) && !maps.Equal(now, newer) {
			t.Errorf("run %d: neither old nor new: %s", i, cmp.Diff(was, now))
		}
		runs(t, exitFine, "generate", top, "--out", dir)
		if diff := cmp.Diff(newer, written(t, dir)); diff != "" {
			t.Errorf("run %d: after the next one (-want +got):\n%s", i, diff)
		}
	}
}
