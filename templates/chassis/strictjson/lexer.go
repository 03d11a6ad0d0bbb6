package strictjson

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// tokens are those of the input. That a name is there twice, and text is none, is
// reported with all else that is wrong.
func tokens(data []byte) *jsontext.Decoder {
	return jsontext.NewDecoder(bytes.NewBuffer(data), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
}

// peek is the kind of the next token; jsontext.KindInvalid where there is none.
func (r *reader) peek() jsontext.Kind { return r.in.PeekKind() }

// syntax stops reading: what is here is no JSON.
func (r *reader) syntax(err error) {
	at := r.in.InputOffset()
	var syntactic *jsontext.SyntacticError
	if errors.As(err, &syntactic) {
		at, err = syntactic.ByteOffset, syntactic.Err
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		err = errors.New("something is missing at the end")
	}
	before := r.data[:min(int(at), len(r.data))]
	line := 1 + bytes.Count(before, []byte("\n"))
	column := 1 + utf8.RuneCount(before[bytes.LastIndexByte(before, '\n')+1:])
	r.stop(Syntax, fmt.Sprintf("line %d, column %d: %v", line, column, err))
}

// token passes the next token.
func (r *reader) token() bool {
	_, err := r.in.ReadToken()
	if err != nil {
		r.syntax(err)
	}
	return err == nil
}

// raw passes a value without parts, or a name, and returns how it is written.
func (r *reader) raw() ([]byte, bool) {
	raw, err := r.in.ReadValue()
	if err != nil {
		r.syntax(err)
	}
	return raw, err == nil
}

// wrong skips a value of a kind that does not belong here, and tells.
func (r *reader) wrong(want string) {
	code, message := Type, "must be "+want
	if r.peek() == jsontext.KindNull {
		code, message = Null, "must be "+want+", not null"
	}
	if r.skip() {
		r.report(code, message)
	}
}

// open enters a list or an object; another kind of value is skipped.
func (r *reader) open(bracket jsontext.Kind, want string) bool {
	if r.peek() != bracket {
		r.wrong(want)
		return false
	}
	return r.token() && !r.tooDeep()
}

// tooDeep stops reading where it is nested too deeply.
func (r *reader) tooDeep() bool {
	if r.in.StackDepth() <= r.limits.Depth {
		return false
	}
	r.stop(Depth, "is nested more than "+strconv.Itoa(r.limits.Depth)+" deep")
	return true
}

// more tells whether another element follows; at the end it passes the closing
// bracket. What is wrong with the element itself is found when that is read.
func (r *reader) more(bracket jsontext.Kind) bool {
	if r.stopped {
		return false
	}
	switch r.peek() {
	case bracket:
		r.token()
		return false
	case jsontext.KindInvalid:
		_, err := r.in.ReadToken()
		var syntactic *jsontext.SyntacticError
		if !errors.As(err, &syntactic) || strings.Count(string(syntactic.JSONPointer), "/") <= len(r.path) {
			r.syntax(err)
			return false
		}
	}
	return true
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

// name reads the name of a member, and returns it in its quotes.
func (r *reader) name() ([]byte, bool) {
	raw, ok := r.raw()
	if ok && !bytes.HasPrefix(bytes.TrimLeft(r.in.UnreadBuffer(), " \t\r\n"), []byte(":")) {
		return nil, r.token() // it is not: something else is where the colon should be
	}
	return raw, ok
}

// number passes a number.
func (r *reader) number() (string, bool) {
	raw, ok := r.raw()
	if rest := r.in.UnreadBuffer(); ok && len(rest) > 0 && '0' <= rest[0] && rest[0] <= '9' {
		ok = r.token() // it is not: the number begins with a zero that it must not have
	}
	return string(raw), ok
}

// skip passes a value of any kind; it only has to be JSON.
func (r *reader) skip() bool {
	for depth := r.in.StackDepth(); ; {
		switch r.peek() {
		case jsontext.KindString:
			in, n := r.in.StackIndex(r.in.StackDepth())
			isName := in == jsontext.KindBeginObject && n%2 == 0
			if raw, ok := r.raw(); ok && (isName || !r.lenient) {
				r.unquote(raw)
			}
		default:
			_ = r.token() && r.tooDeep()
		}
		if r.stopped || r.in.StackDepth() == depth {
			return !r.stopped
		}
	}
}

// unquote reads what is in quotes. Text with characters that cannot be kept is
// reported and not ok.
func (r *reader) unquote(raw []byte) (string, bool) {
	inner := raw[1 : len(raw)-1]
	if bytes.IndexByte(inner, '\\') < 0 {
		text := string(inner)
		return text, r.decent(text)
	}
	text, err := jsontext.AppendUnquote(nil, raw)
	if err != nil {
		r.report(Text, "is not UTF-8, or has half a character (a lone surrogate)")
		return string(text), false
	}
	return string(text), r.decent(string(text))
}

// nameText is a name as text. One that cannot be kept is reported, and goes on
// as something that is known nowhere.
func (r *reader) nameText(raw []byte) string {
	name, _ := r.unquote(raw)
	return strings.ToValidUTF8(name, "\uFFFD")
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
