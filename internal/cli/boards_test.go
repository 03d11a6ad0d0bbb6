package cli

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/esgen/esgen/internal/testsample"
)

// firstRequest is the first command that run prints to be tried.
var firstRequest = regexp.MustCompile(`(?m)^# (.+)\ncurl (-X POST (?:.|\n)*?)\n\n`)

// TestBoardsRun goes from boards to first accepted commands, as people do: import,
// check, run, and the first of the commands that are printed, one board after the
// other. It prints how long each took (-v): until it was imported, until it ran, all
// of it from the file to the answer, and how long processors worked for the running.
// ESGEN_TEST_BOARDS names a directory of boards; without it those of the importer are taken.
func TestBoardsRun(t *testing.T) {
	if !testsample.All() {
		t.Skip("builds and runs a system for each board; runs when it is named with -run")
	}
	dir := os.Getenv("ESGEN_TEST_BOARDS")
	if dir == "" {
		dir = "../importer/testdata"
	}
	var files []string
	for _, pattern := range []string{"*.*", "*/*.*"} {
		found, err := filepath.Glob(filepath.Join(dir, pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range found {
			if base := filepath.Base(f); base != "README.md" && filepath.Base(filepath.Dir(f)) != "want" {
				files = append(files, f)
			}
		}
	}
	if len(files) == 0 {
		t.Fatalf("there is no board in %s", dir)
	}
	for _, f := range files {
		t.Run(filepath.Base(f), func(t *testing.T) { firstCommand(t, f) })
	}
}

func firstCommand(t *testing.T, file string) {
	board, err := filepath.Abs(file)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	began := time.Now()
	printed(t, dir, "import", board, "--runnable", "-o", "esgen.yaml")
	printed(t, dir, "check", "esgen.yaml")
	imported := time.Since(began)
	c := begin(t, dir, "run", "--port", "0", "esgen.yaml")
	at := c.gateway(t)
	up := time.Since(began)
	request := firstRequest.FindStringSubmatch(c.said())
	if request == nil || strings.Contains(request[1], "it is refused") {
		t.Fatalf("there is no command to give at %s:\n%s", at, c.said())
	}
	out, err := exec.CommandContext(t.Context(), "sh", "-ec", "curl -s --fail-with-body "+request[2]).CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", request[1], err, out)
	}
	took := time.Since(began)
	c.interrupt(t)
	worked := c.cmd.ProcessState.UserTime() + c.cmd.ProcessState.SystemTime() // with the compiler's
	t.Logf("| %s | %.1f s | %.0f s | %.0f s | %.0f s | %s |", filepath.Base(file), imported.Seconds(), up.Seconds(), took.Seconds(), worked.Seconds(), request[1])
}
