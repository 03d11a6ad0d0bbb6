package apidoc

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"

	"github.com/esgen/esgen/internal/contract"
	"github.com/esgen/esgen/internal/names"
	"github.com/esgen/esgen/internal/quote"
	"github.com/esgen/esgen/model"
)

// refusals are what an operation may refuse with, at its public or its internal
// route; those of the model stand behind the ones that every service has.
// What is not the model's own is said by the chassis: package inbound, errors.go,
// and package command, errors.go.
type refusals struct {
	public bool
	list   []contract.Problem
	own    map[int]bool // statuses with refusals of the model
	// open: others can follow that the model does not list, from code of the
	// user's, or passed on from somebody who is called.
	open bool
}

func refusalsOf(o *contract.Operation, public bool) *refusals {
	r := &refusals{public: public, own: map[int]bool{}}
	r.add(http.StatusBadRequest, "invalid", "the request is not well-formed; see errors")
	if public {
		r.add(http.StatusUnauthorized, "unauthorized", "the request does not say, or does not prove, who asks")
		r.add(http.StatusForbidden, "forbidden", "this is for others")
	}
	switch o.Kind {
	case contract.RunCommand:
		r.command(o)
	case contract.ReadState:
		r.add(http.StatusNotFound, "NotFound", "no such instance")
	case contract.ReadRow:
		r.add(http.StatusNotFound, "not-found", "there is nothing here")
	case contract.AskQuery:
		if !public {
			r.body()
		}
	}
	r.always()
	for _, p := range o.Problems {
		r.own[p.Status] = true
		if p.Code == contract.IllegalTransition {
			p.Message = "its lifecycle does not know this change"
		}
		r.add(p.Status, p.Code, p.Message)
	}
	return r
}

// always adds what can happen anywhere.
func (r *refusals) always() {
	r.add(http.StatusInternalServerError, "model-error", "the model has no answer to this request; nothing was stored")
	r.add(http.StatusInternalServerError, "internal", "something went wrong")
	r.add(http.StatusServiceUnavailable, "unavailable", "something this service needs is not available")
	r.add(http.StatusServiceUnavailable, "overloaded", "this service has too much to do")
	r.add(http.StatusServiceUnavailable, "timeout", "it took too long")
}

// ofGateway are what the gateway refuses by itself, whatever it is asked.
func ofGateway() *refusals {
	r := &refusals{public: true}
	r.add(http.StatusTooManyRequests, "too-many-requests", "too many requests in a short time")
	r.add(http.StatusBadGateway, "upstream-failed", "what this service needs did not give a usable answer")
	r.add(http.StatusGatewayTimeout, "upstream-timeout", "what this service needs did not answer in time")
	return r
}

func (r *refusals) add(status int, code string, message quote.Text) {
	r.list = append(r.list, contract.Problem{Status: status, Code: code, Message: message})
}

func (r *refusals) body() {
	r.add(http.StatusRequestEntityTooLarge, "too-large", "the body is too large")
	r.add(http.StatusUnsupportedMediaType, "unsupported-media", "the body must be application/json in UTF-8")
}

func (r *refusals) command(o *contract.Operation) {
	m := o.Command
	r.body()
	if m.Allow != nil && r.public {
		r.add(http.StatusForbidden, "Forbidden", "you may not do this")
	}
	if m.Creates == model.Existing {
		r.add(http.StatusNotFound, "NotFound", "no such instance")
	}
	if m.Creates == model.New {
		r.add(http.StatusConflict, "AlreadyExists", "it exists already")
	}
	r.add(http.StatusConflict, "Conflict", "others keep changing it; try again")
	r.add(http.StatusConflict, "InFlight", "the same request is being handled")
	if r.public {
		r.add(http.StatusPreconditionFailed, "VersionMismatch", "it has changed")
	} else {
		r.add(http.StatusConflict, "Compensated", "the request was compensated before it came")
	}
	r.add(http.StatusUnprocessableEntity, "KeyReused", "the idempotency key was used for another request")
	if len(m.Calls) > 0 {
		r.add(http.StatusConflict, "CallChanged", "it changed while another service was asked; try again")
		r.add(http.StatusBadGateway, "upstream-failed", "what this service needs did not give a usable answer")
		r.add(http.StatusGatewayTimeout, "upstream-timeout", "what this service needs did not answer in time")
	}
	r.open = m.Custom || len(m.Calls) > 0
}

// statuses are the statuses there are, in order.
func (r *refusals) statuses() []int {
	var out []int
	for _, p := range r.list {
		if len(out) == 0 || out[len(out)-1] != p.Status {
			out = append(out, p.Status)
		}
	}
	return out
}

// with are the refusals of a status, each code once.
func (r *refusals) with(status int) []contract.Problem {
	var out []contract.Problem
	for _, p := range r.list {
		if p.Status == status && !slices.ContainsFunc(out, func(o contract.Problem) bool { return o.Code == p.Code }) {
			out = append(out, p)
		}
	}
	return out
}

// passedOn are the statuses of refusals that come from further away.
var passedOn = map[int]bool{http.StatusForbidden: true, http.StatusNotFound: true, http.StatusConflict: true, http.StatusUnprocessableEntity: true}

// refused are the answers that refuse, by what they say, in the order they were
// used first.
type refused struct {
	order []*refusal
	by    map[string]*refusal
	names names.Unique
}

// refusal is an answer that refuses.
type refusal struct {
	name   string // that it would like to have
	answer *Response
	times  int // that operations give it
}

// refuse adds the refusals to an operation.
func (b *openAPI) refuse(op *PathOperation, r *refusals) {
	slices.SortStableFunc(r.list, func(a, b contract.Problem) int { return a.Status - b.Status })
	for _, status := range r.statuses() {
		list, open := r.with(status), r.open && (r.own[status] || passedOn[status])
		op.Responses.Set(strconv.Itoa(status), b.refusal(fmt.Sprint(status, open, list), func() *refusal {
			return &refusal{name: refusalName(status, list), answer: b.problemOf(status, list, open)}
		}))
	}
	if r.open {
		op.Responses.Set("default", b.refusal("default", func() *refusal {
			return &refusal{name: "Refusal", answer: &Response{
				Description: "Another refusal: of what this service asks of others, or of code of its own.",
				Content:     problemJSON(&MediaType{Schema: &Schema{Ref: b.problem}}),
			}}
		}))
	}
}

// refusalName is what the status is called, with what is not said everywhere.
func refusalName(status int, list []contract.Problem) string {
	name := names.OfText(http.StatusText(status)).Go
	if code := names.OfText(list[len(list)-1].Code).Go; len(list) > 1 && status < http.StatusInternalServerError && code != name {
		name += code
	}
	return name
}

// refusal is the answer that says what a key stands for.
func (b *openAPI) refusal(key string, build func() *refusal) *Response {
	if b.beside != nil {
		if there := b.beside.answers.by[key]; there != nil && there.answer.Ref != "" {
			return &Response{Ref: publicFile + there.answer.Ref}
		}
	}
	r := b.answers.by[key]
	if r == nil {
		r = build()
		b.answers.by[key] = r
		b.answers.order = append(b.answers.order, r)
	}
	r.times++
	return r.answer
}

// shareRefusals has operations that refuse alike refer to one answer.
func (b *openAPI) shareRefusals() {
	for _, r := range b.answers.order {
		if r.times < 2 {
			continue
		}
		once := *r.answer
		name := b.answers.names.Take(r.name, "Here")
		b.doc.Components.Responses.Set(name, &once)
		*r.answer = Response{Ref: "#/components/responses/" + name}
	}
}

func problemJSON(m *MediaType) Map[*MediaType] {
	return Map[*MediaType]{{"application/problem+json", m}}
}

// problemOf is the answer that refuses with a status. Its code is one of the
// list, unless others can follow.
func (b *openAPI) problemOf(status int, list []contract.Problem, open bool) *Response {
	var words quote.Markdown
	code := &Schema{}
	for _, p := range list {
		if len(list) > 1 {
			words += "- "
		}
		words += quote.Code(p.Code)
		if p.Message != "" {
			words += ": " + quote.Inline(p.Message)
		}
		if len(list) > 1 {
			words += "\n"
		}
		if open {
			code.Examples = append(code.Examples, text(p.Code))
		} else {
			code.Enum = append(code.Enum, p.Code)
		}
	}
	schema := &Schema{Ref: b.problem, Properties: Map[*Schema]{{"code", code}}}
	return &Response{Description: words, Headers: b.problemHeaders(status), Content: problemJSON(&MediaType{Schema: schema})}
}

// problemHeaders are what refusals say beside their body.
func (b *openAPI) problemHeaders(status int) Map[*Header] {
	switch status {
	case http.StatusUnauthorized:
		return b.headers("WWW-Authenticate")
	case http.StatusServiceUnavailable, http.StatusTooManyRequests:
		return b.headers("Retry-After")
	}
	return nil
}

// text is a text as JSON.
func text(s string) []byte {
	data, err := encode(s)
	if err != nil {
		return []byte(`""`)
	}
	return data
}

// problemDetails finds a place for the schemas of RFC 9457, with what a service
// adds, behind all others; or refers to those of the document beside.
func (b *openAPI) problemDetails() {
	b.closing = func() {}
	if b.beside != nil {
		b.problem = publicFile + b.beside.problem
		return
	}
	error := &Schema{
		Title: "One thing that is wrong with a request", Type: "object",
		Properties: Map[*Schema]{
			{"pointer", &Schema{Type: "string", Description: "Where it is: a JSON pointer (RFC 6901) into the body, or to a parameter."}},
			{"code", &Schema{Type: "string", Enum: []string{"syntax", "depth", "too-many", "unknown", "duplicate", "required", "null", "type", "range", "format", "text", "enum", "check", "mismatch"}}},
			{"message", &Schema{Type: "string", Description: "For people."}},
		},
		Required: []string{"pointer", "code", "message"},
	}
	errorName, name := b.shapes.free.Take("ProblemError", "Details"), b.shapes.free.Take("Problem", "Details")
	b.problem = b.shapes.at + name
	b.closing = func() {
		b.shapes.defs.Set(name, &Schema{
			Title: "Why a request was refused", Description: "Problem details for HTTP APIs (RFC 9457). The code tells refusals apart.", Type: "object",
			Properties: Map[*Schema]{
				{"type", &Schema{Type: "string", Format: "uri-reference"}},
				{"title", &Schema{Type: "string", Description: "What the status is called."}},
				{"status", &Schema{Type: "integer", Minimum: number(400), Maximum: number(599)}},
				{"detail", &Schema{Type: "string", Description: "For people."}},
				{"instance", &Schema{Type: "string", Format: "uri-reference", Description: "The path that was asked."}},
				{"code", &Schema{Type: "string", Description: "For programs."}},
				{"traceId", &Schema{Type: "string", Description: "By which those who run the service find out more."}},
				{"errors", &Schema{Type: "array", Items: &Schema{Ref: b.shapes.at + errorName}}},
			},
			Required: []string{"type", "title", "status", "code"},
		})
		b.shapes.defs.Set(errorName, error)
	}
}
