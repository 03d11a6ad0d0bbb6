package rest

import (
	"maps"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"
)

// link is a link of HAL.
type link struct {
	Href string `json:"href"`
}

// hal is the _links of a resource; an empty self is left out.
func hal(r *http.Request, self string, more Links) map[string]link {
	links := make(map[string]link, len(more)+1)
	for relation, href := range more {
		if href = outside(r, href); href != "" {
			links[relation] = link{href}
		}
	}
	if self != "" {
		links["self"] = link{outside(r, self)}
	}
	return links
}

func sorted[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// maxName is as much as is repeated of a name that a stranger chose.
const maxName = 64

// pointerTo is the JSON pointer to a parameter.
func pointerTo(name string) string {
	if len(name) > maxName {
		name = name[:maxName]
	}
	name = strings.ToValidUTF8(name, "\uFFFD")
	return "/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(name)
}

// withParameter is a path with its query, one parameter changed.
func withParameter(path string, query url.Values, name, value string) string {
	changed := maps.Clone(query)
	changed[name] = []string{value}
	return path + "?" + changed.Encode()
}

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
