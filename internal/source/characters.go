package source

import (
	"bytes"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/esgen/esgen/internal/rule"
)

// readable looks at every character once: it refuses what no text file holds,
// and notes whether characters that look like others occur at all, so that
// the usual file pays for that search once.
func (p *parser) readable() bool {
	data := p.file.Data
	if bytes.HasPrefix(data, []byte{0xFF, 0xFE}) || bytes.HasPrefix(data, []byte{0xFE, 0xFF}) {
		p.report(&Error{Rule: rule.YAMLEncoding, Pos: Pos{p.file, 1, 1},
			Message: "the file is written in UTF-16", Suggestion: "save it as UTF-8"})
		return false
	}
	before := len(p.errs)
	refuse := func(off int, id rule.ID, message, suggestion string) {
		p.report(&Error{Rule: id, Pos: p.at(off), Message: message, Suggestion: suggestion})
	}
	for off := p.lines[0]; off < len(data) && len(p.errs) < maxErrors; {
		b := data[off]
		if b < utf8.RuneSelf {
			switch {
			case b >= ' ' && b < 0x7F || b == '\n' || b == '\t':
			case b == '\r' && off+1 < len(data) && data[off+1] == '\n':
			case b == '\r':
				refuse(off, rule.YAMLEncoding, "a carriage return without a line feed stands here", "end lines the way your editor calls LF or CRLF")
			default:
				refuse(off, rule.YAMLEncoding, fmt.Sprintf("the control character %U stands here", b), "delete it")
			}
			off++
			continue
		}
		r, size := utf8.DecodeRune(data[off:])
		switch {
		case r == utf8.RuneError && size == 1:
			refuse(off, rule.YAMLEncoding, fmt.Sprintf("the byte 0x%02X is no UTF-8 text", b), "save the file as UTF-8")
			return false // what follows is guesswork
		case r == '\u0085' || r == '\u2028' || r == '\u2029':
			refuse(off, rule.YAMLEncoding, fmt.Sprintf("the invisible line break %U stands here", r), "delete it, or break the line in the ordinary way")
		case r == '\uFEFF':
			refuse(off, rule.YAMLBlank, "a byte order mark (U+FEFF), which nobody sees, stands here", "delete it")
		case unicode.IsControl(r) || r == '\uFFFE' || r == '\uFFFF':
			refuse(off, rule.YAMLEncoding, fmt.Sprintf("the control character %U stands here", r), "delete it")
		case lookalike(r) != "":
			p.lookalikes = true
		}
		off += size
	}
	return len(p.errs) == before
}

// lookalike says what a character is that passes for a blank, for nothing or
// for a colon: "" for all others.
func lookalike(r rune) string {
	switch r {
	case '\u00A0', '\u202F':
		return "a no-break space"
	case '\u3000':
		return "a full-width space"
	case '\u3164', '\uFFA0', '\u115F', '\u1160':
		return "a Hangul filler"
	case '\u2800':
		return "an empty Braille cell"
	case '\u200B', '\u200C', '\u200D', '\u2060', '\u180E', '\u00AD':
		return "an invisible character"
	case '\u200E', '\u200F', '\u202A', '\u202B', '\u202C', '\u202D', '\u202E', '\u2066', '\u2067', '\u2068', '\u2069':
		return "an invisible change of writing direction"
	case '：', '︓', '﹕', '꞉', '∶':
		return "a colon of another kind"
	}
	if r > unicode.MaxASCII && unicode.Is(unicode.Zs, r) {
		return "a space of another kind"
	}
	return ""
}

// plainFor is the ordinary character a look-alike passes for.
func plainFor(r rune) string {
	switch what := lookalike(r); {
	case what == "":
		return string(r)
	case strings.Contains(what, "colon"):
		return ":"
	case strings.Contains(what, "invisible"):
		return ""
	}
	return " "
}

// findLookalike returns the first look-alike of a text that is not quoted.
//
// Joiners (U+200C, U+200D) between letters or pictures are how some scripts
// and most family emojis are written; they are let through there.
func findLookalike(s string) (off int, r rune, found bool) {
	var before rune = ' '
	for i, r := range s {
		if r >= utf8.RuneSelf && lookalike(r) != "" {
			after, _ := utf8.DecodeRuneInString(s[i+utf8.RuneLen(r):])
			joins := (r == '\u200C' || r == '\u200D') && before >= utf8.RuneSelf && after >= utf8.RuneSelf &&
				after != utf8.RuneError && lookalike(before) == "" && lookalike(after) == ""
			if !joins {
				return i, r, true
			}
		}
		before = r
	}
	return 0, 0, false
}

// ordinary is a text with every look-alike replaced by what it passes for.
func ordinary(s string) string {
	var b strings.Builder
	for i, r := range s {
		b.WriteString(plainFor(r))
		if plainFor(r) == ":" && !strings.HasPrefix(s[i+utf8.RuneLen(r):], " ") {
			b.WriteByte(' ') // "이름：값" means a key and its value
		}
	}
	return b.String()
}

// lookalikeError reports the first look-alike of a plain text, if it has one;
// place is where each offset of the text stands in the file.
func lookalikeError(text string, place func(off int) Pos) *Error {
	off, r, found := findLookalike(text)
	if !found {
		return nil
	}
	e := &Error{
		Rule: rule.YAMLBlank, Pos: place(off),
		Message:    fmt.Sprintf("%s contains %U, %s", shown(text), r, lookalike(r)),
		Suggestion: fmt.Sprintf("write %s, or put the text in quotes if the character is meant", strings.Join(strings.Fields(ordinary(text)), " ")),
	}
	switch {
	case plainFor(r) == ":":
		e.Rule = rule.YAMLColon
	case plainFor(r) == " " && off == 0:
		e.Suggestion = "indent with ordinary blanks"
	}
	return e
}

// shown quotes a text for a message: what cannot be seen is made visible, and
// a long text is cut.
func shown(s string) string {
	const most = 40
	quote := `"`
	if strings.Contains(s, quote) {
		quote = "`"
	}
	var b strings.Builder
	b.WriteString(quote)
	n := 0
	for _, r := range s {
		if n++; n > most {
			b.WriteString("…")
			break
		}
		switch {
		case r == '\n':
			b.WriteString(`\n`)
		case r < ' ', lookalike(r) != "" && plainFor(r) != ":":
			fmt.Fprintf(&b, "<%U>", r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteString(quote)
	return b.String()
}
