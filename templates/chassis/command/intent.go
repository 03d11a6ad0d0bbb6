package command

import (
	"encoding/json"
	"time"

	"github.com/esgen/esgen/templates/chassis/values"
)

// Intent is a call that was, or may have been, made, and how to undo it.
type Intent struct {
	Key          string // the idempotency key of the call: Request.Compensates at the callee
	Command      string // that made the call
	Instance     values.ID
	Call         string
	Compensation string
	Target       values.ID
	Payload      json.RawMessage
	Correlation  string
	Due          bool // being compensated; else its command may still be running
	Attempts     int  // at compensating
	LastError    string
	CreatedAt    time.Time
	NextAt       time.Time
}

// UndoKey is the idempotency key of the compensation itself.
func (i Intent) UndoKey() string { return i.Key + "/undo" }
