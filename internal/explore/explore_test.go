package explore_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/esgen/esgen/internal/check"
	"github.com/esgen/esgen/internal/explore"
	"github.com/esgen/esgen/internal/sim"
	"github.com/esgen/esgen/model"
)

var update = flag.Bool("update", false, "write the golden files anew")

// races are models of which each has one mistake, what it is stands at the top of it,
// and what kind of finding tells it.
var races = map[string]explore.Kind{
	"double-refund": explore.Twice, "two-letters": explore.Twice, "coupon-twice": explore.Twice,
	"last-copy": explore.Dropped, "cancel-and-ship": explore.Dropped, "paid-and-expired": explore.Dropped, "told-while-away": explore.Dropped,
	"cannot-undo": explore.Stuck, "after-the-pivot": explore.Unfinished, "waits-for-ever": explore.Unfinished,
}

// Each race is found, with the moves it takes, and the scenario that tells of it can
// be pasted into the model and fails there.
func TestRaces(t *testing.T) {
	for name, kind := range races {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join("testdata", name)
			r := search(t, dir, explore.Options{})
			if len(r.Findings) != 1 || r.Findings[0].Kind != kind || r.Cut > 0 {
				t.Fatalf("want one finding, %s, and got %d; %d places are cut: %s", kind, len(r.Findings), r.Cut, told(r))
			}
			golden(t, filepath.Join(dir, "found.txt"), told(r))
			pasted(t, dir, r.Findings[0])
		})
	}
}

// Of a model without races it says nothing, though it looks everywhere.
func TestQuiet(t *testing.T) {
	r := search(t, "testdata/quiet", explore.Options{})
	if len(r.Findings) > 0 || r.Cut > 0 || r.States < 50 {
		t.Errorf("%d states, %d places cut: %s", r.States, r.Cut, told(r))
	}
}

// What is asked for bounds what comes.
func TestOptions(t *testing.T) {
	for _, c := range []struct {
		name  string
		model string
		o     func(m *check.Model) explore.Options
		finds int
	}{
		{"alone nothing goes wrong", "double-refund", func(*check.Model) explore.Options { return explore.Options{Depth: 1} }, 0},
		{"two are enough", "double-refund", func(*check.Model) explore.Options { return explore.Options{Depth: 2} }, 1},
		{"one context is not enough", "double-refund", func(m *check.Model) explore.Options { return explore.Options{Context: m.Contexts[0]} }, 0},
		{"around no scenario", "double-refund", func(*check.Model) explore.Options {
			return explore.Options{Scenario: func(*model.Scenario) bool { return false }}
		}, 0},
		{"the saga it is about", "cannot-undo", func(m *check.Model) explore.Options { return explore.Options{Saga: m.Contexts[2].Sagas[0]} }, 1},
		{"a saga that is not there", "cannot-undo", func(*check.Model) explore.Options { return explore.Options{Saga: &model.Saga{}} }, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := load(t, filepath.Join("testdata", c.model))
			r, err := explore.Run(t.Context(), m, c.o(m))
			if err != nil || len(r.Findings) != c.finds {
				t.Errorf("%v, %s", err, told(r))
			}
		})
	}
}

// A search that has more before it than it may look at says so.
func TestCut(t *testing.T) {
	if r := search(t, "testdata/double-refund", explore.Options{States: 5}); r.Cut == 0 {
		t.Error("nothing is cut")
	}
}

// Who ends a search gets the reason back.
func TestEnded(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := explore.Run(ctx, load(t, "testdata/double-refund"), explore.Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// The same search finds the same, word for word.
func TestDeterministic(t *testing.T) {
	for _, name := range []string{"coupon-twice", "paid-and-expired"} {
		dir := filepath.Join("testdata", name)
		if diff := cmp.Diff(told(search(t, dir, explore.Options{})), told(search(t, dir, explore.Options{}))); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func search(t *testing.T, dir string, o explore.Options) *explore.Report {
	t.Helper()
	r, err := explore.Run(t.Context(), load(t, dir), o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func told(r *explore.Report) string {
	var b strings.Builder
	for _, f := range r.Findings {
		fmt.Fprintf(&b, "%s: %s\n", f.Kind, f.Message)
		for _, also := range f.Also {
			fmt.Fprintf(&b, "also: %s\n", also)
		}
		fmt.Fprintf(&b, "\n%s\n%s", f.Text, f.Chain)
	}
	return b.String()
}

// pasted puts a scenario into its model, as a person would: there it fails.
func pasted(t *testing.T, from string, f *explore.Finding) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(from, "esgen.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	text := string(data) + strings.TrimPrefix(f.Text, "scenarios:\n")
	if err := os.WriteFile(filepath.Join(dir, "esgen.yaml"), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	m := load(t, dir)
	last := m.Scenarios[len(m.Scenarios)-1]
	if last.Name != f.Scenario.Name || !f.Fails || len(sim.Play(m, last).Failures) == 0 {
		t.Errorf("%s holds in the model it is pasted into:\n%s", last.Name, f.Text)
	}
}

func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("(-want +got); if it is meant: go test ./internal/explore -update\n%s", diff)
	}
}
