package inbound

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"net/http"
	"strconv"
	"strings"

	"go.opentelemetry.io/otel/trace"

	"github.com/esgen/esgen/templates/chassis/command"
)

// Headers of requests of actors; of a gRPC call they are metadata.
const (
	HeaderIdempotencyKey = "Idempotency-Key"
	HeaderIfMatch        = "If-Match"
	HeaderReplayed       = "Idempotency-Replayed" // "true": the reply is that of an earlier request
	HeaderTrace          = "X-Trace-Id"
)

// MaxKey is as long as a key may be.
const MaxKey = 255

// IdempotencyKey reads the key of a request. Empty: there is none.
func IdempotencyKey(h http.Header) (string, error) {
	keys := h.Values(HeaderIdempotencyKey)
	if len(keys) == 0 {
		return "", nil
	}
	// The draft of the header wants a string in quotes; most send it bare.
	key := unquote(keys[0])
	if len(keys) > 1 || key == "" || len(key) > MaxKey || !Printable(key) {
		return "", BadHeader(HeaderIdempotencyKey)
	}
	return key, nil
}

// IfMatch reads which version an instance must have, as RFC 9110 has it: a list
// of tags, one of which must be that of the instance; nil: nothing is said.
// Tags are compared strongly: a weak one is none of ours, and neither is one
// that is no version.
func IfMatch(h http.Header) (*command.Match, error) {
	lists := h.Values(HeaderIfMatch)
	if len(lists) == 0 {
		return nil, nil
	}
	text := strings.Join(lists, ",") // which is what several mean
	if strings.Trim(text, blank) == "*" {
		return &command.Match{Any: true}, nil
	}
	var match command.Match
	tags := 0
	for {
		text = strings.TrimLeft(text, blank+",") // a list may have empty elements
		if text == "" {
			break
		}
		tag, rest, ok := cutTag(text)
		if !ok {
			return nil, BadHeader(HeaderIfMatch)
		}
		tags++
		if version, ok := versionOf(tag); ok {
			match.Versions = append(match.Versions, version)
		}
		text = strings.TrimLeft(rest, blank)
		if text != "" && text[0] != ',' {
			return nil, BadHeader(HeaderIfMatch)
		}
	}
	if tags == 0 {
		return nil, BadHeader(HeaderIfMatch)
	}
	return &match, nil
}

// blank may stand around the elements of a list.
const blank = " \t"

// cutTag takes an entity tag, W/"…" or "…", from the beginning of a text.
func cutTag(text string) (tag, rest string, ok bool) {
	from := len(text) - len(strings.TrimPrefix(text, "W/"))
	if from == len(text) || text[from] != '"' {
		return "", "", false
	}
	for i := from + 1; i < len(text); i++ {
		switch c := text[i]; {
		case c == '"':
			return text[:i+1], text[i+1:], true
		case c <= ' ', c == 0x7f:
			return "", "", false
		}
	}
	return "", "", false
}

// ETag is a version as a tag.
func ETag(version int64) string { return `"` + strconv.FormatInt(version, 10) + `"` }

// versionOf is the version that ETag makes the tag of.
func versionOf(tag string) (int64, bool) {
	version, err := strconv.ParseInt(strings.Trim(tag, `"`), 10, 64)
	return version, err == nil && version >= 0 && ETag(version) == tag
}

// BadHeader is the problem of a header that cannot be read.
func BadHeader(name string) *Problem {
	return NewProblem(http.StatusBadRequest, CodeInvalid, "the header "+name+" is malformed")
}

// Printable reports whether a text has visible characters of ASCII only.
func Printable(s string) bool {
	for i := range len(s) {
		if s[i] <= ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

func unquote(s string) string {
	if len(s) >= 2 && s[0] == '"' && s[len(s)-1] == '"' {
		return s[1 : len(s)-1]
	}
	return s
}

// TraceID is that of the current trace; without one, a number to ask for.
func TraceID(ctx context.Context) string {
	if span := trace.SpanContextFromContext(ctx); span.HasTraceID() {
		return span.TraceID().String()
	}
	var id [16]byte
	_, _ = rand.Read(id[:]) // never fails, says its documentation
	return hex.EncodeToString(id[:])
}
