package strictjson

import (
	"bytes"
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

// name reads the name of a member, and its colon, and returns the name in its
// quotes.
func (r *reader) name() ([]byte, bool) {
	if r.peek() != '"' {
		r.syntax("a name in quotes must follow here")
		return nil, false
	}
	raw, ok := r.quoted()
	if !ok {
		return nil, false
	}
	r.space()
	if r.peek() != ':' {
		r.syntax("a colon must follow the name")
		return nil, false
	}
	r.pos++
	r.space()
	return raw, true
}

// nameText is a name as text. One that cannot be kept is reported, and goes on
// as something that is known nowhere.
func (r *reader) nameText(raw []byte) string {
	name, ok := r.unquote(raw)
	if !ok {
		return strings.ToValidUTF8(name, "\uFFFD")
	}
	return name
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
	case c == '"' && r.lenient:
		_, ok := r.quoted()
		return ok
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
			name, ok := r.name()
			if !ok {
				return false
			}
			r.nameText(name)
		}
		if !r.skip() {
			return false
		}
	}
	return !r.stopped
}
