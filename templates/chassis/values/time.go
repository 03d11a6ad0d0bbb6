package values

import (
	"database/sql/driver"
	"fmt"
	"time"
)

// Truncate cuts an instant to microseconds, which is what databases keep, in
// UTC.
func Truncate(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }

// ParseTime reads an instant as RFC 3339 writes it, of the years 1 to 9999.
func ParseTime(text string) (time.Time, error) {
	t, err := time.Parse(time.RFC3339, text)
	if err != nil || outOfRange(t) {
		return time.Time{}, fmt.Errorf("%q is no time", text)
	}
	return Truncate(t), nil
}

// MustTime is ParseTime of a constant.
func MustTime(text string) time.Time { return must(ParseTime(text)) }

// FormatTime writes an instant as RFC 3339 has it, in UTC.
func FormatTime(t time.Time) string { return Truncate(t).Format(time.RFC3339Nano) }

func outOfRange(t time.Time) bool {
	y := t.UTC().Year()
	return y < 1 || y > 9999
}

// AddTime is t + d.
func AddTime(t time.Time, d Duration) time.Time {
	t = time.UnixMicro(t.UnixMicro() + int64(d)).In(t.Location())
	if outOfRange(t) {
		fail("the time is out of range")
	}
	return t
}

// SubTime is t - d.
func SubTime(t time.Time, d Duration) time.Time { return AddTime(t, d.Neg()) }

// Since is t - u, to the microsecond.
func Since(t, u time.Time) Duration { return Duration(t.UnixMicro() - u.UnixMicro()) }

// Date is a day, without a zone. The zero Date is the first day of year 1.
type Date struct{ days int32 } // since 0001-01-01

const firstDay = -719162 * 86400 // 0001-01-01 in Unix seconds

// ParseDate reads a day: 2026-12-01.
func ParseDate(text string) (Date, error) {
	t, err := time.Parse(time.DateOnly, text)
	if err != nil || t.Year() < 1 {
		return Date{}, fmt.Errorf("%q is no day", text)
	}
	return dateOf(t), nil
}

// MustDate is ParseDate of a constant.
func MustDate(text string) Date { return must(ParseDate(text)) }

// DateOf is the day of an instant in a zone.
func DateOf(t time.Time, zone *time.Location) Date {
	t = t.In(zone)
	if t.Year() < 1 || t.Year() > 9999 {
		fail("the day is out of range")
	}
	return dateOf(t)
}

func dateOf(t time.Time) Date {
	y, m, d := t.Date()
	return Date{int32((time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() - firstDay) / 86400)}
}

// StartOf is the instant a day begins in a zone.
func StartOf(d Date, zone *time.Location) time.Time {
	y, m, day := d.utc().Date()
	t := time.Date(y, m, day, 0, 0, 0, 0, zone).UTC()
	if outOfRange(t) {
		fail("the time is out of range")
	}
	return t
}

func (d Date) utc() time.Time { return time.Unix(int64(d.days)*86400+firstDay, 0).UTC() }

// String is the day as 2026-12-01.
func (d Date) String() string { return d.utc().Format(time.DateOnly) }

// Before reports whether d < e.
func (d Date) Before(e Date) bool { return d.days < e.days }

// After reports whether d > e.
func (d Date) After(e Date) bool { return d.days > e.days }

// Add is the day the whole days of a duration later.
func (d Date) Add(by Duration) Date {
	days := int64(d.days) + Days(by)
	if days < 0 || days > int64(lastDay.days) {
		fail("the day is out of range")
	}
	return Date{int32(days)}
}

var lastDay = MustDate("9999-12-31")

// Sub is the day the whole days of a duration before.
func (d Date) Sub(by Duration) Date { return d.Add(by.Neg()) }

// Since is d - e, in whole days.
func (d Date) Since(e Date) Duration { return Duration(d.days-e.days) * Day }

// Year is the year of a day.
func (d Date) Year() int64 { return int64(d.utc().Year()) }

// Month is the month of a day, 1 to 12.
func (d Date) Month() int64 { return int64(d.utc().Month()) }

// Day is which day of its month a day is, 1 to 31.
func (d Date) Day() int64 { return int64(d.utc().Day()) }

// Weekday is which day of the week a day is: 1 is Monday, 7 is Sunday.
func (d Date) Weekday() int64 { return int64((d.utc().Weekday()+6)%7) + 1 }

// StartOfMonth is the first day of its month.
func (d Date) StartOfMonth() Date { return Date{d.days - int32(d.Day()) + 1} }

// AddMonths is the day so many months later; where that month is too short, its
// last day.
func (d Date) AddMonths(n int64) Date { return dateOf(addMonths(d.utc(), n)) }

// HourOf is the hour of an instant in a zone.
func HourOf(t time.Time, zone *time.Location) int64 { return int64(t.In(zone).Hour()) }

// AddMonths is the instant so many months later at the same time of day in a
// zone; where that month is too short, on its last day.
func AddMonths(t time.Time, n int64, zone *time.Location) time.Time {
	t = addMonths(t.In(zone), n).UTC()
	if outOfRange(t) {
		fail("the time is out of range")
	}
	return t
}

// addMonths counts months in the zone of t.
func addMonths(t time.Time, n int64) time.Time {
	const allMonths = 12 * 10_000
	if n < -allMonths || n > allMonths {
		fail("the day is out of range")
	}
	first := time.Date(t.Year(), t.Month()+time.Month(n), 1, 0, 0, 0, 0, time.UTC)
	if outOfRange(first) {
		fail("the day is out of range")
	}
	last := first.AddDate(0, 1, -1).Day()
	return time.Date(first.Year(), first.Month(), min(t.Day(), last), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), t.Location())
}

// Form says what is read as a day.
func (Date) Form() (text string, number bool) { return "a date, such as \"2026-12-01\"", false }

// MarshalText is the day as 2026-12-01.
func (d Date) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText is ParseDate.
func (d *Date) UnmarshalText(text []byte) (err error) {
	*d, err = ParseDate(string(text))
	return err
}

// Value stores a day as its text.
func (d Date) Value() (driver.Value, error) { return d.String(), nil }

// Scan reads a day from its text, or from the instant a driver makes of it.
func (d *Date) Scan(src any) (err error) {
	switch v := src.(type) {
	case string:
		*d, err = ParseDate(v)
	case []byte:
		*d, err = ParseDate(string(v))
	case time.Time:
		*d = dateOf(v)
	default:
		err = fmt.Errorf("cannot read a day from a %T", src)
	}
	return err
}
