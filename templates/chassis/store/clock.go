package store

import (
	"strconv"
	"time"
)

// Now is the expression of the database's clock. Leases and timers go by it,
// because the clocks of replicas differ.
func (d Dialect) Now() string {
	if d == SQLite {
		return "strftime('%Y-%m-%dT%H:%M:%f000Z', 'now')"
	}
	return "clock_timestamp()"
}

// NowPlus is the expression of a moment from now, whose distance is bound to
// the placeholder as Seconds gives it.
func (d Dialect) NowPlus(placeholder string) string {
	if d == SQLite {
		return "strftime('%Y-%m-%dT%H:%M:%f000Z', 'now', " + placeholder + " || ' seconds')"
	}
	return "clock_timestamp() + make_interval(secs => " + placeholder + ")"
}

// Seconds is a distance as NowPlus takes it; negative: into the past.
func Seconds(d time.Duration) string {
	s := strconv.FormatFloat(d.Seconds(), 'f', 6, 64)
	if d < 0 {
		return s
	}
	return "+" + s
}

// SkipLocked is what a SELECT ends in that claims rows: those that another
// replica is claiming are left to it. SQLite has one writer at a time.
func (d Dialect) SkipLocked() string {
	if d == SQLite {
		return ""
	}
	return " FOR UPDATE SKIP LOCKED"
}

// ForUpdate is what a SELECT ends in whose rows are about to change.
func (d Dialect) ForUpdate() string {
	if d == SQLite {
		return ""
	}
	return " FOR UPDATE"
}

// ForShare is what a SELECT ends in whose rows must stay as they are.
func (d Dialect) ForShare() string {
	if d == SQLite {
		return ""
	}
	return " FOR SHARE"
}
