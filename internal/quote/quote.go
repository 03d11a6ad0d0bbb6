// Package quote writes texts of a model into files of other languages. What a
// person wrote on a note is data, whatever it looks like: here is the one way
// of each language in which it stays so.
//
// A function takes every kind of text, and gives what stands in a file as it
// is. No other package escapes anything.
package quote

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Text is a text of a model, written by whoever wrote the model: a title, a
// description, a message. It is a type of its own so that nobody prints it by
// mistake: a template prints it through a function of this package (a test of
// package render looks), and code cannot put it together with text that is
// final already.
type Text string

// String is the text as it was written, for people and for encoders that quote
// by themselves (encoding/json, yaml.v3).
func (t Text) String() string { return string(t) }

// Line folds a text into one line: line breaks, control characters and what
// turns the direction of writing become blanks, and runs of blanks one.
func Line[S ~string](text S) string {
	return strings.Join(strings.FieldsFunc(strings.ToValidUTF8(string(text), string(utf8.RuneError)), func(r rune) bool {
		return unicode.IsSpace(r) || hidden(r)
	}), " ")
}

// IsLine reports whether a text has nothing that Line folds, but for blanks.
func IsLine[S ~string](text S) bool {
	return utf8.ValidString(string(text)) && !strings.ContainsFunc(string(text), hidden)
}

// Lines are the lines of a text, whatever ends them, each free of what Line
// folds; indentation and empty lines in between stay.
func Lines[S ~string](text S) []string {
	lines := strings.Split(breaks.Replace(strings.ToValidUTF8(string(text), string(utf8.RuneError))), "\n")
	for i, line := range lines {
		lines[i] = strings.TrimRightFunc(strings.Map(plain, line), unicode.IsSpace)
	}
	for len(lines) > 0 && lines[0] == "" {
		lines = lines[1:]
	}
	for len(lines) > 0 && lines[len(lines)-1] == "" {
		lines = lines[:len(lines)-1]
	}
	return lines
}

// breaks makes a line feed of all that ends a line in some language.
var breaks = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\v", "\n", "\f", "\n", "\u0085", "\n", "\u2028", "\n", "\u2029", "\n")

// plain is a character of a line, a blank in place of what is not to be seen.
func plain(r rune) rune {
	if r == '\t' || unicode.Is(unicode.Zs, r) || hidden(r) {
		return ' '
	}
	return r
}

// hidden reports whether a character controls what stands around it: C0, C1, a
// separator of lines, a change of the direction of writing (a text could pass
// for another one), a byte order mark or a tag.
func hidden(r rune) bool {
	switch {
	case unicode.IsControl(r), r == '\u2028', r == '\u2029', r == '\uFEFF':
		return true
	case r == '\u061C', r == '\u200E', r == '\u200F', r >= '\u202A' && r <= '\u202E', r >= '\u2066' && r <= '\u2069':
		return true
	case r >= '\uFFF9' && r <= '\uFFFB', r >= 0xE0000 && r <= 0xE007F:
		return true
	}
	return r >= '\uFFFE' && r <= '\uFFFF'
}

// Visible is a text for somebody who reads it at a terminal, or in the log of a
// pipeline, which obeys lines that begin with two colons or ##[: with its lines,
// and with a replacement character for each that is not to be seen.
func Visible[S ~string](text S) string {
	s := strings.Map(func(r rune) rune {
		if r != '\n' && r != '\t' && hidden(r) {
			return unicode.ReplacementChar
		}
		return r
	}, string(text))
	return orders.ReplaceAllString(s, "$1 $2")
}

var orders = regexp.MustCompile(`(?m)^(\s*(?::|#))(:|#\[)`)

// Join puts pieces of one kind together.
func Join[S ~string](pieces []S, between S) S {
	var b strings.Builder
	for i, p := range pieces {
		if i > 0 {
			b.WriteString(string(between))
		}
		b.WriteString(string(p))
	}
	return S(b.String())
}
