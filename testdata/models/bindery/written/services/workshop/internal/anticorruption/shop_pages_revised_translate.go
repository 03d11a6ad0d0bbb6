package anticorruption

import (
	"example.com/bindery/platform/values"
	"example.com/bindery/services/workshop/internal/upstream/shopevents"
)

var _ PagesRevisedFunc = TranslatePagesRevised // has the compiler hold it against the model

// TranslatePagesRevised says what PagesRevised of Shop means here. This file is yours:
// what you write stays, and what changes around it is merged.
//
// What it cannot make sense of is parked: return an error.
func TranslatePagesRevised(
	told shopevents.PagesRevisedTold, meta values.Meta,
) (
	shopevents.PagesRevised, error,
) {
	return shopevents.PagesRevised{CommissionID: told.CommissionID, Hours: hours(told.Pages)}, nil
}
