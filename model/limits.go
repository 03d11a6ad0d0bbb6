package model

import (
	"cmp"

	"github.com/esgen/esgen/internal/diag"
	"github.com/esgen/esgen/internal/rule"
	"github.com/esgen/esgen/internal/source"
)

// What a model may have, far above any wall: below these numbers everything that
// esgen does with a model takes seconds. docs/language.md has them.
const (
	maxNotes  = 100_000 // in all
	maxNamed  = 1_000   // in one section, unless most says otherwise
	maxListed = 2_000   // in one list
	listed    = "item"
)

// most is how many notes of a kind a section may have.
var most = map[string]int{
	"requirement": 20_000, "scenario": 10_000, "event": 5_000, "flow": 5_000, "let": 200, "read": 100, "call": 100,
}

// tooMany reports a section, with what it has from other files, or a list that
// has more than it may.
func (d decoder) tooMany(n *source.Node, what string, before, here int) bool {
	limit := cmp.Or(most[what], maxNamed)
	if what == listed {
		limit = maxListed
	} else {
		d.notes += here
	}
	switch {
	case before+here > limit:
		d.diags.Errorf(rule.YAMLLimit, n.Pos, "%s: there are %d, and may be %d", d.whole(), before+here, limit).
			With(diag.Fix("divide what they belong to"))
		return true
	case d.notes > maxNotes && d.notes-here <= maxNotes:
		d.diags.Errorf(rule.YAMLLimit, n.Pos, "with these, the model has %d notes; it may have %d", d.notes, maxNotes).
			With(diag.Fix("make a system of its own of a part of it"))
	}
	return d.notes > maxNotes
}

// whole names the section, or the list, that is being read.
func (d decoder) whole() string {
	d.item = false
	return d.place()
}
