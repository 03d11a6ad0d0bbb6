package store

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// What this release has no use for is left to the replicas of the release before,
// which may still run. It is dropped once they surely do not: see DropLeftovers.

// LeaveColumn is the step that leaves a column.
func LeaveColumn(table, column string) Step {
	return func(ctx context.Context, tx *Tx) error { return leave(ctx, tx, table, column) }
}

// LeaveTable is the step that leaves a table.
func LeaveTable(table string) Step {
	return func(ctx context.Context, tx *Tx) error { return leave(ctx, tx, table, wholeTable) }
}

// wholeTable stands for a column where all of a table is left.
const wholeTable = ""

func leave(ctx context.Context, tx *Tx, table, column string) error {
	_, err := tx.Exec(ctx, "INSERT INTO platform_leftovers (table_name, column_name) VALUES ($1, $2) ON CONFLICT DO NOTHING", table, column)
	return err
}

// DropColumn is the step that drops a column, with its indexes.
func DropColumn(table, column string) Step {
	return func(ctx context.Context, tx *Tx) error {
		columns, err := Columns(ctx, tx, table)
		if err != nil || columns[column] == "" {
			return err
		}
		if tx.dialect == SQLite { // which drops no column that an index is over
			if err := dropIndexes(ctx, tx, table, column); err != nil {
				return err
			}
		}
		_, err = tx.Exec(ctx, "ALTER TABLE "+Quote(table)+" DROP COLUMN "+Quote(column))
		return err
	}
}

func dropIndexes(ctx context.Context, tx *Tx, table, column string) error {
	names, err := texts(tx.Query(ctx, `SELECT i.name FROM pragma_index_list($1) AS i
		WHERE i.origin = 'c' AND EXISTS (SELECT 1 FROM pragma_index_info(i.name) AS c WHERE c.name = $2)`, table, column))
	for _, name := range names {
		if err == nil {
			_, err = tx.Exec(ctx, "DROP INDEX "+Quote(name))
		}
	}
	return err
}

// DropTable is the step that drops a table, with all that is in it.
func DropTable(table string) Step {
	return func(ctx context.Context, tx *Tx) error {
		_, err := tx.Exec(ctx, "DROP TABLE IF EXISTS "+Quote(table))
		return err
	}
}

type leftover struct{ table, column string }

func (l leftover) drop(ctx context.Context, tx *Tx) error {
	n, err := tx.Exec(ctx, "DELETE FROM platform_leftovers WHERE table_name = $1 AND column_name = $2", l.table, l.column)
	if err != nil || n == 0 { // another replica has
		return err
	}
	if l.column == wholeTable {
		return DropTable(l.table)(ctx, tx)
	}
	return DropColumn(l.table, l.column)(ctx, tx)
}

// DropLeftovers drops what was left longer ago than that.
func (db *DB) DropLeftovers(ctx context.Context, age time.Duration) error {
	all, err := leftovers(db.Query(ctx, "SELECT table_name, column_name FROM platform_leftovers WHERE left_at < "+db.dialect.NowPlus("$1"), Seconds(-age)))
	for _, l := range all {
		if err == nil {
			err = db.InTx(ctx, func(tx *Tx) error { return l.drop(ctx, tx) })
		}
	}
	if err != nil {
		return fmt.Errorf("drop leftovers: %w", err)
	}
	return nil
}

// dropWanted drops the columns that were left and are wanted again: what is in them
// is of long ago.
func (spec TableSpec) dropWanted(ctx context.Context, tx *Tx) error {
	all, err := leftovers(tx.Query(ctx, "SELECT table_name, column_name FROM platform_leftovers WHERE table_name = $1", spec.Name))
	for _, l := range all {
		wanted := slices.ContainsFunc(spec.Columns, func(c Column) bool { return c.Name == l.column })
		if wanted && err == nil {
			err = l.drop(ctx, tx)
		}
	}
	return err
}

func leftovers(rows *Rows, err error) (all []leftover, _ error) {
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var l leftover
		if err := rows.Scan(&l.table, &l.column); err != nil {
			return nil, err
		}
		all = append(all, l)
	}
	return all, rows.Err()
}
