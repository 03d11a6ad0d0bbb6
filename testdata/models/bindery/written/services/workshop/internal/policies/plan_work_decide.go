package policies

import (
	"context"

	"example.com/bindery/platform/values"
	"example.com/bindery/services/workshop/internal/domain/job"
	"example.com/bindery/services/workshop/internal/upstream/shopevents"
)

var _ PlanWorkFunc = DecidePlanWork // has the compiler hold it against the model

// DecidePlanWork says what PlanWork Arbeit einteilen gives. This file is yours: what
// you write stays, and what changes around it is merged.
//
// Return what is to be given, in order, and the same again when it is asked again; nothing where nothing
// is to be done. After an error it is asked again, and the event is parked in the end.
func DecidePlanWork(
	ctx context.Context, event shopevents.BookCommissioned, meta values.Meta,
) (
	[]job.PlanJob, []PlanWorkAnnounceRequest, error,
) {
	var days []job.PlanJob
	for left := event.Hours; left > 0; left -= 8 {
		days = append(days, job.PlanJob{CommissionID: event.CommissionID, Hours: min(left, 8), Rush: event.Rush})
	}
	if event.Grams < 1000 {
		return days, nil, nil
	}
	return days, []PlanWorkAnnounceRequest{{Parcel: event.CommissionID, Grams: event.Grams}}, nil
}
