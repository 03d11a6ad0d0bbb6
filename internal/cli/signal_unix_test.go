//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/esgen/esgen/model"
)

// pipe is a named pipe in place of a model. Opened for writing, it tells that
// somebody reads.
func pipe(t *testing.T, dir string) string {
	t.Helper()
	path := filepath.Join(dir, model.DocumentName)
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// A command that waits for what never comes ends when it is told to, with the
// exit code that shells give.
func TestSignalsEndWhatWaits(t *testing.T) {
	for _, signal := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
		for _, command := range [][]string{{"check"}, {"check", "--format", "json"}, {"generate"}, {"generate", "--check"}, {"run", "--port", "0"}, {"test"}, {"explain", "It"}, {"coverage"}, {"simulate"}, {"fmt"}, {"breaking", "--against"}} {
			t.Run(fmt.Sprint(command, signal), func(t *testing.T) {
				dir := t.TempDir()
				path := pipe(t, dir)
				c := begin(t, dir, append(command, path)...)
				w, err := os.OpenFile(path, os.O_WRONLY, 0) // returns when it reads
				if err != nil {
					t.Fatal(err)
				}
				defer func() { _ = w.Close() }()
				c.ends(t, signal)
			})
		}
	}
}

// ends sends a signal and expects the process to end by it.
func (c *child) ends(t *testing.T, signal syscall.Signal) {
	t.Helper()
	if err := c.cmd.Process.Signal(signal); err != nil {
		t.Fatal(err)
	}
	var exit *exec.ExitError
	if err := <-c.ended; !errors.As(err, &exit) || exit.ExitCode() != 128+int(signal) {
		t.Errorf("it ends with %v:\n%s", err, c.said())
	}
	if want := "error: ended by a signal: " + signal.String() + "\n"; c.said() != want && !strings.HasSuffix(c.said(), "\n"+want) {
		t.Errorf("it says:\n%s", c.said())
	}
}

// So does one that reads what somebody types.
func TestSignalsEndWhatListens(t *testing.T) {
	mini, err := os.ReadFile("../../testdata/models/mini/esgen.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ command, typed string }{
		{"fmt -", strings.Repeat("# more than fits into a pipe\n", 1<<14)},
		{"simulate", strings.Repeat("\n", 1<<18)},
	} {
		t.Run(test.command, func(t *testing.T) {
			dir := t.TempDir()
			if err := os.WriteFile(filepath.Join(dir, model.DocumentName), mini, 0o644); err != nil {
				t.Fatal(err)
			}
			in, typing, err := os.Pipe()
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _, _ = in.Close(), typing.Close() }()
			c := beginWith(t, dir, in, strings.Fields(test.command)...)
			if _, err := io.WriteString(typing, test.typed); err != nil { // returns when it reads
				t.Fatal(err)
			}
			c.ends(t, syscall.SIGTERM)
		})
	}
}

// Told to end while it builds, run ends the compiler with it.
func TestSignalsEndBuilding(t *testing.T) {
	dir := t.TempDir()
	compiler := "#!/bin/sh\necho $$ > " + filepath.Join(dir, "compiler.new") + "\nmv " + filepath.Join(dir, "compiler.new") + " " + filepath.Join(dir, "compiler") + "\nexec sleep 3600\n"
	if err := os.Mkdir(filepath.Join(dir, "bin"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "bin", "go"), []byte(compiler), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", filepath.Join(dir, "bin")+string(os.PathListSeparator)+os.Getenv("PATH"))
	mini, err := filepath.Abs("../../testdata/models/mini")
	if err != nil {
		t.Fatal(err)
	}
	c := begin(t, dir, "run", mini, "--port", "0")
	var process int
	for process == 0 {
		if data, err := os.ReadFile(filepath.Join(dir, "compiler")); err == nil {
			if _, err := fmt.Sscan(string(data), &process); err != nil {
				t.Fatal(err)
			}
		}
		select {
		case err := <-c.ended:
			t.Fatalf("it does not build: %v\n%s", err, c.said())
		case <-time.After(10 * time.Millisecond):
		}
	}
	c.ends(t, syscall.SIGINT)
	if err := syscall.Kill(process, 0); !errors.Is(err, syscall.ESRCH) {
		t.Errorf("the compiler is still there: %v", err)
	}
}

// Of two that write to one directory at once, each writes all or nothing, and
// says why.
func TestTwoGenerations(t *testing.T) {
	dir := t.TempDir()
	mini, err := filepath.Abs("../../testdata/models/mini")
	if err != nil {
		t.Fatal(err)
	}
	var children []*child
	for range 6 {
		children = append(children, begin(t, dir, "generate", mini, "--out", "out"))
	}
	wrote := 0
	for _, c := range children {
		switch err := <-c.ended; {
		case err == nil:
			wrote++
		case !strings.Contains(c.said(), "is writing to out; try again when it has ended"):
			t.Errorf("%v: %s", err, c.said())
		}
	}
	if wrote == 0 {
		t.Error("nobody could write")
	}
	var said bytes.Buffer
	if code := Run([]string{"generate", mini, "--out", filepath.Join(dir, "out"), "--check"}, nil, &said, &said); code != exitFine {
		t.Errorf("exit %d: %s", code, &said)
	}
	if left, err := os.ReadDir(filepath.Join(dir, "out", ".esgen")); err != nil || len(left) != 3 {
		t.Errorf("beside the manifest, the seeds and the cache there is %v, %v", left, err)
	}
}
