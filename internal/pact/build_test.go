package pact_test

import (
	"testing"

	"github.com/esgen/esgen/internal/check"
	"github.com/esgen/esgen/internal/contract"
	"github.com/esgen/esgen/internal/pact"
	"github.com/esgen/esgen/internal/plan"
	"github.com/esgen/esgen/model"
)

func build(t testing.TB, path string) ([]*pact.File, []*contract.Need) {
	t.Helper()
	sys, bad := model.Load(path)
	if bad.HasErrors() {
		t.Fatal(bad)
	}
	m, bad := check.System(sys)
	if bad.HasErrors() {
		t.Fatal(bad)
	}
	return pact.Build(contract.Build(m), plan.Sampler(m))
}

// The needs of services are met by what was played, or it is said which are not.
func TestExamplesAreCovered(t *testing.T) {
	for _, model := range []string{"../../examples/library", "../../examples/fooddelivery"} {
		files, uncovered := build(t, model+"/esgen.yaml")
		if len(files) == 0 {
			t.Errorf("%s: no contracts", model)
		}
		for _, n := range uncovered {
			t.Logf("%s: %s of %s is met by no scenario", model, n.Kind, n.By)
		}
	}
}
