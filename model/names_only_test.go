package model_test

import (
	"path/filepath"
	"testing"

	"github.com/esgen/esgen/internal/check"
	"github.com/esgen/esgen/internal/diag"
	"github.com/esgen/esgen/model"
)

// TestNamesAlone makes sure that whatever comes straight from a wall, in any
// script, is a model: something is missing from it, and nothing is wrong.
func TestNamesAlone(t *testing.T) {
	t.Parallel()
	dirs, err := filepath.Glob("../testdata/models/names-only/*")
	if err != nil || len(dirs) == 0 {
		t.Fatal(dirs, err)
	}
	for _, dir := range dirs {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			t.Parallel()
			sys, diags := model.Load(dir)
			_, more := check.System(sys)
			diags.Merge(more)
			warned := false
			for _, d := range diags.Sorted() {
				switch d.Severity {
				case diag.Error:
					t.Errorf("%s: %s [%s]", d.Pos, d.Message, d.Rule)
				case diag.Warning:
					warned = true
				}
			}
			if !warned {
				t.Error("nothing is said to be missing")
			}
		})
	}
}
