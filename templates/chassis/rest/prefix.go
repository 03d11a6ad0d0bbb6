package rest

import (
	"net/http"
	"regexp"
	"strings"
)

// HeaderPrefix tells a service below which path of a gateway it is asked.
const HeaderPrefix = "X-Forwarded-Prefix"

// isPrefix is strict: what is in the header goes into links.
var isPrefix = regexp.MustCompile(`^(/[A-Za-z0-9_~-][A-Za-z0-9._~-]{0,63}){1,4}$`).MatchString

// Prefix is the path of a gateway below which a request came; "": none, or none
// that one believes.
func Prefix(r *http.Request) string {
	if list := r.Header.Values(HeaderPrefix); len(list) == 1 && isPrefix(list[0]) {
		return list[0]
	}
	return ""
}

// outside is a path of this service as those who ask know it.
func outside(r *http.Request, path string) string {
	if strings.HasPrefix(path, "/") {
		return Prefix(r) + path
	}
	return path
}
