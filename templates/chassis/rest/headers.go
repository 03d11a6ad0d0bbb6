package rest

import (
	"net/http"
	"strconv"
	"strings"
)

// Headers of requests between services, beside traceparent; escaped like parts
// of a path. The public listener does not look at them.
const (
	HeaderKey         = "Esgen-Key"         // idempotency key
	HeaderCompensates = "Esgen-Compensates" // key of the command that this one undoes
	HeaderCorrelation = "Esgen-Correlation"
	HeaderCausation   = "Esgen-Causation"
	HeaderSubject     = "Esgen-Actor"       // subject of the actor on whose behalf
	HeaderRoles       = "Esgen-Actor-Roles" // separated by commas
)

// Headers of public requests and replies.
const (
	HeaderIdempotencyKey = "Idempotency-Key"
	HeaderReplayed       = "Idempotency-Replayed" // "true": the reply is that of an earlier request
	HeaderTrace          = "X-Trace-Id"
)

// idempotencyKey reads the key of a request. Empty: there is none.
func idempotencyKey(r *http.Request) (string, error) {
	keys := r.Header.Values(HeaderIdempotencyKey)
	if len(keys) == 0 {
		return "", nil
	}
	// The draft of the header wants a string in quotes; most send it bare.
	key := unquote(keys[0])
	if len(keys) > 1 || key == "" || len(key) > maxKey || !printable(key) {
		return "", badHeader(HeaderIdempotencyKey)
	}
	return key, nil
}

// maxKey is as long as a key may be.
const maxKey = 255

func printable(s string) bool {
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

// ifMatch reads the version an instance must have; nil: any.
func ifMatch(r *http.Request) (*int64, error) {
	tags := r.Header.Values("If-Match")
	if len(tags) == 0 || len(tags) == 1 && strings.TrimSpace(tags[0]) == "*" {
		// Existence is the command's own business.
		return nil, nil
	}
	version, ok := parseETag(strings.TrimSpace(tags[0]))
	if len(tags) > 1 || !ok {
		return nil, badHeader("If-Match")
	}
	return &version, nil
}

// etag is a version as a tag.
func etag(version int64) string { return `"` + strconv.FormatInt(version, 10) + `"` }

func parseETag(tag string) (int64, bool) {
	if len(tag) < 3 || tag[0] != '"' || tag[len(tag)-1] != '"' {
		return 0, false
	}
	version, err := strconv.ParseInt(tag[1:len(tag)-1], 10, 64)
	return version, err == nil && version >= 0 && etag(version) == tag
}

// notModified tells whether the sender has this tag already.
func notModified(r *http.Request, tag string) bool {
	for _, list := range r.Header.Values("If-None-Match") {
		for _, known := range splitList(list) {
			if known == "*" || strings.TrimPrefix(known, "W/") == tag {
				return true
			}
		}
	}
	return false
}
