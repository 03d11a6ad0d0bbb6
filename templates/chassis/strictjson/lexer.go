package strictjson

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// space skips blanks.
func (r *reader) space() {
	for r.pos < len(r.data) {
		switch r.data[r.pos] {
		case ' ', '\t', '\n', '\r':
			r.pos++
		default:
			return
		}
	}
}

// peek is the byte at the current place, 0 at the end.
func (r *reader) peek() byte {
	if r.pos < len(r.data) {
		return r.data[r.pos]
	}
	return 0
}

// syntax stops reading: what is here is no JSON.
func (r *reader) syntax(what string) {
	before := r.data[:min(r.pos, len(r.data))]
	line := 1 + bytes.Count(before, []byte("\n"))
	column := 1 + utf8.RuneCount(before[bytes.LastIndexByte(before, '\n')+1:])
	r.stop(Syntax, fmt.Sprintf("line %d, column %d: %s", line, column, what))
}

// wrong skips a value of a kind that does not belong here, and tells.
func (r *reader) wrong(want string) {
	code, message := Type, "must be "+want
	if r.peek() == 'n' {
		code, message = Null, "must be "+want+", not null"
	}
	if r.skip() {
		r.report(code, message)
	}
}

// open enters a list or an object; another kind of value is skipped.
func (r *reader) open(bracket byte, want string) bool {
	if r.peek() != bracket {
		r.wrong(want)
		return false
	}
	return r.enter()
}

// enter passes an opening bracket.
func (r *reader) enter() bool {
	if r.depth == r.limits.Depth {
		r.stop(Depth, "is nested more than "+strconv.Itoa(r.limits.Depth)+" deep")
		return false
	}
	r.depth++
	r.pos++
	return true
}

// more tells whether another element follows, past its comma; at the end it
// passes the closing bracket.
func (r *reader) more(bracket byte, first bool) bool {
	if r.stopped {
		return false
	}
	r.space()
	switch c := r.peek(); {
	case c == bracket:
		r.pos++
		r.depth--
		return false
	case first:
		return true
	case c == ',':
		r.pos++
		r.space()
		if r.peek() == bracket {
			r.syntax("a value must follow the comma")
			return false
		}
		return true
	}
	r.syntax("a comma or a closing bracket must follow here")
	return false
}

// element counts what has to be kept.
func (r *reader) element() bool {
	if r.elements == r.limits.Elements {
		r.stop(TooMany, "more than "+strconv.Itoa(r.limits.Elements)+" elements")
		return false
	}
	r.elements++
	return true
}

// name reads the name of a member, and its colon.
func (r *reader) name() (string, bool) {
	if r.peek() != '"' {
		r.syntax("a name in quotes must follow here")
		return "", false
	}
	raw, ok := r.quoted()
	if !ok {
		return "", false
	}
	name, ok := r.unquote(raw)
	r.space()
	if !r.stopped && r.peek() != ':' {
		r.syntax("a colon must follow the name")
	}
	if r.stopped {
		return "", false
	}
	r.pos++
	r.space()
	if !ok {
		name = strings.ToValidUTF8(name, "\uFFFD")
	}
	return name, true
}

// str reads a string. One with characters that cannot be kept is reported and
// not ok.
func (r *reader) str() (string, bool) {
	raw, ok := r.quoted()
	if !ok {
		return "", false
	}
	return r.unquote(raw)
}

// quoted passes a string, and returns it with its quotes.
func (r *reader) quoted() ([]byte, bool) {
	from := r.pos
	for i := from + 1; i < len(r.data); i++ {
		switch c := r.data[i]; {
		case c == '"':
			r.pos = i + 1
			return r.data[from:r.pos], true
		case c == '\\':
			i++
		case c < ' ':
			r.pos = i
			r.syntax("a control character must be escaped")
			return nil, false
		}
	}
	r.pos = len(r.data)
	r.syntax("the string does not end")
	return nil, false
}

// unquote reads what is in quotes.
func (r *reader) unquote(raw []byte) (string, bool) {
	inner := raw[1 : len(raw)-1]
	if bytes.IndexByte(inner, '\\') < 0 {
		text := string(inner)
		return text, r.decent(text)
	}
	if half := halfSurrogate(inner); half {
		r.report(Text, "has half a character (a lone surrogate)")
		return "", false
	}
	var text string
	if !utf8.Valid(inner) {
		// encoding/json would put replacement characters in their place.
		r.report(Text, "is not UTF-8")
		return "", false
	}
	if err := json.Unmarshal(raw, &text); err != nil {
		r.syntax("the string has an escape that JSON does not know")
		return "", false
	}
	return text, r.decent(text)
}

// decent reports text that is no UTF-8, or has control characters that nothing
// prints and databases refuse.
func (r *reader) decent(text string) bool {
	code, message := indecent(text)
	r.report(code, message)
	return code == ""
}

func indecent(text string) (code, message string) {
	ascii := true
	for i := range len(text) {
		switch c := text[i]; {
		case c < ' ' && c != '\t' && c != '\n' && c != '\r', c == 0x7f:
			return Text, "has a control character"
		case c >= utf8.RuneSelf:
			ascii = false
		}
	}
	if !ascii && !utf8.ValidString(text) {
		return Text, "is not UTF-8"
	}
	return "", ""
}

// halfSurrogate tells whether \u escapes leave half of a pair alone.
func halfSurrogate(text []byte) bool {
	for i := 0; i < len(text); i++ {
		if text[i] != '\\' {
			continue
		}
		unit, ok := escapedUnit(text[i:])
		if !ok {
			i++ // another escape
			continue
		}
		i += 5
		switch {
		case unit >= 0xdc00 && unit < 0xe000:
			return true
		case unit >= 0xd800 && unit < 0xdc00:
			low, ok := escapedUnit(text[i+1:])
			if !ok || low < 0xdc00 || low >= 0xe000 {
				return true
			}
			i += 6
		}
	}
	return false
}

// escapedUnit reads \uXXXX.
func escapedUnit(text []byte) (uint64, bool) {
	if len(text) < 6 || text[0] != '\\' || text[1] != 'u' {
		return 0, false
	}
	unit, err := strconv.ParseUint(string(text[2:6]), 16, 16)
	return unit, err == nil
}

// number passes a number.
func (r *reader) number() ([]byte, bool) {
	from := r.pos
	if r.peek() == '-' {
		r.pos++
	}
	leadingZero := r.peek() == '0'
	whole := r.digits()
	ok := whole == 1 || whole > 1 && !leadingZero
	if ok && r.peek() == '.' {
		r.pos++
		ok = r.digits() > 0
	}
	if c := r.peek(); ok && (c == 'e' || c == 'E') {
		r.pos++
		if c := r.peek(); c == '+' || c == '-' {
			r.pos++
		}
		ok = r.digits() > 0
	}
	if !ok {
		r.syntax("this is no number")
		return nil, false
	}
	return r.data[from:r.pos], true
}

func (r *reader) digits() int {
	from := r.pos
	for c := r.peek(); '0' <= c && c <= '9'; c = r.peek() {
		r.pos++
	}
	return r.pos - from
}

// literal passes true, false or null.
func (r *reader) literal(word string) bool {
	if !bytes.HasPrefix(r.data[r.pos:], []byte(word)) {
		r.syntax("a value must follow here")
		return false
	}
	r.pos += len(word)
	return true
}

// skip passes a value of any kind; it only has to be JSON.
func (r *reader) skip() bool {
	switch c := r.peek(); {
	case c == '"':
		_, ok := r.str()
		return ok || !r.stopped
	case c == '-' || '0' <= c && c <= '9':
		_, ok := r.number()
		return ok
	case c == 't':
		return r.literal("true")
	case c == 'f':
		return r.literal("false")
	case c == 'n':
		return r.literal("null")
	case c == '[':
		return r.skipParts(']')
	case c == '{':
		return r.skipParts('}')
	}
	if r.pos >= len(r.data) {
		r.syntax("a value is missing")
	} else {
		r.syntax("a value must follow here")
	}
	return false
}

func (r *reader) skipParts(bracket byte) bool {
	if !r.enter() {
		return false
	}
	for first := true; r.more(bracket, first); first = false {
		if bracket == '}' {
			if _, ok := r.name(); !ok {
				return false
			}
		}
		if !r.skip() {
			return false
		}
	}
	return !r.stopped
}
