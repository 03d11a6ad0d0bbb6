package policies

import (
	"context"

	"example.com/bindery/platform/values"
	"example.com/bindery/services/workshop/internal/domain/job"
	"example.com/bindery/services/workshop/internal/upstream/shopevents"
)

var _ PlanWorkFunc = DecidePlanWork

// DecidePlanWork plans a job a day, of eight hours at most, and has the courier come for what is heavy.
func DecidePlanWork(_ context.Context, event shopevents.BookCommissioned, _ values.Meta) ([]job.PlanJob, []PlanWorkAnnounceRequest, error) {
	var days []job.PlanJob
	for left := event.Hours; left > 0; left -= 8 {
		days = append(days, job.PlanJob{CommissionID: event.CommissionID, Hours: min(left, 8), Rush: event.Rush})
	}
	if event.Grams < 1000 {
		return days, nil, nil
	}
	return days, []PlanWorkAnnounceRequest{{Parcel: event.CommissionID, Grams: event.Grams}}, nil
}
