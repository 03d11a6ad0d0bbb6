// Package format writes a file of a model the canonical way: keys in the order
// of the language, two blanks of indentation, quotes only where they are needed.
// Comments, the order of what has names, and lines that are left blank stay.
package format

import (
	"bytes"
	"slices"

	"github.com/esgen/esgen/internal/rule"
	"github.com/esgen/esgen/internal/source"
	"github.com/esgen/esgen/model"
)

// File returns the canonical text of a file, or what is wrong with it. Only the
// text has to be right: a model that is half written can be formatted, too.
func File(f *source.File) ([]byte, []*source.Error) {
	root, faults := source.Parse(f, source.DefaultLimits())
	if len(faults) > 0 {
		return nil, faults
	}
	if len(root.Pairs) == 0 {
		return nil, []*source.Error{{Rule: rule.WrongKind, Pos: root.Pos, Message: "a file of a model is a map with a key at least"}}
	}
	if long := longName(root); long != nil {
		return nil, []*source.Error{{Rule: rule.BadName, Pos: long.Pos, Message: "the name is too long to stand on one line"}}
	}
	doc := attach(f, root)
	header := doc.header()
	sortKeys(doc, &model.Shape{Kind: model.MapShape, Construct: model.Language()})
	doc.settle()
	doc.entries[0].head = append(header, doc.entries[0].head...)
	out := write(doc)
	if !same(f, root, out) {
		return nil, []*source.Error{{Rule: rule.Format, Pos: source.Pos{File: f, Line: 1, Column: 1},
			Message:    "the file cannot be formatted without changing what it says",
			Suggestion: "leave a blank in front of every #, and write texts of several lines with |"}}
	}
	return out, nil
}

// longName finds a name that YAML cannot read in front of a colon.
func longName(n *source.Node) *source.Node {
	const most = 900 // of YAML's 1024, in which quotes and escapes count
	for _, p := range n.Pairs {
		if len(p.Key.Value) > most {
			return p.Key
		}
		if long := longName(p.Value); long != nil {
			return long
		}
	}
	for _, item := range n.Items {
		if long := longName(item); long != nil {
			return long
		}
	}
	return nil
}

// same makes sure, whatever the file holds, that its canonical text says the
// same: a formatter must never be the one who changes a model.
func same(f *source.File, root *source.Node, out []byte) bool {
	again := &source.File{Path: f.Path, Data: out}
	n, faults := source.Parse(again, source.DefaultLimits())
	return len(faults) == 0 && equal(root, n) && slices.Equal(remarks(f), remarks(again)) &&
		bytes.Count(out, []byte("#")) >= bytes.Count(f.Data, []byte("#")) // what is a comment only to YAML
}

// remarks are the texts of a file's comments, sorted.
func remarks(f *source.File) []string {
	var all []string
	for _, c := range f.Comments() {
		all = append(all, text(c))
	}
	slices.Sort(all)
	return all
}

// equal compares values; the order of a map's keys makes no difference.
func equal(a, b *source.Node) bool {
	if a.Kind != b.Kind || a.Value != b.Value || a.IsEmpty() != b.IsEmpty() ||
		len(a.Pairs) != len(b.Pairs) || len(a.Items) != len(b.Items) {
		return false
	}
	others := make(map[string]*source.Node, len(b.Pairs))
	for _, p := range b.Pairs {
		others[p.Key.Value] = p.Value
	}
	for _, p := range a.Pairs {
		if o := others[p.Key.Value]; o == nil || !equal(p.Value, o) {
			return false
		}
	}
	for i := range a.Items {
		if !equal(a.Items[i], b.Items[i]) {
			return false
		}
	}
	return true
}
