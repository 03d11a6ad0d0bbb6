package values

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Date is a day of the calendar, nowhere in particular. The zero value is no
// day; see IsZero.
type Date struct{ t time.Time }

// NewDate is a day; months and days out of range flow over as in time.Date.
func NewDate(year int, month time.Month, day int) Date {
	return Date{time.Date(year, month, day, 0, 0, 0, 0, time.UTC)}
}

// ParseDate reads "2026-12-01".
func ParseDate(s string) (Date, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return Date{}, fmt.Errorf("%q is not a date such as 2026-12-01", s)
	}
	return Date{t}, nil
}

// MustDate is ParseDate of a constant.
func MustDate(s string) Date {
	d, err := ParseDate(s)
	if err != nil {
		panic(err)
	}
	return d
}

// DateOf is the day of an instant in a zone.
func DateOf(t time.Time, zone *time.Location) Date {
	y, m, d := t.In(zone).Date()
	return NewDate(y, m, d)
}

// IsZero reports whether this is no day.
func (d Date) IsZero() bool { return d.t.IsZero() }

// Time is the instant at which the day begins in a zone.
func (d Date) Time(zone *time.Location) time.Time {
	y, m, day := d.t.Date()
	return time.Date(y, m, day, 0, 0, 0, 0, zone)
}

// Equal reports whether the days are the same.
func (d Date) Equal(o Date) bool { return d.t.Equal(o.t) }

// Before reports whether d is earlier.
func (d Date) Before(o Date) bool { return d.t.Before(o.t) }

// After reports whether d is later.
func (d Date) After(o Date) bool { return d.t.After(o.t) }

// Cmp is -1, 0 or 1: earlier, the same, later.
func (d Date) Cmp(o Date) int { return d.t.Compare(o.t) }

// Sub is the time between the beginnings of two days.
func (d Date) Sub(o Date) Duration { return Duration(d.t.Sub(o.t)) }

// Add is the day on which a duration from the beginning of this one ends.
func (d Date) Add(by Duration) Date {
	t := d.t.Add(time.Duration(by))
	y, m, day := t.Date()
	return NewDate(y, m, day)
}

func (d Date) String() string { return d.t.Format(time.DateOnly) }

// MarshalText writes "2026-12-01".
func (d Date) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads "2026-12-01".
func (d *Date) UnmarshalText(text []byte) error {
	parsed, err := ParseDate(string(text))
	if err == nil {
		*d = parsed
	}
	return err
}

// MustTime reads a constant instant in RFC 3339.
func MustTime(s string) time.Time {
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		panic(err)
	}
	return Truncate(t)
}

// Duration is a length of time. A day is 24 hours.
type Duration time.Duration

// Day is 24 hours.
const Day = Duration(24 * time.Hour)

// ParseDuration reads "8d", "1d12h", "15m", "610ms", "-1h30m".
func ParseDuration(s string) (Duration, error) {
	bad := fmt.Errorf("%q is not a duration such as 8d, 1h30m or 610ms", s)
	rest, sign := s, time.Duration(1)
	if strings.HasPrefix(rest, "-") {
		rest, sign = rest[1:], -1
	}
	var days time.Duration
	if head, tail, ok := strings.Cut(rest, "d"); ok {
		n, err := strconv.ParseUint(head, 10, 31)
		if err != nil || n > 106751 { // of 64 bits of nanoseconds
			return 0, bad
		}
		days, rest = time.Duration(n)*24*time.Hour, tail
		if rest == "" {
			return Duration(sign * days), nil
		}
	}
	if rest == "" || strings.HasPrefix(rest, "-") || strings.HasPrefix(rest, "+") {
		return 0, bad
	}
	d, err := time.ParseDuration(rest)
	if err != nil || days+d < days {
		return 0, bad
	}
	return Duration(sign * (days + d)), nil
}

// MustDuration is ParseDuration of a constant.
func MustDuration(s string) Duration {
	d, err := ParseDuration(s)
	if err != nil {
		panic(err)
	}
	return d
}

// Days is how many whole days fit.
func (d Duration) Days() int64 { return int64(d / Day) }

// Hours is how many whole hours fit.
func (d Duration) Hours() int64 { return int64(time.Duration(d) / time.Hour) }

// String is the shortest form that ParseDuration reads: "8d", "1h30m".
func (d Duration) String() string {
	if d == 0 {
		return "0s"
	}
	var b strings.Builder
	rest := uint64(d)
	if d < 0 {
		b.WriteByte('-')
		rest = -rest
	}
	for _, unit := range []struct {
		name string
		size time.Duration
	}{{"d", 24 * time.Hour}, {"h", time.Hour}, {"m", time.Minute}, {"s", time.Second}, {"ms", time.Millisecond}, {"us", time.Microsecond}, {"ns", 1}} {
		if n := rest / uint64(unit.size); n > 0 {
			fmt.Fprintf(&b, "%d%s", n, unit.name)
			rest %= uint64(unit.size)
		}
	}
	return b.String()
}

// MarshalText writes "1h30m".
func (d Duration) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads "1h30m".
func (d *Duration) UnmarshalText(text []byte) error {
	parsed, err := ParseDuration(string(text))
	if err == nil {
		*d = parsed
	}
	return err
}
