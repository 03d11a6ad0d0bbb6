package pact

import (
	"fmt"
	"regexp"
	"strings"
)

// defaultFormats are the formats of matchers that say none. They are written
// as Java's SimpleDateFormat has it, which the specification refers to.
var defaultFormats = map[string]string{
	"date": "yyyy-MM-dd", "time": "HH:mm:ss", "datetime": "yyyy-MM-dd'T'HH:mm:ssXXX",
}

// dateParts are what the letters of a format stand for: texts of the right
// form, whose values are looked at no further.
var dateParts = map[byte]func(n int) string{
	'y': func(n int) string {
		if n == 2 {
			return `\d{2}`
		}
		return `\d{4}`
	},
	'M': func(n int) string {
		if n > 2 {
			return `\pL+`
		}
		return number(n, `1[0-2]`, `[1-9]`)
	},
	'd': func(n int) string { return number(n, `[12]\d|3[01]`, `[1-9]`) },
	'H': func(n int) string { return number(n, `1\d|2[0-3]`, `\d`) },
	'h': func(n int) string { return number(n, `1[0-2]`, `[1-9]`) },
	'm': func(n int) string { return number(n, `[1-5]\d`, `\d`) },
	's': func(n int) string { return number(n, `[1-5]\d|60`, `\d`) },
	'S': func(n int) string { return fmt.Sprintf(`\d{%d}`, n) },
	'n': func(int) string { return `\d+` },
	'a': func(int) string { return `(?i:AM|PM)` },
	'E': func(int) string { return `\pL+` },
	'X': func(n int) string {
		switch n {
		case 1:
			return `(?:Z|[+-]\d{2}(?:\d{2})?)`
		case 2:
			return `(?:Z|[+-]\d{4})`
		}
		return `(?:Z|[+-]\d{2}:\d{2})`
	},
	'Z': func(n int) string {
		if n > 4 {
			return `[+-]\d{2}:\d{2}`
		}
		return `[+-]\d{4}`
	},
	'z': func(int) string { return `[\pL/_+\-:0-9]+` },
}

// number is a number that has a leading zero when it has two letters.
func number(n int, two, one string) string {
	if n == 1 {
		return "(?:" + two + "|0?" + one + ")"
	}
	return "(?:" + two + "|0" + one + ")"
}

// dateRegexp is a format as a regular expression.
func dateRegexp(format string) (*regexp.Regexp, error) {
	var b strings.Builder
	b.WriteByte('^')
	for rest := format; rest != ""; {
		c := rest[0]
		switch {
		case c == '\'':
			text, after, ok := strings.Cut(rest[1:], "'")
			if !ok {
				return nil, fmt.Errorf("format %q: a ' has no end", format)
			}
			if text == "" {
				text = "'"
			}
			b.WriteString(regexp.QuoteMeta(text))
			rest = after
		case 'A' <= c && c <= 'Z' || 'a' <= c && c <= 'z':
			n := len(rest) - len(strings.TrimLeft(rest, string(c)))
			part, ok := dateParts[c]
			if !ok {
				return nil, fmt.Errorf("format %q: the letter %c is not known here", format, c)
			}
			b.WriteString(part(n))
			rest = rest[n:]
		default:
			b.WriteString(regexp.QuoteMeta(rest[:1]))
			rest = rest[1:]
		}
	}
	b.WriteByte('$')
	return regexp.Compile(b.String())
}
