package table

import (
	"context"
	"fmt"
	"time"

	"github.com/esgen/esgen/templates/chassis/store"
)

// History holds the changes of views, until all who follow them are told.
//
// Numbers that are given one after the other are not committed so, and who had
// read beyond one that is committed late would never see it. So transactions
// that change such views have their turns from the first change on: the order of
// the numbers is that of the commits, and that of the changes to each row.
type History struct{ db *store.DB }

// NewHistory returns the history of a service's views.
func NewHistory(db *store.DB) *History { return &History{db} }

const (
	changesTable = "platform_changes"
	// remembered is how long changes are known to those who come back.
	remembered = time.Hour
)

// Prepare makes the table.
func (h *History) Prepare(ctx context.Context) error {
	return h.db.Ensure(ctx, store.TableSpec{
		Name: changesTable,
		Columns: []store.Column{
			{Name: "number", Type: store.Int, Key: true},
			{Name: "changed_at", Type: store.Time},
			{Name: "source", Type: store.Text},
			{Name: "row_before", Type: store.Text}, // both are NULL: it, and what was before it, is forgotten
			{Name: "row_after", Type: store.Text},
		},
		Indexes: []store.Index{{Columns: []string{"source", "number"}}, {Columns: []string{"changed_at"}}},
	})
}

// begin waits for the transaction's turn. It is called before rows are locked.
func (h *History) begin(tx *store.Tx) {
	if tx.Dialect() == store.Postgres { // SQLite has one writer at a time
		tx.Later(nil, "SELECT pg_advisory_xact_lock(hashtextextended($1 || current_schema(), 0))", changesTable+" of ")
	}
}

// record adds a change, unless its generation is only being built: who follows
// is told to read all anew when that is done.
func (h *History) record(tx *store.Tx, name string, generation int64, source string, before, after *string) {
	args := []any{source, before, after}
	condition := ""
	if generation > 0 {
		if tx.Dialect() == store.Postgres {
			// Not while it is switched: nobody would be told.
			tx.Later(nil, "SELECT 1 FROM platform_views WHERE name = $1 FOR SHARE", name)
		}
		condition = " WHERE EXISTS (SELECT 1 FROM platform_views WHERE name = $4 AND live = $5)"
		args = append(args, name, generation)
	}
	tx.Later(nil, "INSERT INTO "+changesTable+" (number, changed_at, source, row_before, row_after)"+
		" SELECT last.number + 1, "+tx.Dialect().Now()+", CAST($1 AS TEXT), CAST($2 AS TEXT), CAST($3 AS TEXT)"+
		" FROM (SELECT COALESCE(MAX(number), 0) AS number FROM "+changesTable+") AS last"+condition, args...)
}

// now is the number after which all is yet to be told.
func (h *History) now(ctx context.Context) (number int64, err error) {
	err = h.db.QueryRow(ctx, "SELECT COALESCE(MAX(number), 0) FROM "+changesTable).Scan(&number)
	return number, err
}

// forgot tells whether changes after a number are no longer known.
func (h *History) forgot(ctx context.Context, source string, number int64) (bool, error) {
	var forgotten bool
	err := h.db.QueryRow(ctx, "SELECT EXISTS (SELECT 1 FROM "+changesTable+
		" WHERE source = $1 AND number > $2 AND row_before IS NULL AND row_after IS NULL)", source, number).Scan(&forgotten)
	return forgotten, err
}

// told is a change as it is kept.
type told struct {
	number        int64
	before, after *string
}

// after are the changes after a number.
func (h *History) after(ctx context.Context, source string, number int64, limit int) ([]told, error) {
	rows, err := h.db.Query(ctx, "SELECT number, row_before, row_after FROM "+changesTable+
		fmt.Sprintf(" WHERE source = $1 AND number > $2 ORDER BY number LIMIT %d", limit), source, number)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var list []told
	for rows.Next() {
		var t told
		if err := rows.Scan(&t.number, &t.before, &t.after); err != nil {
			return nil, err
		}
		list = append(list, t)
	}
	return list, rows.Err()
}

// Forget deletes what nobody is to be told of any more. It does not go by the
// time that it is given, which is that of messages. The last of each view that
// is forgotten stays, without its rows, so that who has missed it is told.
func (h *History) Forget(ctx context.Context, _ time.Time) error {
	err := h.db.InTx(ctx, func(tx *store.Tx) error {
		var before time.Time
		if err := tx.QueryRow(ctx, "SELECT "+tx.Dialect().NowPlus("$1"), store.Seconds(-remembered)).Scan(&before); err != nil {
			return err
		}
		return h.forget(ctx, tx, before)
	})
	if err != nil {
		return fmt.Errorf("forget changes: %w", err)
	}
	return nil
}

func (h *History) forget(ctx context.Context, tx *store.Tx, before time.Time) error {
	_, err := tx.Exec(ctx, "DELETE FROM "+changesTable+" WHERE changed_at < $1 AND number < (SELECT MAX(later.number) FROM "+
		changesTable+" AS later WHERE later.source = "+changesTable+".source AND later.changed_at < $1)", before)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, "UPDATE "+changesTable+" SET row_before = NULL, row_after = NULL WHERE changed_at < $1", before)
	return err
}
