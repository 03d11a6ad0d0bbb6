// Package lsp is the language server: what editors ask of a model that is being
// written, by the Language Server Protocol. It speaks go.lsp.dev/jsonrpc2; the few
// structs of the protocol are its own, for the libraries that have all of them are
// kept no more.
package lsp

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"time"

	"go.lsp.dev/jsonrpc2"
)

// Serve speaks with an editor until it leaves. document is the model that all files
// belong to; "": each file belongs to the nearest document above it that reads it.
func Serve(ctx context.Context, version, document string, in io.Reader, out io.Writer) error {
	s := newServer(version, document)
	s.conn = jsonrpc2.NewConn(jsonrpc2.NewHeaderStream(pipe{in, out}))
	s.conn.Go(ctx, s.handle)
	select {
	case <-s.left:
		return nil // whatever else could be read: the editor may keep its end open
	case <-s.conn.Done():
	case <-ctx.Done():
		_ = s.conn.Close()
		return ctx.Err()
	}
	s.background.Wait()
	return s.conn.Err()
}

func newServer(version, document string) *server {
	return &server{version: version, desks: map[string]*desk{}, open: map[string]*buffer{}, fixed: document, left: make(chan struct{})}
}

// pipe is both ends of what an editor is spoken with over.
type pipe struct {
	io.Reader
	io.Writer
}

// Close lets the editor's end go: it is its to close.
func (pipe) Close() error { return nil }

// inTurn does something while nothing else is done. What panics is a fault of
// esgen's, and does not end the session.
func (s *server) inTurn(do func()) (fault error) {
	s.turn.Lock()
	defer s.turn.Unlock()
	defer func() {
		if said := recover(); said != nil {
			fmt.Fprintf(os.Stderr, "esgen lsp: %v\n%s", said, debug.Stack())
			fault = jsonrpc2.Errorf(jsonrpc2.InternalError, "%v", said)
		}
	}()
	do()
	return nil
}

// handle answers one message; a fault of esgen's is told in the answer.
func (s *server) handle(ctx context.Context, req *jsonrpc2.Request) (answer any, err error) {
	s.waiting.Add(1)
	defer s.answered()
	if fault := s.inTurn(func() { answer, err = s.answer(ctx, req) }); fault != nil && req.IsCall() {
		return nil, fault
	}
	return answer, err
}

// answered notes that one who has waited has an answer.
func (s *server) answered() {
	s.last.Store(time.Now().UnixNano())
	s.waiting.Add(-1)
}

// rest waits until nobody has asked anything for a while; busy ends it early, and
// says that there is something else to do then. Who asks all the time is not waited
// for.
func (s *server) rest(busy func() bool) bool {
	for began := time.Now(); time.Since(began) < patience; {
		left := quiet
		if s.waiting.Load() == 0 {
			left -= time.Since(time.Unix(0, s.last.Load()))
		}
		if left <= 0 {
			break
		}
		select {
		case <-time.After(left):
		case <-s.left:
			return false
		}
		if busy() {
			return false
		}
	}
	return true
}

// quiet is how long nobody has asked anything before the whole model is looked
// through: that takes all processors, and who types waits for other answers.
// patience is how long that is waited for.
const (
	quiet    = 200 * time.Millisecond
	patience = 10 * quiet
)

func (s *server) answer(ctx context.Context, req *jsonrpc2.Request) (answer any, err error) {
	do := methods[req.Method()]
	switch {
	case do != nil:
		answer, err = do(s, ctx, json.RawMessage(req.Params()))
	case req.IsCall():
		return nil, jsonrpc2.ErrMethodNotFound
	}
	if err != nil && !req.IsCall() {
		return nil, nil // nobody waits for an answer, and the session goes on
	}
	return answer, err
}

// method answers a message; of a notification nobody reads what it answers.
type method func(s *server, ctx context.Context, params json.RawMessage) (any, error)

// of makes a method of a function that knows its parameters.
func of[P any](do func(s *server, ctx context.Context, p P) (any, error)) method {
	return func(s *server, ctx context.Context, params json.RawMessage) (any, error) {
		var p P
		if len(params) > 0 {
			if err := json.Unmarshal(params, &p); err != nil {
				return nil, jsonrpc2.Errorf(jsonrpc2.InvalidParams, "%v", err)
			}
		}
		return do(s, ctx, p)
	}
}

var methods = map[string]method{
	"initialize":                      of((*server).initialize),
	"shutdown":                        of(func(*server, context.Context, struct{}) (any, error) { return nil, nil }),
	"exit":                            of((*server).exit),
	"textDocument/didOpen":            of((*server).didOpen),
	"textDocument/didChange":          of((*server).didChange),
	"textDocument/didClose":           of((*server).didClose),
	"textDocument/didSave":            of((*server).didSave),
	"workspace/didChangeWatchedFiles": of((*server).filesChanged),
	"textDocument/hover":              of((*server).hover),
	"textDocument/definition":         of((*server).definition),
	"textDocument/references":         of((*server).references),
	"textDocument/documentHighlight":  of((*server).highlight),
	"textDocument/prepareRename":      of((*server).prepareRename),
	"textDocument/rename":             of((*server).rename),
	"textDocument/completion":         of((*server).completion),
	"textDocument/documentSymbol":     of((*server).outline),
	"workspace/symbol":                of((*server).symbols),
	"textDocument/formatting":         of((*server).formatting),
	"textDocument/codeAction":         of((*server).codeActions),
}

func (s *server) exit(context.Context, struct{}) (any, error) {
	s.leave.Do(func() { close(s.left) })
	return nil, nil
}

func (s *server) initialize(_ context.Context, p initialize) (any, error) {
	for _, f := range p.WorkspaceFolders {
		s.folders = append(s.folders, pathOf(f.URI))
	}
	if len(s.folders) == 0 && p.RootURI != "" {
		s.folders = append(s.folders, pathOf(p.RootURI))
	}
	return map[string]any{
		"serverInfo": map[string]string{"name": "esgen", "version": s.version},
		"capabilities": map[string]any{
			"positionEncoding":           "utf-16",
			"textDocumentSync":           map[string]any{"openClose": true, "change": 2, "save": true},
			"hoverProvider":              true,
			"definitionProvider":         true,
			"referencesProvider":         true,
			"documentHighlightProvider":  true,
			"renameProvider":             map[string]any{"prepareProvider": true},
			"completionProvider":         map[string]any{"triggerCharacters": []string{".", ":", " ", "[", "{", "\""}},
			"documentSymbolProvider":     true,
			"workspaceSymbolProvider":    true,
			"documentFormattingProvider": true,
			"codeActionProvider":         map[string]any{"codeActionKinds": []string{"quickfix"}},
		},
	}, nil
}

// refused is the answer to a request that cannot be followed, in words for whoever
// asked (RequestFailed of the protocol).
func refused(err error) error {
	const requestFailed = -32803
	return jsonrpc2.NewError(requestFailed, err.Error())
}
