package sim_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/esgen/esgen/internal/check"
	"github.com/esgen/esgen/internal/sim"
	"github.com/esgen/esgen/model"
)

var update = flag.Bool("update", false, "write the golden files anew")

// load reads a model that must be fine.
func load(t testing.TB, path string) *check.Model {
	t.Helper()
	sys, diags := model.Load(path)
	if !diags.HasErrors() {
		checked, more := check.System(sys)
		if !more.HasErrors() {
			return checked
		}
		diags = more
	}
	for _, d := range diags.Sorted() {
		t.Error(d.Pos, d.Message)
	}
	t.FailNow()
	return nil
}

// The stories of the models that are generated and run hold in the interpreter.
func TestStoriesOfModels(t *testing.T) {
	for _, name := range []string{"clinic", "every-construct", "depot"} {
		m := load(t, filepath.Join("../../testdata/models", name, "esgen.yaml"))
		for _, s := range m.Scenarios {
			for _, f := range sim.Play(m, s).Failures {
				t.Errorf("%s: %s: %s", f.Pos, s.Name, f.Message)
			}
		}
	}
}

// TestScenarios plays the scenarios of each model in testdata, those that must
// fail among them, and compares what came of them and everything that happened.
func TestScenarios(t *testing.T) {
	models, err := filepath.Glob("testdata/*/esgen.yaml")
	if err != nil || len(models) == 0 {
		t.Fatal("there are no cases:", err)
	}
	for _, path := range models {
		dir := filepath.Dir(path)
		t.Run(filepath.Base(dir), func(t *testing.T) {
			m := load(t, path)
			if len(m.Scenarios) == 0 {
				t.Skip("it has no scenarios: another test plays it")
			}
			got := report(m)
			golden := filepath.Join(dir, "played.txt")
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("%s differs (-want +got); go test ./internal/sim -update writes it anew:\n%s", golden, diff)
			}
		})
	}
}

// report is what came of a model's scenarios.
func report(m *check.Model) string {
	var b strings.Builder
	for _, s := range m.Scenarios {
		played := sim.Play(m, s)
		word := "ok"
		if len(played.Failures) > 0 {
			word = "FAILED"
		}
		fmt.Fprintf(&b, "== %s: %s\n", s.Name, word)
		for _, f := range played.Failures {
			fmt.Fprintf(&b, "%d:%d: %s\n", f.Pos.Line, f.Pos.Column, f.Message)
			for _, part := range []struct{ name, text string }{{"expected", f.Expected}, {"actual", f.Actual}, {"chain", f.Chain}} {
				if part.text != "" {
					fmt.Fprintf(&b, "  %s:\n", part.name)
					for line := range strings.Lines(part.text) {
						b.WriteString("    " + strings.TrimSuffix(line, "\n") + "\n")
					}
				}
			}
		}
		if len(played.Failures) == 0 {
			_ = sim.PrintTrace(&b, played.Trace) // a strings.Builder takes everything
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// The same scenario gives the same events, ids and times, whenever it is
// played; those of the examples all hold.
func TestExamplesPlayTheSameTwice(t *testing.T) {
	for _, example := range []string{
		"examples/fooddelivery", "examples/library", "examples/twelvestreet", "examples/healthstore", "examples/ftgo", "examples/account",
		"testdata/models/classes", "testdata/models/newsstand",
	} {
		path := "../../" + example + "/esgen.yaml"
		first, second := report(load(t, path)), report(load(t, path))
		if diff := cmp.Diff(first, second); diff != "" {
			t.Errorf("%s: %s", example, diff)
		}
		if strings.Contains(first, ": FAILED\n") {
			t.Errorf("%s: a scenario fails:\n%s", example, first)
		}
	}
}
