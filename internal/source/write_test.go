package source

import (
	"strings"
	"testing"
)

// A text, written in quotes or (where that is possible) without, is read back
// as itself.
func TestWrite(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text        string
		block, flow bool // may stand without quotes
	}{
		{"plain", true, true},
		{"two words", true, true},
		{"음식 배달", true, true},
		{"front.OrderPlaced", true, true},
		{"size(state.items) > 0", true, true},
		{"-total", true, true},
		{"don't", true, true},
		{"12", true, true},
		{"null", true, true},
		{"a, b", true, false},
		{"x[0]", true, false},
		{"max(a, b)", true, false},
		{"max(a", true, false},
		{"what?", true, false},
		{"", false, false},
		{" a", false, false},
		{"a ", false, false},
		{"a: b", false, false},
		{"a:", false, false},
		{"a #b", false, false},
		{"#a", false, false},
		{"!a", false, false},
		{"&a", false, false},
		{"*a", false, false},
		{"'a'", false, false},
		{`"a" + b`, false, false},
		{"{a}", false, false},
		{"- a", false, false},
		{"? a", false, false},
		{"| a", false, false},
		{"%a", false, false},
		{"@a", false, false},
		{"---", true, true},
		{"<<", false, false},
		{"a\nb", false, false},
		{"a\tb", false, false},
		{"a\u00a0b", false, false},
		{"a\u2028b", false, false},
		{`back\slash`, true, true},
		{"\x01\"\\\n\u0085\ufeff", false, false},
	} {
		for _, flow := range []bool{false, true} {
			open, closing, want := "- ", "\n", c.block
			if flow {
				open, closing, want = "[", "]\n", c.flow
			}
			if got := Unquoted(c.text, flow); got != want {
				t.Errorf("%q without quotes (flow: %v): %v, want %v", c.text, flow, got, want)
			}
			written := []string{InQuotes(c.text)}
			if want {
				written = append(written, c.text)
			}
			for _, w := range written {
				n, faults := Parse(&File{Data: []byte(open + w + closing)}, Limits{})
				if len(faults) > 0 || len(n.Items) != 1 || n.Items[0].Value != c.text {
					t.Errorf("%q is written %s, and read %v %v", c.text, w, n, faults)
				}
			}
		}
	}
}

func TestGuessed(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"12": true, "1.5": true, "0x1F": true, "true": true, "null": true, "~": true, "2026-12-01": true, "": true,
		"a": false, "1.5 kg": false, "12:30": false, "PLACED": false,
	} {
		if got := Guessed(text); got != want {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
}

// TestEndOfFlow: the value of "of" ends where a mark stands.
func TestEndOfFlow(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"of: {}^\nmore: 1\n",
		"of: {a: 1, b: {c: [1, 2]}}^ # }\n",
		"of: {a: '}',\n  b: \"]}\\n\" # }\n  ,\n  }^\nmore: {}\n",
		"of: {a: 'it''s'}^\n",
		"of: [가나, {다: \"라\"}, ]^\n",
		"of: {a: }^\n",
		"of: {a: some\n  words, b: more\n  words}^\n",
		"{of: {a: x#y}^, more: [1]}\n",
		"{of: plain^, more: [1]}\n",
	} {
		at := strings.Index(text, "^")
		root, faults := Parse(&File{Path: "f.yaml", Data: []byte(strings.Replace(text, "^", "", 1))}, DefaultLimits())
		if len(faults) > 0 {
			t.Fatalf("%q: %v", text, faults[0])
		}
		if end := EndOfFlow(root.Get("of")); end != at {
			t.Errorf("%q: ends at %d, not %d", text, end, at)
		}
	}
}
