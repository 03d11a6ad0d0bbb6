package source

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// FuzzParse holds the promises that need no knowledge of YAML: no text makes
// Parse fail, every place lies inside the file, and a character of a value is
// found where it says it is.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"esgen: v1   # required\nsystem: shop\ntitle: 음식배달\n",
		"a: {x: max(a, b), y: [c, d(e, f)]}\n",
		"a: 'it''s'\nb: \"x\\ty\\u00e9 \\\n   z\"\nc: |\n  one\n   two\n\n  three\nd: >-\n  one\n  two\n\n    three\n",
		"a: one\n  two\n\n  three #b\n- x\n",
		"if: !x\nb: &c d\ne: *c\n<<: *c\n",
		"a: |2+\n   x\n\n\nb: >+1\n x\n  y\n",
		"\uFEFFa: b\r\nc: |\r\n  d\r\n  e\r\n",
		"? a\n: b\n? [c]\n: {d}\n",
		"a: \"x\n  y\n\n  z\"\nb: '\n\n x\n\n'\n",
		"title：주문\n\u00a0a:\u3000b\n",
		"a: [1, 2\nb: {x: 'a' in b}\n---\nc\n...\n%YAML 1.1\n",
		"[[[[{a: [b]}]]]]\n",
		"&0\n*0:",
		"a: 'x' + y\nb: > 5\nc: @d\ne: f: g\n\th\n",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		file := &File{Path: "m.yaml", Data: data}
		root, errs := Parse(file, Limits{Bytes: 1 << 16})
		for _, e := range errs {
			checkPlace(t, file, e.Pos)
			if e.Related.IsValid() {
				checkPlace(t, file, e.Related)
			}
			if e.Rule == "" || e.Message == "" || strings.Contains(e.Message, "yaml:") || strings.Contains(e.Message, "\n") || !utf8.ValidString(e.Message+e.Suggestion) {
				t.Fatalf("bad message: %q %q %q", e.Rule, e.Message, e.Suggestion)
			}
		}
		if root == nil && len(errs) == 0 {
			t.Fatal("neither a tree nor an error")
		}
		if root != nil {
			checkNode(t, file, root)
		}
	})
}

func checkPlace(t *testing.T, f *File, p Pos) {
	t.Helper()
	lines := strings.Count(string(f.Data), "\n") + 1
	if p.File != f || p.Line < 1 || p.Line > lines || p.Column < 1 || p.Column > utf8.RuneCountInString(f.Line(p.Line))+1 {
		t.Fatalf("%s is no place of %q", p, f.Data)
	}
}

func checkNode(t *testing.T, f *File, n *Node) {
	checkPlace(t, f, n.Pos)
	for i, want := range n.Value {
		p := n.PosAt(i)
		checkPlace(t, f, p)
		line := []rune(f.Line(p.Line))
		if p.Column > len(line) {
			if want != '\n' && want != ' ' {
				t.Fatalf("%q: character %q of %q is placed at the end of line %d", f.Data, want, n.Value, p.Line)
			}
			continue
		}
		got := line[p.Column-1]
		folded := got == ' ' || got == '\t' || got == '\r' // a fold may begin at blanks in front of the break
		switch {
		case got == want:
		case n.Style == DoubleQuoted && got == '\\':
		case want == '\n' && n.Style != Literal && folded:
		default:
			t.Fatalf("%q: character %q of %q is placed at %s, where %q stands", f.Data, want, n.Value, p, got)
		}
	}
	checkPlace(t, f, n.PosAt(len(n.Value)))
	for _, p := range n.Pairs {
		if p.Key == nil || p.Key.Kind != Scalar || p.Value == nil {
			t.Fatalf("%q: a pair without a scalar key and a value", f.Data)
		}
		checkNode(t, f, p.Key)
		checkNode(t, f, p.Value)
	}
	for _, i := range n.Items {
		checkNode(t, f, i)
	}
}
