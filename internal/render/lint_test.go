package render

import (
	"reflect"
	"testing"

	"github.com/esgen/esgen/internal/check"
	"github.com/esgen/esgen/internal/plan"
	"github.com/esgen/esgen/internal/platform"
	"github.com/esgen/esgen/model"
	"github.com/esgen/esgen/templates"
)

// kinds are the types of the data of each kind of unit that models have.
func kinds(t *testing.T, models ...string) map[string]reflect.Type {
	t.Helper()
	out := map[string]reflect.Type{}
	for _, path := range models {
		sys, diags := model.Load(path)
		checked, more := check.System(sys)
		diags.Merge(more)
		if diags.HasErrors() {
			t.Fatal(diags.Sorted())
		}
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

// Every text that a template prints goes through the function that quotes it in
// the language of the file.
func TestTextsAreQuoted(t *testing.T) {
	t.Parallel()
	p, err := LoadPack(templates.Builtin())
	if err != nil {
		t.Fatal(err)
	}
	for _, found := range unquoted(p, kinds(t, "../../examples/fooddelivery", "testdata/everything", "../../testdata/models/parcels", "../../testdata/models/journey", "../../testdata/models/depot")) {
		t.Error(found)
	}
}
