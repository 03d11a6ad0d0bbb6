// Package live plays the scenarios of a model on a system that runs: over HTTP,
// as its actors do, with the events that come over Kafka, with services that are
// stopped and external systems that are slow or away. Each scenario has the
// system to itself: all that was before is forgotten, and time stands still until
// the scenario lets it pass.
package live

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Table is what there is to play.
type Table struct {
	Services  []Service  `json:"services"`
	History   []Past     `json:"history"` // that scenarios begin with: many with the same
	Scenarios []Scenario `json:"scenarios"`
}

// Service is one of the system.
type Service struct {
	Name   string   `json:"name"`
	Topics []string `json:"topics,omitempty"` // of its events
}

// Scenario is an example of what must happen.
type Scenario struct {
	Name    string    `json:"name"`
	At      Place     `json:"at"`
	Begins  time.Time `json:"begins"`
	History []int     `json:"history,omitempty"` // of the table's, in order
	Answers []Answer  `json:"answers,omitempty"`
	// Lacks says what it takes that is not generated; "": it can be played.
	Lacks string `json:"lacks,omitempty"`
	// Makes are the ids that it says of what the system itself gives an id.
	Makes []string `json:"makes,omitempty"`
	Steps []Step   `json:"steps"`
}

// stops reports whether services are down in it.
func (s *Scenario) stops() bool {
	for _, step := range s.Steps {
		for _, f := range step.Faults {
			if f.Service != "" {
				return true
			}
		}
	}
	return false
}

// Past is an event that happened before.
type Past struct {
	Type     string          `json:"type"`
	Subject  string          `json:"subject"`
	Sequence int64           `json:"sequence"`
	Time     time.Time       `json:"time"`
	Version  int             `json:"dataversion,omitempty"`
	Data     json.RawMessage `json:"data"`
}

// Answer is what an operation of an external system answers from then on.
type Answer struct {
	External  string `json:"external"`
	Operation string `json:"operation"`
	Script    Script `json:"script"`
}

// Script is an Answer as the stand-ins know it.
type Script struct {
	With  map[string]json.RawMessage `json:"with,omitempty"`
	Reply json.RawMessage            `json:"reply,omitempty"`
	Delay string                     `json:"delay,omitempty"`
	Fails int                        `json:"fails,omitempty"`
}

// Step is played in the order of its fields.
type Step struct {
	At         Place         `json:"at"`
	Faults     []Fault       `json:"faults,omitempty"`
	Answers    []Answer      `json:"answers,omitempty"`
	When       *When         `json:"when,omitempty"`
	Then       *Then         `json:"then,omitempty"`
	Recover    []Fault       `json:"recover,omitempty"`
	Advance    int64         `json:"advance,omitempty"` // nanoseconds
	Eventually []Expectation `json:"eventually,omitempty"`
}

// Fault takes a service, or an external system, away, or has it come back.
type Fault struct {
	Service  string `json:"service,omitempty"`
	External string `json:"external,omitempty"`
	Up       bool   `json:"up,omitempty"`
}

// When is what somebody does.
type When struct {
	At      Place           `json:"at,omitzero"`
	Does    string          `json:"does,omitempty"` // what it is called
	Service string          `json:"service,omitempty"`
	Inside  bool            `json:"inside,omitempty"` // it is asked where only services do
	Method  string          `json:"method,omitempty"`
	Path    string          `json:"path,omitempty"` // of the service's
	Body    json.RawMessage `json:"body,omitempty"`
	Subject string          `json:"subject,omitempty"`
	Roles   []string        `json:"roles,omitempty"`
	// Asks is, in a file, which of its requests it is.
	Asks *int `json:"asks,omitempty"`
	// Claims are what else is claimed of who asks, as headers say it: lists with
	// commas between.
	Claims map[string]string `json:"claims,omitempty"`
	// Events is how the types of the events of a command begin, and Instance the
	// member of its answer that names the instance. Of questions they are empty.
	Events   string `json:"events,omitempty"`
	Instance string `json:"instance,omitempty"`
	// Makes is what the scenario calls the instance, where the system names it.
	Makes string `json:"makes,omitempty"`
	// Single: the answer is one row.
	Single bool `json:"single,omitempty"`
	// Tells is said in place of all that by an external system, of its own accord.
	Tells *Tells `json:"tells,omitempty"`
}

// Tells is what an external system says: by a webhook, which its stand-in signs and
// sends, or in a topic of its own. Exactly one of Hook and Topic is set.
type Tells struct {
	Hook   string            `json:"hook,omitempty"` // of the stand-ins: Carrier, Bank/TransferSettled
	Topic  string            `json:"topic,omitempty"`
	Key    string            `json:"key,omitempty"`    // of the record
	Header map[string]string `json:"header,omitempty"` // likewise
	Body   json.RawMessage   `json:"body"`
}

// Then is the answer: exactly one of Happened, Rejected and Rows is said.
type Then struct {
	At       Place         `json:"at"`
	Happened []Expectation `json:"happened,omitzero"` // these and no others; nil: not said
	Rejected string        `json:"rejected,omitempty"`
	Rows     []Values      `json:"rows,omitzero"` // likewise
}

// Values are some members of an object.
type Values map[string]json.RawMessage

// Expectation is something that happened, or is so: exactly one of Event, View,
// State and Called is set.
type Expectation struct {
	At     Place  `json:"at"`
	Text   string `json:"text,omitempty"`  // as the model has it; in a file "": as says has it
	Event  string `json:"event,omitempty"` // its type
	View   *In    `json:"view,omitempty"`
	State  *In    `json:"state,omitempty"`
	Called *In    `json:"called,omitempty"`
	With   Values `json:"with,omitempty"`
	Times  *int   `json:"times,omitempty"` // nil: at least once
}

// In is where something is found: a path of a service, an aggregate, an operation
// of an external system.
type In struct{ Of, Name string }

// MarshalText writes what has it before a space.
func (in In) MarshalText() ([]byte, error) { return []byte(in.Of + " " + in.Name), nil }

// UnmarshalText reads that.
func (in *In) UnmarshalText(text []byte) error {
	var there bool
	if in.Of, in.Name, there = strings.Cut(string(text), " "); !there {
		return fmt.Errorf("%q does not say where it is", text)
	}
	return nil
}

// Place is where something stands in the model.
type Place struct {
	File         string // "": that of the scenario
	Line, Column int
}

func (p Place) String() string {
	text := fmt.Sprintf("%d:%d", p.Line, p.Column)
	if p.File != "" {
		text = p.File + ":" + text
	}
	return text
}

// MarshalText writes it as file:line:column.
func (p Place) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// UnmarshalText reads file:line:column.
func (p *Place) UnmarshalText(text []byte) error {
	parts := strings.Split(string(text), ":")
	n := len(parts)
	if n < 2 {
		return fmt.Errorf("%q is no place", text)
	}
	var err error
	if p.Line, err = strconv.Atoi(parts[n-2]); err != nil {
		return err
	}
	p.Column, err = strconv.Atoi(parts[n-1])
	p.File = strings.Join(parts[:n-2], ":")
	return err
}
