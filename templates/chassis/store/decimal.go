package store

import (
	"strings"

	"github.com/shopspring/decimal"
)

// compareDecimals is the collation DECIMAL. Text that is no number, which the
// service never writes, sorts before all numbers: a collation must be a total
// order whatever it is given.
func compareDecimals(left, right string) int {
	a, errA := decimal.NewFromString(left)
	b, errB := decimal.NewFromString(right)
	switch {
	case errA == nil && errB == nil:
		return a.Cmp(b)
	case errA == nil:
		return 1
	case errB == nil:
		return -1
	}
	return strings.Compare(left, right)
}
