package strictjson

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
	"unicode/utf8"
)

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
	// encoding/json would put replacement characters in the place of both.
	if halfSurrogate(inner) {
		r.report(Text, "has half a character (a lone surrogate)")
		return "", false
	}
	if !utf8.Valid(inner) {
		r.report(Text, "is not UTF-8")
		return "", false
	}
	var text string
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
	if r.lenient && utf8.ValidString(text) && !strings.Contains(text, "\x00") {
		return true // some database refuses it otherwise
	}
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
