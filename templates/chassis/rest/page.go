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
func writePage[R any](w http.ResponseWriter, r *http.Request, page view.Page[R], item func(R) (json.RawMessage, error)) error {
	items := make([]json.RawMessage, 0, len(page.Rows))
	for _, row := range page.Rows {
		data, err := item(row)
		if err != nil {
			return err
		}
		items = append(items, data)
	}
	links := hal(r, r.URL.RequestURI(), nil)
	if page.Next != "" {
		href := withParameter(outside(r, r.URL.EscapedPath()), r.URL.Query(), "cursor", page.Next)
		links["next"] = link{href}
		w.Header().Set("Link", "<"+href+`>; rel="next"`)
	}
	return writeJSON(w, r, http.StatusOK, pageBody{Items: items, Next: page.Next, Links: links})
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
