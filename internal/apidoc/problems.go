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

// gateway adds what the gateway refuses by itself.
func (r *refusals) gateway() {
	r.add(http.StatusTooManyRequests, "too-many-requests", "too many requests in a short time")
	r.add(http.StatusBadGateway, "upstream-failed", "what this service needs did not give a usable answer")
	r.add(http.StatusGatewayTimeout, "upstream-timeout", "what this service needs did not answer in time")
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

// refuse adds the refusals to an operation. Those that are the same
// everywhere are written once.
func (b *openAPI) refuse(op *PathOperation, r *refusals) {
	if b.gateway {
		r.gateway()
	}
	slices.SortStableFunc(r.list, func(a, b contract.Problem) int { return a.Status - b.Status })
	for _, status := range r.statuses() {
		list := r.with(status)
		text := strconv.Itoa(status)
		if r.own[status] || r.open && passedOn[status] {
			op.Responses.Set(text, b.problem(status, list, r.open))
			continue
		}
		key := fmt.Sprint(status)
		for _, p := range list {
			key += " " + p.Code
		}
		name, ok := b.problems[key]
		if !ok {
			name = b.responseNames.Take(names.OfText(http.StatusText(status)).Go, "Here")
			b.problems[key] = name
			b.doc.Components.Responses.Set(name, b.problem(status, list, false))
		}
		op.Responses.Set(text, &Response{Ref: "#/components/responses/" + name})
	}
	if r.open {
		op.Responses.Set("default", &Response{
			Description: "Another refusal: of what this service asks of others, or of code of its own.",
			Headers:     b.problemHeaders(0),
			Content:     problemJSON(&MediaType{Schema: b.problemSchema()}),
		})
	}
}

func problemJSON(m *MediaType) Map[*MediaType] {
	return Map[*MediaType]{{"application/problem+json", m}}
}

func (b *openAPI) problemSchema() *Schema {
	return &Schema{Ref: "#/components/schemas/" + b.problemName}
}

// problem is the response to a refusal. Its code is one of the list, unless
// others can follow.
func (b *openAPI) problem(status int, list []contract.Problem, open bool) *Response {
	var words quote.Markdown
	code := &Schema{Type: "string"}
	media := &MediaType{Schema: b.problemSchema()}
	for _, p := range list {
		words += "- " + quote.Code(p.Code)
		if p.Message != "" {
			words += ": " + quote.Inline(p.Message)
		}
		words += "\n"
		if open {
			code.Examples = append(code.Examples, text(p.Code))
		} else {
			code.Enum = append(code.Enum, p.Code)
		}
	}
	media.Schema.Properties = Map[*Schema]{{"code", code}}
	return &Response{Description: words, Headers: b.problemHeaders(status), Content: problemJSON(media)}
}

// problemHeaders are what refusals say beside their body.
func (b *openAPI) problemHeaders(status int) Map[*Header] {
	out := Map[*Header]{{"X-Trace-Id", b.header("X-Trace-Id")}}
	switch status {
	case http.StatusUnauthorized:
		out.Set("WWW-Authenticate", b.header("WWW-Authenticate"))
	case http.StatusServiceUnavailable, http.StatusTooManyRequests:
		out.Set("Retry-After", b.header("Retry-After"))
	}
	return out
}

// text is a text as JSON.
func text(s string) []byte {
	data, err := encode(s)
	if err != nil {
		return []byte(`""`)
	}
	return data
}

// problemDetails are the schemas of RFC 9457 with what a service adds.
func (b *openAPI) problemDetails() {
	error := &Schema{
		Title: "One thing that is wrong with a request", Type: "object",
		Properties: Map[*Schema]{
			{"pointer", &Schema{Type: "string", Description: "Where it is: a JSON pointer (RFC 6901) into the body, or to a parameter."}},
			{"code", &Schema{Type: "string", Enum: []string{"syntax", "depth", "too-many", "unknown", "duplicate", "required", "null", "type", "range", "format", "text", "enum", "check", "mismatch"}}},
			{"message", &Schema{Type: "string", Description: "For people."}},
		},
		Required: []string{"pointer", "code", "message"},
	}
	name := b.shapes.free.Take("ProblemError", "Details")
	b.problemName = b.shapes.free.Take("Problem", "Details")
	b.closing = func() {
		b.shapes.defs.Set(b.problemName, &Schema{
			Title: "Why a request was refused", Description: "Problem details for HTTP APIs (RFC 9457). The code tells refusals apart.", Type: "object",
			Properties: Map[*Schema]{
				{"type", &Schema{Type: "string", Format: "uri-reference"}},
				{"title", &Schema{Type: "string", Description: "What the status is called."}},
				{"status", &Schema{Type: "integer", Minimum: number(400), Maximum: number(599)}},
				{"detail", &Schema{Type: "string", Description: "For people."}},
				{"instance", &Schema{Type: "string", Format: "uri-reference", Description: "The path that was asked."}},
				{"code", &Schema{Type: "string", Description: "For programs."}},
				{"traceId", &Schema{Type: "string", Description: "By which those who run the service find out more."}},
				{"errors", &Schema{Type: "array", Items: &Schema{Ref: b.shapes.at + name}}},
			},
			Required: []string{"type", "title", "status", "code"},
		})
		b.shapes.defs.Set(name, error)
	}
}
