package cli

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/esgen/esgen/internal/tree"
)

const miniModel = "../../testdata/models/mini"

// A directory that another process writes to is left to it; one that is left
// locked by a process that is gone is free.
func TestBusyDirectory(t *testing.T) {
	out := filepath.Join(t.TempDir(), "out")
	release, err := tree.Lock(out)
	if err != nil {
		t.Fatal(err)
	}
	var said bytes.Buffer
	code := Run([]string{"generate", miniModel, "--out", out}, nil, &said, &said)
	want := fmt.Sprintf("error: another esgen, process %d, is writing to %s; try again when it has ended\n", os.Getpid(), out)
	if code != exitFail || said.String() != want {
		t.Errorf("exit %d: %s, want %s", code, &said, want)
	}
	if err := release(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(out); err == nil {
		t.Error("a directory is left for nothing")
	}
	if err := os.MkdirAll(filepath.Join(out, ".esgen", "stage-1", "new"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(out, ".esgen", "generate.lock"), []byte("4194305\n"), 0o644); err != nil { // more than there are processes
		t.Fatal(err)
	}
	said.Reset()
	if code := Run([]string{"generate", miniModel, "--out", out}, nil, &said, &said); code != exitFine {
		t.Errorf("whoever had it is gone: exit %d: %s", code, &said)
	}
	left, err := os.ReadDir(filepath.Join(out, ".esgen"))
	if err != nil || len(left) != 3 || left[0].Name() != "cache" || left[1].Name() != "manifest.json" || left[2].Name() != "seeds.json" {
		t.Errorf("beside the manifest, the seeds and the cache there is %v, %v", left, err)
	}
}

// That the port is somebody else's is said before anything is generated.
func TestBusyPort(t *testing.T) {
	t.Chdir(t.TempDir())
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	var said bytes.Buffer
	code := Run([]string{"run", "nowhere-yet", "--port", fmt.Sprint(l.Addr().(*net.TCPAddr).Port)}, nil, &said, &said)
	if code != exitFail || !strings.Contains(said.String(), "there is no model at nowhere-yet") {
		t.Errorf("exit %d: %s", code, &said)
	}
	if code := Run([]string{"init"}, nil, &said, &said); code != exitFine {
		t.Fatal(&said)
	}
	said.Reset()
	code = Run([]string{"run", "--port", fmt.Sprint(l.Addr().(*net.TCPAddr).Port)}, nil, &said, &said)
	if code != exitFail || !strings.HasPrefix(said.String(), "error: the port of the gateway is not free: ") || !strings.Contains(said.String(), "help: choose another one with --port; 0 takes any\n") {
		t.Errorf("exit %d: %s", code, &said)
	}
	if _, err := os.Stat(".esgen"); err == nil {
		t.Error("it has been generated")
	}
}
