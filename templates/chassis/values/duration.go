package values

import (
	"database/sql/driver"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// Duration is a length of time, in microseconds: of 10,000 years at most, as
// google.protobuf.Duration has it, so that any two instants are as far apart as one
// can say. Its text is 8d, 1h30m, 250ms; a day has 24 hours.
type Duration int64

// Lengths of time. Longest is how long the longest one is, and how long one before.
const (
	Microsecond Duration = 1
	Millisecond          = 1000 * Microsecond
	Second               = 1000 * Millisecond
	Minute               = 60 * Second
	Hour                 = 60 * Minute
	Day                  = 24 * Hour
	Longest              = 315_576_000_000 * Second
)

// units are the units of a duration's text, from large to small.
var units = [...]struct {
	name string
	size Duration
}{
	{"d", Day}, {"h", Hour}, {"m", Minute}, {"s", Second}, {"ms", Millisecond}, {"us", Microsecond},
}

// ParseDuration reads 8d, 1h30m, -15m: whole numbers of ever smaller units.
func ParseDuration(text string) (Duration, error) {
	bad := fmt.Errorf("%q is no duration", clip(text))
	rest, negative := strings.CutPrefix(text, "-")
	var total Duration
	last := Duration(math.MaxInt64)
	for first := true; rest != "" || first; first = false {
		digits := leading(rest, '0', '9')
		count, err := strconv.ParseInt(digits, 10, 64)
		if err != nil {
			return 0, bad
		}
		rest = rest[len(digits):]
		unit := leading(rest, 'a', 'z')
		rest = rest[len(unit):]
		size := Duration(0)
		for _, u := range units {
			if u.name == unit {
				size = u.size
			}
		}
		if size == 0 || size >= last {
			return 0, bad
		}
		last = size
		part, fits := mul(count, int64(size))
		sum, ok := add(int64(total), part)
		if total = Duration(sum); !fits || !ok || total > Longest {
			return 0, fmt.Errorf("%q is too long", clip(text))
		}
	}
	if negative {
		total = -total
	}
	return total, nil
}

// leading is the longest beginning of s in a range of letters.
func leading(s string, from, to byte) string {
	n := 0
	for n < len(s) && from <= s[n] && s[n] <= to {
		n++
	}
	return s[:n]
}

// MustDuration is ParseDuration of a constant.
func MustDuration(text string) Duration { return must(ParseDuration(text)) }

// String is the duration's text.
func (d Duration) String() string {
	if d == 0 {
		return "0s"
	}
	var b strings.Builder
	if d < 0 {
		b.WriteByte('-')
	}
	for _, u := range units {
		n := d / u.size
		if d -= n * u.size; n != 0 {
			fmt.Fprintf(&b, "%d%s", max(n, -n), u.name)
		}
	}
	return b.String()
}

// lasting is a number of microseconds as a duration.
func lasting(n int64) Duration {
	if d := Duration(n); d > Longest || d < -Longest {
		fail("the duration is too long")
	}
	return Duration(n)
}

// Add is d + e.
func (d Duration) Add(e Duration) Duration { return lasting(AddInt(int64(d), int64(e))) }

// Sub is d - e.
func (d Duration) Sub(e Duration) Duration { return lasting(SubInt(int64(d), int64(e))) }

// Mul is d * n.
func (d Duration) Mul(n int64) Duration { return lasting(MulInt(int64(d), n)) }

// Times is n * d.
func Times(n int64, d Duration) Duration { return d.Mul(n) }

// Neg is -d.
func (d Duration) Neg() Duration { return -d }

// Std is the duration as Go's library has it; one that is longer than it knows is the
// longest.
func (d Duration) Std() time.Duration {
	most := Duration(math.MaxInt64 / int64(time.Microsecond))
	return time.Duration(min(max(d, -most), most)) * time.Microsecond
}

// After is d + t.
func (d Duration) After(t time.Time) time.Time { return AddTime(t, d) }

// AfterDate is d + day.
func (d Duration) AfterDate(day Date) Date { return day.Add(d) }

// Days is how many whole days a duration has.
func Days(d Duration) int64 { return int64(d / Day) }

// DaysOf is a duration of so many days.
func DaysOf(n int64) Duration { return Day.Mul(n) }

// Hours is how many whole hours a duration has.
func Hours(d Duration) int64 { return int64(d / Hour) }

// HoursOf is a duration of so many hours.
func HoursOf(n int64) Duration { return Hour.Mul(n) }

// Form says what is read as a duration.
func (Duration) Form() (text string, number bool) {
	return "a duration, such as \"15m\" or \"8d\"", false
}

// MarshalText is the duration's text.
func (d Duration) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText is ParseDuration.
func (d *Duration) UnmarshalText(text []byte) (err error) {
	*d, err = ParseDuration(string(text))
	return err
}

// Value stores a duration as its microseconds, so that a database can order
// them.
func (d Duration) Value() (driver.Value, error) { return int64(d), nil }

// Scan reads what Value stored.
func (d *Duration) Scan(src any) error {
	n, is := src.(int64)
	if !is {
		return fmt.Errorf("cannot read a duration from a %T", src)
	}
	if *d = Duration(n); *d > Longest || *d < -Longest {
		return fmt.Errorf("%d microseconds are too long", n)
	}
	return nil
}
