package table

import (
	"cmp"
	"context"
	"encoding"
	"fmt"
	"reflect"
	"slices"

	"github.com/esgen/esgen/templates/chassis/message"
	"github.com/esgen/esgen/templates/chassis/store"
	"github.com/esgen/esgen/templates/chassis/values"
	"github.com/esgen/esgen/templates/chassis/view"
	"github.com/esgen/esgen/templates/chassis/where"
)

// changes are those that a transaction makes to rows of a view, each by its
// key: they are put off, so that all rows are read in one question, and written
// together.
type changes[R any] struct {
	table *Table[R]
	ctx   context.Context // which generation is meant
	list  []change[R]
}

type change[R any] struct {
	meta values.Meta
	key  any // as something that can be compared; nil: it comes alone
	view.Change[R]
}

// owner tells the changes of a view's generation from those of others.
type owner struct{ table string }

// put adds a change to those that the transaction has yet to make.
func (t *Table[R]) put(ctx context.Context, tx *store.Tx, c change[R]) {
	work := tx.PutOff(owner{t.table(ctx)}, func() store.Work { return &changes[R]{table: t, ctx: context.WithoutCancel(ctx)} })
	if all, ok := work.(*changes[R]); ok { // it is: no other view has the table
		all.list = append(all.list, c)
	}
}

// changing is a row while it is changed.
type changing[R any] struct {
	row     R
	there   bool // in the view, or created by a change
	created bool
	version int64 // of the latest event
	touched bool
	before  *string // image of the row that was there; see teller
}

// Do makes the changes, in their order.
func (c *changes[R]) Do(ctx context.Context, tx *store.Tx) (err error) {
	defer message.Recover(&err) // of the model's expressions
	t := c.table
	if generation, ok := Generation(c.ctx); ok {
		ctx = WithGeneration(ctx, generation)
	}
	rows, keys, err := c.read(ctx, tx)
	if err != nil {
		return err
	}
	for _, change := range c.list {
		if err := t.apply(rows[change.key], change); err != nil {
			return err
		}
	}
	for _, key := range keys {
		r := rows[key]
		switch {
		case r.created:
			t.insert(ctx, tx, made, r.version, &r.row, "DO NOTHING")
		case r.touched:
			t.store(ctx, tx, r.version, &r.row)
		default:
			continue
		}
		if err := t.told.record(ctx, tx, r.before, &r.row); err != nil {
			return err
		}
	}
	return nil
}

// made: another transaction may have made the row meanwhile; then this one
// begins again, and goes on with it.
func made(touched int64) error {
	if touched == 0 {
		return store.ErrLost
	}
	return nil
}

// read reads the rows that are to be changed, which are locked from then on: the
// events of several partitions may be about one row.
func (c *changes[R]) read(ctx context.Context, tx *store.Tx) (rows map[any]*changing[R], keys []any, err error) {
	t := c.table
	rows = map[any]*changing[R]{}
	for _, change := range c.list {
		if rows[change.key] == nil {
			rows[change.key] = &changing[R]{}
			keys = append(keys, change.key)
		}
	}
	// Who locks several rows does so in one order.
	slices.SortFunc(keys, compare)
	cond, err := t.byKey(c.list[0].Key)
	if err != nil {
		return nil, nil, t.failed(err)
	}
	if len(keys) > 1 {
		cond = where.In(where.Col(t.spec.Columns[t.keys[0]].Name), keys)
	}
	found, err := t.find(ctx, tx, cond, nil, 0, tx.Dialect().ForUpdate())
	if err != nil {
		return nil, nil, err
	}
	for _, row := range found {
		key := keys[0]
		if len(keys) > 1 {
			key, _ = plain(t.spec.Bind(&row)[t.keys[0]])
		}
		if r := rows[key]; r != nil {
			r.row, r.there = row, true
			if r.before, err = t.told.image(&row); err != nil {
				return nil, nil, err
			}
		}
	}
	return rows, keys, nil
}

// compare orders the keys of a view, which are all texts or all numbers.
func compare(a, b any) int {
	if n, ok := a.(int64); ok {
		other, _ := b.(int64)
		return cmp.Compare(n, other)
	}
	text, _ := a.(string)
	other, _ := b.(string)
	return cmp.Compare(text, other)
}

func (t *Table[R]) apply(r *changing[R], c change[R]) error {
	if !r.there {
		switch c.Missing {
		case view.Skip:
			return nil
		case view.Retry:
			return fmt.Errorf("view %s %v: %w", t.spec.Name, c.Key, view.ErrMissing)
		}
		r.row = t.row()
		fields := t.spec.Bind(&r.row)
		for i, place := range t.keys {
			if err := assign(fields[place], c.Key[i]); err != nil {
				return t.failed(fmt.Errorf("key %s: %w", t.spec.Columns[place].Name, err))
			}
		}
		t.begin(&r.row, c.meta)
		r.there, r.created = true, true
	}
	if err := t.set(&r.row, c.meta, c.Change); err != nil {
		return err
	}
	t.follow(&r.row, c.meta)
	r.touched, r.version = true, max(r.version, c.meta.Version)
	return nil
}

// plain is a key as something that can be compared: a text or a number. ok is
// false for what another spelling may be equal to, and for what is none.
func plain(key any) (value any, ok bool) {
	if _, spelled := key.(encoding.TextMarshaler); spelled {
		return nil, false
	}
	v := reflect.ValueOf(key)
	if v.Kind() == reflect.Pointer && !v.IsNil() {
		v = v.Elem()
	}
	switch v.Kind() {
	case reflect.String:
		return v.String(), true
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return v.Int(), true
	}
	return nil, false
}
