package docs

import (
	"testing"
	"testing/fstest"

	"github.com/esgen/esgen/internal/check"
	"github.com/esgen/esgen/internal/sim"
	"github.com/esgen/esgen/model"
)

// TestScenarios plays the scenarios of all pages: what they say follows, does.
func TestScenarios(t *testing.T) {
	for _, page := range pages(t) {
		all, base := blocks(t, page)
		for _, b := range all {
			if b.kind != "yaml" || b.expect != "" {
				continue
			}
			text := b.text
			if b.in != "" {
				text = embedded(t, b, base)
			}
			sys, diags := model.LoadFS(fstest.MapFS{model.DocumentName: &fstest.MapFile{Data: []byte(text)}}, model.DocumentName)
			m, more := check.System(sys)
			if diags.Merge(more); diags.HasErrors() {
				continue // TestFragments says so
			}
			for _, s := range sys.Scenarios {
				for _, f := range sim.Play(m, s).Failures {
					t.Errorf("%s: %s: %s\nexpected %s\nactual %s\n%s", b.place, s.Name, f.Message, f.Expected, f.Actual, f.Chain)
				}
			}
		}
	}
}
