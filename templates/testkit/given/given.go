// Package given puts a service into a state that is told as data: the events
// that happened, what others answer, what time it is. Tests of contracts need
// no code for a state that a consumer thinks of.
package given

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/esgen/esgen/templates/chassis/message"
	"github.com/esgen/esgen/templates/chassis/values"
)

// State is what has to be so.
type State struct {
	Name string `json:"-"` // in words
	// Now is the time from then on; zero: that of the clock.
	Now time.Time `json:"now,omitzero"`
	// History are the events that happened, in their order: the service's own
	// ones, and those of others that its views follow.
	History []Event `json:"history,omitempty"`
	// Replies are what others answer when the service asks them: by the name of
	// the dependency, and "METHOD /path"; the first question gets the first one,
	// and the last goes on being given.
	Replies map[string]map[string][]Reply `json:"replies,omitempty"`
	// When leads to the message that is wanted.
	When *When `json:"when,omitempty"`
	// Done are commands that sagas asked for.
	Done []Done `json:"done,omitempty"`
	// Came are the messages that came to sagas, in their order.
	Came []Came `json:"came,omitempty"`
}

// Done is a command that was done when a saga asked for it.
type Done struct {
	Saga     string    `json:"saga"`
	Key      string    `json:"key"`
	Instance values.ID `json:"instance"`
}

// Came is a message that came to somebody.
type Came struct {
	To    string `json:"to"`
	ID    string `json:"id"`
	Topic string `json:"topic"`
	Event
}

// envelope is the message as it comes from the broker.
func (c Came) envelope() message.Envelope {
	e := c.Envelope(c.ID)
	e.Topic = c.Topic
	return e
}

// Event is something that happened.
type Event struct {
	Type        string          `json:"type"` // ce_type
	Subject     string          `json:"subject"`
	Sequence    int64           `json:"sequence,omitempty"`
	Time        time.Time       `json:"time"`
	DataVersion int             `json:"dataversion,omitempty"` // 0: 1
	Actor       *values.Actor   `json:"actor,omitempty"`
	Data        json.RawMessage `json:"data"`
}

// Reply is what somebody else answers.
type Reply struct {
	Status int             `json:"status,omitempty"` // 0: 200
	Body   json.RawMessage `json:"body,omitempty"`
}

// When is a command, and the event of it that is wanted.
type When struct {
	Command string          `json:"command"` // Order.PlaceOrder
	Input   json.RawMessage `json:"input"`
	Actor   values.Actor    `json:"actor"`
	Event   string          `json:"event,omitempty"` // ce_type; empty: the last one
}

// Read reads a state from the parameters of a Pact's provider state. A member
// that is not known is an error: what it asks for would not be so.
func Read(name string, params json.RawMessage) (State, error) {
	s := State{Name: name}
	if len(params) == 0 || string(params) == "null" {
		return s, nil
	}
	d := json.NewDecoder(bytes.NewReader(params))
	d.DisallowUnknownFields()
	if err := d.Decode(&s); err != nil {
		return s, fmt.Errorf("the state cannot be read: %w", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return s, errors.New("the state cannot be read: something stands behind it")
	}
	for i, e := range s.History {
		if e.Type == "" || e.Subject == "" || e.Time.IsZero() || len(e.Data) == 0 {
			return s, fmt.Errorf("event %d of the history: type, subject, time and data must be there", i+1)
		}
	}
	return s, nil
}

// Envelope is the event as it comes from the broker, under an id.
func (e Event) Envelope(id string) message.Envelope {
	m := message.Envelope{
		ID: values.ID(id), Source: "/given", Type: e.Type, Subject: e.Subject, Time: values.Truncate(e.Time),
		Sequence: e.Sequence, DataVersion: max(e.DataVersion, 1), CorrelationID: "given", Key: e.Subject, Data: e.Data,
	}
	if e.Actor != nil {
		m.Actor = *e.Actor
	}
	return m
}
