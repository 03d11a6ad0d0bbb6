package store

import "database/sql"

// Rows is the answer to a query.
type Rows struct{ rows cursor }

// Next moves to the next row; false at the end or at an error, see Err.
func (r *Rows) Next() bool { return r.rows.Next() }

// Err is what ended the rows before their time.
func (r *Rows) Err() error { return mark(r.rows.Err()) }

// Close gives the connection back.
func (r *Rows) Close() error { return mark(r.rows.Close()) }

// Scan reads the current row into pointers to the types that can be bound.
func (r *Rows) Scan(dest ...any) error {
	wrapped := make([]any, len(dest))
	for i, d := range dest {
		wrapped[i] = into{d}
	}
	return mark(r.rows.Scan(wrapped...))
}

// Row is the answer to a query for one row.
type Row struct {
	rows *Rows
	err  error
}

// Scan reads the row; sql.ErrNoRows when there is none.
func (r *Row) Scan(dest ...any) error {
	if r.err != nil {
		return r.err
	}
	defer func() { _ = r.rows.Close() }()
	if !r.rows.Next() {
		if err := r.rows.Err(); err != nil {
			return err
		}
		return sql.ErrNoRows
	}
	if err := r.rows.Scan(dest...); err != nil {
		return err
	}
	// Closing tells of errors that came after the row, a cancelled context for one.
	return r.rows.Close()
}
