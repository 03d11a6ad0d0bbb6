package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/esgen/esgen/internal/source"
)

// Mutant is a model with one rule changed.
type Mutant struct {
	Pos    source.Pos // of what is changed
	Path   string     // its place in the document: stays the same when lines move
	Before string
	After  string // "" when it is taken out

	root *source.Node // of the file of Pos, changed
}

// String names a mutant: no other of the same model is called so.
func (m *Mutant) String() string {
	after := m.After
	if after == "" {
		after = "(removed)"
	}
	return fmt.Sprintf("%s: %s => %s", m.Path, m.Before, after)
}

// mutants are all mutants of the model, by place, each once, always the same.
func (s *subject) mutants() []*Mutant {
	c := &collector{subject: s, written: map[source.Pos]place{}}
	for _, p := range s.places {
		if p.node.Kind == source.Scalar {
			c.written[p.node.Pos] = p
		}
	}
	c.structure()
	c.expressions()
	c.arrows()
	slices.SortStableFunc(c.found, func(a, b *Mutant) int {
		return cmp.Or(a.Pos.Compare(b.Pos), strings.Compare(a.String(), b.String()))
	})
	return slices.CompactFunc(c.found, func(a, b *Mutant) bool { return a.String() == b.String() })
}

// collector gathers mutants.
type collector struct {
	*subject
	written map[source.Pos]place // scalars by where they begin
	found   []*Mutant
}

// remove takes an entry or item out.
func (c *collector) remove(p place) { c.change(p, brief(p.node), "", p.node, nil) }

// rewrite gives a scalar another text.
func (c *collector) rewrite(p place, after string) {
	c.change(p, p.node.Value, after, p.node, text(after))
}

// replace puts another node into a place.
func (c *collector) replace(p place, by *source.Node) {
	c.change(p, brief(p.node), brief(by), p.node, by)
}

func (c *collector) change(p place, before, after string, old, by *source.Node) {
	if before == after {
		return
	}
	c.found = append(c.found, &Mutant{Pos: p.pos, Path: strings.Join(p.path, "."), Before: before, After: after,
		root: replaced(c.roots[p.pos.File.Path], old, by)})
}
