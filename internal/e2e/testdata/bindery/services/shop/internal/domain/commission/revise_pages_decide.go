package commission

import (
	"context"

	"example.com/bindery/platform/values"
)

// DecideRevisePages takes a book that has become longer, and none that has become shorter.
func DecideRevisePages(_ context.Context, state State, cmd RevisePages) ([]Event, error) {
	if cmd.Pages < state.Pages {
		return nil, values.Reject(values.Conflict, "TornOut", "pages are not torn out")
	}
	return []Event{PagesRevised{CommissionID: state.CommissionID, Pages: cmd.Pages}}, nil
}
