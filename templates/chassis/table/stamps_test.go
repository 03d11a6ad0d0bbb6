package table_test

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/esgen/esgen/internal/testservers"
	"github.com/esgen/esgen/templates/chassis/store"
	"github.com/esgen/esgen/templates/chassis/table"
	"github.com/esgen/esgen/templates/chassis/values"
	"github.com/esgen/esgen/templates/chassis/view"
	"github.com/esgen/esgen/templates/chassis/where"
)

type visit struct {
	ID    values.ID
	Seen  string
	Stamp values.Stamps
}

func visits(db *store.DB, stamps bool) *table.Table[visit] {
	spec := table.Spec[visit]{
		Name: "Visits", Table: "visits", Columns: []store.Column{{Name: "id", Key: true}, {Name: "seen"}},
		Bind: func(v *visit) []any { return []any{&v.ID, &v.Seen} },
	}
	if stamps {
		spec.Stamps = func(v *visit) *values.Stamps { return &v.Stamp }
	}
	return table.New(db, spec)
}

// A row says of the events that it follows the earliest and the latest,
// whatever order they come in.
func TestStamps(t *testing.T) {
	start := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	open := func(t *testing.T, url string) *store.DB {
		db, err := store.Open(t.Context(), url)
		must(t, err)
		t.Cleanup(func() { _ = db.Close() })
		must(t, db.Migrate(t.Context()))
		return db
	}
	test := func(t *testing.T, db *store.DB) {
		old := visits(db, false)
		must(t, old.Prepare(t.Context()))
		visits := visits(db, true)
		event := func(visits *table.Table[visit], id values.ID, hour int, by values.ID) {
			t.Helper()
			meta := values.Meta{Time: start.Add(time.Duration(hour) * time.Hour), Actor: values.Actor{Subject: by}}
			inTx(t, db, func(tx *store.Tx) error {
				return visits.Apply(t.Context(), tx, meta, view.Change[visit]{Key: []any{id}, Missing: view.Create, Set: func(v *visit) {
					v.Seen += fmt.Sprint(v.Stamp.ChangedAt.Sub(start).Hours(), ";")
				}})
			})
		}
		want := func(id values.ID, created int, creator string, changed int, changer string) {
			t.Helper()
			row, err := visits.Get(t.Context(), id)
			must(t, err)
			by := func(id *values.ID) string {
				if id == nil {
					return ""
				}
				return string(*id)
			}
			hours := func(at time.Time) int { return int(at.Sub(start).Hours()) }
			m := row.Stamp
			if hours(m.CreatedAt) != created || by(m.CreatedBy) != creator || hours(m.ChangedAt) != changed || by(m.ChangedBy) != changer {
				t.Errorf("%+v %s %s", m, by(m.CreatedBy), by(m.ChangedBy))
			}
		}
		event(old, "before", 1, "ann")
		must(t, visits.Prepare(t.Context()))
		event(visits, "before", 2, "bob")
		if row, err := visits.Get(t.Context(), values.ID("before")); err != nil || !row.Stamp.CreatedAt.IsZero() {
			t.Errorf("nobody knows when it was created: %+v %v", row.Stamp, err)
		}
		event(visits, "v1", 3, "ann")
		want("v1", 3, "ann", 3, "ann")
		event(visits, "v1", 5, "")
		want("v1", 3, "ann", 5, "")
		event(visits, "v1", 4, "bob") // late
		want("v1", 3, "ann", 5, "")
		event(visits, "v1", 1, "eve") // later still
		want("v1", 1, "eve", 5, "")
		row, err := visits.Get(t.Context(), values.ID("v1"))
		if err != nil || row.Seen != "3;3;5;5;" { // as it was before each, of a new row as it becomes
			t.Error(row.Seen, err)
		}
		inTx(t, db, func(tx *store.Tx) error {
			return visits.Apply(t.Context(), tx, values.Meta{Time: start.Add(9 * time.Hour), Actor: values.Actor{Subject: "ida"}},
				view.UpdateWhere(where.Eq(where.Col("_created_by"), "eve"), func(*visit) {}))
		})
		want("v1", 1, "eve", 9, "ida")
	}
	t.Run("sqlite", func(t *testing.T) { test(t, open(t, "sqlite:"+filepath.Join(t.TempDir(), "test.db"))) })
	t.Run("postgres", func(t *testing.T) { test(t, open(t, testservers.Postgres(t))) })
}
