package rest

import (
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	"github.com/esgen/esgen/templates/chassis/strictjson"
)

// Problem is what goes back when a request fails: problem details, RFC 9457.
type Problem struct {
	Type     string               `json:"type"`
	Title    string               `json:"title"`
	Status   int                  `json:"status"`
	Detail   string               `json:"detail,omitempty"`
	Instance string               `json:"instance,omitempty"`
	Code     string               `json:"code"`
	TraceID  string               `json:"traceId,omitempty"`
	Errors   []strictjson.Problem `json:"errors,omitempty"`

	// RetryAfter is sent as a header where it is not zero.
	RetryAfter time.Duration `json:"-"`
}

// Error makes of a problem an error that is answered as it is.
func (p *Problem) Error() string { return p.Code + ": " + p.Detail }

// problem is a problem of this package: the code names its kind.
func problem(status int, code, detail string) *Problem {
	return &Problem{Status: status, Code: code, Detail: detail}
}

// WriteProblem answers with a problem. Type, title, instance and trace are
// filled in.
func WriteProblem(w http.ResponseWriter, r *http.Request, p Problem) {
	if p.Type == "" {
		// The code tells the kinds apart; there is no page about each.
		p.Type = "about:blank"
	}
	if p.Title == "" {
		p.Title = http.StatusText(p.Status)
	}
	p.Instance = r.URL.EscapedPath()
	p.TraceID = w.Header().Get(HeaderTrace)
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
