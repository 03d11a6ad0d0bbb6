package table

import (
	"context"
	"fmt"
	"reflect"
	"strings"

	"github.com/esgen/esgen/templates/chassis/store"
	"github.com/esgen/esgen/templates/chassis/values"
	"github.com/esgen/esgen/templates/chassis/view"
)

// Apply does to the rows what an event does.
func (t *Table[R]) Apply(ctx context.Context, tx *store.Tx, meta values.Meta, c view.Change[R]) error {
	t.told.turn(tx)
	if c.Removes() {
		return t.delete(ctx, tx, c)
	}
	if c.Key == nil {
		return t.changeWhere(ctx, tx, meta, c)
	}
	return t.change(ctx, tx, meta, c)
}

// Put stores a row, new or not, as of the event.
func (t *Table[R]) Put(ctx context.Context, tx *store.Tx, meta values.Meta, row R) error {
	fields := t.spec.Bind(&row)
	key := make(view.Key, len(t.keys))
	for i, place := range t.keys {
		key[i] = reflect.ValueOf(fields[place]).Elem().Interface()
	}
	return t.Apply(ctx, tx, meta, view.Upsert(key, func(there *R) {
		if t.spec.Stamps != nil {
			*t.spec.Stamps(&row) = *t.spec.Stamps(there)
		}
		*there = row
	}))
}

func (t *Table[R]) delete(ctx context.Context, tx *store.Tx, c view.Change[R]) error {
	cond := c.Where
	if c.Key != nil {
		var err error
		if cond, err = t.byKey(c.Key); err != nil {
			return t.failed(err)
		}
	}
	if err := t.told.recordGone(ctx, tx, cond); err != nil {
		return err
	}
	clause, args := tx.Dialect().Where(cond, 1)
	tx.Later(nil, "DELETE FROM "+t.table(ctx)+clause, args...)
	tx.Wake(t.signal())
	return nil
}

// change changes the row of a key, together with others that the transaction
// changes where their keys are plain.
func (t *Table[R]) change(ctx context.Context, tx *store.Tx, meta values.Meta, c view.Change[R]) error {
	if one, ok := t.plainKey(c.Key); ok {
		t.put(ctx, tx, change[R]{meta, one, c})
		return nil
	}
	alone := changes[R]{table: t, ctx: ctx, list: []change[R]{{meta: meta, Change: c}}}
	return alone.Do(ctx, tx)
}

// set makes of a row what an event makes of it.
func (t *Table[R]) set(row *R, meta values.Meta, c view.Change[R]) error {
	if c.Decide == nil {
		c.Set(row)
	} else if err := t.decide(row, c); err != nil {
		return err
	}
	if t.spec.Personal != nil {
		t.spec.Personal.told(row, c.Columns, meta.Person)
	}
	return nil
}

// decide has somebody decide what a row is to be. Which row it is, and since when it is
// there, stays.
func (t *Table[R]) decide(row *R, c view.Change[R]) error {
	decided, err := c.Decide(*row)
	if err != nil {
		return err
	}
	is, was := t.spec.Bind(&decided), t.spec.Bind(row)
	for _, place := range t.keys {
		reflect.ValueOf(is[place]).Elem().Set(reflect.ValueOf(was[place]).Elem())
	}
	if t.spec.Stamps != nil {
		*t.spec.Stamps(&decided) = *t.spec.Stamps(row)
	}
	*row = decided
	return nil
}

// plainKey is a key of one part that is a text or a number: its rows can be
// asked for in one question.
func (t *Table[R]) plainKey(key view.Key) (any, bool) {
	if len(t.keys) != 1 || len(key) != 1 {
		return nil, false
	}
	if column := t.spec.Columns[t.keys[0]]; column.Type != store.Text && column.Type != store.Int {
		return nil, false
	}
	return plain(key[0])
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
	dest, value := reflect.ValueOf(field).Elem(), reflect.Indirect(reflect.ValueOf(part))
	if !value.IsValid() || !value.CanConvert(dest.Type()) {
		return fmt.Errorf("%T is no %s", part, dest.Type())
	}
	dest.Set(value.Convert(dest.Type()))
	return nil
}

// changeWhere changes every row for which the condition holds, in the order of
// their keys.
func (t *Table[R]) changeWhere(ctx context.Context, tx *store.Tx, meta values.Meta, c view.Change[R]) error {
	rows, err := t.find(ctx, tx, c.Where, nil, 0, tx.Dialect().ForUpdate())
	if err != nil {
		return err
	}
	for i := range rows {
		before, err := t.told.image(&rows[i])
		if err != nil {
			return err
		}
		if err := t.set(&rows[i], meta, c); err != nil {
			return err
		}
		t.update(ctx, tx, meta, &rows[i])
		if err := t.told.record(ctx, tx, before, &rows[i]); err != nil {
			return err
		}
	}
	return nil
}

// parts are what the statements that write rows have in common, whatever the row
// and its generation. Their placeholders are those of the columns, and then that
// of the source version.
type parts struct {
	places string // all of them
	keys   string // the key columns
	sets   string // sets the others; more is to follow
	isRow  string // which row it is
	source string // the source version, as a number
}

func partsOf(columns []store.Column) parts {
	var p parts
	var keys, is []string
	for i, c := range columns {
		place := fmt.Sprintf("$%d", i+1)
		set := store.Quote(c.Name) + " = " + place
		if p.places += place + ", "; c.Key {
			keys, is = append(keys, store.Quote(c.Name)), append(is, set)
		} else {
			p.sets += set + ", "
		}
	}
	source := fmt.Sprintf("$%d", len(columns)+1)
	p.places, p.source = p.places+source, "CAST("+source+" AS BIGINT)"
	p.keys, p.isRow = strings.Join(keys, ", "), strings.Join(is, " AND ")
	return p
}

// insert stores a new row, or does what onConflict says about the one that is there.
func (t *Table[R]) insert(ctx context.Context, tx *store.Tx, check func(touched int64) error, version int64, row *R, onConflict string) {
	tx.Later(check, "INSERT INTO "+t.table(ctx)+" ("+t.columns+", "+store.Quote(sourceColumn)+") VALUES ("+t.write.places+
		") ON CONFLICT ("+t.write.keys+") "+onConflict, append(t.spec.Bind(row), version)...)
	tx.Wake(t.signal())
}

// newer sets the source version to the greater one: a row that follows two
// instances must not seem to go back.
func (t *Table[R]) newer(ctx context.Context, version string) string {
	own := t.table(ctx) + "." + store.Quote(sourceColumn)
	return store.Quote(sourceColumn) + " = CASE WHEN " + version + " > " + own + " THEN " + version + " ELSE " + own + " END"
}

// update stores a row that an event changed.
func (t *Table[R]) update(ctx context.Context, tx *store.Tx, meta values.Meta, row *R) {
	t.follow(row, meta)
	t.store(ctx, tx, meta.Version, row)
}

func (t *Table[R]) store(ctx context.Context, tx *store.Tx, version int64, row *R) {
	tx.Later(nil, "UPDATE "+t.table(ctx)+" SET "+t.write.sets+t.newer(ctx, t.write.source)+" WHERE "+t.write.isRow, append(t.spec.Bind(row), version)...)
	tx.Wake(t.signal())
}
