package command_test

import (
	"context"
	"errors"
	"testing"

	"github.com/esgen/esgen/templates/chassis/command"
	"github.com/esgen/esgen/templates/chassis/values"
)

type hold struct {
	Order values.ID `json:"order"`
}

type held struct {
	Approved bool      `json:"approved"`
	Number   values.ID `json:"number,omitempty"`
}

// What was asked is asked again under its key where the answer is not known, and
// undone by what it says; who refuses has done nothing.
func TestLearning(t *testing.T) {
	away := errors.New("away")
	for name, tc := range map[string]struct {
		payload string
		reply   held
		err     error
		asked   bool
		undoes  string // "": nothing
		fails   bool
	}{
		"the answer is known": {payload: `{"number":"n1","why":"x"}`, undoes: `{"number":"n1","why":"x"}`},
		"it is learned": {
			payload: `{"_asked":{"order":"o1"},"_undo":{"number":"","why":"x"},"_from":{"number":"number"}}`, reply: held{true, "n2"}, asked: true,
			undoes: `{"number":"n2","why":"x"}`,
		},
		"the answer does not have it": {
			payload: `{"_asked":{"order":"o1"},"_undo":{"number":"","why":"x"},"_from":{"number":"number"}}`, asked: true, undoes: `{"why":"x"}`,
		},
		"it is refused":      {payload: `{"_asked":{"order":"o1"},"_undo":{},"_from":{}}`, err: values.Reject(values.Rule, "Declined", ""), asked: true},
		"nobody is there":    {payload: `{"_asked":{"order":"o1"},"_undo":{},"_from":{}}`, err: away, asked: true, fails: true},
		"nobody can read it": {payload: `{`, fails: true},
	} {
		t.Run(name, func(t *testing.T) {
			asked, undone := false, ""
			undo := command.Learning(func(_ context.Context, cause command.Cause, ask hold) (held, error) {
				asked = true
				if cause.Key != "k/hold/1" || ask.Order != "o1" {
					t.Errorf("asked with %v %v", cause, ask)
				}
				return tc.reply, tc.err
			}, func(_ context.Context, intent command.Intent) error {
				undone = string(intent.Payload)
				return nil
			})
			err := undo(t.Context(), command.Intent{Key: "k/hold/1", Call: "hold", Payload: []byte(tc.payload)})
			if asked != tc.asked || undone != tc.undoes || (err != nil) != tc.fails {
				t.Errorf("asked %v, undone by %s, %v", asked, undone, err)
			}
		})
	}
}
