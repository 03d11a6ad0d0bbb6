package main

import (
	"bytes"
	"slices"
	"strconv"
	"strings"

	"github.com/esgen/esgen/internal/source"
)

// place is a node of a file and the way to it.
type place struct {
	path []string   // names of entries, numbers of items
	pos  source.Pos // of the entry's name, of an item its own
	node *source.Node
}

// places are all nodes below a root in the order of the file. Scenarios are left
// out: they judge, and are not judged.
func places(root *source.Node) []place {
	var all []place
	var visit func(n *source.Node, path []string, pos source.Pos)
	visit = func(n *source.Node, path []string, pos source.Pos) {
		if slices.Equal(path, []string{"scenarios"}) {
			return
		}
		all = append(all, place{slices.Clone(path), pos, n})
		for _, p := range n.Pairs {
			visit(p.Value, append(path, p.Key.Value), p.Key.Pos)
		}
		for i, item := range n.Items {
			visit(item, append(path, strconv.Itoa(i)), item.Pos)
		}
	}
	if root != nil {
		visit(root, nil, root.Pos)
	}
	return all
}

// replaced is a tree with another node in place of one of its nodes, nil to
// take the entry or item out. The tree itself stays as it is: mutants of one
// model share what they do not change.
func replaced(root, old, by *source.Node) *source.Node {
	if root == old {
		return by
	}
	changed := *root
	changed.Pairs = make([]source.Pair, 0, len(root.Pairs))
	for _, p := range root.Pairs {
		if v := replaced(p.Value, old, by); v != nil {
			changed.Pairs = append(changed.Pairs, source.Pair{Key: p.Key, Value: v})
		}
	}
	changed.Items = make([]*source.Node, 0, len(root.Items))
	for _, item := range root.Items {
		if v := replaced(item, old, by); v != nil {
			changed.Items = append(changed.Items, v)
		}
	}
	return &changed
}

// text is a scalar.
func text(value string) *source.Node {
	return &source.Node{Kind: source.Scalar, Style: source.DoubleQuoted, Value: value}
}

// list is a sequence.
func list(items ...*source.Node) *source.Node {
	return &source.Node{Kind: source.Sequence, Items: items}
}

// printed is a tree as YAML that reads as the tree does. Comments and places
// are lost.
func printed(root *source.Node) []byte {
	var out bytes.Buffer
	write(&out, root, 0)
	return out.Bytes()
}

func write(out *bytes.Buffer, n *source.Node, depth int) {
	indent := "\n" + strings.Repeat("  ", depth)
	switch {
	case n.Kind == source.Mapping && len(n.Pairs) == 0:
		out.WriteString(" {}")
	case n.Kind == source.Mapping:
		for _, p := range n.Pairs {
			out.WriteString(indent)
			out.WriteString(strconv.Quote(p.Key.Value))
			out.WriteByte(':')
			write(out, p.Value, depth+1)
		}
	case n.Kind == source.Sequence && len(n.Items) == 0:
		out.WriteString(" []")
	case n.Kind == source.Sequence:
		for _, item := range n.Items {
			out.WriteString(indent)
			out.WriteByte('-')
			write(out, item, depth+1)
		}
	case n.IsEmpty():
	case n.Style == source.Plain && (n.Value == "null" || n.Value == "~"):
		out.WriteByte(' ')
		out.WriteString(n.Value)
	default:
		out.WriteByte(' ')
		out.WriteString(strconv.Quote(n.Value))
	}
}

// brief is a node on one line, as somebody would write it.
func brief(n *source.Node) string {
	var parts []string
	switch n.Kind {
	case source.Mapping:
		for _, p := range n.Pairs {
			parts = append(parts, p.Key.Value+": "+brief(p.Value))
		}
		return "{" + strings.Join(parts, ", ") + "}"
	case source.Sequence:
		for _, item := range n.Items {
			parts = append(parts, brief(item))
		}
		return "[" + strings.Join(parts, ", ") + "]"
	}
	return n.Value
}
