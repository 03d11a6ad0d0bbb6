package check

import (
	"testing"

	"github.com/esgen/esgen/internal/source"
)

// TestLastLine looks for the ends of nodes.
func TestLastLine(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, text string
		from, to   int
	}{
		{"one line", "a: 1\nb: 2\n", 1, 1},
		{"what is further in", "a:\n  b:\n    c: 1\nd: 2\n", 1, 3},
		{"the innermost", "a:\n  b: 1\n  c: 2\n", 2, 2},
		{"up to the end of the file", "a:\n  b: 1\n  c: 2", 1, 3},
		{"items under their key", "a:\n- x\n- y\nb: 1\n", 1, 3},
		{"an item of several lines", "- a: 1\n  b: 2\n- c: 3\n", 1, 2},
		{"an item and not its neighbour", "- a\n- b\n", 1, 1},
		{"blank lines and comments within", "a:\n\n  b: 1\n# c\n\n  d: 2\n\n# e\nf: 3\n", 1, 6},
		{"a line that is not there", "a: 1", 3, 3},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			f := &source.File{Path: "m.yaml", Data: []byte(c.text)}
			if got := lastLine(f, c.from); got != c.to {
				t.Errorf("from line %d to %d, want %d", c.from, got, c.to)
			}
		})
	}
}
