// Package pact writes down, as Pact files, what services rely on in others: the
// needs that package contract finds, each with examples of how it was met when
// the model's scenarios were played. What actors were answered then, whose
// contract is the OpenAPI, becomes examples for the provider's own tests.
//
// Files are those of version 4 of the Pact specification
// (https://github.com/pact-foundation/pact-specification/tree/version-4). What
// esgen puts where the specification leaves room is in docs/contracts.md.
package pact

import (
	"encoding/json"
	"path"

	"github.com/esgen/esgen/internal/contract"
	"github.com/esgen/esgen/internal/naming"
)

// File is what one consumer relies on in one provider.
type File struct {
	Consumer string // as in the file's name
	Provider string
	// Interactions are in the order of the consumer's needs.
	Interactions []*Interaction
}

// Path is where the file lies in the generated tree.
func (f *File) Path() string {
	return path.Join("services", f.Consumer, "contracts", "pacts", naming.PactFile(f.Consumer, f.Provider))
}

// AtProvider is where it lies once more with a provider that is a repository of
// its own.
func (f *File) AtProvider() string {
	return path.Join("services", f.Provider, "contracts", "consumers", naming.PactFile(f.Consumer, f.Provider))
}

// Interaction is one example of how needs are met: one of an operation, or those
// of all in a service that take a message.
type Interaction struct {
	Needs       []*contract.Need
	Description string // unique in its file
	State       State
	Given       *Params  // of a message: the consumer's own side
	Client      string   // of a call: what the consumer knows it as
	Handlers    []string // of a message: who takes it there, one after the other, as the consumer's own code calls them

	Request  *Request // of an operation
	Response *Response
	Order    *Message // of a saga: what it asks for by a message
	Message  *Message // of a message; of a saga that asks: the answer

	slack slack
}

// State is what has to be so at the provider before.
type State struct {
	Name   string // unique at the provider
	Params Params
}

// Params are a state as data, as package given of the chassis reads them: a
// service gets there without code of its own.
type Params struct {
	Now     string  `json:"now"`
	History []Event `json:"history,omitempty"`
	Replies Replies `json:"replies,omitempty"`
	When    *When   `json:"when,omitempty"`
	Done    []Done  `json:"done,omitempty"`
	Came    []Came  `json:"came,omitempty"`
}

// Done is a command that was done when a saga asked for it.
type Done struct {
	Saga     string `json:"saga"`
	Key      string `json:"key"`
	Instance string `json:"instance"`
}

// Came is a message that came to a saga: what started its story, what came of what
// it asked, or an event that it waited for.
type Came struct {
	To    string `json:"to"` // who takes it there
	ID    string `json:"id"`
	Topic string `json:"topic"`
	Event
}

// Event is an event of a history: one of the service's own, or another's that
// its views have followed.
type Event struct {
	Type        string          `json:"type"` // ce_type
	Subject     string          `json:"subject"`
	Sequence    int64           `json:"sequence"`
	Time        string          `json:"time"`
	DataVersion int             `json:"dataversion,omitempty"` // 0: 1
	Actor       *Actor          `json:"actor,omitempty"`
	Data        json.RawMessage `json:"data"`
}

// Replies are what others answer when the service asks them: by the name of the
// dependency, and "METHOD /path".
type Replies map[string]map[string][]Reply

// Reply is an answer over HTTP.
type Reply struct {
	Status int             `json:"status"`
	Body   json.RawMessage `json:"body,omitempty"`
}

// When is the command that leads to a message.
type When struct {
	Command string          `json:"command"` // Order.PlaceOrder
	Input   json.RawMessage `json:"input"`
	Actor   Actor           `json:"actor"`
	Event   string          `json:"event"` // ce_type
}

// Actor is who does something.
type Actor struct {
	Subject string   `json:"subject"`
	Roles   []string `json:"roles,omitempty"`
	System  bool     `json:"system,omitempty"` // on behalf of the subject, or of nobody
	// Claims are what else is said of the actor; nil: nothing is asked.
	Claims map[string]string `json:"claims,omitzero"`
}

// Request is what is asked.
type Request struct {
	Method  string
	Path    string
	Query   map[string][]string
	Headers map[string][]string // of another service
	Actor   *Actor              // who asks, at a public route
	Body    json.RawMessage     // nil: none
}

// Response is what the consumer can do with.
type Response struct {
	Status int
	Type   string          // media type
	Body   json.RawMessage // nil: it is not looked at
	Rules  Rules           // of the body
}

// Message is an event as the consumer can do with it.
type Message struct {
	Metadata map[string]string
	Loose    map[string]Matcher // of the metadata
	Contents json.RawMessage
	Rules    Rules // of the contents
}
