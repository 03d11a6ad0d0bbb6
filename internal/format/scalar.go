package format

import (
	"strings"

	"github.com/esgen/esgen/internal/source"
)

// oneLine writes a text on one line: without quotes where they are not needed,
// unless other readers of YAML would then take it for something else than text.
func oneLine(n *source.Node, flow bool) string {
	plain := source.Unquoted(n.Value, flow)
	if plain && (n.Style == source.Plain || !source.Guessed(n.Value)) {
		return n.Value
	}
	return source.InQuotes(n.Value)
}

// linesOf writes a value. What its author wrote on several lines stays on them
// (unless escapes say what belongs to it), without the indentation of those
// below the first.
func linesOf(n *source.Node, flow bool) []string {
	if inBlock(n) {
		if lines := blockLines(n); lines != nil {
			return lines
		}
		return []string{source.InQuotes(n.Value)}
	}
	if n.PosAt(len(n.Value)).Line > n.Pos.Line {
		if lines := foldedLines(n); staysFolded(n, lines, flow) {
			return lines
		}
	}
	return []string{oneLine(n, flow)}
}

// staysFolded reports whether a text over several lines is the same wherever
// its lines begin, in whatever it stands now.
func staysFolded(n *source.Node, lines []string, flow bool) bool {
	switch n.Style {
	case source.Plain:
		return source.Unquoted(strings.ReplaceAll(n.Value, "\n", " "), flow)
	case source.DoubleQuoted:
		return !strings.Contains(strings.Join(lines, ""), `\`)
	}
	return true
}

// foldedLines are the lines of a plain or quoted text over several lines.
func foldedLines(n *source.Node) []string {
	f, to := n.Pos.File, n.PosAt(len(n.Value))
	var lines []string
	for line := n.Pos.Line; line <= to.Line; line++ {
		runes := []rune(f.Line(line))
		from := 0
		if line == n.Pos.Line {
			from = n.Pos.Column - 1
		}
		if line == to.Line {
			runes = runes[:to.Column-1]
		} else {
			runes = []rune(strings.TrimRight(string(runes), " \t"))
		}
		text := string(runes[min(from, len(runes)):])
		if line > n.Pos.Line {
			text = strings.TrimLeft(text, " \t")
		}
		lines = append(lines, text)
	}
	switch n.Style {
	case source.SingleQuoted:
		lines[len(lines)-1] += "'"
	case source.DoubleQuoted:
		lines[len(lines)-1] += `"`
	}
	return lines
}

// blockLines are the lines of a literal or folded text, its sign first; nil
// when it has no text.
func blockLines(n *source.Node) []string {
	content := strings.TrimRight(n.Value, "\n")
	if strings.TrimSpace(content) == "" {
		return nil
	}
	first := len(content) - len(strings.TrimLeft(content, "\n"))
	sign := "|"
	if n.Style == source.Folded {
		sign = ">"
	}
	f, start := n.Pos.File, n.PosAt(first)
	if c := content[first]; c == ' ' || c == '\t' {
		sign += "2" // it could not be told from indentation
	}
	switch len(n.Value) - len(content) {
	case 0:
		sign += "-"
	case 1:
	default:
		sign += "+"
	}
	lines := []string{sign}
	indented := start.Column - 1
	for line := n.Pos.Line + 1; line <= lastLine(n); line++ {
		runes := []rune(f.Line(line))
		lines = append(lines, string(runes[min(indented, len(runes)):]))
	}
	return lines
}
