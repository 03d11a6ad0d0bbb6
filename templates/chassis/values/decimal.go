package values

import (
	"bytes"
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/shopspring/decimal"
)

// maxDigits bounds a decimal: at most so many digits, and as many places
// before or behind the point. That is enough for anything that is counted or
// paid, and too few to exhaust a machine.
const maxDigits = 38

// Decimal is an exact number. The zero Decimal is 0. Its text has no zeros at
// the end, so that equal decimals have equal texts.
type Decimal struct{ d decimal.Decimal }

// Int is a whole decimal.
func Int(n int64) Decimal { return Decimal{decimal.NewFromInt(n)} }

// ParseDecimal reads a decimal: 12.50, -3, 1e3.
func ParseDecimal(text string) (Decimal, error) {
	// The exponent is looked at before the number is, which could be 1e999999999.
	if _, exp, ok := strings.Cut(strings.ToLower(text), "e"); ok {
		if n, err := strconv.Atoi(exp); err != nil || n < -2*maxDigits || n > 2*maxDigits {
			return Decimal{}, fmt.Errorf("%q is no decimal of at most %d digits", clip(text), maxDigits)
		}
	}
	if len(text) > 4*maxDigits {
		return Decimal{}, fmt.Errorf("%q is no decimal of at most %d digits", clip(text), maxDigits)
	}
	d, err := decimal.NewFromString(text)
	if err != nil {
		return Decimal{}, fmt.Errorf("%q is no decimal", text)
	}
	d, ok := bounded(d)
	if !ok {
		return Decimal{}, fmt.Errorf("%q is no decimal of at most %d digits", text, maxDigits)
	}
	return Decimal{d}, nil
}

func clip(s string) string { return s[:min(len(s), 2*maxDigits)] }

// MustDecimal is ParseDecimal of a constant.
func MustDecimal(text string) Decimal { return must(ParseDecimal(text)) }

func must[T any](v T, err error) T {
	if err != nil {
		fail("%v", err)
	}
	return v
}

// bounded reports whether a decimal is within the bounds, and cuts zeros off
// the end of one that only looks too long.
func bounded(d decimal.Decimal) (decimal.Decimal, bool) {
	if d.NumDigits() <= maxDigits && d.Exponent() >= -maxDigits && d.Exponent() <= 0 {
		return d, true
	}
	all := d.Coefficient().String()
	digits := strings.TrimRight(all, "0")
	exp := int(d.Exponent()) + len(all) - len(digits)
	if digits == "" {
		return decimal.Zero, true
	}
	if len(strings.TrimPrefix(digits, "-")) > maxDigits || exp < -maxDigits || exp > maxDigits {
		return d, false
	}
	out, err := decimal.NewFromString(digits + "e" + strconv.Itoa(exp))
	return out, err == nil
}

func fits(d decimal.Decimal) Decimal {
	d, ok := bounded(d)
	if !ok {
		fail("the decimal has more than %d digits", maxDigits)
	}
	return Decimal{d}
}

// Add is d + e.
func (d Decimal) Add(e Decimal) Decimal { return fits(d.d.Add(e.d)) }

// Sub is d - e.
func (d Decimal) Sub(e Decimal) Decimal { return fits(d.d.Sub(e.d)) }

// Mul is d * e.
func (d Decimal) Mul(e Decimal) Decimal { return fits(d.d.Mul(e.d)) }

// Neg is -d.
func (d Decimal) Neg() Decimal { return Decimal{d.d.Neg()} }

// Cmp is negative when d < e, 0 when they are equal, positive when d > e.
func (d Decimal) Cmp(e Decimal) int { return d.d.Cmp(e.d) }

// Equal reports whether two decimals are one number: 1.0 and 1.00 are.
func (d Decimal) Equal(e Decimal) bool { return d.d.Equal(e.d) }

// Less reports whether d < e.
func (d Decimal) Less(e Decimal) bool { return d.d.LessThan(e.d) }

// Sign is -1, 0 or 1.
func (d Decimal) Sign() int { return d.d.Sign() }

// String is the decimal's text, without an exponent.
func (d Decimal) String() string { return d.d.String() }

// MarshalJSON writes a string, which no reader takes for a float.
func (d Decimal) MarshalJSON() ([]byte, error) { return []byte(`"` + d.String() + `"`), nil }

// UnmarshalJSON reads a string or a number.
func (d *Decimal) UnmarshalJSON(data []byte) error {
	text := string(bytes.Trim(data, `"`))
	if text == "null" {
		return nil
	}
	v, err := ParseDecimal(text)
	if err != nil {
		return err
	}
	*d = v
	return nil
}

// Form says what is read as a decimal.
func (Decimal) Form() (text string, number bool) { return "a decimal number", true }

// MarshalText is the decimal's text.
func (d Decimal) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText is ParseDecimal.
func (d *Decimal) UnmarshalText(text []byte) (err error) {
	*d, err = ParseDecimal(string(text))
	return err
}

// Value stores a decimal as its text.
func (d Decimal) Value() (driver.Value, error) { return d.String(), nil }

// Scan reads what Value stored, or a whole number. A float is refused: it may
// have lost digits already.
func (d *Decimal) Scan(src any) (err error) {
	switch v := src.(type) {
	case string:
		*d, err = ParseDecimal(v)
	case []byte:
		*d, err = ParseDecimal(string(v))
	case int64:
		*d = Int(v)
	default:
		err = fmt.Errorf("cannot read a decimal from a %T", src)
	}
	return err
}

var (
	_ json.Marshaler   = Decimal{}
	_ json.Unmarshaler = (*Decimal)(nil)
)

// Rounding is a way to round.
type Rounding uint8

// The ways to round.
const (
	HalfUp   Rounding = iota // to the nearest; halves away from zero
	HalfEven                 // to the nearest; halves to the even digit
	Down                     // towards zero
	Up                       // away from zero
	Floor                    // to the smaller
	Ceiling                  // to the larger
)

// Round rounds to so many decimal places; a negative number of them rounds to
// tens, hundreds and so on.
func Round(d Decimal, places int64, how Rounding) Decimal { return Quo(d, Int(1), places, how) }

// Quo is a / b, rounded once: the remainder is exact.
func Quo(a, b Decimal, places int64, how Rounding) Decimal {
	if b.Sign() == 0 {
		fail("division by zero")
	}
	if places < -maxDigits || places > maxDigits {
		fail("a decimal has no %d decimal places", places)
	}
	scale := int32(places)
	q, r := a.d.QuoRem(b.d, scale)
	if r.IsZero() {
		return fits(q)
	}
	sign := int64(a.Sign() * b.Sign())
	half := r.Abs().Mul(decimal.NewFromInt(2)).Cmp(b.d.Abs().Mul(decimal.New(1, -scale)))
	away := false
	switch how {
	case HalfUp:
		away = half >= 0
	case HalfEven:
		away = half > 0 || half == 0 && q.Shift(scale).BigInt().Bit(0) == 1
	case Up:
		away = true
	case Floor:
		away = sign < 0
	case Ceiling:
		away = sign > 0
	}
	if away {
		q = q.Add(decimal.New(sign, -scale))
	}
	return fits(q)
}
