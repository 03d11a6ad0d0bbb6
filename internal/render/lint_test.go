package render

import (
	"reflect"
	"testing"
	"testing/fstest"
	"text/template"

	"github.com/esgen/esgen/internal/check"
	"github.com/esgen/esgen/internal/plan"
	"github.com/esgen/esgen/internal/plan/stored"
	"github.com/esgen/esgen/internal/platform"
	"github.com/esgen/esgen/model"
)

func checked(t *testing.T, path string) *check.Model {
	t.Helper()
	sys, diags := model.Load(path)
	m, more := check.System(sys)
	diags.Merge(more)
	if diags.HasErrors() {
		t.Fatal(diags.Sorted())
	}
	return m
}

// kinds are the types of the data of each kind of unit that models have.
func kinds(t *testing.T, models ...string) map[string]reflect.Type {
	t.Helper()
	out := map[string]reflect.Type{}
	for _, path := range models {
		checked := checked(t, path)
		for _, layout := range []platform.Layout{{}, {Standalone: true}} {
			p, err := plan.BuildAs(checked, plan.Earlier{}, layout)
			if err != nil {
				t.Fatal(err)
			}
			if err := p.AddProof(); err != nil {
				t.Fatal(err)
			}
			for _, u := range p.Units {
				out[u.Kind] = reflect.TypeOf(u.Data)
			}
		}
	}
	return out
}

// migrating adds the kinds of a model that follows upon another one.
func migrating(t *testing.T, out map[string]reflect.Type, before, now string) {
	t.Helper()
	var upon stored.Upon
	for _, path := range []string{before, now} {
		upon.Allow = stored.Allowed{""}
		p, err := plan.BuildAs(checked(t, path), plan.Earlier{Stored: upon}, platform.Layout{})
		if err != nil {
			t.Fatal(err)
		}
		output := fstest.MapFS{}
		for _, f := range p.Files {
			output[f.Path] = &fstest.MapFile{Data: f.Data}
		}
		upon.Output = output
		for _, u := range p.Units {
			out[u.Kind] = reflect.TypeOf(u.Data)
		}
	}
}

// What is said of kinds of units is so: models have them, with such data.
func TestKinds(t *testing.T) {
	t.Parallel()
	found := kinds(t, "../../examples/fooddelivery", "testdata/everything", "../../testdata/models/parcels", "../../testdata/models/journey", "../../testdata/models/depot", "../../testdata/models/bindery", "../../testdata/models/every-construct", "../../testdata/models/bulletin", "../../testdata/models/cloakroom")
	migrating(t, found, "../e2e/testdata/larder/before/esgen.yaml", "../e2e/testdata/larder/esgen.yaml")
	for _, k := range plan.Kinds() {
		if found[k.Name] != k.Data {
			t.Errorf("the data of %s is %v, not %v", k.Name, found[k.Name], k.Data)
		}
		delete(found, k.Name)
	}
	for name := range found {
		t.Errorf("there are units of the kind %s, of which packs are not told", name)
	}
}

// Every text that a template prints goes through the function that quotes it in
// the language of the file.
func TestTextsAreQuoted(t *testing.T) {
	t.Parallel()
	p, err := LoadPack()
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range plan.Kinds() {
		for _, l := range p.rules[k.Name] {
			for _, part := range []*template.Template{l.path, l.body} {
				language := plain
				if part == l.body {
					language = l.language()
				}
				for _, f := range lint(part, language, k.Data) {
					t.Errorf("%s: %s: %s", f.tree.ParseName, f.node, f.message)
				}
			}
		}
	}
}
