package proof

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// rawConn is what a connection of SQLite does.
type rawConn interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ExecerContext
	driver.QueryerContext
	driver.ConnPrepareContext
}

// connection is one of SQLite. What is done with it takes no time, and is never cut off.
type connection struct {
	rawConn
	ready map[string]prepared
}

// prepared is a statement that is.
type prepared interface {
	driver.Stmt
	driver.StmtExecContext
	driver.StmtQueryContext
}

// prepare is a statement that is prepared; nil: SQLite tells what is wrong with it when
// it is run.
func (c *connection) prepare(query string) prepared {
	if s := c.ready[query]; s != nil {
		return s
	}
	made, err := c.PrepareContext(context.Background(), query)
	if err != nil {
		return nil
	}
	s, ok := made.(prepared)
	if !ok {
		return nil
	}
	c.ready[query] = s
	return s
}

func (c *connection) exec(query string, again bool, args []driver.NamedValue) (driver.Result, error) {
	if again {
		if s := c.prepare(query); s != nil {
			return s.ExecContext(context.Background(), args)
		}
	}
	return c.ExecContext(context.Background(), query, args)
}

func (c *connection) query(query string, again bool, args []driver.NamedValue) (driver.Rows, error) {
	if again {
		if s := c.prepare(query); s != nil {
			return s.QueryContext(context.Background(), args)
		}
	}
	return c.QueryContext(context.Background(), query, args)
}

// ask reads all that a question finds.
func (c *connection) ask(query string, again bool, args []driver.NamedValue) (f *reply, err error) {
	rows, err := c.query(query, again, args)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	f = &reply{columns: slices.Clone(rows.Columns())}
	for {
		row := make([]driver.Value, len(f.columns))
		err := rows.Next(row)
		if errors.Is(err, io.EOF) {
			return f, nil
		}
		if err != nil {
			return nil, err
		}
		f.rows = append(f.rows, row)
	}
}

func (c *connection) close() error {
	var errs []error
	for _, s := range c.ready {
		errs = append(errs, s.Close())
	}
	return errors.Join(append(errs, c.Close())...)
}

// reply is what a question found.
type reply struct {
	columns []string
	rows    [][]driver.Value
}

// question is a statement with what is asked for; "": no two are the same.
func question(query string, args []driver.NamedValue) string {
	var b strings.Builder
	b.WriteString(query)
	for _, a := range args {
		switch v := a.Value.(type) {
		case string, int64, bool, float64, nil:
			fmt.Fprintf(&b, "\x00%v", v)
		default:
			return ""
		}
	}
	return b.String()
}

// answer is what was found, as it is read.
type answer struct {
	*reply
	next int
}

// Columns are their names.
func (a *answer) Columns() []string { return a.columns }

// Next reads a row.
func (a *answer) Next(into []driver.Value) error {
	if a.next == len(a.rows) {
		return io.EOF
	}
	copy(into, a.rows[a.next])
	a.next++
	return nil
}

// Close ends it.
func (a *answer) Close() error { return nil }
