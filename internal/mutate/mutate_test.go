package main

import (
	"bufio"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// everyMutant is the variable that asks for all mutants of the examples, not
// for a sample: ESGEN_TEST_MUTANTS=all.
const everyMutant = "ESGEN_TEST_MUTANTS"

const (
	atLeast  = 100  // mutants of an example
	sampled  = 30   // of them, in the normal suite
	demanded = 0.95 // share that must be killed
)

// TestExamples: the scenarios of the examples notice when a rule is broken.
// What they cannot notice stands in testdata, with the reason.
func TestExamples(t *testing.T) {
	for _, name := range []string{"account", "fooddelivery", "ftgo", "library"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, err := read(os.DirFS(filepath.Join("..", "..", "examples", name)))
			if err != nil {
				t.Fatal(err)
			}
			mutants := s.mutants()
			if len(mutants) < atLeast {
				t.Errorf("%d mutants, want %d", len(mutants), atLeast)
			}
			reasons := explained(t, filepath.Join("testdata", name+".txt"))
			stale := map[string]bool{}
			for m := range reasons {
				stale[m] = true
			}
			all := os.Getenv(everyMutant) == "all"
			if all {
				for _, m := range mutants {
					delete(stale, m.String())
				}
			} else {
				mutants = sample(mutants, sampled)
				stale = nil
			}
			survivors := 0
			for i, verdict := range s.judgeAll(mutants) {
				m := mutants[i]
				switch reason := reasons[m.String()]; {
				case verdict == "":
					survivors++
					if reason == "" {
						t.Errorf("%s: nothing notices: %s", m.Pos, m)
					}
				case reason != "":
					t.Errorf("testdata/%s.txt explains why this survives, and it does not: %s\n%s", name, m, verdict)
				}
			}
			for m := range stale {
				t.Errorf("testdata/%s.txt explains what is no mutant: %s", name, m)
			}
			share := killed(len(mutants), survivors)
			t.Logf("%d mutants, %d survive, %.1f %% killed", len(mutants), survivors, 100*share)
			if all && share < demanded {
				t.Errorf("%.1f %% killed, want %.0f %%", 100*share, 100*demanded)
			}
			if t.Failed() {
				t.Logf("add a scenario to examples/%s that fails with the change, or, where none can, the line to testdata/%s.txt under its reason", name, name)
			}
		})
	}
}

// sample is n mutants from everywhere in the model, always the same.
func sample(mutants []*Mutant, n int) []*Mutant {
	var some []*Mutant
	for i := range n {
		some = append(some, mutants[i*len(mutants)/n])
	}
	return some
}

// explained reads why mutants survive: lines of names, after a line "# reason".
func explained(t *testing.T, file string) map[string]string {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	reasons, reason := map[string]string{}, ""
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		line := lines.Text()
		comment, is := strings.CutPrefix(line, "# ")
		switch {
		case line == "":
			reason = ""
		case is:
			reason = comment
		case reason == "":
			t.Errorf("%s: no reason stands above %s", file, line)
		default:
			reasons[line] = reason
		}
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return reasons
}
