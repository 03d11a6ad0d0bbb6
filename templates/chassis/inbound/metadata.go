package inbound

import (
	"net/http"
	"strconv"
	"strings"
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

// IfMatch reads the version an instance must have; nil: any.
func IfMatch(h http.Header) (*int64, error) {
	tags := h.Values(HeaderIfMatch)
	if len(tags) == 0 || len(tags) == 1 && strings.TrimSpace(tags[0]) == "*" {
		// Existence is the command's own business.
		return nil, nil
	}
	version, ok := parseETag(strings.TrimSpace(tags[0]))
	if len(tags) > 1 || !ok {
		return nil, BadHeader(HeaderIfMatch)
	}
	return &version, nil
}

// ETag is a version as a tag.
func ETag(version int64) string { return `"` + strconv.FormatInt(version, 10) + `"` }

func parseETag(tag string) (int64, bool) {
	if len(tag) < 3 || tag[0] != '"' || tag[len(tag)-1] != '"' {
		return 0, false
	}
	version, err := strconv.ParseInt(tag[1:len(tag)-1], 10, 64)
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
