package store

import (
	"context"
	"database/sql"
	"errors"
	"io"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

func TestALostCommitIsAnOutage(t *testing.T) {
	for name, c := range map[string]struct {
		err    error
		outage bool
	}{
		"the driver's own words": {errors.New("conn closed"), true},
		"cut":                    {io.ErrUnexpectedEOF, true},
		"cut before a word":      {io.EOF, true},
		"shut down":              {&pgconn.PgError{Code: "57P01"}, true},
		"lost against others":    {&pgconn.PgError{Code: "40001"}, false},
		"refused":                {&pgconn.PgError{Code: "23505"}, false},
		"rolled back":            {pgx.ErrTxCommitRollback, false},
		"given up":               {context.Canceled, false},
		"too slow":               {context.DeadlineExceeded, false},
		"ended before":           {sql.ErrTxDone, false},
	} {
		if got := IsOutage(markCommit(&commitError{c.err})); got != c.outage {
			t.Errorf("%s: %v", name, got)
		}
	}
}
