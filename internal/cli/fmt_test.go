package cli

import (
	"bytes"
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

// A file that is written anew keeps its mode, stays behind the link to it, and
// leaves nothing beside it.
func TestFmtRewrites(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("modes and links are another matter there")
	}
	dir := t.TempDir()
	file, link := filepath.Join(dir, "file.yaml"), filepath.Join(dir, "link.yaml")
	if err := os.WriteFile(file, []byte("contexts:   [a]\n"), 0o640); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(file, link); err != nil {
		t.Fatal(err)
	}
	var out, problems bytes.Buffer
	if code := Run([]string{"fmt", "--write", link}, nil, &out, &problems); code != exitFine {
		t.Fatalf("exit %d: %s", code, &problems)
	}
	data, err := os.ReadFile(file)
	if err != nil || string(data) != "contexts: [a]\n" {
		t.Errorf("the file holds %q, %v", data, err)
	}
	if info, err := os.Lstat(file); err != nil || info.Mode() != 0o640 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	if info, err := os.Lstat(link); err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Errorf("the link is gone: %v", err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 2 {
		t.Errorf("%v, %v", left, err)
	}
}
