package compat_test

import (
	"strings"
	"testing"

	"github.com/esgen/esgen/internal/compat"
	"github.com/esgen/esgen/internal/source"
)

func TestMeant(t *testing.T) {
	was := build(t, base(t))
	c := change{edit: []edit{{"/product/{productId}/reprice", "/item/{productId}/reprice"}}}
	const moved = "command Reprice is answered at POST /item/{productId}/reprice, and no longer at POST /product/{productId}/reprice"
	tests := []struct {
		text            string
		breaking, stale int
	}{
		{"", 1, 0},
		{"# for people\n\n" + moved + " => the old till is gone\n", 0, 0},
		{moved + ": who asks for it gets 404; Clerk relies on it => the old till is gone", 0, 0},
		{moved + "\n", 1, 1}, // nobody knows why
		{"command Reprice is gone => it is not", 1, 1},
	}
	for _, test := range tests {
		r := compat.Compare(was, build(t, c.edited(t, base(t))))
		stale := r.Accept(compat.ReadMeant(&source.File{Path: "breaks.txt", Data: []byte(test.text)}))
		if got := r.Count(compat.Breaking); got != test.breaking || len(stale) != test.stale {
			t.Errorf("%q: %d breaking, %d stale; want %d and %d", test.text, got, len(stale), test.breaking, test.stale)
		}
		if r.System != compat.Major {
			t.Errorf("%q: step %s: who means it still breaks somebody", test.text, r.System)
		}
		if said := r.Diagnostics().Sorted()[0].Message; strings.Contains(said, "it is meant: the old till is gone") != (test.breaking == 0) {
			t.Errorf("%q: %s", test.text, said)
		}
	}
}
