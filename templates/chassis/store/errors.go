package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"net"
	"strings"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// postgresError is what a PostgreSQL server says is wrong: its code, and the
// constraint it is about.
type postgresError struct{ code, constraint string }

// outage marks an error of the database as one that is nobody's fault. It is
// set where the database was asked, so that the network errors of others, which
// look the same, are not mistaken for it.
type outage struct{ err error }

func (o *outage) Error() string { return "database is out of reach: " + o.err.Error() }
func (o *outage) Unwrap() error { return o.err }

// Outage says what it is to those who know no database.
func (o *outage) Outage() {}

// IsOutage tells whether the database is down or out of reach, so that what
// failed is worth repeating when it is back.
func IsOutage(err error) bool {
	var o *outage
	return errors.As(err, &o)
}

func mark(err error) error {
	if isOutage(err) {
		return &outage{err}
	}
	return err
}

// commitError is what went wrong at a commit, not at a statement before.
type commitError struct{ err error }

func (c *commitError) Error() string { return "commit: " + c.err.Error() }
func (c *commitError) Unwrap() error { return c.err }

// markCommit is mark for the end of a transaction. A commit has nothing to
// refuse by itself: what is neither the database's word nor the caller's time is
// a connection that was lost, whatever the driver makes of it.
func markCommit(err error) error {
	if !errors.As(err, new(*commitError)) {
		return mark(err) // of a statement that was put off
	}
	var lite *sqlite.Error
	said := asPostgres(err) != nil || errors.As(err, &lite)
	ended := errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, sql.ErrTxDone)
	if said || ended || isRolledBack(err) {
		return mark(err)
	}
	return &outage{err}
}

func isOutage(err error) bool {
	if err == nil || errors.Is(err, context.Canceled) {
		return false
	}
	if pg := asPostgres(err); pg != nil {
		class := pg.code[:min(2, len(pg.code))]
		switch {
		case class == "08", class == "53", class == "58": // connection, resources, system
			return true
		case pg.code == "57P01", pg.code == "57P02", pg.code == "57P03": // shut down, crashed, starting
			return true
		case pg.code == "25006": // read-only: a standby that is not yet promoted
			return true
		}
		return false
	}
	var lite *sqlite.Error
	if errors.As(err, &lite) {
		switch lite.Code() & 0xff {
		case sqlite3.SQLITE_IOERR, sqlite3.SQLITE_FULL, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY:
			return true
		}
		return false
	}
	if isUnconnected(err) || errors.Is(err, driver.ErrBadConn) || errors.Is(err, sql.ErrConnDone) {
		return true
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return false
	}
	var network net.Error
	return errors.As(err, &network) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed)
}

// ErrLost is for a transaction that finds that another one did its work.
var ErrLost = errors.New("another transaction was faster")

// IsContention tells whether a transaction lost against others and may win
// when it runs again.
func IsContention(err error) bool {
	if errors.Is(err, ErrLost) {
		return true
	}
	if pg := asPostgres(err); pg != nil {
		return pg.code == "40001" || pg.code == "40P01" || pg.code == "55P03"
	}
	var lite *sqlite.Error
	if errors.As(err, &lite) {
		code := lite.Code() & 0xff
		return code == sqlite3.SQLITE_BUSY || code == sqlite3.SQLITE_LOCKED
	}
	return false
}

// IsUniqueViolation returns the name of the unique index, as UniqueName gives
// it, that a statement would have violated.
func IsUniqueViolation(err error) (constraint string, ok bool) {
	if pg := asPostgres(err); pg != nil {
		return pg.constraint, pg.code == "23505"
	}
	var lite *sqlite.Error
	if !errors.As(err, &lite) {
		return "", false
	}
	switch lite.Code() {
	case sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY:
	default:
		return "", false
	}
	// "constraint failed: UNIQUE constraint failed: orders.number, orders.shop (2067)"
	_, list, found := strings.Cut(err.Error(), "UNIQUE constraint failed: ")
	if !found {
		return "", true
	}
	list, _, _ = strings.Cut(list, " (")
	var table string
	var columns []string
	for part := range strings.SplitSeq(list, ", ") {
		t, column, _ := strings.Cut(part, ".")
		table, columns = t, append(columns, column)
	}
	return UniqueName(table, columns...), true
}
