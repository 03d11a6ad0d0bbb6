package saga

import (
	"encoding/json"
	"time"

	"github.com/esgen/esgen/templates/chassis/values"
)

// Order is a Request on its way.
type Order struct {
	Saga        string          `json:"saga"`
	Story       values.ID       `json:"story"`
	Key         string          `json:"key"` // by which it is known when it comes again
	Compensates string          `json:"compensates,omitempty"`
	ReplyTo     string          `json:"replyTo"`
	Until       *time.Time      `json:"until,omitempty"` // when it is too late to do it; nil: never
	Instance    values.ID       `json:"instance,omitempty"`
	By          *Lookup         `json:"by,omitempty"`
	Input       json.RawMessage `json:"input"`
}

// Answer is what came of an Order.
type Answer struct {
	Key      string          `json:"key"`
	Result   Result          `json:"result"`
	Reason   string          `json:"reason,omitempty"` // of what is not Done
	Instance values.ID       `json:"instance,omitempty"`
	Reply    json.RawMessage `json:"reply,omitempty"`
}

// Result says how an Order ended.
type Result string

// How an Order ends.
const (
	Done    Result = "done"
	Refused Result = "refused" // by a rule
	Missing Result = "missing" // its instance is not there
	Invalid Result = "invalid" // it cannot be understood
)

// CancelType is the type of an Order not to do what it Compensates, should that
// still come. The answer is that of what was done already, or Missing.
const CancelType = "saga.Cancel"

// AnswerType is the type of the messages that answer a saga.
func AnswerType(saga string) string { return "saga." + saga + ".Answered" }

// Read reads one of the two.
func Read[M Order | Answer](data json.RawMessage) (m M, err error) {
	err = json.Unmarshal(data, &m)
	return m, err
}
