package sim

import "fmt"

// refusal is why a command or a question came to nothing, as the generated
// services answer it.
type refusal struct {
	kind    kind
	code    string
	status  int // of HTTP
	message string
	sent    bool   // technical: what was asked for may have happened all the same
	final   bool   // technical: it will be so the next time, too
	until   string // missing: the instance that must come first; "": that is not known
	by      any    // rejected: what of the aggregate says no, as Decided.By
}

func (r *refusal) Error() string {
	if r.message == "" || r.message == r.code {
		return r.code
	}
	return r.code + ": " + r.message
}

// passes reports whether it may be over later.
func (r *refusal) passes() bool { return r.kind == missing || r.kind == technical }

// kind tells apart what follows from a refusal.
type kind uint8

const (
	rejected   kind = iota + 1 // a rule of the model: done
	missing                    // the instance is not there, or not yet
	technical                  // somebody does not answer: may be over later
	invalid                    // the request is malformed
	faulted                    // an expression has no value
	unplayable                 // only generated code can decide it
)

func reject(code string, status int, format string, args ...any) *refusal {
	return &refusal{kind: rejected, code: code, status: status, message: fmt.Sprintf(format, args...)}
}

// saidBy names what of the aggregate says no.
func (r *refusal) saidBy(what any) *refusal {
	r.by = what
	return r
}

func notThere(until, format string, args ...any) *refusal {
	return &refusal{kind: missing, code: "NotFound", status: 404, message: fmt.Sprintf(format, args...), until: until}
}

func malformed(format string, args ...any) *refusal {
	return &refusal{kind: invalid, code: "invalid", status: 400, message: fmt.Sprintf(format, args...)}
}

func faulty(err error) *refusal {
	return &refusal{kind: faulted, code: "model-error", status: 500, message: err.Error()}
}

// unavailable: somebody cannot be asked; with sent, the request left.
func unavailable(who string, sent bool) *refusal {
	return &refusal{kind: technical, code: "unavailable", status: 503, message: who + " is not available", sent: sent}
}

// tooSlow: no answer came in time; nobody knows what came of the request.
func tooSlow(who string) *refusal {
	return &refusal{kind: technical, code: "upstream-timeout", status: 504, message: who + " did not answer in time", sent: true}
}

// failing: an answer came that says neither yes nor no.
func failing(who string, sent bool) *refusal {
	return &refusal{kind: technical, code: "upstream-failed", status: 502, message: who + " did not give a usable answer", sent: sent}
}
