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
	maxNotes  = 250_000 // in all
	maxNamed  = 1_000   // in one section, unless most says otherwise
	maxListed = 2_000   // in one list
)

// most is how many notes of a kind a section may have.
var most = map[string]int{
	"requirement": 20_000, "scenario": 10_000, "event": 5_000, "flow": 5_000, "let": 200, "read": 100, "call": 100,
}

// within is a section with as much of it as may be, beside what it has from
// other files: what follows from the rest would be echoes.
func (d decoder) within(n *source.Node, what string, before int) *source.Node {
	if n == nil || n.Kind == source.Scalar {
		return n
	}
	here, limit := len(n.Pairs)+len(n.Items), cmp.Or(most[what], maxNamed)
	room := max(0, limit-before)
	if here > room {
		d.tooMany(n.Pos, before+here, limit)
	}
	d.notes += min(here, room)
	if over := d.notes - maxNotes; over > 0 {
		if over <= here {
			d.diags.Errorf(rule.YAMLLimit, n.Pos, "with these, the model has %d notes; it may have %d", d.notes, maxNotes).
				With(diag.Fix("make a system of its own of a part of it"))
		}
		room = 0
	}
	if here <= room {
		return n
	}
	some := *n
	some.Pairs, some.Items = n.Pairs[:min(room, len(n.Pairs))], n.Items[:min(room, len(n.Items))]
	return &some
}

// tooMany reports a section, or a list, that has more than it may.
func (d decoder) tooMany(pos source.Pos, count, limit int) {
	d.item = false
	d.diags.Errorf(rule.YAMLLimit, pos, "%s: there are %d, and may be %d", d.place(), count, limit).
		With(diag.Fix("divide what they belong to"))
}
