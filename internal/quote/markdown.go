package quote

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Markdown is text that is Markdown already.
type Markdown string

// Inline is a text within a line, a heading, a link or a cell of a table of
// Markdown: what it says, and no markup.
func Inline[S ~string](text S) Markdown { return Markdown(inline(Line(text))) }

// Block is a text as paragraphs of Markdown, with its lines.
func Block[S ~string](text S) Markdown {
	lines := Lines(text)
	for i, line := range lines {
		lines[i] = inline(strings.TrimSpace(line))
	}
	return Markdown(strings.Join(lines, "\n"))
}

// Code is a text as a piece of code within a line.
func Code[S ~string](text S) Markdown {
	s := Line(text)
	if s == "" {
		return ""
	}
	fence := "`"
	for strings.Contains(s, fence) {
		fence += "`"
	}
	if strings.HasPrefix(s, "`") || strings.HasSuffix(s, "`") {
		s = " " + s + " "
	}
	return Markdown(fence + s + fence)
}

// Cell is Markdown as a cell of a table has it: a bar would end the cell, in
// code too.
func Cell(m Markdown) Markdown {
	if !strings.Contains(string(m), "|") {
		return m
	}
	var b strings.Builder
	for i := range len(m) {
		if m[i] == '|' && (i == 0 || m[i-1] != '\\') {
			b.WriteByte('\\')
		}
		b.WriteByte(m[i])
	}
	return Markdown(b.String())
}

// Fence is a text as a block of code of a language.
func Fence[S ~string](language string, text S) Markdown {
	fence := "```"
	for strings.Contains(string(text), fence) {
		fence += "`"
	}
	return Markdown(fence + language + "\n" + strings.TrimSuffix(valid(string(text)), "\n") + "\n" + fence)
}

var (
	// markup is what means something wherever it stands: to CommonMark, to the
	// tables, strikes and formulas of GitHub, and to HTML.
	markup = strings.NewReplacer(`\`, `\\`, "`", "\\`", `*`, `\*`, `[`, `\[`, `]`, `\]`, `|`, `\|`, `~`, `\~`, `$`, `\$`, `<`, `&lt;`)
	// entity is a character by its name or number in HTML.
	entity = regexp.MustCompile(`&(#?[A-Za-z0-9]+;)`)
	// begins is what makes a heading, a list, a quotation, a line or front matter
	// of the line it begins.
	begins = regexp.MustCompile(`^([#+=>-]|\d{1,9}[.)])`)
	// links are addresses that readers of Markdown make links of by themselves.
	links = regexp.MustCompile(`(?i)(?:https?|ftp)://|(?:mailto|xmpp):|www\.|@`)
	mark  = regexp.MustCompile(`[:.@]`) // by which an address is one
)

// inline looks for what makes a pattern match before it tries the pattern: most
// texts have nothing of it.
func inline(line string) string {
	if strings.Contains(line, "&") {
		line = entity.ReplaceAllString(line, `&amp;$1`)
	}
	line = underlines(markup.Replace(line))
	if at := begins.FindStringIndex(line); at != nil {
		line = line[:at[1]-1] + `\` + line[at[1]-1:]
	}
	if !strings.ContainsAny(line, ":.@") {
		return line
	}
	return links.ReplaceAllStringFunc(line, func(link string) string {
		at := mark.FindStringIndex(link)[0]
		return link[:at] + `\` + link[at:]
	})
}

// underlines keeps underscores from being emphasis. Within a word they are
// none, and stay readable.
func underlines(line string) string {
	if !strings.Contains(line, "_") {
		return line
	}
	var b strings.Builder
	before := ' '
	for i, r := range line {
		after, _ := utf8.DecodeRuneInString(line[i+utf8.RuneLen(r):])
		if r == '_' && (!isWord(before) || !isWord(after)) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
		before = r
	}
	return b.String()
}

func isWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }
