package anticorruption

import (
	"errors"

	"example.com/bindery/platform/values"
	"example.com/bindery/services/workshop/internal/upstream/shopevents"
)

var _ BookCommissionedFunc = TranslateBookCommissioned // has the compiler hold it against the model

// TranslateBookCommissioned says what BookCommissioned of Shop means here. This file is yours:
// what you write stays, and what changes around it is merged.
//
// What it cannot make sense of is parked: return an error.
func TranslateBookCommissioned(
	told shopevents.BookCommissionedTold, meta values.Meta,
) (
	shopevents.BookCommissioned, error,
) {
	if told.Pages == 0 {
		return shopevents.BookCommissioned{}, errors.New("a book without pages is none")
	}
	return shopevents.BookCommissioned{
		CommissionID: told.CommissionID, Hours: hours(told.Pages), Rush: !told.Leather, Grams: 3 * told.Pages,
	}, nil
}

func hours(pages int64) int64 { return (pages + 99) / 100 }
