package check

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/esgen/esgen/model"
)

// TestAlways tells conditions that are none from conditions that ask something.
func TestAlways(t *testing.T) {
	t.Parallel()
	const pump = `
esgen: v1
system: pumps
actors: {Op: {}}
types: {Mode: {enum: [Off, Slow, Fast]}}
contexts:
  plant:
    aggregates:
      Pump:
        state: {n: int, d: decimal, on: bool, mode: Mode, at: time, note: optional(string), text: string, parts: list(int)}
        invariants: {That: "CONDITION"}
        commands:
          Install: {actor: Op, creates: true, input: [n, d, on, mode, at, note, text, parts], emit: [Installed]}
        events: {Installed: {fields: [n, d, on, mode, at, note, text, parts]}}
`
	for condition, want := range map[string]bool{
		"true":                           true,
		"1 < 2":                          true,
		"2 < 1":                          false,
		"size('abc') == 3":               true,
		"state.n >= 0 || state.n < 0":    true,
		"state.n > 0 || state.n < 0":     false,
		"state.n > 0 || state.n < 1":     true,
		"state.d > 0.0 || state.d < 1.0": true,
		"state.d > 1.0 || state.d < 1.0": false,
		"!(state.n > 5 && state.n < 5)":  true,
		"state.on || !state.on":          true,
		"state.on":                       false,
		"state.mode != Mode.Off || state.mode == Mode.Off":                             true,
		"state.mode == Mode.Off || state.mode == Mode.Slow || state.mode == Mode.Fast": true,
		"state.mode == Mode.Off || state.mode == Mode.Slow":                            false,
		"state.n == state.n":                                                                  true,
		"state.n < state.d || state.d <= state.n":                                             true,
		"state.n < state.d || state.d < state.n":                                              false,
		"state.text == 'a' || state.text != 'a'":                                              true,
		"state.text == 'a' || state.text != 'b'":                                              false,
		"state.at > time('2026-01-01T00:00:00Z') || state.at <= time('2026-01-01T00:00:00Z')": true,
		"has(state.note) || !has(state.note)":                                                 true,
		"has(state.note) ? state.note != 'x' : true":                                          false,
		"size(state.parts) >= 0":                                                              true,
		"size(state.parts) > 0":                                                               false,
		"state.parts.count(p, p > 1) >= 0 && (state.on || state.n > 3 || !state.on)":          true,
		"(state.on && state.n > 3) || (state.on && state.n <= 3) || !state.on":                true,
		"state.parts.exists(p, p > 1) || !state.parts.exists(p, p > 1)":                       true,
		"state.parts.exists(p, p > 1) || !state.parts.exists(p, p > 2)":                       false,
	} {
		text := strings.Replace(pump, "CONDITION", condition, 1)
		sys, diags := model.LoadFS(fstest.MapFS{model.DocumentName: {Data: []byte(text)}}, model.DocumentName)
		m, more := System(sys)
		diags.Merge(more)
		if diags.HasErrors() {
			t.Fatal(diags.Sorted())
		}
		if got := always(m.Trees[m.Contexts[0].Aggregates[0].Invariants[0].That]); got != want {
			t.Errorf("%s: always %v", condition, got)
		}
	}
}
