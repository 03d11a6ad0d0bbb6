package lsp

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"go.lsp.dev/jsonrpc2"

	"github.com/esgen/esgen/internal/check"
	"github.com/esgen/esgen/internal/diag"
	"github.com/esgen/esgen/internal/overlay"
	"github.com/esgen/esgen/internal/source"
	"github.com/esgen/esgen/internal/uses"
	"github.com/esgen/esgen/model"
)

// server is a session with an editor. Its messages are handled one after the
// other, and between them models are read that have changed; only looking through
// whole models goes on beside them.
type server struct {
	turn    sync.Mutex // held while a message is handled or a model is read
	version string
	conn    jsonrpc2.Conn
	fixed   string // the document of all files; "": to be found
	folders []string
	open    map[string]*buffer // by path
	desks   map[string]*desk   // by the path of the document

	waiting atomic.Int32 // messages that have no answer yet
	last    atomic.Int64 // when one was answered, in nanoseconds of Unix

	background sync.WaitGroup
	leave      sync.Once
	left       chan struct{} // closed when the editor has said that it leaves
}

// buffer is a file that is open in the editor.
type buffer struct {
	uri     string
	text    string
	version int
}

// desk is a model that is being written.
type desk struct {
	dir, base string
	memory    *model.Memory
	now       *reading // written with mu held
	changes   int      // of its files
	read      int      // how many of them now knows of

	mu   sync.Mutex
	told map[string]bool // files with diagnostics, as the editor has them
	late map[string][]diag.Diagnostic

	outlines map[string][]documentSymbol // of files, as they were when they could be read
}

// reading is a model as it was at one time.
type reading struct {
	sys   *model.System
	found *diag.List // by reading
	run   *check.Run
	files map[string]*source.File // by path from the directory of the document

	parts map[*source.File]*uses.Index // of a file, before all is looked through
	whole func() (*uses.Index, *diag.List)
}

func (s *server) deskAt(document string) *desk {
	d := s.desks[document]
	if d == nil {
		d = &desk{dir: filepath.Dir(document), base: filepath.Base(document), memory: model.NewMemory(), told: map[string]bool{}, late: map[string][]diag.Diagnostic{}, outlines: map[string][]documentSymbol{}}
		s.desks[document] = d
	}
	return d
}

// deskOf is the model that a file is a part of; nil: of none.
func (s *server) deskOf(path string) *desk {
	if s.fixed != "" {
		return s.reads(s.fixed, path)
	}
	for dir := filepath.Dir(path); ; dir = filepath.Dir(dir) {
		if d := s.reads(filepath.Join(dir, model.DocumentName), path); d != nil {
			return d
		}
		if dir == filepath.Dir(dir) || slices.Contains(s.folders, dir) {
			break
		}
	}
	if b := s.open[path]; b != nil && isDocument(path, b.text) {
		return s.deskAt(path)
	}
	return nil
}

// reads is the model of a document, if a file is a part of it.
func (s *server) reads(document, path string) *desk {
	if s.open[document] == nil {
		if info, err := os.Stat(document); err != nil || !info.Mode().IsRegular() {
			return nil
		}
	}
	d := s.deskAt(document)
	rel, err := filepath.Rel(d.dir, path)
	if err != nil {
		return nil
	}
	rel = filepath.ToSlash(rel)
	if d.now == nil || d.now.files[rel] == nil {
		s.refresh(d)
	}
	if path == document || rel == model.SettingsName || d.now.files[rel] != nil || d.now.sys.Includes(rel) != "" {
		return d
	}
	return nil
}

// isDocument reports whether a text is that of a document of its own.
func isDocument(path, text string) bool {
	root, _ := source.Parse(&source.File{Path: path, Data: []byte(text)}, source.DefaultLimits())
	return root.Get("esgen") != nil
}

// files are those of a model as they are in the editor.
func (s *server) files(d *desk) fs.FS {
	over := overlay.FS{FS: os.DirFS(d.dir), Files: map[string][]byte{}}
	if root, err := os.OpenRoot(d.dir); err == nil {
		over.FS = root.FS()
	}
	for path, b := range s.open {
		if rel, err := filepath.Rel(d.dir, path); err == nil && !strings.HasPrefix(rel, "..") {
			over.Files[filepath.ToSlash(rel)] = []byte(b.text)
		}
	}
	return over
}

// refresh reads a model as it is now, unless that is known.
func (s *server) refresh(d *desk) {
	if d.now != nil && d.read == d.changes {
		return
	}
	r := read(s.files(d), d)
	d.mu.Lock()
	d.now, d.read = r, d.changes
	d.mu.Unlock()
}

func read(files fs.FS, d *desk) *reading {
	r := &reading{files: map[string]*source.File{}, parts: map[*source.File]*uses.Index{}}
	r.sys, r.found = model.LoadRemembered(files, d.base, d.memory)
	for _, f := range r.sys.Files {
		r.files[f.Path] = f
	}
	r.run = check.Begin(r.sys)
	r.whole = sync.OnceValues(func() (*uses.Index, *diag.List) {
		checked, found := r.run.Finish()
		found.Merge(r.found)
		return uses.New(r.sys, checked), found
	})
	return r
}

// part are the uses in a file, whatever is the matter with others.
func (r *reading) part(f *source.File) *uses.Index {
	if r.parts[f] == nil {
		checked, _ := r.run.File(f)
		r.parts[f] = uses.In(f, r.sys, checked)
	}
	return r.parts[f]
}

// at is a place of a file of a model that is open; ok is false where no model
// reads it.
func (s *server) at(p place) (d *desk, at source.Pos, ok bool) {
	path := pathOf(p.TextDocument.URI)
	if d = s.deskOf(path); d == nil {
		return nil, at, false
	}
	s.refresh(d)
	rel, err := filepath.Rel(d.dir, path)
	if err != nil {
		return nil, at, false
	}
	f := d.now.files[filepath.ToSlash(rel)]
	if f == nil {
		return nil, at, false
	}
	return d, toPos(f, p.Position), true
}

func (s *server) didOpen(ctx context.Context, p struct {
	TextDocument textDocument `json:"textDocument"`
}) (any, error) {
	if path := pathOf(p.TextDocument.URI); path != "" {
		s.open[path] = &buffer{p.TextDocument.URI, p.TextDocument.Text, p.TextDocument.Version}
		s.changed(ctx, path)
	}
	return nil, nil
}

func (s *server) didChange(ctx context.Context, p didChange) (any, error) {
	path := pathOf(p.TextDocument.URI)
	b := s.open[path]
	if b == nil {
		return nil, nil
	}
	for _, c := range p.ContentChanges {
		if c.Range == nil {
			b.text = c.Text
			continue
		}
		from, to := offset(b.text, c.Range.Start), offset(b.text, c.Range.End)
		b.text = b.text[:from] + c.Text + b.text[max(from, to):]
	}
	b.version = p.TextDocument.Version
	s.changed(ctx, path)
	return nil, nil
}

func (s *server) didClose(ctx context.Context, p place) (any, error) {
	path := pathOf(p.TextDocument.URI)
	if s.open[path] != nil {
		delete(s.open, path)
		s.changed(ctx, path)
	}
	return nil, nil
}

func (s *server) didSave(context.Context, place) (any, error) { return nil, nil }

// filesChanged reads models again that others than this editor have changed.
func (s *server) filesChanged(ctx context.Context, p struct {
	Changes []struct {
		URI string `json:"uri"`
	} `json:"changes"`
}) (any, error) {
	for _, c := range p.Changes {
		s.changed(ctx, pathOf(c.URI))
	}
	return nil, nil
}

// pause is how long what an editor asks right behind a change has to come: an offer
// of what may be typed needs no more than the file that is typed in, and goes first.
const pause = 5 * time.Millisecond

// changed has the model read again that a file is a part of, and tells what is wrong
// with it: with the file at once, with all others when all is looked through.
func (s *server) changed(ctx context.Context, path string) {
	d := s.deskOf(path)
	if d == nil {
		return
	}
	d.changes++
	change := d.changes
	ctx = jsonrpc2.DetachContext(ctx)
	s.background.Go(func() {
		select {
		case <-time.After(pause):
		case <-s.left:
			return
		}
		_ = s.inTurn(func() { // a fault has been told, and nobody waits for an answer
			if d.changes == change { // else the newer change tells
				s.tell(ctx, d, path)
			}
		})
	})
}

func (s *server) tell(ctx context.Context, d *desk, path string) {
	s.refresh(d)
	if rel, err := filepath.Rel(d.dir, path); err == nil && s.open[path] != nil {
		s.tellFile(ctx, d, filepath.ToSlash(rel))
	}
	s.tellAll(ctx, d)
}
