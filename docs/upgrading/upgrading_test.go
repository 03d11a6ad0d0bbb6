package upgrading_test

import (
	"strings"
	"testing"

	"github.com/esgen/esgen/docs/upgrading"
)

func TestNotes(t *testing.T) {
	all := upgrading.Notes()
	if len(all) == 0 || upgrading.Edition() != len(all) {
		t.Fatalf("%d notes, edition %d", len(all), upgrading.Edition())
	}
	for i, n := range all {
		if n.Number != i+1 || n.Title == "" {
			t.Errorf("note %d is called %d. %s", i+1, n.Number, n.Title)
		}
		for _, part := range []string{"**What changes.** ", "**Why.** ", "**What to do.** "} {
			if strings.Count(n.Text, part) != 1 {
				t.Errorf("note %d has no part %q", n.Number, part)
			}
		}
	}
	for edition, want := range map[int]int{-1: len(all), 0: len(all), len(all): 0, len(all) + 1: 0} {
		if got := len(upgrading.Since(edition)); got != want {
			t.Errorf("since %d: %d notes, want %d", edition, got, want)
		}
	}
}
