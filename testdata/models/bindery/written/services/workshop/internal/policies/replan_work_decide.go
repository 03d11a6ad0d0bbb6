package policies

import (
	"context"

	"example.com/bindery/platform/values"
	"example.com/bindery/services/workshop/internal/domain/job"
	"example.com/bindery/services/workshop/internal/upstream/shopevents"
)

var _ ReplanWorkFunc = DecideReplanWork // has the compiler hold it against the model

// DecideReplanWork says what ReplanWork gives. This file is yours: what
// you write stays, and what changes around it is merged.
//
// Return what is to be given, in order, and the same again when it is asked again; nothing where nothing
// is to be done. After an error it is asked again, and the event is parked in the end.
func DecideReplanWork(
	ctx context.Context, event shopevents.PagesRevised, meta values.Meta, state job.State,
) (
	[]job.ReplanJob, error,
) {
	if state.Done {
		return nil, nil
	}
	return []job.ReplanJob{{JobID: state.JobID, Hours: min(event.Hours, 8)}}, nil
}
