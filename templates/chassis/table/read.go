package table

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/esgen/esgen/templates/chassis/store"
	"github.com/esgen/esgen/templates/chassis/view"
	"github.com/esgen/esgen/templates/chassis/where"
)

// Get returns the row of a key, whose parts are in the order of the key
// columns, or view.ErrNotFound.
func (t *Table[R]) Get(ctx context.Context, key ...any) (R, error) {
	row, _, err := t.get(ctx, t.db, key, "")
	return row, err
}

func (t *Table[R]) get(ctx context.Context, q store.Querier, key []any, lock string) (row R, version int64, err error) {
	cond, err := t.byKey(key)
	if err == nil {
		err = t.reading(ctx)
	}
	if err != nil {
		return row, 0, t.failed(err)
	}
	clause, args := q.Dialect().Where(cond, 1)
	rows, err := q.Query(ctx, "SELECT "+t.columns+", "+store.Quote(sourceColumn)+" FROM "+t.table(ctx)+clause+lock, args...)
	if err != nil {
		return row, 0, t.failed(err)
	}
	defer func() { _ = rows.Close() }()
	if !rows.Next() {
		if err := rows.Err(); err != nil {
			return row, 0, t.failed(err)
		}
		return row, 0, view.ErrNotFound
	}
	row = t.row()
	if err := rows.Scan(append(t.spec.Bind(&row), &version)...); err != nil {
		return row, 0, t.failed(err)
	}
	return row, version, nil
}

// waitPoll is how often GetAt looks for what another replica projected.
const waitPoll = 25 * time.Millisecond

// GetAt is Get that waits, at most as long as wait, for the row to show the
// version of the instance that a command answered with. What it has by then it
// returns.
func (t *Table[R]) GetAt(ctx context.Context, minVersion int64, wait time.Duration, key ...any) (R, error) {
	over := time.NewTimer(wait)
	defer over.Stop()
	for {
		changed := t.db.Signal(t.signal())
		row, version, err := t.get(ctx, t.db, key, "")
		if err == nil && version >= minVersion || err != nil && !errors.Is(err, view.ErrNotFound) {
			return row, err
		}
		poll := time.NewTimer(waitPoll)
		select {
		case <-changed:
		case <-poll.C:
		case <-ctx.Done():
			poll.Stop()
			return row, ctx.Err()
		case <-over.C:
			poll.Stop()
			return row, err
		}
		poll.Stop()
	}
}

// Find returns the rows for which the condition holds, at most limit (0: all).
// Rows that are equal in the order come in the order of their keys.
func (t *Table[R]) Find(ctx context.Context, cond where.Cond, orders []where.Order, limit int) ([]R, error) {
	return t.find(ctx, t.db, cond, orders, limit, "")
}

func (t *Table[R]) find(ctx context.Context, q store.Querier, cond where.Cond, orders []where.Order, limit int, lock string) ([]R, error) {
	if err := t.reading(ctx); err != nil {
		return nil, t.failed(err)
	}
	clause, args := q.Dialect().Where(cond, 1)
	query := "SELECT " + t.columns + " FROM " + t.table(ctx) + clause + store.OrderBy(t.keyOrder(orders)...)
	if limit > 0 {
		query += fmt.Sprintf(" LIMIT %d", limit)
	}
	rows, err := q.Query(ctx, query+lock, args...)
	if err != nil {
		return nil, t.failed(err)
	}
	defer func() { _ = rows.Close() }()
	var found []R
	for rows.Next() {
		row := t.row()
		if err := rows.Scan(t.spec.Bind(&row)...); err != nil {
			return nil, t.failed(err)
		}
		found = append(found, row)
	}
	if err := rows.Err(); err != nil {
		return nil, t.failed(err)
	}
	return found, nil
}
