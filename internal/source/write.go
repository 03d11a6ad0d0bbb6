package source

import (
	"fmt"
	"strings"
	"unicode"

	"gopkg.in/yaml.v3"
)

// Unquoted reports whether a text can stand in a file as it is, without quotes,
// and be read as itself; flow: between { } or [ ].
func Unquoted(s string, flow bool) bool {
	if plainWords(s) {
		return true
	}
	if s == "" || flow && (mayBeCut(s) || strings.HasSuffix(s, ":")) || strings.ContainsFunc(s, unseen) {
		return false
	}
	// As an item, as a name and as a value: what reads well in one place should
	// in the others.
	text := "- " + s + "\n- " + s + ": " + s + "\n"
	if flow {
		text = "[" + s + ", {" + s + ": " + s + "}]\n"
	}
	f := &File{Data: []byte(text)}
	n, faults := Parse(f, Limits{})
	if n == nil || len(faults) > 0 || len(n.Items) != 2 || len(n.Items[1].Pairs) != 1 || len(f.comments) > 0 {
		return false
	}
	itself := func(n *Node) bool { return n.Kind == Scalar && n.Style == Plain && n.Value == s }
	pair := n.Items[1].Pairs[0]
	return itself(n.Items[0]) && itself(pair.Key) && itself(pair.Value)
}

// plainWords finds the many texts that need no second look: words with single
// blanks or dots between them.
func plainWords(s string) bool {
	between := true
	for _, r := range s {
		word := r == '_' || unicode.IsLetter(r) && lookalike(r) == "" || unicode.IsDigit(r) && r < unicode.MaxASCII
		if !word && (between || r != ' ' && r != '.') {
			return false
		}
		between = !word
	}
	return !between
}

// unseen reports whether a character must be escaped to be seen, or to be read
// back.
func unseen(r rune) bool {
	return unicode.IsControl(r) || r == '\u2028' || r == '\u2029' || r == '\uFEFF' || r == '\uFFFE' || r == '\uFFFF'
}

// Guessed reports whether YAML takes a plain text for something else than
// text: a number, a truth value, a date, nothing.
func Guessed(s string) bool {
	n := yaml.Node{Kind: yaml.ScalarNode, Value: s}
	return n.ShortTag() != "!!str"
}

// InQuotes writes a text on one line in quotes: in those that need no escape
// where there are such.
func InQuotes(s string) string {
	if !strings.ContainsFunc(s, unseen) {
		return quoted(s)
	}
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case unseen(r) && r < 0x100:
			fmt.Fprintf(&b, `\x%02X`, r)
		case unseen(r):
			fmt.Fprintf(&b, `\u%04X`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// EndOfBlock is the last line of what stands below a line and further in than that.
func EndOfBlock(lines []string, line, indent int) int {
	end := line
	for at := line; at < len(lines); at++ {
		text := strings.TrimRight(lines[at], " \t\r")
		if text == "" {
			continue
		}
		if len(text)-len(strings.TrimLeft(text, " ")) <= indent {
			if strings.HasPrefix(strings.TrimLeft(text, " "), "#") {
				continue // a comment ends nothing
			}
			break
		}
		end = at + 1
	}
	return end
}

// EndOfFlow is the byte of the file's Data behind a value that was written in brackets
// or braces, or is a scalar in such.
func EndOfFlow(n *Node) int {
	f := n.Pos.File
	if n.Kind == Scalar {
		end := f.Offset(n.PosAt(len(n.Value)))
		if n.Style != Plain {
			end++ // its quote
		}
		return end
	}
	at := f.Offset(n.Pos) + 1
	if len(n.Items) > 0 {
		at = EndOfFlow(n.Items[len(n.Items)-1])
	}
	if len(n.Pairs) > 0 {
		at = n.Pairs[len(n.Pairs)-1].end()
	}
	return at + closing(f.Data[at:]) + 1
}

// end is that of a pair in braces.
func (p Pair) end() int {
	if p.Value.IsEmpty() {
		return EndOfFlow(p.Key)
	}
	return EndOfFlow(p.Value)
}

// closing is where the bracket is behind the last value: only blanks, comments and a
// comma are before it.
func closing(text []byte) int {
	comment := false
	for i, c := range text {
		switch {
		case c == '\n':
			comment = false
		case c == '#':
			comment = true
		case !comment && (c == '}' || c == ']'):
			return i
		}
	}
	return len(text) - 1
}
