package table_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/esgen/esgen/internal/testservers"
	"github.com/esgen/esgen/templates/chassis/store"
	"github.com/esgen/esgen/templates/chassis/table"
	"github.com/esgen/esgen/templates/chassis/values"
	"github.com/esgen/esgen/templates/chassis/view"
)

type booking struct {
	ID      values.ID
	Guest   *string
	Room    string
	Wishes  []string
	Persons values.Persons
}

func newBookings(db *store.DB, history *table.History) *table.Stream[booking] {
	return table.NewStream(db, table.Spec[booking]{
		Name: "Bookings", Table: "bookings",
		Columns: []store.Column{
			{Name: "id", Type: store.Text, Key: true}, {Name: "guest", Type: store.Text}, {Name: "room", Type: store.Text}, {Name: "wishes", Type: store.JSON},
		},
		New:      func() booking { return booking{Room: "?"} },
		Personal: table.Personal(func(row *booking) *values.Persons { return &row.Persons }),
		Bind:     func(row *booking) []any { return []any{&row.ID, &row.Guest, &row.Room, &row.Wishes} },
	}, history)
}

// personOf is an event of a person; their ids are as awkward as ids may be.
func personOf(person values.ID) values.Meta { return values.Meta{Version: 1, Person: person} }

func TestColumnsOfWhoIsErasedAreEmptied(t *testing.T) {
	testservers.OnBoth(t, func(t *testing.T, url string) {
		db, err := store.Open(t.Context(), url)
		must(t, err)
		t.Cleanup(func() { _ = db.Close() })
		must(t, db.Migrate(t.Context()))
		history := table.NewHistory(db)
		rows := newBookings(db, history)
		must(t, store.Prepare(t.Context(), history, rows))
		const anna, bert values.ID = `a%"<n_`, `a%"<n_2`
		name := "Anna"
		apply := func(meta values.Meta, changes ...view.Change[booking]) {
			for _, generation := range []int64{0, 1} { // the second is being built
				ctx := table.WithGeneration(t.Context(), generation)
				must(t, db.InTx(ctx, func(tx *store.Tx) error {
					for _, c := range changes {
						if err := rows.Apply(ctx, tx, meta, c); err != nil {
							return err
						}
					}
					return nil
				}))
			}
		}
		must(t, table.Build(t.Context(), db, "Bookings"))
		must(t, rows.PrepareGeneration(t.Context(), 1))
		byAnna := view.Upsert(view.Key{"b1"}, func(row *booking) { row.Guest, row.Room = &name, "7" }).Personal("guest", "room")
		apply(personOf(anna), byAnna, view.Upsert(view.Key{"b2"}, func(row *booking) { row.Guest = &name }).Personal("guest"))
		apply(personOf(bert), view.Upsert(view.Key{"b1"}, func(row *booking) { row.Wishes = []string{"quiet"} }).Personal("wishes"))

		must(t, rows.ForgetPerson(t.Context(), anna))
		must(t, rows.ForgetPerson(t.Context(), anna))
		for _, generation := range []int64{0, 1} {
			got, err := rows.Get(table.WithGeneration(t.Context(), generation), "b1")
			must(t, err)
			got.Persons = ""
			if diff := cmp.Diff(booking{ID: "b1", Room: "?", Wishes: []string{"quiet"}}, got); diff != "" {
				t.Errorf("generation %d (-want +got):\n%s", generation, diff)
			}
		}
		var told int
		must(t, db.QueryRow(t.Context(), "SELECT COUNT(*) FROM platform_changes WHERE row_before LIKE $1 OR row_after LIKE $1", "%Anna%").Scan(&told))
		if told > 0 {
			t.Errorf("%d changes of before show who is erased", told)
		}
		must(t, rows.ForgetPerson(t.Context(), bert))
		got, err := rows.Get(t.Context(), "b1")
		must(t, err)
		if len(got.Wishes) > 0 || len(got.Persons.Of(bert)) > 0 {
			t.Errorf("of the other is known %+v", got)
		}
	})
}
