// Package serve serves the page of a model on this machine, and follows its files.
package serve

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/esgen/esgen/internal/diag"
	"github.com/esgen/esgen/internal/edit"
	"github.com/esgen/esgen/internal/page"
	"github.com/esgen/esgen/internal/play"
)

// Server answers the page of a model, and follows the model's files.
type Server struct {
	document string // path of the model's document
	handler  http.Handler

	mu      sync.Mutex
	wall    *play.Wall
	files   fingerprint // of what the wall was made of
	changed chan struct{}
}

// Limits of what a page may ask.
const (
	largest = 4 << 20 // bytes of a question
	look    = 300 * time.Millisecond
)

// New reads the model whose document is at a path. A model with errors is
// served; the error is that of a file that cannot be read.
func New(document string) (*Server, error) {
	s := &Server{document: document, changed: make(chan struct{})}
	if err := s.read(); err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	page.Model().Serve(mux)
	mux.HandleFunc("POST /ask/{question}", s.ask)
	mux.HandleFunc("GET /changes", s.changes)
	s.handler = page.Guard(mux)
	return s, nil
}

// ServeHTTP answers the page and its questions.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

// Follow tells the pages when the model's files change, until the context ends.
func (s *Server) Follow(ctx context.Context) {
	tick := time.NewTicker(look)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			_ = s.catchUp() // what cannot be read is tried again at the next tick
		}
	}
}

// catchUp reads the model again if its files have changed.
func (s *Server) catchUp() error {
	s.mu.Lock()
	before, files := s.files, s.wall.Files
	s.mu.Unlock()
	if taken(s.document, files).same(before) {
		return nil
	}
	return s.read()
}

// read reads the model, and tells those who follow.
func (s *Server) read() error {
	t, err := edit.Try(s.document, nil)
	if err != nil {
		return err
	}
	wall := play.Of(t.Model, t.Found)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.wall, s.files = wall, taken(s.document, wall.Files)
	close(s.changed)
	s.changed = make(chan struct{})
	return nil
}

func (s *Server) now() (*play.Wall, <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.wall, s.changed
}

// changes tells a page each time the model has changed, as server-sent events.
func (s *Server) changes(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/event-stream")
	out := http.NewResponseController(w)
	_, _ = io.WriteString(w, ": here\n\n")
	for _, next := s.now(); out.Flush() == nil; _, next = s.now() {
		select {
		case <-r.Context().Done():
			return
		case <-next:
			_, _ = io.WriteString(w, "event: changed\ndata: \n\n")
		}
	}
}

// ask answers a question of the page. Saving writes the scenario, too.
func (s *Server) ask(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, largest))
	if err != nil {
		http.Error(w, "the question is too large", http.StatusRequestEntityTooLarge)
		return
	}
	answer, err := s.answer(r.PathValue("question"), body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusUnprocessableEntity)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(answer) // who has gone reads nothing
}

// answer answers a question. What is saved is saved into the files as they are now.
func (s *Server) answer(question string, body []byte) ([]byte, error) {
	if question == play.AskSave {
		if err := s.catchUp(); err != nil {
			return nil, err
		}
	}
	wall, _ := s.now()
	answer, err := wall.Answer(question, body)
	if err == nil && question == play.AskSave {
		return s.save(wall, answer)
	}
	return answer, err
}

// save writes a scenario into its file, if the model has no errors then and
// nobody has changed the file since it was read.
func (s *Server) save(wall *play.Wall, answer []byte) ([]byte, error) {
	var saved play.Saved
	if err := json.Unmarshal(answer, &saved); err != nil {
		return nil, err
	}
	change := edit.Change{File: saved.File, New: saved.Content}
	for _, f := range wall.Files {
		if f.Path == saved.File {
			change.Old = string(f.Data)
		}
	}
	trial, err := edit.Try(s.document, []edit.Change{change})
	switch {
	case err != nil:
		return nil, err
	case trial.Found.HasErrors():
		list := trial.Found.Sorted()
		first := list[slices.IndexFunc(list, func(d diag.Diagnostic) bool { return d.Severity == diag.Error })]
		return nil, fmt.Errorf("nothing was written: the model would have errors: %s: %s", first.Pos, first.Message)
	}
	if err := trial.Write(); err != nil {
		return nil, err
	}
	saved.Content, saved.Written = "", true
	return json.Marshal(saved)
}
