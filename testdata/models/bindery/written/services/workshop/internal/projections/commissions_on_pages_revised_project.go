package projections

import (
	"strconv"

	"example.com/bindery/platform/values"
	"example.com/bindery/services/workshop/internal/readmodel"
	"example.com/bindery/services/workshop/internal/upstream/shopevents"
)

var _ CommissionsOnPagesRevisedFunc = ProjectCommissionsOnPagesRevised // has the compiler hold it against the model

// ProjectCommissionsOnPagesRevised says what a row of Commissions is to be after shop.PagesRevised. This file
// is yours: what you write stays, and what changes around it is merged.
//
// Return the row as it is to be, from nothing but what is given: a view is rebuilt from its events. Its
// key stays, whatever is returned. After an error the event comes again, and is parked in the end.
func ProjectCommissionsOnPagesRevised(
	row readmodel.Commissions, event shopevents.PagesRevised, meta values.Meta,
) (
	readmodel.Commissions, error,
) {
	row.Hours = event.Hours
	row.Shelf = "shelf " + strconv.FormatInt(event.Hours, 10)
	row.CommissionID = "" // which stays, whatever is said here
	return row, nil
}
