package command

import (
	"encoding/json"
	"time"

	"github.com/esgen/esgen/templates/chassis/values"
)

// Recorded is an event of the history of an instance, as it is said today.
type Recorded struct {
	ID      values.ID       `json:"id"`
	Version int64           `json:"version"` // of the instance, after it
	Type    string          `json:"type"`    // OrderPlaced
	Time    time.Time       `json:"time"`
	By      *values.ID      `json:"by,omitempty"` // nil: the system, on nobody's behalf
	Data    json.RawMessage `json:"data"`
}
