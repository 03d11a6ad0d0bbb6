package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"testing/fstest"

	"github.com/esgen/esgen/internal/check"
	"github.com/esgen/esgen/internal/diag"
	"github.com/esgen/esgen/internal/source"
	"github.com/esgen/esgen/model"
)

// subject is the model whose mutants are judged.
type subject struct {
	model  *check.Model
	roots  map[string]*source.Node // of its files, by path
	places []place                 // of all its files, but for the scenarios
	files  fstest.MapFS            // as printed: comments and places are gone from original and mutants alike
	said   map[string]int          // what check says about it, and how often
}

// read reads the model esgen.yaml of a file system. It must be without errors,
// and its scenarios must hold.
func read(fsys fs.FS) (*subject, error) {
	m, diags := load(fsys)
	if err := errorsOf(diags); err != nil {
		return nil, err
	}
	s := &subject{model: m, roots: map[string]*source.Node{}, files: fstest.MapFS{}}
	for _, f := range m.Files {
		root, _ := source.Parse(f, source.DefaultLimits())
		s.roots[f.Path] = root
		s.places = append(s.places, places(root)...)
		s.files[f.Path] = &fstest.MapFile{Data: printed(root)}
	}
	again, diags := load(s.files)
	if err := errorsOf(diags); err != nil {
		return nil, fmt.Errorf("the model reads otherwise when it is printed anew: %w", err)
	}
	s.said = complaints(diags)
	if verdict := played(again); verdict != "" {
		return nil, fmt.Errorf("the model itself fails: %s", verdict)
	}
	return s, nil
}

func load(fsys fs.FS) (*check.Model, *diag.List) {
	sys, diags := model.LoadFS(fsys, model.DocumentName)
	m, more := check.System(sys)
	diags.Merge(more)
	return m, diags
}

// with are the files of the subject, one of them another.
func (s *subject) with(m *Mutant) fstest.MapFS {
	files := maps.Clone(s.files)
	files[m.Pos.File.Path] = &fstest.MapFile{Data: printed(m.root)}
	return files
}

// errorsOf is what stands in the way of playing a model; nil when nothing does.
func errorsOf(diags *diag.List) error {
	if !diags.HasErrors() {
		return nil
	}
	var errs diag.List
	for _, d := range diags.Sorted() {
		if d.Severity == diag.Error {
			errs.Add(d)
		}
	}
	var out bytes.Buffer
	if err := diag.Print(&out, diag.Text, &errs, diag.Options{}); err != nil {
		return err
	}
	return errors.New(out.String())
}

// complaints are the errors and warnings among what is said, and how often each
// is. Without their places: those move with every change.
func complaints(diags *diag.List) map[string]int {
	said := map[string]int{}
	for _, d := range diags.Sorted() {
		if d.Severity <= diag.Warning {
			said[fmt.Sprintf("%s [%s]", d.Message, d.Rule)]++
		}
	}
	return said
}
