//go:build js && wasm

// Player is what checks and plays a model inside of a page: esgen, compiled to
// WebAssembly, for pages that have no server.
package main

import (
	"encoding/json"
	"syscall/js"
	"testing/fstest"

	"github.com/esgen/esgen/internal/check"
	"github.com/esgen/esgen/internal/play"
	"github.com/esgen/esgen/model"
)

// opened is what a page says of the model that it holds.
type opened struct {
	Document string            `json:"document"`
	Files    map[string]string `json:"files"` // by their paths
}

// main hands the page two functions: esgenOpen takes the model, esgenAsk answers
// questions as a server does. Both answer {answer} or {error}.
func main() {
	var wall *play.Wall
	js.Global().Set("esgenOpen", function(func(args []string) (string, error) {
		var o opened
		if err := json.Unmarshal([]byte(args[0]), &o); err != nil {
			return "", err
		}
		wall = read(o)
		return "", nil
	}))
	js.Global().Set("esgenAsk", function(func(args []string) (string, error) {
		answer, err := wall.Answer(args[0], []byte(args[1]))
		return string(answer), err
	}))
	js.Global().Call("esgenReady")
	select {} // the page calls, as long as it is there
}

func read(o opened) *play.Wall {
	files := fstest.MapFS{}
	for name, text := range o.Files {
		files[name] = &fstest.MapFile{Data: []byte(text)}
	}
	sys, found := model.LoadFS(files, o.Document)
	m, more := check.System(sys)
	found.Merge(more)
	return play.Of(m, found)
}

func function(f func(args []string) (string, error)) js.Func {
	return js.FuncOf(func(_ js.Value, values []js.Value) any {
		args := make([]string, len(values))
		for i, v := range values {
			args[i] = v.String()
		}
		answer, err := f(args)
		if err != nil {
			return map[string]any{"error": err.Error()}
		}
		return map[string]any{"answer": answer}
	})
}
