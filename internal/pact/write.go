package pact

import (
	"encoding/json"
	"fmt"
	"maps"
	"strings"

	"github.com/esgen/esgen/internal/quote"
)

// JSON is the file's text, with a line for each interaction: a difference shows
// the ones that differ. What the specification has defaults for is left out. It
// is the same whenever the model is.
func (f *File) JSON() ([]byte, error) {
	documents := make([]interaction, len(f.Interactions))
	for n, i := range f.Interactions {
		documents[n] = i.document()
	}
	interactions, err := lines(documents)
	return fmt.Appendf(nil, `{"consumer":{"name":%s},"provider":{"name":%s},"metadata":{"pactSpecification":{"version":"4.0"}},"interactions":%s}
`, quote.JSON(f.Consumer), quote.JSON(f.Provider), interactions), err
}

type interaction struct {
	Type           string          `json:"type"`
	Description    string          `json:"description"`
	Comments       comments        `json:"comments"`
	ProviderStates []providerState `json:"providerStates"`

	Request  any `json:"request,omitempty"`  // a *request, or a *contents that asks
	Response any `json:"response,omitempty"` // a *response, or the []contents that answer

	contents
}

// contents are a message.
type contents struct {
	Contents      *body             `json:"contents,omitempty"`
	Metadata      map[string]string `json:"metadata,omitempty"`
	MatchingRules map[string]any    `json:"matchingRules,omitempty"`
}

type comments struct {
	Text     []string `json:"text"`               // what relies on it
	Client   string   `json:"client,omitempty"`   // of a call: what the consumer knows it as
	Handlers []string `json:"handlers,omitempty"` // of a message: who takes it, one after the other
	Given    *Params  `json:"given,omitempty"`    // of a message: the consumer's own side
	slack             // of what is read
}

type providerState struct {
	Name   string `json:"name"`
	Params Params `json:"params"`
}

type request struct {
	Method  string              `json:"method"`
	Path    string              `json:"path"`
	Query   map[string][]string `json:"query,omitempty"`
	Headers map[string][]string `json:"headers,omitempty"`
	Body    *body               `json:"body,omitempty"`
}

type response struct {
	Status        int            `json:"status"`
	Body          *body          `json:"body,omitempty"`
	MatchingRules map[string]any `json:"matchingRules,omitempty"`
}

type body struct {
	Content     json.RawMessage `json:"content"`
	ContentType string          `json:"contentType"`
}

const jsonType = "application/json"

func (i *Interaction) document() interaction {
	out := interaction{
		Type: "Synchronous/HTTP", Description: i.Description,
		Comments:       comments{Text: i.reasons(), Client: i.Client, Handlers: i.Handlers, Given: i.Given, slack: i.slack},
		ProviderStates: []providerState{{i.State.Name, i.State.Params}},
	}
	switch {
	case i.Order != nil:
		out.Type = "Synchronous/Messages"
		out.Request, out.Response = i.Order.document(), []contents{i.Message.document()}
		return out
	case i.Message != nil:
		out.Type = "Asynchronous/Messages"
		out.contents = i.Message.document()
		return out
	}
	r := i.Request
	out.Request = &request{Method: r.Method, Path: r.Path, Query: r.Query, Headers: r.headers(), Body: content(jsonType, r.Body)}
	out.Response = &response{Status: i.Response.Status, Body: content(i.Response.Type, i.Response.Body), MatchingRules: categories(i.Response.Rules, nil)}
	return out
}

func (m *Message) document() contents {
	return contents{content(jsonType, m.Contents), m.Metadata, categories(m.Rules, m.Loose)}
}

// headers are those of the request, and what its body is: verifiers send what
// they are told here, and of a body nothing but its content.
func (r *Request) headers() map[string][]string {
	if r.Body == nil {
		return r.Headers
	}
	out := map[string][]string{"Content-Type": {jsonType}}
	maps.Copy(out, r.Headers)
	return out
}

// reasons say what relies on the interaction, and on what of it.
func (i *Interaction) reasons() []string {
	var out []string
	for _, n := range i.Needs {
		why := n.By
		if len(n.Reads) > 0 {
			why += " reads " + strings.Join(n.Reads, ", ")
		}
		out = append(out, why)
	}
	return out
}

func content(mediaType string, data json.RawMessage) *body {
	if data == nil {
		return nil
	}
	return &body{Content: data, ContentType: mediaType}
}

// categories are rules as files have them.
func categories(body Rules, metadata map[string]Matcher) map[string]any {
	out := map[string]any{}
	add := func(name string, rules map[string]Matcher) {
		lists := map[string]any{}
		for at, m := range rules {
			lists[at] = matchers{[]Matcher{m}}
		}
		if len(lists) > 0 {
			out[name] = lists
		}
	}
	add("body", body)
	add("metadata", metadata)
	return out
}

type matchers struct {
	Matchers []Matcher `json:"matchers"`
}
