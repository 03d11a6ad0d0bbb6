package examples

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/esgen/esgen/internal/artifact"
	"github.com/esgen/esgen/internal/check"
	"github.com/esgen/esgen/internal/coverage"
	"github.com/esgen/esgen/internal/plan"
	"github.com/esgen/esgen/internal/render"
	"github.com/esgen/esgen/internal/tree"
	"github.com/esgen/esgen/model"
)

var update = flag.Bool("update", false, "rewrite the generated output of the examples")

// generated are the files of a model.
func generated(t *testing.T, path string) []artifact.File {
	t.Helper()
	sys, diags := model.Load(path)
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
	pack, err := render.LoadPack()
	if err != nil {
		t.Fatal(err)
	}
	files, err := render.Render(t.Context(), p, pack)
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// A context that is added changes nothing of the programs of the others (N3 of
// twelvestreet): it hears what they tell anyhow. Their documents and contract
// tests name who has come to rely on them; in a workspace, their modules list
// what the shared one requires.
func TestAddedContext(t *testing.T) {
	data, err := os.ReadFile("twelvestreet/esgen.yaml")
	if err != nil {
		t.Fatal(err)
	}
	whole := strings.Replace(string(data), "include: [scenarios.yaml]\n", "", 1)
	before, rest, _ := strings.Cut(whole, "  marketing:\n")
	_, after, found := strings.Cut(rest, "compositions:\n")
	if !found {
		t.Fatal("twelvestreet has no marketing")
	}
	services := func(text string, shared bool) map[string]string {
		path := filepath.Join(t.TempDir(), "esgen.yaml")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		out := map[string]string{}
		for _, f := range generated(t, path) {
			_, within, _ := strings.Cut(strings.TrimPrefix(f.Path, "services/"), "/")
			told := strings.HasPrefix(within, "contracts/") || within == "api/asyncapi.yaml" || shared && strings.HasPrefix(within, "go.")
			if strings.HasPrefix(f.Path, "services/") && !strings.HasPrefix(f.Path, "services/marketing/") && !told {
				out[f.Path] = string(f.Data)
			}
		}
		return out
	}
	for _, layout := range []string{"workspace", "standalone"} {
		t.Run(layout, func(t *testing.T) {
			deploy := "\ndeploy: {layout: " + layout + "}\n"
			without := services(before+"compositions:\n"+after+deploy, layout == "workspace")
			if diff := cmp.Diff(without, services(whole+deploy, layout == "workspace")); diff != "" || len(without) < 100 {
				t.Errorf("of %d files some are otherwise with marketing (-without +with):\n%s", len(without), diff)
			}
		})
	}
}

// Nothing of what a reference system says is left out of what is generated, and
// scenarios tell of all of it.
func TestNothingIsLeftOut(t *testing.T) {
	for _, dir := range []string{"library", "fooddelivery", "twelvestreet", "healthstore", "ftgo", "account", "../testdata/models/classes"} {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			sys, diags := model.Load(dir)
			if diags.HasErrors() {
				t.Fatal(diags.Sorted())
			}
			if len(sys.Deferred) > 0 {
				t.Errorf("not generated: %+v", sys.Deferred)
			}
			if covered := coverage.Of(sys).Covered; covered.Percent() < 100 {
				t.Errorf("scenarios leave out: %+v", covered)
			}
		})
	}
}

// The committed output of an example is what generation gives.
func TestGenerated(t *testing.T) {
	for _, name := range []string{"fooddelivery", "library"} {
		t.Run(name, func(t *testing.T) {
			c, err := tree.Compare(filepath.Join(name, "generated"), generated(t, name))
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
