package board

import (
	"strings"
	"unicode"

	"golang.org/x/text/width"

	"github.com/esgen/esgen/internal/quote"
)

// What a note measures, in pixels. Its height grows with its text.
const (
	noteWidth  = 124
	noteHeight = 64
	smallWidth = 92 // of actors and hotspots
	smallLeast = 30
	padding    = 8
	textSize   = 13
	codeSize   = 10
	lineHeight = 1.25 // of the size of the letters
)

// write puts a note's text onto it, and makes it as high as that needs.
func (n *Note) write(second string) {
	w, size, least := noteWidth, textSize, noteHeight
	if n.small() {
		w, size, least = smallWidth, 11, smallLeast
	}
	title := quote.Line(n.Title)
	size = fitting(title, size, w-2*padding)
	for _, line := range wrap(title, size, w-2*padding) {
		n.Lines = append(n.Lines, Line{line, size, !n.small()})
	}
	if second != "" {
		for _, line := range wrap(second, codeSize, w-2*padding) {
			n.Lines = append(n.Lines, Line{line, codeSize, false})
		}
	}
	n.Box.W, n.Box.H = w, max(least, textHeight(n.Lines)+2*padding)
}

func (n *Note) small() bool { return n.Kind == Actor || n.Kind == Hotspot }

// textHeight is what lines take.
func textHeight(lines []Line) int {
	h := 0.0
	for _, l := range lines {
		h += float64(l.Size) * lineHeight
	}
	return int(h + 0.5)
}

// advances are the widths of the letters from blank to tilde, in thousandths of
// their size: those of Helvetica Bold (Adobe's font metrics), the widest of the
// fonts that stand in for one another as sans-serif.
var advances = [...]int{
	278, 333, 474, 556, 556, 889, 722, 238, 333, 333, 389, 584, 278, 333, 278, 278,
	556, 556, 556, 556, 556, 556, 556, 556, 556, 556, 333, 333, 584, 584, 584, 611,
	975, 722, 722, 722, 722, 667, 611, 778, 722, 278, 556, 722, 611, 833, 722, 778,
	667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 333, 278, 333, 584, 556,
	333, 556, 611, 556, 611, 556, 333, 611, 611, 278, 278, 556, 278, 889, 611, 611,
	611, 611, 389, 556, 333, 611, 556, 778, 556, 556, 500, 389, 280, 389, 584,
}

// widen is how much wider than the fonts we measure one may be that a reader has.
const widen = 1.06

// Measure is how wide a text is, in pixels, at most.
func Measure(text string, size int) float64 {
	sum := 0
	for _, r := range text {
		sum += advance(r)
	}
	return float64(sum*size) / 1000 * widen
}

// advance is how wide a letter is, in thousandths of its size.
func advance(r rune) int {
	switch {
	case r >= ' ' && r <= '~':
		return advances[r-' ']
	case unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf):
		return 0
	}
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return 1000
	case width.EastAsianAmbiguous:
		return 900
	}
	return 700
}

// wrap breaks a text into lines that are not wider than so many pixels: at blanks,
// between the words of a name (OrderPlaced), and where nothing else helps, anywhere.
func wrap(text string, size, most int) []string {
	var lines []string
	line := ""
	for _, part := range parts(strings.Join(strings.Fields(text), " ")) {
		if Measure(strings.TrimRight(line+part, " "), size) <= float64(most) {
			line += part
			continue
		}
		if line != "" {
			lines = append(lines, strings.TrimRight(line, " "))
		}
		line = ""
		for _, r := range part {
			if Measure(line+string(r), size) > float64(most) && line != "" {
				lines = append(lines, line)
				line = ""
			}
			line += string(r)
		}
	}
	if line = strings.TrimRight(line, " "); line != "" || len(lines) == 0 {
		lines = append(lines, line)
	}
	return lines
}

// fitting is a size of letters, not larger than the one that is wanted, at which no
// word need be broken; where there is none, the smallest.
func fitting(text string, size, most int) int {
	for ; size > codeSize; size-- {
		whole := true
		for _, part := range parts(strings.Join(strings.Fields(text), " ")) {
			whole = whole && Measure(strings.TrimRight(part, " "), size) <= float64(most)
		}
		if whole {
			break
		}
	}
	return size
}

// parts cuts a text where a line may end: behind a blank or a mark, and before
// a capital that follows a small letter.
func parts(text string) []string {
	var out []string
	begin, before := 0, rune(0)
	for i, r := range text {
		mark := before == ' ' || strings.ContainsRune("-_./,", before)
		hump := unicode.IsLower(before) && unicode.IsUpper(r)
		if i > begin && (mark || hump) && r != ' ' {
			out = append(out, text[begin:i])
			begin = i
		}
		before = r
	}
	return append(out, text[begin:])
}
