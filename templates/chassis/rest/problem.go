package rest

import (
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	"github.com/esgen/esgen/templates/chassis/inbound"
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
