package projections

import (
	"strconv"

	"example.com/bindery/platform/values"
	"example.com/bindery/services/workshop/internal/readmodel"
	"example.com/bindery/services/workshop/internal/upstream/shopevents"
)

var _ CommissionsOnPagesRevisedFunc = ProjectCommissionsOnPagesRevised

// ProjectCommissionsOnPagesRevised puts a book on the shelf of its hours.
func ProjectCommissionsOnPagesRevised(row readmodel.Commissions, event shopevents.PagesRevised, _ values.Meta) (readmodel.Commissions, error) {
	row.Hours = event.Hours
	row.Shelf = "shelf " + strconv.FormatInt(event.Hours, 10)
	row.CommissionID = "" // which stays, whatever is said here
	return row, nil
}
