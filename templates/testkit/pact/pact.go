// Package pact reads Pact files, and holds consumers and providers to them: a
// consumer's client is answered as the file says and nothing else, a provider
// is asked what the file says and has to answer as it does.
//
// Files are those of the Pact specification, versions 3 and 4
// (https://github.com/pact-foundation/pact-specification); plugins, XML and
// generators are not known here.
package pact

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
)

// File is a contract: what one consumer relies on in one provider.
type File struct {
	Path         string // where it was read
	Consumer     string
	Provider     string
	Interactions []*Interaction
}

// Kind is how consumer and provider meet.
type Kind string

// The kinds of interactions, as files of version 4 call them.
const (
	HTTP    Kind = "Synchronous/HTTP"
	Message Kind = "Asynchronous/Messages"
	Answer  Kind = "Synchronous/Messages" // a message that is answered by one
)

// Interaction is one thing that the consumer relies on.
type Interaction struct {
	Kind        Kind
	Description string
	States      []State
	// Pending: the provider is not expected to do it yet; a difference is told,
	// and no failure.
	Pending bool
	// Reason is what relies on it, in the words of the file's comments.
	Reason string
	// Comments are those of the file beside the text, by name: whoever wrote it
	// may have left notes for a test.
	Comments map[string]json.RawMessage

	Request  *Request  // of HTTP
	Response *Response // of HTTP
	Order    *Contents // of Answer: what is asked
	Contents *Contents // of Message, and of Answer

	read []byte // what a consumer takes from the body; nil: all of it
}

// Internal tells whether the request goes to the listener that only other
// services reach.
func (i *Interaction) Internal() bool {
	return i.Request != nil && strings.HasPrefix(i.Request.Path, "/internal/")
}

// State is what has to be so at the provider before.
type State struct {
	Name   string
	Params json.RawMessage // an object; nil: none
}

// Request is what the consumer asks.
type Request struct {
	Method string
	Path   string // not escaped
	Query  url.Values
	Header http.Header
	Body   Body
	rules  rules
}

// Response is what it can do with.
type Response struct {
	Status int
	Header http.Header
	Body   Body
	rules  rules
}

// Contents are those of a message, as the consumer can do with them.
type Contents struct {
	Metadata map[string]any // as JSON has it
	Body     Body
	rules    rules
}

// Body is the content of a request, a response or a message.
type Body struct {
	Present bool
	Type    string // a media type; empty: not said
	Data    []byte
}

// Published is a message that a provider publishes. Metadata are its headers,
// as text, and whatever else the transport knows of it.
type Published struct {
	Metadata map[string]any
	Type     string // a media type; empty: JSON
	Data     []byte
}
