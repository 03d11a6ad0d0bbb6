package synthetic_test

import (
	"testing"
	"testing/fstest"

	"github.com/esgen/esgen/internal/synthetic"
	"github.com/esgen/esgen/model"
)

// TestModel loads synthetic models: they are right, and of the size they say.
func TestModel(t *testing.T) {
	t.Parallel()
	for _, n := range []int{1, 2, 7} {
		whole := fstest.MapFS{synthetic.Document: {Data: synthetic.Model(n)}}
		for _, files := range []fstest.MapFS{whole, synthetic.Files(n)} {
			sys, diags := model.LoadFS(files, synthetic.Document)
			for _, d := range diags.Sorted() {
				t.Errorf("%s: %s", d.Pos, d.Message)
			}
			if len(sys.Contexts) != n {
				t.Fatalf("%d contexts, want %d", len(sys.Contexts), n)
			}
			count(t, sys.Contexts[n-1])
		}
	}
}

func count(t *testing.T, c *model.Context) {
	t.Helper()
	commands, events := 0, 0
	for _, a := range c.Aggregates {
		commands += len(a.Commands)
		events += len(a.Events)
	}
	got := [...]int{len(c.Aggregates), commands, events, len(c.Policies), len(c.Views)}
	want := [...]int{synthetic.Aggregates, synthetic.Commands, synthetic.Events, synthetic.Policies, synthetic.Views}
	if got != want {
		t.Errorf("context %s has %v, want %v aggregates, commands, events, policies and views", c.Name, got, want)
	}
}
