package expr

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/esgen/esgen/model"
)

// The constants of types Go has no literals for, as their canonical text.
type (
	Decimal  string // 12.5: no zeros at the end
	Date     string // 2026-12-01
	Time     string // 2026-12-01T00:00:00Z: RFC 3339, UTC, at most microseconds
	Duration string // 1d12h
)

// parseConst reads the text of a constant.
func parseConst(k model.Kind, text string) (any, error) {
	switch k {
	case model.Decimal:
		return parseDecimal(text)
	case model.Date:
		t, err := time.Parse(time.DateOnly, text)
		if err != nil || t.Year() < 1 {
			return nil, fmt.Errorf("%s is no day", quoted(text))
		}
		return Date(text), nil
	case model.Time:
		t, err := time.Parse(time.RFC3339, text)
		if err != nil || outOfRange(t) {
			return nil, fmt.Errorf("%s is no time", quoted(text))
		}
		return Time(formatTime(t)), nil
	case model.Duration:
		d, err := parseDuration(text)
		if err != nil {
			return nil, err
		}
		return Duration(formatDuration(d)), nil
	}
	return nil, fmt.Errorf("%s is no %s", quoted(text), (&model.Type{Kind: k}).String())
}

func quoted(s string) string { return "'" + s + "'" }

// A decimal has at most maxDigits digits, and as many places before or behind
// the point: enough for anything that is counted or paid, too few to exhaust a
// machine.
const maxDigits = 38

func parseDecimal(text string) (Decimal, error) {
	d, err := toDecimal(text)
	return Decimal(d.String()), err
}

func toDecimal(text string) (decimal.Decimal, error) {
	// The length is looked at before the number is, which could be 1e999999999.
	if _, exp, ok := strings.Cut(strings.ToLower(text), "e"); ok {
		if n, err := strconv.Atoi(exp); err != nil || n < -2*maxDigits || n > 2*maxDigits {
			return decimal.Zero, fmt.Errorf("%s is no decimal of at most %d digits", quoted(text), maxDigits)
		}
	}
	if len(text) > 4*maxDigits {
		return decimal.Zero, fmt.Errorf("a decimal has at most %d digits", maxDigits)
	}
	d, err := decimal.NewFromString(text)
	if err != nil {
		return decimal.Zero, fmt.Errorf("%s is no decimal", quoted(text))
	}
	d, ok := bounded(d)
	if !ok {
		return decimal.Zero, fmt.Errorf("%s has more than %d digits", quoted(text), maxDigits)
	}
	return d, nil
}

// bounded reports whether a decimal is within the bounds, and cuts zeros off
// the end of one that only looks too long.
func bounded(d decimal.Decimal) (decimal.Decimal, bool) {
	if d.NumDigits() <= maxDigits && d.Exponent() >= -maxDigits && d.Exponent() <= 0 {
		return d, true
	}
	digits := strings.TrimRight(d.Coefficient().String(), "0")
	exp := int(d.Exponent()) + len(d.Coefficient().String()) - len(digits)
	if digits == "" || digits == "-" {
		return decimal.Zero, true
	}
	if len(strings.TrimPrefix(digits, "-")) > maxDigits || exp < -maxDigits || exp > maxDigits {
		return d, false
	}
	out, err := decimal.NewFromString(digits + "e" + strconv.Itoa(exp))
	return out, err == nil
}

// outOfRange reports whether an instant is outside the years 1 to 9999, which
// are what RFC 3339 can write.
func outOfRange(t time.Time) bool {
	y := t.UTC().Year()
	return y < 1 || y > 9999
}

func formatTime(t time.Time) string {
	return t.UTC().Truncate(time.Microsecond).Format(time.RFC3339Nano)
}

// Span is a duration when an expression is computed, in microseconds: of 10,000 years
// at most, so that any two instants are as far apart as one can say.
type Span int64

// Lengths of time. LongestSpan is how long the longest one is, and how long one before.
const (
	Second      Span = 1_000_000
	Minute           = 60 * Second
	Hour             = 60 * Minute
	Day              = 24 * Hour
	LongestSpan      = 315_576_000_000 * Second
)

// durationUnits are the units of a duration, from large to small.
var durationUnits = []struct {
	name string
	size Span
}{
	{"d", Day}, {"h", Hour}, {"m", Minute}, {"s", Second}, {"ms", Second / 1000}, {"us", 1},
}

// parseDuration reads 8d, 1h30m, -15m.
func parseDuration(text string) (Span, error) {
	bad := fmt.Errorf("%s is no duration", quoted(text))
	rest, negative := strings.CutPrefix(text, "-")
	var total Span
	last := Span(math.MaxInt64)
	for first := true; rest != "" || first; first = false {
		n := 0
		for n < len(rest) && rest[n] >= '0' && rest[n] <= '9' {
			n++
		}
		count, err := strconv.ParseInt(rest[:n], 10, 64)
		if err != nil {
			return 0, bad
		}
		rest = rest[n:]
		n = 0
		for n < len(rest) && rest[n] >= 'a' && rest[n] <= 'z' {
			n++
		}
		size := Span(0)
		for _, u := range durationUnits {
			if u.name == rest[:n] {
				size = u.size
			}
		}
		if size == 0 || size >= last {
			return 0, bad
		}
		last, rest = size, rest[n:]
		part, ok := mulInt(count, int64(size))
		sum, fits := addInt(int64(total), part)
		if total = Span(sum); !ok || !fits || total > LongestSpan {
			return 0, errors.New(quoted(text) + " is too long")
		}
	}
	if negative {
		return -total, nil
	}
	return total, nil
}

// formatDuration writes 1d12h; nothing is 0s.
func formatDuration(d Span) string {
	if d == 0 {
		return "0s"
	}
	var b strings.Builder
	if d < 0 {
		b.WriteByte('-')
	}
	for _, u := range durationUnits {
		n := d / u.size
		if d -= n * u.size; n != 0 {
			fmt.Fprintf(&b, "%d%s", max(n, -n), u.name)
		}
	}
	return b.String()
}

// addInt, subInt and mulInt report whether the result fits.
func addInt(a, b int64) (int64, bool) {
	c := a + b
	return c, (c > a) == (b > 0)
}

func subInt(a, b int64) (int64, bool) {
	c := a - b
	return c, (c < a) == (b > 0)
}

func mulInt(a, b int64) (int64, bool) {
	if a == 0 || b == 0 {
		return 0, true
	}
	c := a * b
	return c, c/b == a && !(a == -1 && b == math.MinInt64) && !(b == -1 && a == math.MinInt64)
}
