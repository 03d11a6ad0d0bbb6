package cli

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"
)

// TestServeFile: the page is one file. It has the files of the model, errors or not, and
// nothing that lies outside of the model's directory, by whatever links.
func TestServeFile(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles the interpreter to WebAssembly")
	}
	mini, err := os.ReadFile("../../testdata/models/mini/esgen.yaml")
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	if err := os.MkdirAll("wrong/more", 0o755); err != nil {
		t.Fatal(err)
	}
	text := strings.NewReplacer("emit: [TaskFinished]", "emit: [TaskFinishd]", "module:", "include: ['more/*.yaml']\nmodule:").Replace(string(mini))
	for path, text := range map[string]string{"wrong/esgen.yaml": text, "secret.yaml": "requirements: {F1: nobody may read this}\n"} {
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("../../secret.yaml", "wrong/more/more.yaml"); err != nil {
		t.Fatal(err)
	}
	var stdout, stderr bytes.Buffer
	if code := Run([]string{"serve", "--format", "html", "-o", "page.html", "wrong"}, strings.NewReader(""), &stdout, &stderr); code != exitFine || stdout.Len() > 0 {
		t.Fatalf("exit %d\n%s%s", code, &stdout, &stderr)
	}
	if !regexp.MustCompile(`(?m)^page\.html: [0-9.]+ MB, of which the interpreter is [0-9.]+ MB$`).Match(stderr.Bytes()) {
		t.Errorf("it says\n%s", &stderr)
	}
	page, err := os.ReadFile("page.html")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.HasPrefix(page, []byte("<!doctype html>")) || !bytes.Contains(page, []byte("TaskFinishd")) {
		t.Error("the page lacks the model")
	}
	if bytes.Contains(page, []byte("nobody may read this")) {
		t.Error("the page has a file from outside of the model's directory")
	}
}

// TestServes: the command serves until it is told to end.
func TestServes(t *testing.T) {
	said, says := io.Pipe()
	s := serving{terminal: terminal{out: says, err: io.Discard}}
	ctx, end := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.run(ctx, "../../testdata/models/mini/esgen.yaml") }()
	line := make([]byte, 200)
	n, err := said.Read(line)
	if err != nil {
		t.Fatal(err)
	}
	address := regexp.MustCompile(`http://localhost:[0-9]+`).FindString(string(line[:n]))
	client := http.Client{Timeout: time.Minute}
	answer, err := client.Get(address)
	if err != nil {
		t.Fatalf("%q: %v", line[:n], err)
	}
	defer answer.Body.Close() //nolint:errcheck // it was read from
	if page, err := io.ReadAll(answer.Body); err != nil || answer.StatusCode != http.StatusOK || !bytes.Contains(page, []byte("web/wall.js")) {
		t.Errorf("%d %v:\n%s", answer.StatusCode, err, page)
	}
	end()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}
