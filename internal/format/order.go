package format

import (
	"cmp"
	"slices"

	"github.com/esgen/esgen/internal/source"
	"github.com/esgen/esgen/model"
)

// sortKeys puts the keys of every construct in the order of the language. What
// has a name stays where its author put it, and so does what is unknown, behind
// what is known. Line breaks of flow maps stay in their places.
func sortKeys(l *layout, s *model.Shape) {
	if l == nil || s == nil {
		return
	}
	switch s.Kind {
	case model.MapShape:
		sortConstruct(l, s.Construct)
	case model.NamesShape:
		if l.node.Kind == source.Mapping {
			for _, e := range l.entries {
				sortConstruct(e.value, s.Construct)
			}
		}
	case model.ListShape, model.EntriesShape:
		sortEach(l, s.Of)
	case model.EitherShape:
		for i := range s.Any {
			sortKeys(l, &s.Any[i]) // those that are not meant know none of its keys
		}
	case model.OneOrMoreShape:
		if l.node.Kind == source.Sequence {
			sortEach(l, s.Of)
		} else {
			sortKeys(l, s.Of)
		}
	}
}

func sortEach(l *layout, s *model.Shape) {
	for _, e := range l.entries {
		sortKeys(e.value, s)
	}
}

func sortConstruct(l *layout, c *model.Construct) {
	if l == nil {
		return
	}
	if l.node.Kind != source.Mapping {
		sortKeys(l, c.Short)
		return
	}
	order := keysOf(c)
	for _, e := range l.entries {
		if i := slices.IndexFunc(order, func(k model.Key) bool { return k.Name == e.key.Value }); i >= 0 {
			sortKeys(e.value, &order[i].Shape)
		}
	}
	rank := func(e *entry) int {
		if i := slices.IndexFunc(order, func(k model.Key) bool { return k.Name == e.key.Value }); i >= 0 {
			return i
		}
		return len(order)
	}
	var breaks []bool
	for _, e := range l.entries {
		breaks = append(breaks, e.broke)
	}
	slices.SortStableFunc(l.entries, func(a, b *entry) int { return cmp.Compare(rank(a), rank(b)) })
	for i, e := range l.entries {
		e.broke = breaks[i]
	}
}

// keysOf lists the keys of a construct in their order: what the node is, then
// what every note has, then the rest. What it is says the key that its short
// form stands for; of a document, its first two.
func keysOf(c *model.Construct) []model.Key {
	identity := 0
	for i, k := range c.Keys {
		if k.Name == "system" || c.Short != nil && i == 0 && k.Shape.Kind == c.Short.Kind {
			identity = i + 1
		}
	}
	return slices.Concat(c.Keys[:identity], model.NoteKeys(), c.Keys[identity:])
}
