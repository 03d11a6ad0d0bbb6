package stories_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/esgen/esgen/internal/board"
	"github.com/esgen/esgen/internal/check"
	"github.com/esgen/esgen/internal/stories"
	"github.com/esgen/esgen/model"
)

var update = flag.Bool("update", false, "write the expected sequences anew")

func loaded(t *testing.T, file string) *check.Model {
	t.Helper()
	sys, diags := model.Load(file)
	m, more := check.System(sys)
	diags.Merge(more)
	if diags.HasErrors() {
		t.Fatal(diags.Sorted())
	}
	return m
}

// TestSequences compares the scenarios of a model with sagas, calls of external systems
// and refusals.
func TestSequences(t *testing.T) {
	m := loaded(t, "../../testdata/models/journey/esgen.yaml")
	var got strings.Builder
	for _, s := range stories.Play(m) {
		got.WriteString("%% " + s.Title + "\n" + string(s.Sequence(m).Mermaid()))
	}
	const golden = "testdata/journey.mmd"
	if *update {
		if err := os.WriteFile(golden, []byte(got.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got.String()); diff != "" {
		t.Errorf("-want +got; if it is meant: go test ./internal/stories -update\n%s", diff)
	}
}

// TestSequencesAreWhole: each command that is decided in a step is asked for once, each
// event that happens is noted once, and what is drawn has a place of its own.
func TestSequencesAreWhole(t *testing.T) {
	files, err := filepath.Glob("../../testdata/models/*/esgen.yaml")
	if err != nil || len(files) == 0 {
		t.Fatal(err)
	}
	for _, file := range files {
		sys, diags := model.Load(file)
		m, more := check.System(sys)
		if diags.Merge(more); diags.HasErrors() || len(sys.Scenarios) == 0 {
			continue
		}
		for _, s := range stories.Play(m) {
			whole(t, m, s)
		}
	}
}

func whole(t *testing.T, m *check.Model, s *stories.Story) {
	t.Helper()
	asked, happened := map[string]int{}, map[string]int{}
	for _, x := range s.Transcript.Moments {
		switch {
		case x.Step == 0:
		case x.Decided != nil:
			asked[string(x.Decided.Command.Called())]++
		case x.Happened != nil:
			happened[string(x.Happened.Event.Called())]++
		}
	}
	sequence := s.Sequence(m)
	for _, x := range sequence.Steps {
		if x.Kind == board.Asked {
			asked[string(x.Text)]--
		}
		if x.Note == board.Event {
			happened[string(x.Text)]--
		}
		if x.Kind == board.Told && x.From == x.To {
			t.Errorf("%s: %s is %s where it comes from", s.Title, x.Text, x.Kind)
		}
	}
	for text, n := range asked {
		if n > 0 {
			t.Errorf("%s: %s is not asked for, %d times", s.Title, text, n)
		}
	}
	for text, n := range happened {
		if n != 0 {
			t.Errorf("%s: %s happens %d times more than it is noted", s.Title, text, n)
		}
	}
	if len(sequence.Steps) > 0 {
		if size := sequence.Picture().Size; size.X < board.Margin || size.Y < board.Margin {
			t.Errorf("%s: it is %v", s.Title, size)
		}
	}
}
