package anticorruption

import (
	"example.com/bindery/platform/values"
	"example.com/bindery/services/workshop/internal/upstream/shopevents"
)

var _ PagesRevisedFunc = TranslatePagesRevised

// TranslatePagesRevised makes hours of pages.
func TranslatePagesRevised(told shopevents.PagesRevisedTold, _ values.Meta) (shopevents.PagesRevised, error) {
	return shopevents.PagesRevised{CommissionID: told.CommissionID, Hours: hours(told.Pages)}, nil
}
