package cli

import (
	"context"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
)

// The test binary is also esgen: started with this variable it is nothing else.
const selfEnv = "ESGEN_CLI_TEST"

func TestMain(m *testing.M) {
	if os.Getenv(selfEnv) != "" {
		os.Exit(Run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
	}
	os.Exit(m.Run())
}

// esgen run generates, builds, starts, serves and, told to stop, stops; what
// it was told is there the next time.
func TestRunFromFirstToLast(t *testing.T) {
	if testing.Short() {
		t.Skip("generates, builds and runs a whole system")
	}
	model, err := filepath.Abs("../../testdata/models/mini")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()

	first := begin(t, dir, "run", model, "--port", "0")
	tasks := first.gateway(t) + "/todo/tasks"
	tryPrinted(t, first.said())
	token := printed(t, dir, "token", "--role", "user", "--sub", "user-1")
	if status, _ := ask(t, http.MethodPost, tasks, "", `{"taskId":"t1","text":"test it"}`); status != http.StatusUnauthorized {
		t.Errorf("POST without a token: %d", status)
	}
	if status, body := ask(t, http.MethodPost, tasks, token, `{"taskId":"t1","text":"test it"}`); status != http.StatusCreated {
		t.Errorf("POST: %d %s", status, body)
	}
	first.interrupt(t)
	if status, _ := ask(t, http.MethodGet, tasks+"/t1", token, ""); status != 0 {
		t.Errorf("it still answers: %d", status)
	}

	second := begin(t, dir, "run", model, "--port", "0")
	if status, body := ask(t, http.MethodGet, second.gateway(t)+"/todo/tasks/t1", token, ""); status != http.StatusOK || !strings.Contains(body, "test it") {
		t.Errorf("GET: %d %s", status, body)
	}
	second.interrupt(t)
	if !strings.Contains(second.said(), "unchanged\n") {
		t.Errorf("nothing has changed, but it says:\n%s", second.said())
	}
	if files, err := os.ReadDir(dir); err != nil || len(files) != 1 || files[0].Name() != ".esgen" {
		t.Errorf("beside .esgen it left %v, %v", files, err)
	}
}

// tryPrinted runs the commands that are printed to be tried, in another
// directory and without esgen anywhere.
func tryPrinted(t *testing.T, said string) {
	t.Helper()
	if _, err := exec.LookPath("curl"); err != nil {
		t.Log("there is no curl here")
		return
	}
	_, commands, found := strings.Cut(said, "\nTry, one after the other:\n")
	commands, _, ended := strings.Cut(commands, "\nbuilding; ")
	if !found || !ended || strings.Count(commands, "\ncurl ") < 3 {
		t.Fatalf("nothing is said to be tried:\n%s", said)
	}
	script := exec.CommandContext(t.Context(), "sh", "-ec", strings.ReplaceAll(commands, "\ncurl ", "\ncurl --fail-with-body "))
	script.Dir = t.TempDir()
	if out, err := script.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

// child is esgen as a process of its own.
type child struct {
	cmd   *exec.Cmd
	ended chan error

	mu   sync.Mutex
	text strings.Builder
}

// Write keeps what it says.
func (c *child) Write(data []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.text.Write(data)
}

// patience bounds a build on a busy machine.
const patience = 5 * time.Minute

func begin(t *testing.T, dir string, args ...string) *child {
	t.Helper()
	return beginWith(t, dir, nil, args...)
}

// beginWith is begin with a standard input.
func beginWith(t *testing.T, dir string, in *os.File, args ...string) *child {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	c := &child{cmd: exec.CommandContext(ctx, os.Args[0], args...), ended: make(chan error, 1)}
	c.cmd.Dir = dir
	c.cmd.Env = append(os.Environ(), selfEnv+"=1")
	c.cmd.Stdout, c.cmd.Stderr = c, c
	if in != nil {
		c.cmd.Stdin = in
	}
	if err := c.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { c.ended <- c.cmd.Wait() }()
	return c
}

func (c *child) said() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.text.String()
}

var ready = regexp.MustCompile(`is ready at (\S+) in [0-9.]+s; Ctrl-C stops it`)

// gateway waits until the system is ready, and is its address.
func (c *child) gateway(t *testing.T) string {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		if found := ready.FindStringSubmatch(c.said()); found != nil {
			return found[1]
		}
		select {
		case err := <-c.ended: // by itself, or because begin has lost patience
			t.Fatalf("it ends before it is ready: %v\n%s", err, c.said())
		case <-tick.C:
		}
	}
}

// interrupt is Ctrl-C; it is to end well.
func (c *child) interrupt(t *testing.T) {
	t.Helper()
	if err := c.cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := <-c.ended; err != nil {
		t.Errorf("it ends with %v:\n%s", err, c.said())
	}
	if said := c.said(); !strings.Contains(said, "service stopped") {
		t.Errorf("the service was not asked to stop:\n%s", said)
	}
}

// printed is what a command prints, in a directory.
func printed(t *testing.T, dir string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], args...)
	cmd.Dir, cmd.Env, cmd.Stderr = dir, append(os.Environ(), selfEnv+"=1"), os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}

// ask sends a request with a token; an error is status 0.
func ask(t *testing.T, method, url, token, body string) (status int, answer string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, err.Error()
	}
	defer func() { _ = resp.Body.Close() }()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		return 0, err.Error()
	}
	return resp.StatusCode, string(data)
}
