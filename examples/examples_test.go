package examples

import (
	"flag"
	"path/filepath"
	"testing"

	"github.com/esgen/esgen/internal/check"
	"github.com/esgen/esgen/internal/plan"
	"github.com/esgen/esgen/internal/render"
	"github.com/esgen/esgen/internal/tree"
	"github.com/esgen/esgen/model"
	"github.com/esgen/esgen/templates"
)

var update = flag.Bool("update", false, "rewrite the generated output of the examples")

// The committed output of an example is what generation gives.
func TestGenerated(t *testing.T) {
	for _, name := range []string{"fooddelivery", "library"} {
		t.Run(name, func(t *testing.T) {
			sys, diags := model.Load(name)
			if diags.HasErrors() {
				t.Fatal(diags.Sorted())
			}
			checked, diags := check.System(sys)
			if diags.HasErrors() {
				t.Fatal(diags.Sorted())
			}
			p, err := plan.Build(checked)
			if err != nil {
				t.Fatal(err)
			}
			pack, err := render.LoadPack(templates.Builtin())
			if err != nil {
				t.Fatal(err)
			}
			files, err := render.Render(t.Context(), p, pack)
			if err != nil {
				t.Fatal(err)
			}
			c, err := tree.Compare(filepath.Join(name, "generated"), files)
			if err != nil {
				t.Fatal(err)
			}
			if *update {
				if err := c.Apply(true); err != nil {
					t.Fatal(err)
				}
				return
			}
			for _, ch := range c.Changes {
				t.Errorf("%s: %s", ch.Kind, ch.Path)
			}
			if t.Failed() {
				t.Log("run `go test ./examples -update` when the change is meant")
			}
		})
	}
}
