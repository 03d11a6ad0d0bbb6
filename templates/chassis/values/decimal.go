package values

import (
	"database/sql/driver"
	"fmt"
	"strings"

	"github.com/shopspring/decimal"
)

// maxDigits bounds what is read, so that "1e999999999" is refused instead of
// being written out.
const maxDigits = 38

// Decimal is an exact decimal number. The zero value is 0. Numbers are equal
// by their value: 1.0 is 1.
type Decimal struct{ d decimal.Decimal }

// Int is a whole number as a decimal.
func Int(n int64) Decimal { return Decimal{decimal.NewFromInt(n)} }

// ParseDecimal reads a number such as "12", "-0.50" or "1e3", of at most 38
// digits on either side of the point.
func ParseDecimal(s string) (Decimal, error) {
	if len(s) > 2*maxDigits+8 {
		return Decimal{}, fmt.Errorf("a decimal has at most %d digits", maxDigits)
	}
	d, err := decimal.NewFromString(s)
	if err != nil || strings.ContainsAny(s, "_ ") {
		return Decimal{}, fmt.Errorf("%q is not a decimal", s)
	}
	if d.Exponent() < -maxDigits || d.Exponent() > maxDigits || d.NumDigits()+int(max(d.Exponent(), 0)) > maxDigits {
		return Decimal{}, fmt.Errorf("a decimal has at most %d digits", maxDigits)
	}
	return Decimal{d}, nil
}

// MustDecimal is ParseDecimal of a constant.
func MustDecimal(s string) Decimal {
	d, err := ParseDecimal(s)
	if err != nil {
		panic(err)
	}
	return d
}

// bounded faults when a result has outgrown what can be stored.
func bounded(d decimal.Decimal) Decimal {
	if d.NumDigits()+int(max(d.Exponent(), 0)) > 2*maxDigits {
		fault("a decimal overflows")
	}
	return Decimal{d}
}

// Add is d + o.
func (d Decimal) Add(o Decimal) Decimal { return bounded(d.d.Add(o.d)) }

// Sub is d - o.
func (d Decimal) Sub(o Decimal) Decimal { return bounded(d.d.Sub(o.d)) }

// Mul is d * o.
func (d Decimal) Mul(o Decimal) Decimal { return bounded(d.d.Mul(o.d)) }

// Neg is -d.
func (d Decimal) Neg() Decimal { return Decimal{d.d.Neg()} }

// Abs is the distance from zero.
func (d Decimal) Abs() Decimal { return Decimal{d.d.Abs()} }

// DivRound is d / o, rounded half away from zero to scale digits after the point.
func (d Decimal) DivRound(o Decimal, scale int64) Decimal {
	if o.d.IsZero() {
		fault("division by zero")
	}
	return Decimal{d.d.DivRound(o.d, scaleOf(scale))}
}

// Round rounds half away from zero to scale digits after the point.
func (d Decimal) Round(scale int64) Decimal { return Decimal{d.d.Round(scaleOf(scale))} }

func scaleOf(scale int64) int32 {
	if scale < 0 || scale > maxDigits {
		fault("a scale is between 0 and %d, not %d", maxDigits, scale)
	}
	return int32(scale)
}

// Cmp is -1, 0 or 1: less, equal or greater.
func (d Decimal) Cmp(o Decimal) int { return d.d.Cmp(o.d) }

// Equal reports whether the numbers are the same.
func (d Decimal) Equal(o Decimal) bool { return d.d.Equal(o.d) }

// Less reports whether d is less than o.
func (d Decimal) Less(o Decimal) bool { return d.d.LessThan(o.d) }

// IntPart is the number without what is after the point; it faults when it
// does not fit 64 bits.
func (d Decimal) IntPart() int64 {
	whole := d.d.Truncate(0)
	if !whole.BigInt().IsInt64() {
		fault("%s does not fit an int", d)
	}
	return whole.IntPart()
}

// String is the number in full, without needless zeros.
func (d Decimal) String() string {
	s := d.d.String()
	return s
}

// MarshalText writes the number; JSON shows it as a string, because many
// readers would round a number.
func (d Decimal) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads a number.
func (d *Decimal) UnmarshalText(text []byte) error {
	parsed, err := ParseDecimal(string(text))
	if err == nil {
		*d = parsed
	}
	return err
}

// UnmarshalJSON reads a number, written as a number or as a string.
func (d *Decimal) UnmarshalJSON(data []byte) error {
	if string(data) == "null" {
		return nil
	}
	return d.UnmarshalText([]byte(strings.Trim(string(data), `"`)))
}

// Value implements driver.Valuer.
func (d Decimal) Value() (driver.Value, error) { return d.String(), nil }

// Scan implements sql.Scanner.
func (d *Decimal) Scan(src any) error {
	var text string
	switch v := src.(type) {
	case string:
		text = v
	case []byte:
		text = string(v)
	case int64:
		*d = Int(v)
		return nil
	default:
		return fmt.Errorf("a %T is no decimal", src)
	}
	parsed, err := decimal.NewFromString(text)
	if err != nil {
		return fmt.Errorf("%q is not a decimal", text)
	}
	*d = Decimal{parsed}
	return nil
}
