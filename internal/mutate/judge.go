package main

import (
	"fmt"
	"maps"
	"slices"

	"github.com/esgen/esgen/internal/check"
	"github.com/esgen/esgen/internal/parallel"
	"github.com/esgen/esgen/internal/sim"
)

// judge says what kills a mutant: what check complains about, or the scenario
// that fails. "" when it survives.
func (s *subject) judge(m *Mutant) string {
	mutant, diags := load(s.with(m))
	now := complaints(diags)
	for _, says := range slices.Sorted(maps.Keys(now)) {
		if now[says] > s.said[says] {
			return "check: " + says
		}
	}
	if diags.HasErrors() {
		return "check"
	}
	return played(mutant)
}

// played plays the scenarios of a model up to the first that fails, and says
// which that is; "" when all hold.
func played(m *check.Model) string {
	for _, scenario := range m.Scenarios {
		if failures := sim.Play(m, scenario).Failures; len(failures) > 0 {
			f := failures[0]
			return fmt.Sprintf("%s: %s", scenario.Name, f.Message)
		}
	}
	return ""
}

// judgeAll judges mutants side by side; verdicts are in their order.
func (s *subject) judgeAll(mutants []*Mutant) []string {
	verdicts := make([]string, len(mutants))
	parallel.All(len(mutants), func(i int) { verdicts[i] = s.judge(mutants[i]) })
	return verdicts
}
