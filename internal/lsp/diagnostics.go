package lsp

import (
	"bytes"
	"context"
	"errors"
	"path/filepath"
	"runtime"
	"slices"

	"github.com/esgen/esgen/internal/diag"
	"github.com/esgen/esgen/internal/format"
	"github.com/esgen/esgen/internal/source"
)

// tellFile tells what is wrong with one file: with what is told in it, and, as far
// as nothing says otherwise, what the whole model has shown before.
func (s *server) tellFile(ctx context.Context, d *desk, rel string) {
	f := d.now.files[rel]
	if f == nil {
		return
	}
	_, found := d.now.run.File(f)
	found.Merge(d.now.found)
	d.mu.Lock()
	for _, x := range d.late[rel] {
		if x.Pos.File.Lines() == f.Lines() && x.Pos.File.Line(x.Pos.Line) == f.Line(x.Pos.Line) {
			x.Pos.File = f
			found.Add(x)
		}
	}
	d.told[rel] = true
	d.mu.Unlock()
	s.publish(ctx, d, rel, version(s, d, rel), of1(found, f))
}

// of1 are the diagnostics of a file.
func of1(found *diag.List, f *source.File) []diag.Diagnostic {
	return slices.DeleteFunc(found.Sorted(), func(x diag.Diagnostic) bool { return x.Pos.Path() != f.Path })
}

func version(s *server, d *desk, rel string) int {
	if b := s.open[filepath.Join(d.dir, filepath.FromSlash(rel))]; b != nil {
		return b.version
	}
	return 0
}

// newer reports whether a model has changed since it was read.
func (d *desk) newer(r *reading) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.now != r
}

// tellAll looks the whole model through, beside what else is asked, and tells what
// is wrong with each of its files.
func (s *server) tellAll(ctx context.Context, d *desk) {
	r := d.now
	versions := map[string]int{}
	for rel := range r.files {
		versions[rel] = version(s, d, rel)
	}
	s.background.Go(func() {
		if !s.rest(func() bool { return d.newer(r) }) {
			return
		}
		_, found := r.whole()
		s.tellWhole(ctx, d, r, found, versions)
		if !d.newer(r) {
			runtime.GC() // while nobody waits: else the next answers are late by it
		}
	})
}

// tellWhole tells what is wrong with each file of a model that has been looked
// through, unless there is a newer one.
func (s *server) tellWhole(ctx context.Context, d *desk, r *reading, found *diag.List, versions map[string]int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.now != r {
		return
	}
	byFile := map[string][]diag.Diagnostic{}
	for _, x := range found.Sorted() {
		byFile[x.Pos.Path()] = append(byFile[x.Pos.Path()], x)
	}
	for rel := range d.told {
		if _, is := byFile[rel]; !is {
			byFile[rel] = nil
		}
	}
	d.told, d.late = map[string]bool{}, map[string][]diag.Diagnostic{}
	for rel, list := range byFile {
		if f := r.files[rel]; f != nil {
			d.late[rel] = later(r, f, list)
		}
		d.told[rel] = len(list) > 0
		s.publish(ctx, d, rel, versions[rel], list)
	}
}

// later are the diagnostics of a file that only the whole model shows.
func later(r *reading, f *source.File, all []diag.Diagnostic) []diag.Diagnostic {
	_, early := r.run.File(f)
	early.Merge(r.found)
	known := early.Sorted()
	return slices.DeleteFunc(slices.Clone(all), func(x diag.Diagnostic) bool {
		return slices.ContainsFunc(known, func(k diag.Diagnostic) bool { return k.Pos == x.Pos && k.Rule == x.Rule && k.Message == x.Message })
	})
}

func (s *server) publish(ctx context.Context, d *desk, rel string, version int, list []diag.Diagnostic) {
	out := published{URI: d.uri(rel), Version: version, Diagnostics: make([]diagnostic, 0, len(list))}
	for _, x := range list {
		out.Diagnostics = append(out.Diagnostics, d.diagnostic(x))
	}
	_ = s.conn.Notify(ctx, "textDocument/publishDiagnostics", out) // whoever has left needs none
}

// uri is that of a file of a model.
func (d *desk) uri(rel string) string { return uriOf(filepath.Join(d.dir, filepath.FromSlash(rel))) }

// diagnostic is a finding as editors have it: with the fix in its message.
func (d *desk) diagnostic(x diag.Diagnostic) diagnostic {
	out := diagnostic{Range: wordAt(x.Pos), Severity: int(x.Severity) + 1, Code: string(x.Rule), Source: "esgen", Message: x.Message}
	if x.Suggestion != "" {
		out.Message += "\n" + x.Suggestion
	}
	for _, o := range x.Related {
		out.Related = append(out.Related, related{location{d.uri(o.Pos.Path()), wordAt(o.Pos)}, o.Message})
	}
	if x.Instead != "" {
		out.Data = &mend{x.Instead}
	}
	return out
}

// wordAt is the word at a place, in quotes or not; where none is, a character.
func wordAt(at source.Pos) span {
	if at.File == nil || !at.IsValid() {
		return span{}
	}
	line := []rune(at.File.Line(at.Line))
	if i := at.Column - 1; i < len(line) && (line[i] == '"' || line[i] == '\'') {
		at.Column++
	}
	end := at
	for i := at.Column - 1; i >= 0 && i < len(line) && (isWordRune(line[i]) || line[i] == '.' || line[i] == '-'); i++ {
		end.Column++
	}
	if end == at {
		end.Column++
	}
	return toSpan(at, end)
}

// codeActions are the fixes that are known of diagnostics.
func (s *server) codeActions(_ context.Context, p struct {
	TextDocument textDocument `json:"textDocument"`
	Context      struct {
		Diagnostics []diagnostic `json:"diagnostics"`
	} `json:"context"`
}) (any, error) {
	actions := []codeAction{}
	for _, x := range p.Context.Diagnostics {
		if x.Source == "esgen" && x.Data != nil {
			actions = append(actions, codeAction{Title: "Write " + x.Data.Instead, Kind: "quickfix", Diagnostics: []diagnostic{x}, Preferred: true,
				Edit: workspaceEdit{map[string][]textEdit{p.TextDocument.URI: {{x.Range, x.Data.Instead}}}}})
		}
	}
	return actions, nil
}

// formatting writes a file the canonical way; one that cannot be read stays.
func (s *server) formatting(_ context.Context, p place) (any, error) {
	b := s.open[pathOf(p.TextDocument.URI)]
	if b == nil {
		return nil, nil
	}
	f := &source.File{Path: b.uri, Data: []byte(b.text)}
	out, faults := format.File(f)
	if len(faults) > 0 {
		return nil, refused(errors.New(faults[0].Message))
	}
	if bytes.Equal(out, f.Data) {
		return []textEdit{}, nil
	}
	last := source.Pos{File: f, Line: f.Lines(), Column: len(f.Data) + 1}
	return []textEdit{{span{position{}, toPosition(last)}, string(out)}}, nil
}
