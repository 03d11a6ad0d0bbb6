// Package offline makes the page of a model one file that needs neither a server
// nor a network: esgen itself is in it, compiled to WebAssembly.
//
// That program is not committed: nobody could review it. A release has it built in
// (go generate ./internal/offline, then go build -tags player); any other esgen
// builds it from the source that it was itself built from, with the Go that is
// there. Both are the same source compiled by Go's own compiler.
package offline

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/esgen/esgen/internal/edit"
	"github.com/esgen/esgen/internal/page"
)

//go:generate go run ./pack

// Player is the program of a page, and what of Go runs it in a browser.
type Player struct {
	Program []byte // WebAssembly, compressed by gzip
	Runtime string // wasm_exec.js of the Go that compiled it
}

// Page is the page of the model whose document is at a path, as one file. A model
// with errors is shown, and not played.
func Page(p *Player, document string) ([]byte, error) {
	t, err := edit.Try(document, nil)
	if err != nil {
		return nil, err
	}
	files := map[string]string{}
	for _, f := range t.System.Files {
		files[f.Path] = string(f.Data)
	}
	said, err := json.Marshal(map[string]any{"document": filepath.Base(document), "files": files}) // which escapes what would end a script
	if err != nil {
		return nil, err
	}
	return []byte(page.Offline(string(t.System.Called()), p.Runtime, base64.StdEncoding.EncodeToString(p.Program), string(said))), nil
}

// Find is the player that is built in or, where none is, one that is built now.
// The error says how to come by one.
func Find(ctx context.Context) (*Player, error) {
	if p := builtIn(); p != nil {
		return p, nil
	}
	source := sourceDir()
	if source == "" {
		return nil, errors.New("this esgen has no player built in, and the source that it was built from is not here: take a release, or build esgen on this machine")
	}
	return Build(ctx, source)
}

// Build builds the player from the source of esgen in a directory. It needs Go.
func Build(ctx context.Context, source string) (*Player, error) {
	root, err := exec.CommandContext(ctx, "go", "env", "GOROOT").Output()
	if err != nil {
		return nil, fmt.Errorf("the player is built with Go, which is not here: %w", err)
	}
	script, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(root)), "lib", "wasm", "wasm_exec.js"))
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "esgen-player")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir) //nolint:errcheck // it is a temporary directory
	program := filepath.Join(dir, "player.wasm")
	build := exec.CommandContext(ctx, "go", "build", "-trimpath", "-buildvcs=false", "-ldflags=-s -w", "-o", program, "./internal/offline/player")
	build.Dir, build.Env = source, append(os.Environ(), "GOOS=js", "GOARCH=wasm", "GOFLAGS=")
	if out, err := build.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("the player cannot be built: %w\n%s", err, out)
	}
	data, err := os.ReadFile(program)
	if err != nil {
		return nil, err
	}
	var packed bytes.Buffer
	w, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(data); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return &Player{packed.Bytes(), string(script)}, nil
}

// sourceDir is where the source lies that this program was built from, as the
// compiler wrote it down; "": it did not, or it is not on this machine.
func sourceDir() string {
	_, file, _, _ := runtime.Caller(0)
	dir := filepath.Dir(filepath.Dir(filepath.Dir(file)))
	if _, err := os.Stat(filepath.Join(dir, "internal", "offline", "player", "main.go")); err != nil || !filepath.IsAbs(dir) {
		return ""
	}
	return dir
}
