package view

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"

	"github.com/esgen/esgen/templates/chassis/store"
	"github.com/esgen/esgen/templates/chassis/values"
)

// Missing says what a change does whose row is not there.
type Missing int

// What a change does whose row is not there.
const (
	Create Missing = iota // makes it from the defaults
	Skip                  // does nothing
	Retry                 // is ErrMissing
)

// Put stores a row, new or not, as of the event.
func (t *Table[R]) Put(ctx context.Context, tx *store.Tx, meta values.Meta, row R) error {
	t.begin(&row, meta)
	_, err := t.insert(ctx, tx, meta, &row, t.overwrite(ctx))
	return err
}

// Delete removes the row of a key, if there is one.
func (t *Table[R]) Delete(ctx context.Context, tx *store.Tx, key ...any) error {
	cond, err := t.byKey(key)
	if err != nil {
		return t.failed(err)
	}
	return t.DeleteWhere(ctx, tx, cond)
}

// DeleteWhere removes the rows for which the condition holds.
func (t *Table[R]) DeleteWhere(ctx context.Context, tx *store.Tx, cond store.Cond) error {
	where, args := tx.Dialect().Where(cond, 1)
	if _, err := tx.Exec(ctx, "DELETE FROM "+t.table(ctx)+where, args...); err != nil {
		return t.failed(err)
	}
	tx.Wake(t.signal())
	return nil
}

// Change applies an event to the row of a key, which is locked meanwhile: the
// events of several partitions may be about one row. fn changes anything but
// key columns.
func (t *Table[R]) Change(ctx context.Context, tx *store.Tx, meta values.Meta, key []any, missing Missing, fn func(row *R) error) error {
	row, _, err := t.get(ctx, tx, key, tx.Dialect().ForUpdate())
	if errors.Is(err, ErrNotFound) {
		switch missing {
		case Skip:
			return nil
		case Retry:
			return fmt.Errorf("view %s %v: %w", t.spec.Name, key, ErrMissing)
		}
		if row, err = t.create(ctx, tx, meta, key); err != nil {
			return err
		}
	}
	if err != nil {
		return err
	}
	if err := fn(&row); err != nil {
		return err
	}
	return t.update(ctx, tx, meta, &row)
}

// create makes the row of a key from the defaults. Another transaction may be
// doing the same: one of them makes it, both go on with it, one after the other.
func (t *Table[R]) create(ctx context.Context, tx *store.Tx, meta values.Meta, key []any) (R, error) {
	row := t.row()
	fields := t.spec.Bind(&row)
	for i, place := range t.keys {
		if err := assign(fields[place], key[i]); err != nil {
			return row, t.failed(fmt.Errorf("key %s: %w", t.spec.Columns[place].Name, err))
		}
	}
	t.begin(&row, meta)
	n, err := t.insert(ctx, tx, meta, &row, "DO NOTHING")
	if err != nil || n == 1 {
		return row, err
	}
	row, _, err = t.get(ctx, tx, key, tx.Dialect().ForUpdate())
	return row, err
}

// begin stamps a new row.
func (t *Table[R]) begin(row *R, meta values.Meta) {
	if t.spec.Stamps != nil {
		by := meta.Actor.By()
		*t.spec.Stamps(row) = values.Stamps{CreatedAt: meta.Time, CreatedBy: by, ChangedAt: meta.Time, ChangedBy: by}
	}
}

// follow stamps a row that an event changes. The events of several instances
// come in any order, and in another when the view is rebuilt: the earliest and
// the latest count.
func (t *Table[R]) follow(row *R, meta values.Meta) {
	if t.spec.Stamps == nil {
		return
	}
	m := t.spec.Stamps(row)
	if meta.Time.Before(m.CreatedAt) {
		m.CreatedAt, m.CreatedBy = meta.Time, meta.Actor.By()
	}
	if !meta.Time.Before(m.ChangedAt) {
		m.ChangedAt, m.ChangedBy = meta.Time, meta.Actor.By()
	}
}

// assign sets a field to a part of a key.
func assign(field, part any) error {
	dest, value := reflect.ValueOf(field).Elem(), reflect.ValueOf(part)
	if !value.IsValid() || !value.CanConvert(dest.Type()) {
		return fmt.Errorf("%T is no %s", part, dest.Type())
	}
	dest.Set(value.Convert(dest.Type()))
	return nil
}

// ChangeWhere applies an event to every row for which the condition holds, in
// the order of their keys.
func (t *Table[R]) ChangeWhere(ctx context.Context, tx *store.Tx, meta values.Meta, cond store.Cond, fn func(row *R) error) error {
	rows, err := t.find(ctx, tx, cond, nil, 0, tx.Dialect().ForUpdate())
	if err != nil {
		return err
	}
	for i := range rows {
		if err := fn(&rows[i]); err != nil {
			return err
		}
		if err := t.update(ctx, tx, meta, &rows[i]); err != nil {
			return err
		}
	}
	return nil
}

// insert stores a new row, or does what onConflict says about the one that is there.
func (t *Table[R]) insert(ctx context.Context, tx *store.Tx, meta values.Meta, row *R, onConflict string) (int64, error) {
	var places, keys []string
	for i := range len(t.spec.Columns) + 1 {
		places = append(places, fmt.Sprintf("$%d", i+1))
	}
	for _, place := range t.keys {
		keys = append(keys, store.Quote(t.spec.Columns[place].Name))
	}
	n, err := tx.Exec(ctx, "INSERT INTO "+t.table(ctx)+" ("+t.columns+", "+store.Quote(sourceColumn)+") VALUES ("+strings.Join(places, ", ")+
		") ON CONFLICT ("+strings.Join(keys, ", ")+") "+onConflict, append(t.spec.Bind(row), meta.Version)...)
	if err != nil {
		return 0, t.failed(err)
	}
	tx.Wake(t.signal())
	return n, nil
}

func (t *Table[R]) overwrite(ctx context.Context) string {
	var sets []string
	for _, c := range t.spec.Columns {
		if !c.Key && c.Name != createdColumn && c.Name != createdByColumn {
			sets = append(sets, store.Quote(c.Name)+" = excluded."+store.Quote(c.Name))
		}
	}
	return "DO UPDATE SET " + strings.Join(append(sets, t.newer(ctx, "excluded."+store.Quote(sourceColumn))), ", ")
}

// newer sets the source version to the greater one: a row that follows two
// instances must not seem to go back.
func (t *Table[R]) newer(ctx context.Context, version string) string {
	own := t.table(ctx) + "." + store.Quote(sourceColumn)
	return store.Quote(sourceColumn) + " = CASE WHEN " + version + " > " + own + " THEN " + version + " ELSE " + own + " END"
}

func (t *Table[R]) update(ctx context.Context, tx *store.Tx, meta values.Meta, row *R) error {
	t.follow(row, meta)
	var sets, keys []string
	fields := t.spec.Bind(row)
	for i, c := range t.spec.Columns {
		set := fmt.Sprintf("%s = $%d", store.Quote(c.Name), i+1)
		if c.Key {
			keys = append(keys, set)
		} else {
			sets = append(sets, set)
		}
	}
	version := fmt.Sprintf("CAST($%d AS BIGINT)", len(fields)+1)
	_, err := tx.Exec(ctx, "UPDATE "+t.table(ctx)+" SET "+strings.Join(append(sets, t.newer(ctx, version)), ", ")+
		" WHERE "+strings.Join(keys, " AND "), append(fields, meta.Version)...)
	if err != nil {
		return t.failed(err)
	}
	tx.Wake(t.signal())
	return nil
}
