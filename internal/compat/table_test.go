package compat_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/esgen/esgen/internal/compat"
)

// base is the model that every change of the table begins from.
func base(t *testing.T) string {
	t.Helper()
	data, err := os.ReadFile("testdata/shop/esgen.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// edited is the model after a change.
func (c change) edited(t *testing.T, text string) string {
	t.Helper()
	for _, e := range c.edit {
		if !strings.Contains(text, e.old) {
			t.Fatalf("the model does not say %q", e.old)
		}
		text = strings.ReplaceAll(text, e.old, e.new)
	}
	return text
}

func TestChanges(t *testing.T) {
	was := build(t, base(t))
	for _, c := range changes {
		t.Run(c.does, func(t *testing.T) {
			r := compat.Compare(was, build(t, c.edited(t, base(t))))
			var got []string
			for _, f := range r.Findings {
				got = append(got, brief(f))
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
				for _, f := range r.Findings {
					t.Log(f.Sentence())
				}
			}
			if string(r.System) != c.step {
				t.Errorf("step %s, want %s", r.System, c.step)
			}
		})
	}
}

// brief is a finding in a line: "breaking route product: Clerk".
func brief(f compat.Finding) string {
	text := fmt.Sprintf("%s %s", f.Verdict, strings.TrimPrefix(string(f.Rule), "breaking-"))
	if f.Service != "" {
		text += " " + f.Service
	}
	var who []string
	for _, c := range f.Consumers {
		who = append(who, c.String())
	}
	if len(who) > 0 {
		text += ": " + strings.Join(who, ", ")
	}
	return text
}
