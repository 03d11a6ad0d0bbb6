package apidoc

import (
	"encoding/json"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// asJSON is a document as indented JSON.
func asJSON(doc any) (string, error) {
	n, err := treeOf(doc)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	n.json(&b, "\n")
	b.WriteByte('\n')
	return b.String(), nil
}

// json writes a node; newline begins a line of what it stands in.
func (n node) json(b *strings.Builder, newline string) {
	inner := newline + "  "
	switch {
	case n.is == 0:
		b.WriteString(n.scalar)
	case n.is == '{' && len(n.members) == 0:
		b.WriteString("{}")
	case n.is == '[' && len(n.items) == 0:
		b.WriteString("[]")
	case n.is == '{':
		for i, m := range n.members {
			b.WriteString(begin(i, '{'))
			b.WriteString(inner)
			b.WriteString(inQuotes(m.Name))
			b.WriteString(": ")
			m.Value.json(b, inner)
		}
		b.WriteString(newline + "}")
	default:
		for i, item := range n.items {
			b.WriteString(begin(i, '['))
			b.WriteString(inner)
			item.json(b, inner)
		}
		b.WriteString(newline + "]")
	}
}

func begin(i int, first byte) string {
	if i == 0 {
		return string(first)
	}
	return ","
}

// asYAML is a document as YAML.
func asYAML(doc any) (string, error) {
	n, err := treeOf(doc)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	n.yaml(&b, "")
	return b.String(), nil
}

// yaml writes the lines of an object or a list, each behind an indent; a scalar
// is one, behind nothing.
func (n node) yaml(b *strings.Builder, indent string) {
	switch n.is {
	case '{':
		for _, m := range n.members {
			b.WriteString(indent)
			m.yaml(b, indent)
		}
	case '[':
		for _, item := range n.items {
			b.WriteString(indent + "- ")
			item.item(b, indent+"  ")
		}
	default:
		b.WriteString(scalar(n.scalar, indent) + "\n")
	}
}

// item writes an item of a list behind its dash: its first line is on that of
// the dash.
func (n node) item(b *strings.Builder, indent string) {
	if line, ok := n.oneLine(indent); ok {
		b.WriteString(line + "\n")
		return
	}
	var lines strings.Builder
	n.yaml(&lines, indent)
	b.WriteString(strings.TrimPrefix(lines.String(), indent))
}

// yaml writes a member.
func (m Member[T]) yaml(b *strings.Builder, indent string) {
	n, _ := any(m.Value).(node)
	b.WriteString(plain(m.Name, inQuotes(m.Name)) + ":")
	if line, ok := n.oneLine(indent + "  "); ok {
		b.WriteString(" " + line + "\n")
		return
	}
	b.WriteByte('\n')
	n.yaml(b, indent+"  ")
}

// oneLine is a node that needs no lines of its own: a scalar, a short list of
// them, nothing.
func (n node) oneLine(indent string) (string, bool) {
	switch {
	case n.is == 0:
		return scalar(n.scalar, indent), true
	case n.is == '{':
		return "{}", len(n.members) == 0
	}
	line := "["
	for i, item := range n.items {
		if item.is != 0 {
			return "", false
		}
		if i > 0 {
			line += ", "
		}
		text := scalar(item.scalar, indent)
		if item.scalar[0] == '"' && strings.ContainsAny(text, ",[]{}?\n") {
			text = allowed(item.scalar)
		}
		line += text
	}
	return line + "]", len(line) < 100
}

// scalar is a JSON scalar in YAML. Of numbers, truth and nothing both have one
// spelling, and every text of JSON is one of YAML, though not the most readable
// one.
func scalar(text, indent string) string {
	if text[0] != '"' {
		return text
	}
	var s string
	if json.Unmarshal([]byte(text), &s) != nil {
		return text
	}
	text = allowed(text)
	lines := strings.Split(s, "\n")
	if len(lines) == 1 {
		return plain(s, text)
	}
	for _, line := range lines {
		if !printable(line) || strings.TrimSpace(line) != line {
			return text
		}
	}
	block, last := "|-", len(lines)-1
	if lines[last] == "" {
		block, lines = "|", lines[:last]
	}
	if lines[0] == "" || lines[len(lines)-1] == "" {
		return text
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
func plain(s, quoted string) string {
	switch first, _ := utf8.DecodeRuneInString(s); {
	case !printable(s):
		return quoted
	case (unicode.IsLetter(first) || first == '/' || first == '$' || first == '_') && !words[strings.ToLower(s)] &&
		!strings.Contains(s, ": ") && !strings.Contains(s, " #") && !strings.HasSuffix(s, ":") && strings.TrimSpace(s) == s:
		return s
	case unicode.IsDigit(first) || strings.ContainsRune(s, '\''):
		return quoted
	}
	return "'" + s + "'"
}

// words are those that YAML, in one version or another, takes for no text.
var words = map[string]bool{
	"true": true, "false": true, "yes": true, "no": true, "on": true, "off": true, "y": true, "n": true, "null": true,
}

func printable(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool { return r != ' ' && !unicode.IsPrint(r) })
}

// inQuotes is a text as JSON has it, with what YAML forbids escaped as well.
func inQuotes(s string) string { return allowed(string(text(s))) }

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
