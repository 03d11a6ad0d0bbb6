// Package table keeps read models: tables with typed columns, filled from
// events and read by keys, conditions and pages.
package table

import (
	"context"
	"fmt"
	"reflect"
	"strings"
	"sync/atomic"

	"github.com/esgen/esgen/templates/chassis/store"
	"github.com/esgen/esgen/templates/chassis/values"
	"github.com/esgen/esgen/templates/chassis/view"
	"github.com/esgen/esgen/templates/chassis/where"
)

// Spec says what a view is. R is its row.
type Spec[R any] struct {
	Name    string
	Table   string
	Version int // counts what the table could not hold what it had before; 0: the first
	Columns []store.Column
	Indexes []store.Index
	// New is a row with its defaults; nil: the zero value.
	New func() R
	// Bind returns pointers to the fields of a row, in the order of Columns.
	Bind func(row *R) []any
	// Stamps is where a row has when and by whom it was created and last
	// changed; nil: nowhere, and it is not kept.
	Stamps func(row *R) *values.Stamps
	// Personal keeps whose the personal columns of a row are; nil: it has none.
	Personal Private[R]
}

// Private is what Personal says.
type Private[R any] interface {
	// column keeps whose the columns are beside them.
	column(s *Spec[R])
	// told notes whose some columns are now.
	told(row *R, columns []string, person values.ID)
	// forgetIn empties the columns that are a person's.
	forgetIn(row *R, person values.ID, empty func(column string)) bool
}

// Columns of a row's stamps. Rows that are older than the columns have none
// until the view is rebuilt.
const (
	createdColumn   = "_created_at"
	createdByColumn = "_created_by"
	changedColumn   = "_updated_at"
	changedByColumn = "_updated_by"
)

// stamped is a view whose rows are stored with their stamps.
func (s Spec[R]) stamped() Spec[R] {
	if s.Stamps == nil {
		return s
	}
	fields := s.Bind
	s.Columns = append(s.Columns[:len(s.Columns):len(s.Columns)],
		store.Column{Name: createdColumn, Type: store.Time}, store.Column{Name: createdByColumn, Type: store.Text},
		store.Column{Name: changedColumn, Type: store.Time}, store.Column{Name: changedByColumn, Type: store.Text})
	s.Bind = func(row *R) []any {
		m := s.Stamps(row)
		return append(fields(row), &m.CreatedAt, &m.CreatedBy, &m.ChangedAt, &m.ChangedBy)
	}
	return s
}

// sourceColumn is the version of the instance whose event changed the row last:
// how somebody who gave a command sees that the view has followed.
const sourceColumn = "_source_version"

// Table is a view's rows.
type Table[R any] struct {
	db      *store.DB
	spec    Spec[R]
	columns string // quoted, in order
	keys    []int  // places of the key columns
	write   parts
	live    atomic.Int64
	told    teller[R]
}

// A teller tells those who follow a view what changes in it, in the transaction
// that does; see Stream.
type teller[R any] interface {
	turn(tx *store.Tx)             // before rows are locked
	image(row *R) (*string, error) // as record takes it; nil: nobody wants to know
	record(ctx context.Context, tx *store.Tx, before *string, after *R) error
	recordGone(ctx context.Context, tx *store.Tx, cond where.Cond) error
}

// silent tells nobody.
type silent[R any] struct{}

func (silent[R]) turn(*store.Tx)                                          {}
func (silent[R]) image(*R) (*string, error)                               { return nil, nil }
func (silent[R]) record(context.Context, *store.Tx, *string, *R) error    { return nil }
func (silent[R]) recordGone(context.Context, *store.Tx, where.Cond) error { return nil }

// New returns the table of a view. Call Prepare before its first use.
func New[R any](db *store.DB, spec Spec[R]) *Table[R] {
	spec.Name, spec.Table = OfVersion(spec.Name, spec.Version), OfVersion(spec.Table, spec.Version)
	spec = spec.stamped()
	if spec.Personal != nil {
		spec.Personal.column(&spec)
	}
	t := &Table[R]{db: db, spec: spec, write: partsOf(spec.Columns), told: silent[R]{}}
	quoted := make([]string, len(spec.Columns))
	for i, c := range spec.Columns {
		quoted[i] = store.Quote(c.Name)
		if c.Key {
			t.keys = append(t.keys, i)
		}
	}
	t.columns = strings.Join(quoted, ", ")
	return t
}

// Name is the view's name.
func (t *Table[R]) Name() string { return t.spec.Name }

// Columns are the columns of a row's fields by their JSON names: those that can be
// compared.
func (t *Table[R]) Columns() map[string]string {
	row := t.row()
	value := reflect.ValueOf(&row).Elem()
	named := map[any]string{}
	for i := range value.NumField() {
		name, _, _ := strings.Cut(value.Type().Field(i).Tag.Get("json"), ",")
		if value.Field(i).CanSet() && name != "-" {
			named[value.Field(i).Addr().Interface()] = name
		}
	}
	columns := map[string]string{}
	for i, field := range t.spec.Bind(&row) {
		if c := t.spec.Columns[i]; named[field] != "" && c.Type != store.JSON {
			columns[named[field]] = c.Name
		}
	}
	return columns
}

// Stands tells whether there is a table of its first generation.
func (t *Table[R]) Stands(ctx context.Context) (bool, error) {
	columns, err := store.Columns(ctx, t.db, t.spec.Table)
	return len(columns) > 0, err
}

// Prepare makes the table of the generation that is read what the model wants.
func (t *Table[R]) Prepare(ctx context.Context) error {
	live, err := liveGeneration(ctx, t.db, t.spec.Name)
	if err != nil {
		return t.failed(err)
	}
	t.live.Store(live)
	if live == unread {
		return nil
	}
	return t.PrepareGeneration(ctx, live)
}

// Readable tells whether there are rows to read: of a view that a newer release has
// added, or keeps otherwise, there are none until all events were heard again.
func (t *Table[R]) Readable() bool { return t.live.Load() != unread }

// reading is an error where there is nothing to read yet.
func (t *Table[R]) reading(ctx context.Context) error {
	if _, told := Generation(ctx); told || t.Readable() {
		return nil
	}
	return view.ErrBuilding
}

// PrepareGeneration makes the table of a generation what the model wants.
func (t *Table[R]) PrepareGeneration(ctx context.Context, generation int64) error {
	columns := append(t.spec.Columns[:len(t.spec.Columns):len(t.spec.Columns)], store.Column{Name: sourceColumn, Type: store.Int})
	err := t.db.Ensure(ctx, store.TableSpec{Name: OfGeneration(t.spec.Table, generation), Columns: columns, Indexes: t.spec.Indexes})
	if err != nil {
		return t.failed(err)
	}
	return nil
}

// UseGeneration has all reads that ask for none go to a generation.
func (t *Table[R]) UseGeneration(generation int64) { t.live.Store(generation) }

// DropGeneration deletes the table of a generation.
func (t *Table[R]) DropGeneration(ctx context.Context, generation int64) error {
	if _, err := t.db.Exec(ctx, "DROP TABLE IF EXISTS "+store.Quote(OfGeneration(t.spec.Table, generation))); err != nil {
		return t.failed(err)
	}
	return nil
}

// table is the quoted name of the table that the context means.
func (t *Table[R]) table(ctx context.Context) string {
	generation, ok := Generation(ctx)
	if !ok {
		generation = t.live.Load()
	}
	return store.Quote(OfGeneration(t.spec.Table, generation))
}

func (t *Table[R]) failed(err error) error { return fmt.Errorf("view %s: %w", t.spec.Name, err) }

func (t *Table[R]) signal() string { return "view/" + t.spec.Name }

// row is a row with its defaults.
func (t *Table[R]) row() R {
	if t.spec.New != nil {
		return t.spec.New()
	}
	var row R
	return row
}

// byKey is the condition of the row with a key.
func (t *Table[R]) byKey(key []any) (where.Cond, error) {
	if len(key) != len(t.keys) {
		return where.Cond{}, fmt.Errorf("a key of %d parts, want %d", len(key), len(t.keys))
	}
	conds := make([]where.Cond, len(key))
	for i, part := range key {
		conds[i] = where.Eq(where.Col(t.spec.Columns[t.keys[i]].Name), part)
	}
	return where.And(conds...), nil
}

// keyOrder sorts by the key: what makes every order total.
func (t *Table[R]) keyOrder(orders []where.Order) []where.Order {
	orders = orders[:len(orders):len(orders)]
	sorted := map[where.Col]bool{}
	for _, o := range orders {
		sorted[o.Column] = true
	}
	for _, place := range t.keys {
		if c := where.Col(t.spec.Columns[place].Name); !sorted[c] {
			orders = append(orders, where.Asc(c))
		}
	}
	return orders
}
