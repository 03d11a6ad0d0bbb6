package explore_test

import (
	"testing"

	"github.com/esgen/esgen/internal/check"
	"github.com/esgen/esgen/internal/explore"
	"github.com/esgen/esgen/model"
)

// BenchmarkStates searches food delivery around one of its scenarios; with
// GOMAXPROCS=1, on one core. States are told apart, worlds were played to find them.
func BenchmarkStates(b *testing.B) {
	m := load(b, "../../examples/fooddelivery")
	around := m.Scenarios[0]
	states, worlds := int64(0), int64(0)
	for b.Loop() {
		r, err := explore.Run(b.Context(), m, explore.Options{States: 2_000, Scenario: func(s *model.Scenario) bool { return s == around }})
		if err != nil {
			b.Fatal(err)
		}
		states, worlds = states+r.States, worlds+r.Worlds
	}
	b.ReportMetric(float64(states)/b.Elapsed().Seconds(), "states/s")
	b.ReportMetric(float64(worlds)/b.Elapsed().Seconds(), "worlds/s")
}

// load reads a model that must be fine.
func load(t testing.TB, path string) *check.Model {
	t.Helper()
	sys, diags := model.Load(path)
	m, more := check.System(sys)
	diags.Merge(more)
	if diags.HasErrors() {
		t.Fatalf("%s: %v", path, diags.Sorted())
	}
	return m
}
