package compat_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/esgen/esgen/internal/check"
	"github.com/esgen/esgen/internal/compat"
	"github.com/esgen/esgen/internal/contract"
	"github.com/esgen/esgen/model"
)

// A model that did not change has no findings, whatever it says; and two that
// have nothing to do with one another can be compared all the same.
func TestModels(t *testing.T) {
	var all []*contract.System
	for _, pattern := range []string{"../../testdata/models/*/esgen.yaml", "../../testdata/models/*/*/esgen.yaml", "../../examples/*/esgen.yaml"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			t.Fatal(pattern, err)
		}
		for _, file := range files {
			was, is := loaded(t, file), loaded(t, file)
			if r := compat.Compare(was, is); len(r.Findings) > 0 || r.System != compat.None {
				t.Errorf("%s is compared with itself: %s %+v", file, r.Summary(), r.Findings)
			}
			all = append(all, is)
		}
	}
	for _, was := range all {
		for _, is := range all {
			for _, f := range compat.Compare(was, is).Findings {
				if f.What == "" || f.Why == "" {
					t.Errorf("from %s to %s: %+v", was.Model.Name, is.Model.Name, f)
				}
			}
		}
	}
}

// What says how it was called breaks nobody. What does not say so any more does: it is
// not found by the name that it was stored, told and asked by.
func TestFormerNames(t *testing.T) {
	const file = "../e2e/testdata/rental/esgen.yaml"
	now := loaded(t, file)
	for _, f := range compat.Compare(loaded(t, "../e2e/testdata/rental/before/esgen.yaml"), now).Findings {
		if f.Verdict != compat.Compatible {
			t.Errorf("%s: %s: %s", f.Verdict, f.What, f.Why)
		}
	}
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Replace(string(data), "was: Order\n", "id: orderId\n", 1) // else it has another id as well
	later := compat.Compare(now, build(t, regexp.MustCompile(`was: \w+(, )?`).ReplaceAllString(text, "")))
	for _, want := range []string{
		"instances of Booking stay in the table of Order", "event Booked is gone", "event Finished is gone", "input customer of command Book is gone",
		"command Book is not refused with NoNights", "customer of view OpenBookings is gone", "messages of event VisitExpected of before lack guest",
	} {
		if !slices.ContainsFunc(later.Findings, func(f compat.Finding) bool { return f.Verdict == compat.Breaking && strings.Contains(f.What, want) }) {
			t.Errorf("nothing breaks for %s", want)
		}
	}
}

func loaded(t *testing.T, file string) *contract.System {
	t.Helper()
	sys, bad := model.Load(file)
	m, more := check.System(sys)
	bad.Merge(more)
	if bad.HasErrors() {
		t.Fatalf("%s: %v", file, bad.Sorted()[0].Message)
	}
	return contract.Build(m)
}
