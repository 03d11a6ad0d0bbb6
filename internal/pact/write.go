package pact

import (
	"bytes"
	"encoding/json"
	"strings"
)

// JSON is the file's text. It is the same whenever the model is.
func (f *File) JSON() ([]byte, error) {
	out := document{
		Consumer: party{f.Consumer}, Provider: party{f.Provider},
		Metadata: metadata{Specification: specification{"4.0"}},
	}
	for _, i := range f.Interactions {
		out.Interactions = append(out.Interactions, i.document())
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	err := enc.Encode(out)
	return b.Bytes(), err
}

// document is a Pact file as the specification has it.
type document struct {
	Consumer     party         `json:"consumer"`
	Provider     party         `json:"provider"`
	Interactions []interaction `json:"interactions"`
	Metadata     metadata      `json:"metadata"`
}

type party struct {
	Name string `json:"name"`
}

type metadata struct {
	Specification specification `json:"pactSpecification"`
}

type specification struct {
	Version string `json:"version"`
}

type interaction struct {
	Type           string          `json:"type"`
	Description    string          `json:"description"`
	Pending        bool            `json:"pending"`
	Comments       comments        `json:"comments"`
	ProviderStates []providerState `json:"providerStates"`

	Request  *request  `json:"request,omitempty"`
	Response *response `json:"response,omitempty"`

	Contents      *body             `json:"contents,omitempty"`
	Metadata      map[string]string `json:"metadata,omitempty"`
	MatchingRules map[string]any    `json:"matchingRules,omitempty"`
}

type comments struct {
	Text    []string `json:"text"`              // what relies on it
	Client  string   `json:"client,omitempty"`  // of a call: what the consumer knows it as
	Handler string   `json:"handler,omitempty"` // of a message: who takes it
	Given   *Params  `json:"given,omitempty"`   // of a message: the consumer's own side
	slack            // of what is read
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
	Status        int                 `json:"status"`
	Headers       map[string][]string `json:"headers,omitempty"`
	Body          *body               `json:"body,omitempty"`
	MatchingRules map[string]any      `json:"matchingRules,omitempty"`
}

type body struct {
	Content     json.RawMessage `json:"content"`
	ContentType string          `json:"contentType"`
	Encoded     bool            `json:"encoded"`
}

const jsonType = "application/json"

func (i *Interaction) document() interaction {
	out := interaction{
		Type: "Synchronous/HTTP", Description: i.Description,
		Comments:       comments{Text: []string{i.reason()}, Client: i.Client, Handler: i.Handler, Given: i.Given, slack: i.slack},
		ProviderStates: []providerState{{i.State.Name, i.State.Params}},
	}
	if m := i.Message; m != nil {
		out.Type = "Asynchronous/Messages"
		out.Contents, out.Metadata = content(jsonType, m.Contents), m.Metadata
		out.MatchingRules = categories(m.Rules, m.Loose)
		return out
	}
	r := i.Request
	out.Request = &request{Method: r.Method, Path: r.Path, Query: r.Query, Headers: r.Headers, Body: content(jsonType, r.Body)}
	out.Response = &response{Status: i.Response.Status, Body: content(i.Response.Type, i.Response.Body), MatchingRules: categories(i.Response.Rules, nil)}
	if i.Response.Body != nil {
		out.Response.Headers = map[string][]string{"Content-Type": {i.Response.Type}}
	}
	return out
}

// reason says what relies on the interaction, and on what of it.
func (i *Interaction) reason() string {
	if i.Need.Consumer.Service == nil || len(i.Need.Reads) == 0 {
		return i.Need.By
	}
	return i.Need.By + " reads " + strings.Join(i.Need.Reads, ", ")
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
			lists[at] = matchers{"AND", []Matcher{m}}
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
	Combine  string    `json:"combine"`
	Matchers []Matcher `json:"matchers"`
}
