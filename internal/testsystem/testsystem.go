// Package testsystem goes the way from a model to files for tests: a step that
// fails ends the test.
package testsystem

import (
	"testing"

	"github.com/esgen/esgen/internal/artifact"
	"github.com/esgen/esgen/internal/check"
	"github.com/esgen/esgen/internal/diag"
	"github.com/esgen/esgen/internal/plan"
	"github.com/esgen/esgen/internal/render"
	"github.com/esgen/esgen/internal/tree"
	"github.com/esgen/esgen/model"
)

// Load reads and checks the model of a document, or of a directory that has one.
func Load(t testing.TB, path string) *check.Model {
	t.Helper()
	sys, diags := model.Load(path)
	return Check(t, sys, diags)
}

// Check checks a model that was read, with what was said of it.
func Check(t testing.TB, sys *model.System, diags *diag.List) *check.Model {
	t.Helper()
	m, more := check.System(sys)
	if diags.Merge(more); diags.HasErrors() {
		t.Fatal(diags.Sorted())
	}
	return m
}

// Plan plans a system of nothing that was there before.
func Plan(t testing.TB, m *check.Model) *plan.Plan {
	t.Helper()
	p, err := plan.Build(m)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// Render makes the files of a plan, by the packs of its model.
func Render(t testing.TB, p *plan.Plan) []artifact.File {
	t.Helper()
	layers, err := render.Layers(p.System.Model.System, nil)
	if err != nil {
		t.Fatal(err)
	}
	pack, err := render.LoadPack(layers...)
	if err != nil {
		t.Fatal(err)
	}
	files, err := render.Render(t.Context(), p, pack)
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// Write writes files as esgen does.
func Write(t testing.TB, dir string, files []artifact.File) {
	t.Helper()
	changes, err := tree.Compare(dir, files)
	if err == nil {
		err = changes.Apply(true)
	}
	if err != nil {
		t.Fatal(err)
	}
}
