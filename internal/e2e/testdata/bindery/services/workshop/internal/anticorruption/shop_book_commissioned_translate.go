package anticorruption

import (
	"errors"

	"example.com/bindery/platform/values"
	"example.com/bindery/services/workshop/internal/upstream/shopevents"
)

var _ BookCommissionedFunc = TranslateBookCommissioned

// TranslateBookCommissioned makes hours and grams of pages: the workshop knows no others.
func TranslateBookCommissioned(told shopevents.BookCommissionedTold, _ values.Meta) (shopevents.BookCommissioned, error) {
	if told.Pages == 0 {
		return shopevents.BookCommissioned{}, errors.New("a book without pages is none")
	}
	return shopevents.BookCommissioned{
		CommissionID: told.CommissionID, Hours: hours(told.Pages), Rush: !told.Leather, Grams: 3 * told.Pages,
	}, nil
}

func hours(pages int64) int64 { return (pages + 99) / 100 }
