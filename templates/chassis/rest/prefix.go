package rest

import (
	"net/http"
	"path"
	"strings"
)

// HeaderPrefix tells a service below which path of a gateway it is asked.
const HeaderPrefix = "X-Forwarded-Prefix"

// Bounds of a prefix.
const (
	maxParts = 4
	maxPart  = 64
)

// isPrefix is strict: what is in the header goes into links.
func isPrefix(path string) bool {
	rest, ok := strings.CutPrefix(path, "/")
	if !ok {
		return false
	}
	parts := 0
	for part := range strings.SplitSeq(rest, "/") {
		if parts++; parts > maxParts || part == "" || len(part) > maxPart || part[0] == '.' || strings.ContainsFunc(part, isReserved) {
			return false
		}
	}
	return true
}

// isReserved tells what means itself in a path (RFC 3986) from all else.
func isReserved(r rune) bool {
	letter := 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z'
	return !letter && (r < '0' || r > '9') && !strings.ContainsRune("-._~", r)
}

// Prefix is the path of a gateway below which a request came; "": none, or none
// that one believes.
func Prefix(r *http.Request) string {
	if list := r.Header.Values(HeaderPrefix); len(list) == 1 && isPrefix(list[0]) {
		return list[0]
	}
	return ""
}

// outside is a path of this service as those who ask know it.
func outside(r *http.Request, at string) string {
	if strings.HasPrefix(at, "/") {
		return Prefix(r) + at
	}
	if rest, ok := strings.CutPrefix(at, beside); ok {
		return besides(r, rest)
	}
	return at
}

// beside begins the path of another service that is below the same gateway.
const beside = "../"

// besides is such a path as those who ask know it; "": they ask this service
// itself, and where the other one is, is not for it to say.
func besides(r *http.Request, rest string) string {
	prefix := Prefix(r)
	if prefix == "" {
		return ""
	}
	return strings.TrimSuffix(path.Dir(prefix), "/") + "/" + rest
}
