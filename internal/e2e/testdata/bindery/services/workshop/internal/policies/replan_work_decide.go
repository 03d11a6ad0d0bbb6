package policies

import (
	"context"

	"example.com/bindery/platform/values"
	"example.com/bindery/services/workshop/internal/domain/job"
	"example.com/bindery/services/workshop/internal/upstream/shopevents"
)

var _ ReplanWorkFunc = DecideReplanWork

// DecideReplanWork leaves alone what is done.
func DecideReplanWork(_ context.Context, event shopevents.PagesRevised, _ values.Meta, state job.State) ([]job.ReplanJob, error) {
	if state.Done {
		return nil, nil
	}
	return []job.ReplanJob{{JobID: state.JobID, Hours: min(event.Hours, 8)}}, nil
}
