package randmodel

import (
	"slices"
	"strings"

	"github.com/esgen/esgen/internal/source"
)

// Node is a value of a YAML text: a text, a map or a list. It is changed in
// place while a model is written, and by Shrink.
type Node struct {
	Text  string
	Pairs []Pair
	Items []*Node
	kind  kind

	keyLine int // of its key or dash, where somebody counts
}

// Pair is an entry of a map.
type Pair struct {
	Key   string
	Value *Node
}

type kind uint8

const (
	textKind kind = iota
	mapKind
	listKind
	nothing // a key without a value
)

func text(s string) *Node         { return &Node{Text: s} }
func list(items ...*Node) *Node   { return &Node{kind: listKind, Items: items} }
func texts(all ...string) *Node   { return list(mapped(all, text)...) }
func object(pairs ...Pair) *Node  { return &Node{kind: mapKind, Pairs: pairs} }
func pair(k string, v *Node) Pair { return Pair{k, v} }

func mapped[T, U any](all []T, f func(T) U) []U {
	out := make([]U, len(all))
	for i, x := range all {
		out[i] = f(x)
	}
	return out
}

// set writes a key of a map, anew where it is there.
func (n *Node) set(key string, v *Node) *Node {
	for i := range n.Pairs {
		if n.Pairs[i].Key == key {
			n.Pairs[i].Value = v
			return n
		}
	}
	n.Pairs = append(n.Pairs, Pair{key, v})
	return n
}

// get is the value of a key; nil: there is none.
func (n *Node) get(key string) *Node {
	for _, p := range n.Pairs {
		if p.Key == key {
			return p.Value
		}
	}
	return nil
}

// drop takes keys out.
func (n *Node) drop(keys ...string) {
	n.Pairs = slices.DeleteFunc(n.Pairs, func(p Pair) bool { return slices.Contains(keys, p.Key) })
}

func (n *Node) add(item *Node) { n.Items = append(n.Items, item) }

func (n *Node) empty() bool { return len(n.Pairs) == 0 && len(n.Items) == 0 && n.kind != textKind }

// String writes the tree as YAML, each value on a line of its own.
func (n *Node) String() string {
	var b strings.Builder
	n.write(&b, 0)
	return b.String()
}

// write puts a value behind a key or a dash, or at the beginning.
func (n *Node) write(b *strings.Builder, depth int) {
	indent := strings.Repeat("  ", depth)
	switch {
	case n.kind == nothing:
		b.WriteByte('\n')
	case n.kind == textKind:
		b.WriteString(" " + scalar(n.Text) + "\n")
	case n.kind == mapKind && len(n.Pairs) == 0:
		b.WriteString(" {}\n")
	case n.kind == listKind && len(n.Items) == 0:
		b.WriteString(" []\n")
	case n.kind == mapKind:
		if depth > 0 {
			b.WriteByte('\n')
		}
		for _, p := range n.Pairs {
			b.WriteString(indent + scalar(p.Key) + ":")
			p.Value.write(b, depth+1)
		}
	default:
		b.WriteByte('\n')
		for _, x := range n.Items {
			b.WriteString(indent + "-")
			x.write(b, depth+1)
		}
	}
}

func scalar(s string) string {
	if source.Unquoted(s, false) {
		return s
	}
	return source.InQuotes(s)
}

// Clone copies a tree.
func (n *Node) Clone() *Node {
	c := *n
	c.Pairs, c.Items = slices.Clone(n.Pairs), slices.Clone(n.Items)
	for i := range c.Pairs {
		c.Pairs[i].Value = c.Pairs[i].Value.Clone()
	}
	for i := range c.Items {
		c.Items[i] = c.Items[i].Clone()
	}
	return &c
}

// Shrink takes away what a failure does not need: entries, from large to small,
// as long as it still fails. It asks at most so often.
func Shrink(root *Node, fails func(*Node) bool, most int) *Node {
	root = root.Clone()
	for changed := true; changed && most > 0; {
		changed = false
		for _, at := range root.entries() {
			if most--; most <= 0 {
				break
			}
			if undo := at.remove(); undo != nil {
				if fails(root) {
					changed = true
				} else {
					undo()
				}
			}
		}
	}
	return root
}

// entry is one that can be taken away: a key of a map, or an item of a list.
type entry struct {
	of    *Node
	child *Node
}

// entries lists all below, the outer before the inner.
func (n *Node) entries() []entry {
	var out []entry
	level := []*Node{n}
	for len(level) > 0 {
		var next []*Node
		for _, x := range level {
			for _, p := range x.Pairs {
				out, next = append(out, entry{x, p.Value}), append(next, p.Value)
			}
			for _, i := range x.Items {
				out, next = append(out, entry{x, i}), append(next, i)
			}
		}
		level = next
	}
	return out
}

// remove takes an entry out and returns how to undo it; nil: it has gone with
// what it was in, or with itself.
func (e entry) remove() (undo func()) {
	if i := slices.IndexFunc(e.of.Pairs, func(p Pair) bool { return p.Value == e.child }); i >= 0 {
		before := e.of.Pairs
		e.of.Pairs = slices.Delete(slices.Clone(before), i, i+1)
		return func() { e.of.Pairs = before }
	}
	if i := slices.Index(e.of.Items, e.child); i >= 0 {
		before := e.of.Items
		e.of.Items = slices.Delete(slices.Clone(before), i, i+1)
		return func() { e.of.Items = before }
	}
	return nil
}
