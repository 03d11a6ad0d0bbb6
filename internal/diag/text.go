package diag

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/width"

	"github.com/esgen/esgen/internal/quote"
	"github.com/esgen/esgen/internal/rule"
	"github.com/esgen/esgen/internal/source"
)

// printText prints for a person:
//
//	esgen.yaml:12:9: error: "emit" is here twice [yaml-duplicate-key]
//	  12 |         emit: [OrderPlaced]
//	     |         ^
//	esgen.yaml:8:9: the first one
//	   8 |         emit: [OrderPaid]
//	     |         ^
//	help: rename one of them, or put together what both say
//
//	1 error
//
// What is gravest comes first. What one rule has to say of many places, and is
// no error, is one line where Fold says so.
func printText(w io.Writer, items []Diagnostic, opt Options) error {
	slices.SortStableFunc(items, func(a, b Diagnostic) int { return cmp.Compare(a.Severity, b.Severity) })
	p := textPrinter{w: bufio.NewWriter(w), color: opt.Color}
	folded := map[kind][]Diagnostic{}
	if opt.Fold != "" {
		folded = alike(items)
	}
	for _, d := range items {
		switch these := folded[kindOf(d)]; {
		case these == nil:
			p.diagnostic(d)
		case these[0].Pos == d.Pos && these[0].Message == d.Message:
			p.fold(these, opt.Rule)
		}
	}
	if len(items) > 0 {
		said := summary(items)
		if len(folded) > 0 {
			said += "; " + opt.Fold
		}
		fmt.Fprintln(p.w, said)
	}
	return p.w.Flush() // the first error of all writes
}

// kind is what diagnostics that are folded have in common.
type kind struct {
	Severity Severity
	Rule     rule.ID
}

func kindOf(d Diagnostic) kind { return kind{d.Severity, d.Rule} }

const (
	foldFrom   = 3 // so many of a kind are folded
	foldPlaces = 3 // and so many of their places are named
)

// alike are the diagnostics that are folded, by kind. Each error is told: it
// has to be mended.
func alike(items []Diagnostic) map[kind][]Diagnostic {
	all := map[kind][]Diagnostic{}
	for _, d := range items {
		all[kindOf(d)] = append(all[kindOf(d)], d)
	}
	maps.DeleteFunc(all, func(k kind, these []Diagnostic) bool { return k.Severity == Error || len(these) < foldFrom })
	return all
}

type textPrinter struct {
	w     *bufio.Writer
	color bool
}

// fold is one line about many diagnostics of a kind:
//
//	esgen.yaml:4:10, :4:24, :9:7 and 12 more: warning: a note is a name only [incomplete]
func (p textPrinter) fold(these []Diagnostic, describe func(string) (string, string)) {
	text := these[0].Message
	if describe != nil {
		if says, _ := describe(string(these[0].Rule)); says != "" {
			text = says
		}
	}
	var places []string
	file := ""
	for _, d := range these[:foldPlaces] {
		place := d.Pos.String()
		if d.Pos.Path() == file {
			place = strings.TrimPrefix(place, file)
		}
		file = d.Pos.Path()
		places = append(places, harmless(place))
	}
	where := strings.Join(places, ", ")
	if more := len(these) - foldPlaces; more > 0 {
		where = fmt.Sprintf("%s and %d more", where, more)
	}
	fmt.Fprintf(p.w, "%s: %s: %s %s\n\n", p.paint(bold, where), p.paint(severityColor(these[0].Severity), these[0].Severity.String()), harmless(text), p.paint(faint, "["+string(these[0].Rule)+"]"))
}

func (p textPrinter) diagnostic(d Diagnostic) {
	if place := d.Pos.String(); place != "" {
		fmt.Fprintf(p.w, "%s: ", p.paint(bold, harmless(place)))
	}
	fmt.Fprintf(p.w, "%s: %s", p.paint(severityColor(d.Severity), d.Severity.String()), harmless(d.Message))
	if d.Rule != "" {
		fmt.Fprintf(p.w, " %s", p.paint(faint, "["+string(d.Rule)+"]"))
	}
	fmt.Fprintln(p.w)

	gutter := gutterWidth(d)
	p.line(d.Pos, gutter, severityColor(d.Severity))
	for _, r := range d.Related {
		fmt.Fprintf(p.w, "%s: %s\n", harmless(r.Pos.String()), harmless(r.Message))
		p.line(r.Pos, gutter, cyan)
	}
	if d.Suggestion != "" {
		fmt.Fprintf(p.w, "%s %s\n", p.paint(green, "help:"), harmless(d.Suggestion))
	}
	fmt.Fprintln(p.w)
}

// line shows the line of a place and points at the place.
func (p textPrinter) line(pos source.Pos, gutter int, c color) {
	if pos.File == nil || !pos.IsValid() {
		return
	}
	text, cells := excerpt(pos.File.Line(pos.Line), pos.Column)
	if text == "" {
		return
	}
	number := fmt.Sprintf("%*d |", gutter, pos.Line)
	bar := strings.Repeat(" ", gutter) + " |"
	fmt.Fprintf(p.w, "%s %s\n%s %s%s\n", p.paint(faint, number), text,
		p.paint(faint, bar), strings.Repeat(" ", cells), p.paint(c, "^"))
}

// gutterWidth makes the line numbers of one diagnostic end in one column.
func gutterWidth(d Diagnostic) int {
	last := d.Pos.Line
	for _, r := range d.Related {
		last = max(last, r.Pos.Line)
	}
	return 2 + len(strconv.Itoa(last))
}

const (
	tabWidth  = 4
	maxBefore = 90 // cells of a line shown in front of the caret
	maxAfter  = 60 // and from it on
)

// excerpt is a line as it can be shown, and how many terminal cells stand in
// front of a column (counted in characters, from 1). Of a line too long for any
// terminal the part around the column is shown.
func excerpt(line string, column int) (text string, cells int) {
	caret := len(line) // byte offset of the character pointed at
	if column <= len(line) {
		for i := range line {
			if column--; column == 0 {
				caret = i
				break
			}
		}
	}
	var b strings.Builder
	first, before := caret, 0
	for first > 0 {
		r, size := utf8.DecodeLastRuneInString(line[:first])
		_, wide := glyphOf(r)
		if before+wide > maxBefore {
			b.WriteString("…")
			break
		}
		first, before = first-size, before+wide
	}
	if first > 0 {
		cells = 1
	}
	cells += before
	last, after := caret, 0
	for last < len(line) {
		r, size := utf8.DecodeRuneInString(line[last:])
		_, wide := glyphOf(r)
		if after+wide > maxAfter {
			break
		}
		last, after = last+size, after+wide
	}
	for _, r := range line[first:last] {
		shown, _ := glyphOf(r)
		b.WriteString(shown)
	}
	text = strings.TrimRight(b.String(), " ")
	if last < len(line) {
		text += "…"
	}
	return text, cells
}

// glyphOf is how a character is shown and how many cells it takes. What would
// move the cursor or the text around it is shown as a replacement character:
// the lines printed come from files that anybody may have written.
func glyphOf(r rune) (shown string, cells int) {
	switch {
	case r == '\t':
		return strings.Repeat(" ", tabWidth), tabWidth
	case unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp):
		return "\uFFFD", 1
	case unicode.In(r, unicode.Mn, unicode.Me), isTrailingJamo(r):
		return string(r), 0
	}
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return string(r), 2
	}
	return string(r), 1
}

// isTrailingJamo reports whether a character is a vowel or final consonant that
// a terminal draws into the syllable before it.
func isTrailingJamo(r rune) bool {
	return 0x1160 <= r && r <= 0x11FF || 0xD7B0 <= r && r <= 0xD7FF
}

// harmless is a text without what would take over the terminal.
func harmless(s string) string { return quote.Visible(s) }

// summary counts: "2 errors, 1 warning".
func summary(items []Diagnostic) string {
	var counts [Note + 1]int
	for _, d := range items {
		counts[d.Severity]++
	}
	var parts []string
	for s, n := range counts {
		if n == 0 {
			continue
		}
		part := fmt.Sprintf("%d %s", n, Severity(s))
		if n > 1 {
			part += "s"
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, ", ")
}

// color is an ANSI way to set text off.
type color string

const (
	bold   color = "1"
	faint  color = "2"
	red    color = "1;31"
	green  color = "1;32"
	yellow color = "1;33"
	cyan   color = "1;36"
)

func severityColor(s Severity) color {
	switch s {
	case Error:
		return red
	case Warning:
		return yellow
	}
	return cyan
}

func (p textPrinter) paint(c color, s string) string {
	if !p.color {
		return s
	}
	return "\x1b[" + string(c) + "m" + s + "\x1b[0m"
}
