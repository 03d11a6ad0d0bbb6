package table

import (
	"context"
	"fmt"
	"reflect"
	"slices"

	"github.com/esgen/esgen/templates/chassis/store"
	"github.com/esgen/esgen/templates/chassis/values"
	"github.com/esgen/esgen/templates/chassis/where"
)

// personsColumn has whose what stands in the personal columns is.
const personsColumn = "_persons"

// Personal says where a row has whose its columns are. Columns with personal data have
// something to be without them: their defaults.
func Personal[R any](persons func(row *R) *values.Persons) Private[R] { return private[R](persons) }

type private[R any] func(row *R) *values.Persons

func (p private[R]) column(s *Spec[R]) {
	fields := s.Bind
	s.Columns = append(s.Columns[:len(s.Columns):len(s.Columns)], store.Column{Name: personsColumn, Type: store.Text})
	s.Bind = func(row *R) []any { return append(fields(row), p(row)) }
}

func (p private[R]) told(row *R, columns []string, person values.ID) {
	for _, c := range columns {
		p(row).Set(c, person)
	}
}

func (p private[R]) forgetIn(row *R, person values.ID, empty func(column string)) bool {
	columns := p(row).Of(person)
	for _, c := range columns {
		p(row).Set(c, "")
		empty(c)
	}
	return len(columns) > 0
}

// ForgetPerson empties the columns with what was said of a person, in all generations that
// somebody may read. Who follows the view is told; who comes back is told to read it anew.
func (t *Table[R]) ForgetPerson(ctx context.Context, person values.ID) error {
	all, err := ReadGenerations(ctx, t.db)
	if err != nil {
		return t.failed(err)
	}
	g := all[t.spec.Name]
	generations := []int64{max(g.Live-1, 0), g.Live, max(g.Live, g.Building)}
	if g.Live == unread {
		generations = []int64{g.Building}
	}
	for _, generation := range slices.Compact(generations) {
		if err := t.PrepareGeneration(ctx, generation); err != nil {
			return err
		}
		ctx := WithGeneration(ctx, generation)
		if err := t.db.InTx(ctx, func(tx *store.Tx) error { return t.forgetPerson(ctx, tx, generation, person) }); err != nil {
			return err
		}
	}
	return nil
}

func (t *Table[R]) forgetPerson(ctx context.Context, tx *store.Tx, generation int64, person values.ID) error {
	t.told.turn(tx)
	if past, kept := t.told.(interface {
		forgetPast(tx *store.Tx, generation int64)
	}); kept {
		past.forgetPast(tx, generation)
	}
	keys, err := t.keysOf(ctx, tx, person)
	if err != nil {
		return err
	}
	for _, key := range keys {
		rows, err := t.find(ctx, tx, key, nil, 0, tx.Dialect().ForUpdate())
		if err != nil {
			return err
		}
		for i := range rows {
			if err := t.forgetRow(ctx, tx, &rows[i], person); err != nil {
				return err
			}
		}
	}
	return nil
}

// forgetRow empties columns of a row, and tells that of a row which never had more.
func (t *Table[R]) forgetRow(ctx context.Context, tx *store.Tx, row *R, person values.ID) error {
	if !t.spec.Personal.forgetIn(row, person, func(column string) { t.empty(row, column) }) {
		return nil
	}
	t.store(ctx, tx, 0, row)
	before, err := t.told.image(row)
	if err != nil {
		return err
	}
	return t.told.record(ctx, tx, before, row)
}

// forgetPast has nobody told of what a view was before: it shows who is erased.
func (s *Stream[R]) forgetPast(tx *store.Tx, generation int64) {
	tx.Later(nil, "UPDATE "+changesTable+" SET row_before = NULL, row_after = NULL WHERE source = $1", s.source(generation))
}

// keysOf are the rows that say something of a person.
func (t *Table[R]) keysOf(ctx context.Context, tx *store.Tx, person values.ID) ([]where.Cond, error) {
	contains := "instr"
	if tx.Dialect() == store.Postgres {
		contains = "strpos"
	}
	rows, err := tx.Query(ctx, "SELECT "+t.columns+" FROM "+t.table(ctx)+" WHERE "+contains+"("+store.Quote(personsColumn)+", $1) > 0"+
		store.OrderBy(t.keyOrder(nil)...), values.QuotedPerson(person))
	if err != nil {
		return nil, t.failed(err)
	}
	defer func() { _ = rows.Close() }()
	var keys []where.Cond
	for rows.Next() {
		row := t.row()
		fields := t.spec.Bind(&row)
		if err := rows.Scan(fields...); err != nil {
			return nil, t.failed(err)
		}
		var conds []where.Cond
		for _, place := range t.keys {
			conds = append(conds, where.Eq(where.Col(t.spec.Columns[place].Name), reflect.ValueOf(fields[place]).Elem().Interface()))
		}
		keys = append(keys, where.And(conds...))
	}
	if err := rows.Err(); err != nil {
		return nil, t.failed(fmt.Errorf("forget: %w", err))
	}
	return keys, nil
}

// empty has a column be as in a new row.
func (t *Table[R]) empty(row *R, column string) {
	fresh := t.row()
	for i, c := range t.spec.Columns {
		if c.Name == column {
			reflect.ValueOf(t.spec.Bind(row)[i]).Elem().Set(reflect.ValueOf(t.spec.Bind(&fresh)[i]).Elem())
		}
	}
}
