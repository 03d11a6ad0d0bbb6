package inbound

import (
	"time"

	"github.com/esgen/esgen/templates/chassis/strictjson"
)

// Problem is what goes back when a request fails: problem details, RFC 9457.
type Problem struct {
	Type     string               `json:"type"`
	Title    string               `json:"title"`
	Status   int                  `json:"status"` // of HTTP
	Detail   string               `json:"detail,omitempty"`
	Instance string               `json:"instance,omitempty"`
	Code     string               `json:"code"`
	TraceID  string               `json:"traceId,omitempty"`
	Errors   []strictjson.Problem `json:"errors,omitempty"`

	// RetryAfter is told where it is not zero.
	RetryAfter time.Duration `json:"-"`
}

// Error makes of a problem an error that is answered as it is.
func (p *Problem) Error() string { return p.Code + ": " + p.Detail }

// NewProblem is a problem of a way in: the code names its kind.
func NewProblem(status int, code, detail string) *Problem {
	return &Problem{Status: status, Code: code, Detail: detail}
}
