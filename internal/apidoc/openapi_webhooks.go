package apidoc

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/esgen/esgen/internal/contract"
	"github.com/esgen/esgen/internal/names"
	"github.com/esgen/esgen/internal/quote"
	"github.com/esgen/esgen/model"
)

// webhook describes what an external system sends to one path.
func (b *openAPI) webhook(h *contract.Hook) {
	x := h.External
	n := names.Of(&x.Node)
	op := &PathOperation{
		ID: b.ids.Take(b.prefix+".receive"+n.Go, "Webhook"), Summary: "Webhook of " + x.Called(), Description: sentence(&x.Node) + signed,
		Tags: []string{b.hookTag(x)}, Security: &[]map[string][]string{},
		Parameters: []*Parameter{{
			Name: x.Webhook.Signature, In: "header", Required: true, Schema: &Schema{Type: "string"},
			Description: "`t=<seconds>,v1=<HMAC-SHA256 of \"<seconds>.<body>\" in hex>`; at most " + quote.Markdown(model.FormatDuration(x.Webhook.Tolerance)) + " from now.",
		}},
	}
	var bodies []*Schema
	for _, m := range h.Messages {
		bodies = append(bodies, b.sent(m))
	}
	body := bodies[0]
	if len(bodies) > 1 {
		body = &Schema{AnyOf: bodies}
	}
	op.Body = &RequestBody{Required: true, Content: asMedia(body, nil)}
	op.Responses.Set("204", &Response{Description: "It is stored, or it was before; or it is none of the events that are known here, and passed over."})
	r := &refusals{public: true, own: map[int]bool{}}
	r.add(http.StatusBadRequest, "invalid", "the request is not well-formed; see errors")
	r.add(http.StatusUnauthorized, "unauthorized", "it is not signed, or was signed too long ago")
	r.body()
	if x.Webhook.Refuse {
		r.add(http.StatusUnprocessableEntity, "unknown-event", "it is none of the events that are known here")
	}
	r.always()
	b.refuse(op, r)
	b.add(h.Path.Path, h.Path.Method, op)
}

// signed is what is true of all webhooks.
const signed = " What is sent is signed, and needs no token. What comes again, by its id, has no second effect."

func (b *openAPI) hookTag(x *model.External) string {
	name := b.prefix + "." + names.Of(&x.Node).Go
	b.tagged(name, &x.Node)
	return name
}

// sent is what an external system sends of an event: the fields of the event are
// where the model says that they are.
func (b *openAPI) sent(m *contract.Message) *Schema {
	e, w := m.Event, m.Event.External.Webhook
	out := &Schema{Type: "object", Title: e.Called(), Description: sentence(&e.Node)}
	from := map[string]string{}
	for _, d := range e.Drawn {
		if d.Field.Field != nil {
			from[contract.JSON(d.Field.Field)] = d.From.Value
		}
	}
	if w.Type.Value != "" {
		out.put(w.Type.Value, &Schema{Const: e.ToldAs.Value}, true)
	}
	out.put(w.ID.Value, &Schema{Description: "What it is known by when it is sent again: a text, or a number."}, true)
	for _, f := range m.Payload.Fields {
		spot := from[f.Name]
		if spot == "" {
			spot = "/" + pointerToken(f.Name)
		}
		at := w.Data.Value + spot
		var member *Schema // what lies within a list is not told apart from the rest of it
		if !slices.ContainsFunc(strings.Split(at, "/"), isIndex) {
			member = b.shapes.field(f, taken)
		}
		out.put(at, member, !f.MayMiss(true))
	}
	return out
}

// put gives an object a member at a JSON pointer.
func (s *Schema) put(pointer string, member *Schema, required bool) {
	token, rest, more := strings.Cut(strings.TrimPrefix(pointer, "/"), "/")
	name := strings.NewReplacer("~1", "/", "~0", "~").Replace(token)
	if next, _, _ := strings.Cut(rest, "/"); more && isIndex(next) {
		more, member = false, &Schema{Type: []string{"array", "object"}, Items: &Schema{}}
	}
	there, known := s.Properties.Get(name)
	if !known {
		if there = member; more {
			there = &Schema{Type: "object"}
		}
		s.Properties.Set(name, there)
		if required {
			s.Required = append(s.Required, name)
		}
	}
	if more && there.Ref == "" {
		there.put("/"+rest, member, required)
	}
}

func isIndex(token string) bool {
	_, err := strconv.Atoi(token)
	return err == nil
}
