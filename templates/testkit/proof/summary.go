package proof

import (
	"encoding/json"
	"os"
	"time"
)

// Summary tells of the histories of a process; "esgen prove" reads it.
type Summary struct {
	Histories uint64         `json:"histories"`
	Took      time.Duration  `json:"took"`
	Died      map[string]int `json:"died"`     // how often a machine did, by the points
	Answered  map[string]int `json:"answered"` // commands and status
	Stories   map[string]int `json:"stories"`  // sagas, and how their stories ended
}

func (s Summary) keep(path string) error {
	text, err := json.Marshal(s)
	if err != nil {
		return err
	}
	return os.WriteFile(path, text, 0o600)
}
