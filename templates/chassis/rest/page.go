package rest

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"

	"github.com/esgen/esgen/templates/chassis/view"
)

// pageBody is a page of a list.
type pageBody struct {
	Items []json.RawMessage `json:"items"`
	Next  string            `json:"next,omitempty"`
	Links map[string]link   `json:"_links"`
}

// writePage answers with a page, and where the next one is.
func writePage(w http.ResponseWriter, r *http.Request, items []json.RawMessage, next string) error {
	links := hal(r.URL.RequestURI(), nil)
	if next != "" {
		href := withParameter(r.URL.EscapedPath(), r.URL.Query(), "cursor", next)
		links["next"] = link{href}
		w.Header().Set("Link", "<"+href+`>; rel="next"`)
	}
	return writeJSON(w, r, http.StatusOK, pageBody{Items: items, Next: next, Links: links})
}

// rowsBody is a page for another service.
type rowsBody[R any] struct {
	Items []R    `json:"items"`
	Next  string `json:"next,omitempty"`
}

// writeRows answers another service, which needs no links.
func writeRows[R any](w http.ResponseWriter, r *http.Request, page view.Page[R]) error {
	if page.Rows == nil {
		page.Rows = []R{}
	}
	return writeJSON(w, r, http.StatusOK, rowsBody[R]{Items: page.Rows, Next: page.Next})
}

// contentTag is a tag of what is answered.
func contentTag(body []byte) string {
	sum := sha256.Sum256(body)
	return `"` + base64.RawURLEncoding.EncodeToString(sum[:12]) + `"`
}
