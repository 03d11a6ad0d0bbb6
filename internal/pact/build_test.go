package pact_test

import (
	"testing"

	"github.com/esgen/esgen/internal/check"
	"github.com/esgen/esgen/internal/contract"
	"github.com/esgen/esgen/internal/pact"
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
	return pact.Build(contract.Build(m))
}

func TestDebug(t *testing.T) {
	for _, p := range []string{"../../examples/library", "../../examples/fooddelivery", "../../testdata/models/mini", "../../testdata/models/korean", "../../testdata/models/every-construct"} {
		files, un := build(t, p+"/esgen.yaml")
		t.Log(p)
		for _, f := range files {
			data, err := f.JSON()
			t.Log("  ", f.Path(), len(f.Interactions), len(data), err)
		}
		for _, n := range un {
			t.Log("   uncovered", n.By, n.Kind, n.Provider.Name.Kebab, n.Operation != nil)
		}
	}
}

func TestDump(t *testing.T) {
	files, _ := build(t, "../../examples/library/esgen.yaml")
	for _, f := range files {
		if f.Consumer == "loan" || f.Consumer == "book" {
			data, _ := f.JSON()
			t.Log(string(data))
		}
	}
}
