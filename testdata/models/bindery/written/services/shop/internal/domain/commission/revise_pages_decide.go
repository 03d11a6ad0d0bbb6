package commission

import (
	"context"

	"example.com/bindery/platform/values"
)

var _ RevisePagesFunc = DecideRevisePages // has the compiler hold it against the model

// DecideRevisePages says what happens when RevisePages is asked for. This file
// is yours: what you write stays, and what changes around it is merged.
//
// Return the events, or an error to refuse: values.Reject(values.Rule, code, message).
func DecideRevisePages(
	ctx context.Context, state State, cmd RevisePages,
) ([]Event, error) {
	if cmd.Pages < state.Pages {
		return nil, values.Reject(values.Conflict, "TornOut", "pages are not torn out")
	}
	return []Event{PagesRevised{CommissionID: state.CommissionID, Pages: cmd.Pages}}, nil
}
