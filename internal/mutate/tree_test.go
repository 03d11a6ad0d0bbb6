package main

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/esgen/esgen/internal/source"
)

const document = `
names: [a, {b: 1, "c d": ''}, []]
nothing:
cleared: null
word: "null"
empty: {}
pattern: value.matches(r'^[0-9]{12}\n$')
text: |
  두 줄
  "있다"
`

func parsed(t *testing.T, text string) *source.Node {
	t.Helper()
	root, faults := source.Parse(&source.File{Data: []byte(text)}, source.DefaultLimits())
	if len(faults) > 0 {
		t.Fatal(faults[0])
	}
	return root
}

// A tree printed reads as it did, but for places and quotes.
func TestPrinted(t *testing.T) {
	want := parsed(t, document)
	got := parsed(t, string(printed(want)))
	same := cmp.Options{
		cmp.Comparer(func(a, b source.Style) bool { return true }),
		cmp.FilterPath(func(p cmp.Path) bool { return p.Last().String() == ".Pos" || p.Last().String() == ".more" }, cmp.Ignore()),
		cmp.Transformer("empty", func(n *source.Node) string {
			return brief(n) + n.Kind.String() + map[bool]string{true: " clears"}[n.Style == source.Plain && n.Value == "null"]
		}),
	}
	if diff := cmp.Diff(want, got, same); diff != "" {
		t.Errorf("(-read +printed and read):\n%s", diff)
	}
}

// Another node in the place of one leaves the tree it came from alone.
func TestReplaced(t *testing.T) {
	root := parsed(t, document)
	before := brief(root)
	gone := brief(replaced(root, root.Get("names").Items[1], nil))
	if want := strings.Replace(before, "{b: 1, c d: }, ", "", 1); gone != want {
		t.Errorf("without an item: %s", gone)
	}
	other := brief(replaced(root, root.Get("word"), text("x")))
	if want := strings.Replace(before, "word: null", "word: x", 1); other != want {
		t.Errorf("with another value: %s", other)
	}
	if brief(root) != before {
		t.Errorf("the tree has changed: %s", brief(root))
	}
}
