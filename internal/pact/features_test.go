package pact

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Of each outcome those examples are kept that show something new, the fullest
// first; of a refusal one is enough.
func TestChoose(t *testing.T) {
	example := func(name, outcome string, shows ...string) candidate {
		f := features{}
		for _, s := range shows {
			f[s] = true
		}
		return candidate{outcome, f, func() *Interaction { return &Interaction{Description: name} }}
	}
	var got []string
	for _, c := range choose([]candidate{
		example("bare", "", "a left out"),
		example("refused", "No"),
		example("full", "", "a", "b"),
		example("full again", "", "a", "b"),
		example("refused again", "No", "a"),
		example("another value", "", "a", "b=X"),
	}) {
		got = append(got, c.make().Description)
	}
	if diff := cmp.Diff([]string{"full", "another value", "bare", "refused again"}, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}
