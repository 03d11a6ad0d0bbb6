package table_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/esgen/esgen/templates/chassis/store"
	"github.com/esgen/esgen/templates/chassis/table"
	"github.com/esgen/esgen/templates/chassis/values"
	"github.com/esgen/esgen/templates/chassis/view"
	"github.com/esgen/esgen/templates/chassis/where"
)

// tally is a view whose key is one text: its rows are changed together.
type tally struct {
	Name  values.ID
	Said  string
	Meta  values.Stamps
	Count int64
}

func tallies(t *testing.T, db *store.DB) *table.Table[tally] {
	t.Helper()
	rows := table.New(db, table.Spec[tally]{
		Name: "Tallies", Table: "tallies",
		Columns: []store.Column{{Name: "name", Type: store.Text, Key: true}, {Name: "said", Type: store.Text}, {Name: "count", Type: store.Int}},
		New:     func() tally { return tally{Said: "-"} },
		Bind:    func(r *tally) []any { return []any{&r.Name, &r.Said, &r.Count} },
		Stamps:  func(r *tally) *values.Stamps { return &r.Meta },
	})
	must(t, rows.Prepare(t.Context()))
	return rows
}

func all(t *testing.T, db store.Querier) string {
	t.Helper()
	found, err := db.Query(t.Context(), "SELECT name, count, said FROM tallies ORDER BY name")
	must(t, err)
	defer func() { _ = found.Close() }()
	var b strings.Builder
	for found.Next() {
		var r tally
		must(t, found.Scan(&r.Name, &r.Count, &r.Said))
		fmt.Fprintf(&b, "%s %d %s;", r.Name, r.Count, r.Said)
	}
	must(t, found.Err())
	return b.String()
}

func TestRowsThatChangeTogetherChangeInOrder(t *testing.T) {
	onBoth(t, func(t *testing.T, db *store.DB, _ *table.Table[userDay]) {
		ctx, rows := t.Context(), tallies(t, db)
		inTx(t, db, func(tx *store.Tx) error { return rows.Put(ctx, tx, at(1), tally{Name: "old", Said: "x"}) })
		say := func(tx *store.Tx, version int64, name string, missing view.Missing, word string) {
			must(t, rows.Apply(ctx, tx, values.Meta{Version: version, Time: time.Unix(version, 0).UTC()}, view.Change[tally]{Key: view.Key{values.ID(name)}, Missing: missing, Set: func(r *tally) {
				r.Said, r.Count = r.Said+word, r.Count+1
			}}))
		}
		inTx(t, db, func(tx *store.Tx) error {
			say(tx, 2, "new", view.Skip, "s") // not there yet
			say(tx, 3, "new", view.Create, "a")
			say(tx, 5, "old", view.Retry, "b")
			say(tx, 4, "new", view.Retry, "c") // there by now
			if got := all(t, tx); got != "new 2 -ac;old 1 xb;" {
				t.Errorf("the transaction itself sees %s", got)
			}
			say(tx, 6, "old", view.Skip, "d")
			must(t, rows.Apply(ctx, tx, at(6), view.Delete[tally](view.Key{values.ID("old")})))
			say(tx, 7, "old", view.Create, "e") // another one
			say(tx, 8, "gone", view.Create, "f")
			return rows.Apply(ctx, tx, at(6), view.Delete[tally](view.Key{values.ID("gone")}))
		})
		if got := all(t, db); got != "new 2 -ac;old 1 -e;" {
			t.Error(got)
		}
		row, err := rows.GetAt(ctx, 4, time.Minute, values.ID("new")) // its latest version
		if err != nil || row.Meta.CreatedAt.Unix() != 3 || row.Meta.ChangedAt.Unix() != 4 {
			t.Errorf("%+v, %v", row.Meta, err)
		}
	})
}

func TestRowsThatCannotChangeTogether(t *testing.T) {
	onBoth(t, func(t *testing.T, db *store.DB, _ *table.Table[userDay]) {
		ctx, rows := t.Context(), tallies(t, db)
		for name, test := range map[string]struct {
			missing view.Missing
			set     func(*tally)
			want    func(error) bool
		}{
			"missing": {view.Retry, func(*tally) {}, func(err error) bool { return errors.Is(err, view.ErrMissing) }},
			"a fault": {view.Create, func(*tally) { panic(&values.Fault{Message: "no"}) }, func(err error) bool { return errors.As(err, new(*values.Fault)) }},
		} {
			err := db.InTx(ctx, func(tx *store.Tx) error {
				good := rows.Apply(ctx, tx, at(1), view.Upsert(view.Key{"good"}, func(*tally) {}))
				return errors.Join(good, rows.Apply(ctx, tx, at(1), view.Change[tally]{Key: view.Key{"bad"}, Missing: test.missing, Set: test.set}))
			})
			if got := all(t, db); !test.want(err) || got != "" {
				t.Errorf("%s: %v, and %s is stored", name, err, got)
			}
		}
	})
}

func TestTransactionsThatCreateTheSameRowsMeet(t *testing.T) {
	onBoth(t, func(t *testing.T, db *store.DB, _ *table.Table[userDay]) {
		ctx, rows := t.Context(), tallies(t, db)
		var wg sync.WaitGroup
		errs := make([]error, 8)
		for i := range errs {
			wg.Go(func() {
				errs[i] = db.InTx(ctx, func(tx *store.Tx) error {
					for n := range 5 {
						name := fmt.Sprint((n + i) % 5)
						if err := rows.Apply(ctx, tx, at(int64(i)), view.Upsert(view.Key{name}, func(r *tally) { r.Count++ })); err != nil {
							return err
						}
					}
					return nil
				})
			})
		}
		wg.Wait()
		must(t, errors.Join(errs...))
		if got, want := all(t, db), "0 8 -;1 8 -;2 8 -;3 8 -;4 8 -;"; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	})
}

// What somebody decides about a row by hand is kept, but for which row it is and since
// when it is there.
func TestDecidedByHand(t *testing.T) {
	onBoth(t, func(t *testing.T, db *store.DB, _ *table.Table[userDay]) {
		ctx, rows := t.Context(), tallies(t, db)
		decide := func(row tally) (tally, error) {
			if row.Count == 2 {
				return row, values.Reject(values.Unfinished, "NotDecided", "")
			}
			return tally{Name: "other", Said: row.Said + "x", Count: row.Count + 1}, nil
		}
		apply := func(version int64, c view.Change[tally]) error {
			return db.InTx(ctx, func(tx *store.Tx) error { return rows.Apply(ctx, tx, values.Meta{Version: version, Time: time.Unix(version, 0)}, c.Decided(decide)) })
		}
		must(t, apply(1, view.Upsert[tally](view.Key{values.ID("a")}, nil)))
		must(t, apply(2, view.Update[tally](view.Key{values.ID("b")}, nil)))
		must(t, apply(3, view.UpdateWhere[tally](where.Eq(where.Col("said"), "-x"), nil)))
		var no *values.Rejection
		if err := apply(4, view.Upsert[tally](view.Key{values.ID("a")}, nil)); !errors.As(err, &no) {
			t.Error(err)
		}
		row, err := rows.Get(ctx, values.ID("a"))
		if got := all(t, db); got != "a 2 -xx;" || err != nil || row.Meta.CreatedAt.Unix() != 1 || row.Meta.ChangedAt.Unix() != 3 {
			t.Error(got, row.Meta, err)
		}
	})
}
