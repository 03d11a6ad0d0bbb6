package model

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// durationUnits are the units of a duration, the greatest first.
var durationUnits = []struct {
	name string
	span time.Duration
}{
	{"d", 24 * time.Hour}, {"h", time.Hour}, {"m", time.Minute}, {"s", time.Second},
	{"ms", time.Millisecond}, {"us", time.Microsecond},
}

// ParseDuration reads a duration as the language writes it: whole numbers with
// units d, h, m, s, ms, us, the greater before the smaller: 8d, 1h30m, 610ms.
func ParseDuration(s string) (time.Duration, error) {
	var total time.Duration
	next, rest := 0, s
	for rest != "" {
		n := leading(rest, func(c byte) bool { return c >= '0' && c <= '9' })
		u := leading(rest[n:], func(c byte) bool { return c >= 'a' && c <= 'z' })
		unit := unitNamed(rest[n : n+u])
		if n == 0 || unit < next {
			return 0, fmt.Errorf("%q is no duration", s)
		}
		count, err := strconv.ParseInt(rest[:n], 10, 64)
		if err != nil || count > (math.MaxInt64-int64(total))/int64(durationUnits[unit].span) {
			return 0, fmt.Errorf("%q is longer than any duration", s)
		}
		total += time.Duration(count) * durationUnits[unit].span
		next, rest = unit+1, rest[n+u:]
	}
	if s == "" {
		return 0, fmt.Errorf("%q is no duration", s)
	}
	return total, nil
}

// FormatDuration writes a duration as the language does: 1h30m. It is whole
// microseconds, as ParseDuration reads it.
func FormatDuration(d time.Duration) string {
	var b strings.Builder
	for _, u := range durationUnits {
		if n := d / u.span; n > 0 {
			fmt.Fprintf(&b, "%d%s", n, u.name)
			d %= u.span
		}
	}
	if b.Len() == 0 {
		return "0s"
	}
	return b.String()
}

func leading(s string, is func(byte) bool) int {
	n := 0
	for n < len(s) && is(s[n]) {
		n++
	}
	return n
}

func unitNamed(name string) int {
	for i, u := range durationUnits {
		if u.name == name {
			return i
		}
	}
	return -1
}
