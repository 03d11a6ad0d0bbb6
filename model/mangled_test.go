package model_test

import (
	"fmt"
	"testing"
	"testing/fstest"

	"gopkg.in/yaml.v3"

	"github.com/esgen/esgen/internal/check"
	"github.com/esgen/esgen/model"
)

// TestMangled puts something of another kind in the place of every node of a document that
// has every construct: whatever stands where, it is read and checked
// without a crash, and what is said about it has a place.
func TestMangled(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{"shop": model.Shop, "store": model.Store} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var root yaml.Node
			if err := yaml.Unmarshal([]byte(text), &root); err != nil {
				t.Fatal(err)
			}
			for i, n := range nodesOf(&root) {
				other := others[i%len(others)] // all of them would take half a minute; FuzzMangled goes on
				was := *n
				*n = *other
				loadMangled(t, &root, fmt.Sprintf("line %d: %q is %q", was.Line, was.Value, other.Value))
				*n = was
			}
		})
	}
}

// FuzzMangled moves parts of the document to where other parts were.
func FuzzMangled(f *testing.F) {
	for i := range uint16(20) {
		f.Add(37*i, 101*i, 11*i, 53*i)
	}
	f.Fuzz(func(t *testing.T, to, from, to2, from2 uint16) {
		var root yaml.Node
		if err := yaml.Unmarshal([]byte(model.Store), &root); err != nil {
			t.Fatal(err)
		}
		for _, move := range [][2]uint16{{to, from}, {to2, from2}} {
			nodes := nodesOf(&root)
			part := *nodes[int(move[1])%len(nodes)]
			if place := nodes[int(move[0])%len(nodes)]; !holds(&part, place) {
				*place = part
			}
		}
		loadMangled(t, &root, "")
	})
}

// others are what is put in the place of a node.
var others = []*yaml.Node{
	{Kind: yaml.ScalarNode, Tag: "!!null"},
	{Kind: yaml.ScalarNode, Value: "x"},
	{Kind: yaml.ScalarNode, Value: "1"},
	{Kind: yaml.SequenceNode},
	{Kind: yaml.SequenceNode, Content: []*yaml.Node{{Kind: yaml.ScalarNode, Value: "x"}, {Kind: yaml.SequenceNode}}},
	{Kind: yaml.MappingNode},
	{Kind: yaml.MappingNode, Content: []*yaml.Node{{Kind: yaml.ScalarNode, Value: "x"}, {Kind: yaml.ScalarNode, Value: "y"}}},
}

// nodesOf are all values below a node, and its keys.
func nodesOf(n *yaml.Node) []*yaml.Node {
	var all []*yaml.Node
	for _, c := range n.Content {
		all = append(append(all, c), nodesOf(c)...)
	}
	return all
}

func holds(part, n *yaml.Node) bool {
	for _, c := range part.Content {
		if c == n || holds(c, n) {
			return true
		}
	}
	return false
}

func loadMangled(t *testing.T, root *yaml.Node, what string) {
	t.Helper()
	text, err := yaml.Marshal(root)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if crash := recover(); crash != nil {
			t.Fatalf("%s: %v\n%s", what, crash, text)
		}
	}()
	sys, diags := model.LoadFS(fstest.MapFS{model.DocumentName: {Data: text}}, model.DocumentName)
	_, more := check.System(sys)
	diags.Merge(more)
	for _, d := range diags.Sorted() {
		if !d.Pos.IsValid() {
			t.Errorf("%s: %s is nowhere", what, d.Message)
		}
	}
}
