package lsp

import (
	"context"
	"encoding/json"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.lsp.dev/jsonrpc2"
)

// editor is the other end of a session.
type editor struct {
	t    testing.TB
	conn jsonrpc2.Conn
	told chan published
	dir  string
}

// newEditor begins a session in a directory with some files.
func newEditor(t testing.TB, files map[string]string) *editor {
	t.Helper()
	e := &editor{t: t, told: make(chan published, 10_000), dir: t.TempDir()}
	for name, text := range files {
		path := filepath.Join(e.dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	here, there := net.Pipe()
	served := make(chan error, 1)
	go func() { served <- Serve(context.Background(), "test", "", there, there) }()
	e.conn = jsonrpc2.NewConn(jsonrpc2.NewHeaderStream(here))
	e.conn.Go(context.Background(), func(_ context.Context, req *jsonrpc2.Request) (any, error) {
		var p published
		if err := json.Unmarshal(req.Params(), &p); err != nil {
			return nil, err
		}
		e.told <- p
		return nil, nil
	})
	t.Cleanup(func() {
		_ = here.Close()
		_ = there.Close()
		select {
		case <-served: //nolint:errcheck // whose pipe is closed ends with an error
		case <-time.After(20 * time.Second):
			t.Error("the server does not end with its editor")
		}
	})
	ask[any](e, "initialize", map[string]any{"rootUri": uriOf(e.dir), "capabilities": map[string]any{}})
	return e
}

var _ io.Closer = pipe{}

func (e *editor) uri(name string) string {
	return uriOf(filepath.Join(e.dir, filepath.FromSlash(name)))
}

func (e *editor) notify(method string, params any) {
	e.t.Helper()
	if err := e.conn.Notify(context.Background(), method, params); err != nil {
		e.t.Fatal(err)
	}
}

func (e *editor) open(name, text string) {
	e.t.Helper()
	e.notify("textDocument/didOpen", map[string]any{"textDocument": textDocument{URI: e.uri(name), Version: 1, Text: text}})
}

func (e *editor) change(name, text string, version int) {
	e.t.Helper()
	e.notify("textDocument/didChange", map[string]any{"textDocument": textDocument{URI: e.uri(name), Version: version},
		"contentChanges": []map[string]any{{"text": text}}})
}

// ask is a request; one that is refused fails the test.
func ask[A any](e *editor, method string, params any) A {
	e.t.Helper()
	answer, err := try[A](e, method, params)
	if err != nil {
		e.t.Fatalf("%s: %v", method, err)
	}
	return answer
}

func try[A any](e *editor, method string, params any) (answer A, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	_, err = e.conn.Call(ctx, method, params, &answer)
	return answer, err
}

// until waits for diagnostics of a file that are as they must be.
func (e *editor) until(name string, is func([]diagnostic) bool) []diagnostic {
	e.t.Helper()
	var last []diagnostic
	deadline := time.After(time.Minute)
	for {
		select {
		case p := <-e.told:
			if p.URI == e.uri(name) {
				if last = p.Diagnostics; is(last) {
					return last
				}
			}
		case <-deadline:
			e.t.Fatalf("no such diagnostics of %s; the last were %v", name, last)
		}
	}
}

// at is the place of a mark ▮ in a text, and the text without it.
func at(text string) (string, position) {
	before, behind, _ := strings.Cut(text, "▮")
	line := strings.Count(before, "\n")
	return before + behind, position{line, units(before[strings.LastIndexByte(before, '\n')+1:])}
}

func (e *editor) place(name string, p position) map[string]any {
	return map[string]any{"textDocument": textDocument{URI: e.uri(name)}, "position": p}
}
