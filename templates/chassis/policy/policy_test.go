package policy_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/esgen/esgen/templates/chassis/command"
	"github.com/esgen/esgen/templates/chassis/message"
	"github.com/esgen/esgen/templates/chassis/policy"
	"github.com/esgen/esgen/templates/chassis/values"
)

// Several things are done in order, each known again by its place; one that is refused is
// done, and one that has to wait keeps those behind it waiting.
func TestAll(t *testing.T) {
	t.Parallel()
	because := policy.Because{Policy: "Plan", Message: message.Envelope{ID: "e-1", CorrelationID: "c-1"}}
	var keys []string
	give := func(_ context.Context, req command.Request, input string) (command.Outcome, error) {
		keys = append(keys, req.Key.Scope+" "+req.Key.ID+" "+input)
		switch input {
		case "refused":
			return command.Outcome{}, values.Reject(values.Rule, "No", "")
		case "missing":
			return command.Outcome{}, message.ErrMissing
		}
		return command.Outcome{}, nil
	}
	err := policy.GiveAll(t.Context(), because.For("row"), give, []string{"refused", "given", "missing", "behind"})
	if want := []string{"Plan e-1/row/1 refused", "Plan e-1/row/2 given", "Plan e-1/row/3 missing"}; !slices.Equal(keys, want) || !errors.Is(err, message.ErrMissing) {
		t.Errorf("%q, %v", keys, err)
	}
	keys = nil
	err = policy.AskAll(t.Context(), because, func(_ context.Context, cause command.Cause, request string) error {
		keys = append(keys, cause.Key+" "+cause.Correlation+" "+cause.Causation+" "+request)
		return nil
	}, []string{"a", "b"})
	if want := []string{"Plan/e-1/1 c-1 e-1 a", "Plan/e-1/2 c-1 e-1 b"}; !slices.Equal(keys, want) || err != nil {
		t.Errorf("%q, %v", keys, err)
	}
}
