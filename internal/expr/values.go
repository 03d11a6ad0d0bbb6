package expr

import (
	"fmt"
	"strconv"
	"time"

	"github.com/shopspring/decimal"

	"github.com/esgen/esgen/model"
)

// Lazy is a variable that is computed when an expression reads it, if one ever
// does. A fault of it is a fault of the expression that reads.
type Lazy func() (any, error)

// lazyError is what a Lazy failed with, on its way up.
type lazyError struct{ err error }

func (l Lazy) value() any {
	v, err := l()
	if err != nil {
		panic(lazyError{err})
	}
	return v
}

// Parse reads a plain value of a scalar kind as Eval has it. Text that is none
// of the kind is an error.
func Parse(k model.Kind, text string) (any, error) {
	switch k {
	case model.String, model.ID, model.Ref:
		return text, nil
	case model.Bool:
		if text == "true" || text == "false" {
			return text == "true", nil
		}
	case model.Int:
		if n, err := strconv.ParseInt(text, 10, 64); err == nil && strconv.FormatInt(n, 10) == text {
			return n, nil
		}
	default:
		v, err := parseConst(k, text)
		return constant(v), err
	}
	return nil, fmt.Errorf("%s is no %s", quoted(text), (&model.Type{Kind: k}).String())
}

// Text is a scalar value as the language writes it; "" when it is no scalar.
func Text(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case int64, bool, decimal.Decimal, Span, time.Time, Date:
		return evalString([]any{v}).(string)
	}
	return ""
}

// Equal reports whether two values of Eval are equal, as == does: 1.0 and 1.00
// are, and an instant written in two zones.
func Equal(l, r any) bool { return same(l, r) }

// Compare orders two scalars of one type as a database does: what is absent
// comes first, false before true.
func Compare(l, r any) int {
	switch l := l.(type) {
	case nil:
		if r == nil {
			return 0
		}
		return -1
	case bool:
		switch {
		case r == nil:
			return 1
		case l == r:
			return 0
		case l:
			return 1
		}
		return -1
	}
	if r == nil {
		return 1
	}
	return compare(l, r)
}
