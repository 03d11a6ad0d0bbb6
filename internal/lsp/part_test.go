package lsp

import (
	"io/fs"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/esgen/esgen/internal/check"
	"github.com/esgen/esgen/internal/overlay"
	"github.com/esgen/esgen/internal/source"
	"github.com/esgen/esgen/internal/testsample"
	"github.com/esgen/esgen/internal/uses"
	"github.com/esgen/esgen/model"
)

// TestPart changes a file at random, and then another. What a session then knows of
// a file, by reading only what has changed and looking at that file alone, is what a
// reading anew of everything knows of it.
func TestPart(t *testing.T) {
	seed := testsample.Seed(t)
	r := rand.New(rand.NewPCG(seed, 11))
	rounds := 6
	if testsample.Long() {
		rounds = 200
	}
	known := 0
	models := several(t)
	for _, name := range slices.Sorted(maps.Keys(models)) {
		files := models[name]
		d := &desk{base: model.DocumentName, memory: model.NewMemory()}
		stored := read(files, d).sys.Files
		for range rounds {
			f := stored[r.IntN(len(stored))]
			over := overlay.FS{FS: files, Files: map[string][]byte{f.Path: []byte(mutated(r, string(f.Data)))}} // others are as they were
			now := read(over, d)
			if f = now.files[f.Path]; f == nil {
				continue // the document does not include it any more
			}
			part, whole := named(now.part(f), f.Path), named(readAnew(over, f.Path), f.Path)
			if diff := gocmp.Diff(whole, part, cmpopts.EquateEmpty()); diff != "" {
				t.Fatalf("%s: %s, read anew (-) and by itself (+):\n%s\nof\n%s", name, f.Path, diff, f.Data)
			}
			known += len(part)
		}
	}
	if known == 0 {
		t.Error("nothing was known of any model")
	}
}

// readAnew looks through a model as if none of it were known, and through the
// contexts of one file as far as they need to be checked.
func readAnew(files fs.FS, path string) *uses.Index {
	sys, _ := model.LoadFS(files, model.DocumentName)
	i := slices.IndexFunc(sys.Files, func(f *source.File) bool { return f.Path == path })
	checked, _ := check.Begin(sys).File(sys.Files[i])
	return uses.New(sys, checked)
}

// use is a name at a place.
type use struct {
	Line, Column, End int
	Text, Kind, Name  string
	Told              told
}

// told is where a thing is told.
type told struct {
	Path         string
	Line, Column int
}

// named are the uses in a file.
func named(x *uses.Index, path string) []use {
	var out []use
	for _, o := range x.All() {
		if o.Pos.Path() == path {
			at := o.Symbol.Pos
			out = append(out, use{o.Pos.Line, o.Pos.Column, o.End.Column, o.Text, o.Symbol.Kind, o.Symbol.Name, told{at.Path(), at.Line, at.Column}})
		}
	}
	return out
}
