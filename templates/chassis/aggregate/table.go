package aggregate

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"reflect"
	"strings"

	"github.com/esgen/esgen/templates/chassis/store"
	"github.com/esgen/esgen/templates/chassis/where"
)

// Columns of an aggregate's table beside its lookup columns. They begin with an
// underscore, which no field of a model does.
const (
	// IDColumn is the instance's id, for conditions of Select.
	IDColumn = "_id"

	versionColumn  = "_version"  // of the instance; it goes on counting when one is created again
	docColumn      = "_doc"      // the state; of a sourced aggregate its snapshot, if there is one
	snapshotColumn = "_snapshot" // the version of _doc
	baseColumn     = "_base"     // the version before this life of the instance
	deletedColumn  = "_deleted"  // the instance is gone; the row keeps its version
	shapeColumn    = "_shape"    // of the state and the lookup columns when the row was written

	// Of the events that created and last changed it. Rows that an older
	// release wrote have no subjects.
	createdColumn   = "_created_at"
	createdByColumn = "_created_by"
	changedColumn   = "_updated_at"
	changedByColumn = "_updated_by"
)

func (s Spec[S, E]) table() store.TableSpec {
	columns := []store.Column{
		{Name: IDColumn, Type: store.Text, Key: true},
		{Name: versionColumn, Type: store.Int},
		{Name: docColumn, Type: store.JSON},
		{Name: snapshotColumn, Type: store.Int},
		{Name: baseColumn, Type: store.Int},
		{Name: deletedColumn, Type: store.Bool},
		{Name: shapeColumn, Type: store.Text},
		{Name: createdColumn, Type: store.Time},
		{Name: createdByColumn, Type: store.Text},
		{Name: changedColumn, Type: store.Time},
		{Name: changedByColumn, Type: store.Text},
	}
	indexes := []store.Index{{Columns: []string{shapeColumn}}}
	unique := map[string]bool{}
	for _, u := range s.Unique {
		indexes = append(indexes, store.Index{Columns: u.Columns, Unique: true})
		if len(u.Columns) == 1 {
			unique[u.Columns[0]] = true
		}
	}
	for _, c := range s.IndexColumns {
		c.Key = false
		columns = append(columns, c)
		if c.Type != store.JSON && !unique[c.Name] {
			indexes = append(indexes, store.Index{Columns: []string{c.Name}})
		}
	}
	return store.TableSpec{Name: s.Table, Columns: columns, Indexes: indexes}
}

// shape tells apart states and lookups of different models: a row whose shape
// is another one was written by another release of the service.
func (s Spec[S, E]) shape() string {
	var b strings.Builder
	describe(&b, reflect.TypeFor[S](), map[reflect.Type]bool{})
	for _, c := range s.IndexColumns {
		fmt.Fprintf(&b, ";%s %d", c.Name, c.Type)
	}
	if s.Sourced != nil {
		b.WriteString(";" + s.Sourced.folding())
	}
	if s.Personal != nil {
		b.WriteString(";" + s.Personal.describe())
	}
	sum := sha256.Sum256([]byte(b.String()))
	return hex.EncodeToString(sum[:8])
}

func describe(b *strings.Builder, t reflect.Type, seen map[reflect.Type]bool) {
	b.WriteString(t.Name())
	if seen[t] {
		return
	}
	seen[t] = true
	switch t.Kind() {
	case reflect.Struct:
		for i := range t.NumField() {
			f := t.Field(i)
			fmt.Fprintf(b, "{%s %s ", f.Name, f.Tag)
			describe(b, f.Type, seen)
			b.WriteByte('}')
		}
	case reflect.Pointer, reflect.Slice, reflect.Array:
		b.WriteString(t.Kind().String() + " ")
		describe(b, t.Elem(), seen)
	case reflect.Map:
		b.WriteString("map ")
		describe(b, t.Elem(), seen)
	default:
		b.WriteString(t.Kind().String())
	}
}

// Prepare makes the tables of the aggregate what the model wants, and fills
// lookup columns that the model has grown.
func (r *Repository[S, E]) Prepare(ctx context.Context) error {
	spec := r.spec.table()
	spec.Backfill = r.reindexAll
	specs := []store.TableSpec{spec}
	if r.spec.Sourced != nil {
		specs = append([]store.TableSpec{r.spec.Sourced.table()}, specs...)
	}
	if err := r.db.Ensure(ctx, specs...); err != nil {
		return fmt.Errorf("%s: %w", r.spec.Aggregate, err)
	}
	_, err := r.Reindex(ctx)
	return err
}

// reindexBatch bounds how many rows one transaction locks.
const reindexBatch = 500

// Reindex fills the lookup columns of rows that an older release wrote, and
// returns how many there were. Prepare does; a rolling update, in which older
// replicas write until they are gone, wants it once more.
func (r *Repository[S, E]) Reindex(ctx context.Context) (int, error) {
	total := 0
	for {
		n := 0
		err := r.db.InTx(ctx, func(tx *store.Tx) error {
			var err error
			n, err = r.reindex(ctx, tx, reindexBatch)
			return err
		})
		total += n
		if err != nil || n == 0 {
			return total, err
		}
	}
}

func (r *Repository[S, E]) reindexAll(ctx context.Context, tx *store.Tx) error {
	for {
		if n, err := r.reindex(ctx, tx, reindexBatch); err != nil || n == 0 {
			return err
		}
	}
}

func (r *Repository[S, E]) reindex(ctx context.Context, tx *store.Tx, limit int) (int, error) {
	// Two inequalities where one index serves, because <> would use none.
	where := where.Or(where.Lt(where.Col(shapeColumn), r.shape), where.Gt(where.Col(shapeColumn), r.shape))
	rows, err := r.rows(ctx, tx, where, nil, limit, tx.Dialect().ForUpdate())
	if err != nil {
		return 0, err
	}
	for _, row := range rows {
		if err := r.reshape(ctx, tx, &row); err != nil {
			return 0, err
		}
	}
	return len(rows), nil
}

// reshape makes of a row that another release wrote one of this release.
func (r *Repository[S, E]) reshape(ctx context.Context, tx *store.Tx, w *row) error {
	set := store.Quote(shapeColumn) + " = $2"
	args := []any{w.id, r.shape}
	also := func(column string, value any) {
		args = append(args, value)
		set += fmt.Sprintf(", %s = $%d", store.Quote(column), len(args))
	}
	if !w.deleted {
		instance, err := r.instance(ctx, tx, w)
		if err != nil {
			return err
		}
		for i, v := range r.lookups(instance.State) {
			also(r.spec.IndexColumns[i].Name, v)
		}
		switch {
		case r.spec.Sourced != nil:
			doc, at, err := r.spec.Sourced.reshape(ctx, r, tx, w, instance.State)
			if err != nil {
				return err
			}
			also(docColumn, doc)
			also(snapshotColumn, at)
		case r.spec.Personal != nil:
			doc, err := r.sealedState(ctx, tx, w.id, instance.State)
			if err != nil {
				return err
			}
			also(docColumn, doc)
		}
	}
	if _, err := tx.Exec(ctx, "UPDATE "+store.Quote(r.spec.Table)+" SET "+set+" WHERE "+store.Quote(IDColumn)+" = $1", args...); err != nil {
		return fmt.Errorf("%s %s: %w", r.spec.Aggregate, w.id, err)
	}
	return nil
}
