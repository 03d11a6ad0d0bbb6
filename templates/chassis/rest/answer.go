package rest

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	"github.com/esgen/esgen/templates/chassis/inbound"
	"github.com/esgen/esgen/templates/chassis/view"
)

// WriteProblem answers with a problem. Type, title, instance and trace are
// filled in.
func WriteProblem(w http.ResponseWriter, r *http.Request, p inbound.Problem) {
	if p.Type == "" {
		// The code tells the kinds apart; there is no page about each.
		p.Type = "about:blank"
	}
	if p.Title == "" {
		p.Title = http.StatusText(p.Status)
	}
	p.Instance = outside(r, r.URL.EscapedPath())
	p.TraceID = w.Header().Get(inbound.HeaderTrace)
	body, err := json.Marshal(p)
	if err != nil {
		body = []byte(`{"type":"about:blank","title":"Internal Server Error","status":500,"code":"internal"}`)
	}
	h := w.Header()
	h.Set("Content-Type", "application/problem+json")
	h.Set("Cache-Control", "no-store")
	h.Del("ETag")
	if p.RetryAfter > 0 {
		h.Set("Retry-After", retrySeconds(p.RetryAfter))
	}
	w.WriteHeader(p.Status)
	if r.Method != http.MethodHead {
		_, _ = w.Write(body) // who asked may be gone
	}
}

// retrySeconds rounds up: at the time it says, waiting is over.
func retrySeconds(d time.Duration) string {
	return strconv.FormatInt(int64((d+time.Second-1)/time.Second), 10)
}

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
	return WriteJSON(w, r, http.StatusOK, pageBody{Items: items, Next: page.Next, Links: links})
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
	return WriteJSON(w, r, http.StatusOK, rowsBody[R]{Items: page.Rows, Next: page.Next})
}

// contentTag is a tag of what is answered.
func contentTag(body []byte) string {
	sum := sha256.Sum256(body)
	return `"` + base64.RawURLEncoding.EncodeToString(sum[:12]) + `"`
}
