package apidoc

import (
	"fmt"
	"math"
	"strings"
	"unicode"
	"unicode/utf8"
)

// What is short stands on one line, as a person would write it: an object or a
// list that fits, and is not too deep for the eye.
const (
	width = 110
	deep  = 2 // objects in objects
)

// asJSON is a document as JSON.
func asJSON(doc any) (string, error) {
	n, err := treeOf(doc)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	n.json(&b, "\n", 0)
	b.WriteByte('\n')
	return b.String(), nil
}

// json writes a node; newline begins a line of what it stands in, and so much of
// the line is full.
func (n node) json(b *strings.Builder, newline string, full int) {
	if line, ok := n.oneLine(nil, inQuotes, deep, width-full); ok {
		b.Write(line)
		return
	}
	inner := newline + "  "
	if n.is == '[' {
		for i, item := range n.items {
			b.WriteString(begin(i, '['))
			b.WriteString(inner)
			item.json(b, inner, len(inner))
		}
		b.WriteString(newline)
		b.WriteByte(']')
		return
	}
	if n.is != '{' {
		line, _ := n.oneLine(nil, inQuotes, 0, math.MaxInt)
		b.Write(line)
		return
	}
	for i, m := range n.members {
		name := inQuotes(m.Name)
		b.WriteString(begin(i, '{'))
		b.WriteString(inner)
		b.WriteString(name)
		b.WriteString(": ")
		m.Value.json(b, inner, len(inner)+len(name)+2)
	}
	b.WriteString(newline)
	b.WriteByte('}')
}

func begin(i int, first byte) string {
	if i == 0 {
		return string(first)
	}
	return ","
}

// oneLine adds a node to a line, with names and texts spelled as told; false: it
// is too deep for that, or longer than there is room.
func (n node) oneLine(line []byte, spell func(string) string, depth, room int) ([]byte, bool) {
	switch n.is {
	case '"':
		line = append(line, spell(n.text)...)
		return line, len(line) <= room
	case 0:
		line = append(line, n.text...)
		return line, len(line) <= room
	}
	if n.is == '{' && len(n.members) > 0 {
		depth--
	}
	// The least that it takes: most of what is too long shows that at once.
	if depth < 0 || len(line)+4*len(n.members)+2*len(n.items) > room {
		return nil, false
	}
	line = append(line, n.is)
	ok := true
	for i, m := range n.members {
		if i > 0 {
			line = append(line, ", "...)
		}
		line = append(line, spell(m.Name)...)
		line = append(line, ": "...)
		if line, ok = m.Value.oneLine(line, spell, depth, room); !ok {
			return nil, false
		}
	}
	for i, item := range n.items {
		if i > 0 {
			line = append(line, ", "...)
		}
		if line, ok = item.oneLine(line, spell, depth, room); !ok {
			return nil, false
		}
	}
	line = append(line, n.is+2) // ] and } are two behind [ and {
	return line, len(line) <= room
}

// asYAML is a document as YAML.
func asYAML(doc any) (string, error) {
	n, err := treeOf(doc)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	n.yaml(&b, "", false)
	return b.String(), nil
}

// yaml writes the lines of an object or a list, each behind an indent, the first
// one where that is written already behind nothing; a scalar is one line.
func (n node) yaml(b *strings.Builder, indent string, begun bool) {
	switch n.is {
	case '{':
		for i, m := range n.members {
			if i > 0 || !begun {
				b.WriteString(indent)
			}
			m.yaml(b, indent)
		}
	case '[':
		for i, item := range n.items {
			if i > 0 || !begun {
				b.WriteString(indent)
			}
			b.WriteString("- ")
			item.item(b, indent+"  ")
		}
	default:
		b.WriteString(n.scalar(indent))
		b.WriteByte('\n')
	}
}

// item writes an item of a list behind its dash: its first line is on that of
// the dash.
func (n node) item(b *strings.Builder, indent string) {
	if line, ok := n.yamlLine(indent, len(indent)); ok {
		b.WriteString(line)
		b.WriteByte('\n')
		return
	}
	n.yaml(b, indent, true)
}

// yaml writes a member.
func (m Member[T]) yaml(b *strings.Builder, indent string) {
	n, _ := any(m.Value).(node)
	name := plain(m.Name)
	b.WriteString(name)
	b.WriteByte(':')
	inner := indent + "  "
	if line, ok := n.yamlLine(inner, len(inner)+len(name)); ok {
		b.WriteByte(' ')
		b.WriteString(line)
		b.WriteByte('\n')
		return
	}
	b.WriteByte('\n')
	n.yaml(b, inner, false)
}

// yamlLine is a node that needs no lines of its own: a scalar, or what is short.
func (n node) yamlLine(indent string, full int) (string, bool) {
	if n.is == 0 || n.is == '"' {
		return n.scalar(indent), true
	}
	room := width - full
	if len(n.members)+len(n.items) == 0 {
		room = math.MaxInt
	}
	line, ok := n.oneLine(nil, inFlow, deep, room)
	return string(line), ok && !n.hasLines()
}

// hasLines reports whether there is a text of several lines in it.
func (n node) hasLines() bool {
	if n.is == '"' {
		return strings.Contains(n.text, "\n")
	}
	for _, m := range n.members {
		if m.Value.hasLines() {
			return true
		}
	}
	for _, item := range n.items {
		if item.hasLines() {
			return true
		}
	}
	return false
}

// scalar is what is no object and no list in YAML. Of numbers, truth and nothing
// YAML and JSON have one spelling, and every text of JSON is one of YAML, though
// not the most readable one.
func (n node) scalar(indent string) string {
	if n.is == 0 {
		return n.text
	}
	lines := strings.Split(n.text, "\n")
	if len(lines) == 1 {
		return plain(n.text)
	}
	for _, line := range lines {
		if !printable(line) || strings.TrimSpace(line) != line {
			return inQuotes(n.text)
		}
	}
	block, last := "|-", len(lines)-1
	if lines[last] == "" {
		block, lines = "|", lines[:last]
	}
	if lines[0] == "" || lines[len(lines)-1] == "" {
		return inQuotes(n.text)
	}
	for _, line := range lines {
		block += "\n"
		if line != "" {
			block += indent + line
		}
	}
	return block
}

// plain is a text without quotes, where YAML reads it as that text; else in
// single quotes, which need no escapes, where its characters allow them; else,
// and where it looks like a number, it is what JSON says.
func plain(s string) string {
	switch first, _ := utf8.DecodeRuneInString(s); {
	case !printable(s):
		return inQuotes(s)
	case (unicode.IsLetter(first) || first == '/' || first == '$' || first == '_') && !words[strings.ToLower(s)] &&
		!strings.Contains(s, ": ") && !strings.Contains(s, " #") && !strings.HasSuffix(s, ":") && strings.TrimSpace(s) == s:
		return s
	case unicode.IsDigit(first) || strings.ContainsRune(s, '\''):
		return inQuotes(s)
	}
	return "'" + s + "'"
}

// inFlow is plain between brackets, where more characters mean something.
func inFlow(s string) string {
	text := plain(s)
	if text == s && strings.ContainsAny(s, ",[]{}?:#") {
		return inQuotes(s)
	}
	return text
}

// words are those that YAML, in one version or another, takes for no text.
var words = map[string]bool{
	"true": true, "false": true, "yes": true, "no": true, "on": true, "off": true, "y": true, "n": true, "null": true,
}

func printable(s string) bool {
	return isPlainASCII(s) || utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool { return r != ' ' && !unicode.IsPrint(r) })
}

// inQuotes is a text as JSON has it, with what YAML forbids escaped as well.
func inQuotes(s string) string {
	if isPlainASCII(s) {
		return `"` + s + `"`
	}
	return allowed(string(text(s)))
}

// isPlainASCII reports whether JSON takes all characters as they are: the most
// of what documents say.
func isPlainASCII(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c >= 0x7f || c == '"' || c == '\\' {
			return false
		}
	}
	return true
}

func allowed(quoted string) string {
	if !strings.ContainsFunc(quoted, forbidden) {
		return quoted
	}
	var b strings.Builder
	for _, r := range quoted {
		if forbidden(r) {
			fmt.Fprintf(&b, `\u%04x`, r)
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// forbidden are the characters that JSON takes as they are and YAML does not
// (YAML 1.2.2, 5.1), or takes for the end of a line.
func forbidden(r rune) bool {
	return r >= 0x7f && r <= 0x9f || r == 0x2028 || r == 0x2029 || r == 0xfeff || r == 0xfffe || r == 0xffff
}
