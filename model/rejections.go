package model

import "slices"

// Rejection is a code with which a service refuses by itself, whatever the model
// says.
type Rejection struct {
	Code   string // a <…> in it stands for a name of the model
	Status int    // of HTTP
	When   string // as Markdown
	// Passed: a called command may answer it, so that a call can give it another
	// name (`rejected`); the others are of the way there and not of the command.
	Passed bool
}

// Rejections lists all codes with which services refuse by themselves.
func Rejections() []Rejection { return rejections[:len(rejections):len(rejections)] }

var rejections = []Rejection{
	{"NotFound", 404, "there is no such instance, or not for who asks", true},
	{"AlreadyExists", 409, "a command that `creates: true` is for an id that is there", true},
	{"Forbidden", 403, "`allow` says no", true},
	{"<View>NotFound", 422, "a `read` without `missing` finds no row", false},
	{"<Field>Taken", 409, "another instance has the same values of the fields that are `unique` together", false},
	{"IllegalTransition", 409, "the `lifecycle` does not lead there; to stay in a state it always allows", true},
	{"Conflict", 409, "others keep changing the instance; try again", true},
	{"CallChanged", 409, "it changed while another service was asked; try again", false},
	{"VersionMismatch", 412, "`If-Match` names another version", false},
	{"KeyReused", 422, "the `Idempotency-Key` was used for another request", true},
	{"InFlight", 409, "the same request is being handled", false},
	{"Compensated", 409, "the request was compensated before it came", true},
	{"NotDecided", 501, "a `custom` command, or a view that is kept in its transaction, that nobody has written yet", false},
	{"invalid", 400, "a value breaks the check of its type or field, is missing, or is none; `errors` names each", false},
	{"unauthorized", 401, "who asks does not say who they are", false},
	{"forbidden", 403, "who asks is no `actor` of this", false},
	{"not-found", 404, "there is nothing at this path, or no such row", false},
	{"method-not-allowed", 405, "the path is there for other methods", false},
	{"too-large", 413, "the body is, or what would happen", false},
	{"unsupported-media", 415, "the body is no JSON", false},
	{"precondition-required", 428, "the route wants `If-Match`", false},
	{"unknown-event", 422, "a webhook tells of what the model does not know, and `unknown: refuse` says so", false},
	{"model-error", 500, "an expression has no value: a division by zero, an index out of range; nothing was stored", false},
	{"internal", 500, "a fault of the service; the log has it", false},
	{"upstream-failed", 502, "what a `call` asks gives no usable answer", false},
	{"unavailable", 503, "something that is needed does not answer, and no `fallback` says how to go on", false},
	{"overloaded", 503, "the service has as much to do as it can", false},
	{"timeout", 503, "the time for the request is over", false},
	{"upstream-timeout", 504, "what a `call` asks does not answer in time", false},
}

// PassedOn are the codes that every called command may answer.
func PassedOn() []string {
	var out []string
	for _, r := range rejections {
		if r.Passed {
			out = append(out, r.Code)
		}
	}
	return out
}

// IsRejection reports whether a code is one with which services refuse by
// themselves; those with a name of the model in them are not.
func IsRejection(code string) bool {
	return slices.ContainsFunc(rejections, func(r Rejection) bool { return r.Code == code })
}
