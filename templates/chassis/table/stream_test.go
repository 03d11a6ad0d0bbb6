package table_test

import (
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

func followed(t *testing.T, db *store.DB) (*table.Stream[tally], *table.History) {
	t.Helper()
	history := table.NewHistory(db)
	must(t, history.Prepare(t.Context()))
	rows := table.NewStream(db, table.Spec[tally]{
		Name: "Tallies", Table: "tallies",
		Columns: []store.Column{{Name: "name", Type: store.Text, Key: true}, {Name: "said", Type: store.Text}, {Name: "count", Type: store.Int}},
		New:     func() tally { return tally{Said: "-"} },
		Bind:    func(r *tally) []any { return []any{&r.Name, &r.Said, &r.Count} },
		Stamps:  func(r *tally) *values.Stamps { return &r.Meta },
	}, history)
	must(t, rows.Prepare(t.Context()))
	return rows, history
}

// told spells the changes after a place.
func told(t *testing.T, rows *table.Stream[tally], after view.Place) (string, view.Place) {
	t.Helper()
	changes, at, kept, err := rows.Changes(t.Context(), after)
	must(t, err)
	if !kept {
		t.Error("changes are not known")
	}
	spell := func(r *tally) string {
		if r == nil {
			return "none"
		}
		return fmt.Sprintf("%s %s%d", r.Name, r.Said, r.Count)
	}
	var b strings.Builder
	for _, c := range changes {
		fmt.Fprintf(&b, "%s > %s;", spell(c.Before), spell(c.After))
	}
	return b.String(), at
}

func say(word string) func(*tally) {
	return func(r *tally) { r.Said, r.Count = r.Said+word, r.Count+1 }
}

func TestEachChangeIsToldInOrder(t *testing.T) {
	onBoth(t, func(t *testing.T, db *store.DB, _ *table.Table[userDay]) {
		ctx := t.Context()
		rows, history := followed(t, db)
		begin, kept, err := rows.Begin(ctx, "")
		must(t, err)
		if !kept {
			t.Error("who begins has lost nothing")
		}
		apply := func(changes ...view.Change[tally]) {
			inTx(t, db, func(tx *store.Tx) error {
				for _, c := range changes {
					must(t, rows.Apply(ctx, tx, values.Meta{Version: 1, Time: time.Unix(1, 0).UTC()}, c))
				}
				return nil
			})
		}
		apply(view.Upsert(view.Key{"a"}, say("x")), view.Upsert(view.Key{"b"}, say("y")), view.Update(view.Key{"c"}, say("z")))
		apply(view.Upsert(view.Key{"a"}, say("x")))
		apply(view.UpdateWhere(where.Gt(where.Col("count"), int64(1)), say("w")))
		apply(view.Delete[tally](view.Key{"b"}), view.Delete[tally](view.Key{"b"}))
		inTx(t, db, func(tx *store.Tx) error { return rows.Put(ctx, tx, at(1), tally{Name: "a", Said: "new"}) })
		const first = "none > a -x1;none > b -y1;a -x1 > a -xx2;a -xx2 > a -xxw3;b -y1 > none;a -xxw3 > a new0;"
		got, end := told(t, rows, begin)
		if got != first {
			t.Errorf("%s\nwant %s", got, first)
		}
		if got, _ := told(t, rows, end); got != "" {
			t.Errorf("told twice: %s", got)
		}
		// whoever comes back goes on where they were
		again, kept, err := rows.Begin(ctx, view.Place{Number: begin.Number + 4}.String())
		must(t, err)
		if got, _ := told(t, rows, again); !kept || got != "b -y1 > none;a -xxw3 > a new0;" {
			t.Errorf("again: %v %s", kept, got)
		}
		for _, unknown := range []string{"x", "1-1", "0-99", "0-1x"} {
			if at, kept, err := rows.Begin(ctx, unknown); err != nil || kept || at != end {
				t.Errorf("%q: %v %v %v", unknown, at, kept, err)
			}
		}
		// what is forgotten is not passed over in silence
		_, err = db.Exec(ctx, "UPDATE platform_changes SET changed_at = $1 WHERE number <= $2", time.Unix(0, 0).UTC(), begin.Number+3)
		must(t, err)
		must(t, history.Forget(ctx, time.Time{}))
		for number, want := range map[int64]bool{0: false, 2: false, 3: true, 4: true} {
			at, kept, err := rows.Begin(ctx, view.Place{Number: begin.Number + number}.String())
			if err != nil || kept != want {
				t.Errorf("after %d of those forgotten: %v %v %v", number, at, kept, err)
			}
		}
		// a generation that is built is not told of, and one that is read begins anew
		must(t, rows.PrepareGeneration(ctx, 1))
		building := table.WithGeneration(ctx, 1)
		project := func() {
			inTx(t, db, func(tx *store.Tx) error {
				return rows.Apply(building, tx, values.Meta{Version: 1}, view.Upsert(view.Key{"a"}, say("g")))
			})
		}
		project()
		must(t, table.Build(ctx, db, "Tallies"))
		_, err = table.Switch(ctx, db, "Tallies", 1)
		must(t, err)
		rows.UseGeneration(1)
		_, now, kept, err := rows.Changes(ctx, end)
		if err != nil || kept || now.Generation != 1 {
			t.Errorf("another generation: %v %v %v", now, kept, err)
		}
		project()
		if got, _ := told(t, rows, now); got != "a -g1 > a -gg2;" {
			t.Errorf("of the other generation: %s", got)
		}
	})
}

// TestNoChangeIsPassedOver has several change rows at once, while one reads.
func TestNoChangeIsPassedOver(t *testing.T) {
	onBoth(t, func(t *testing.T, db *store.DB, _ *table.Table[userDay]) {
		const writers, each = 4, 25
		ctx := t.Context()
		rows, _ := followed(t, db)
		place, _, err := rows.Begin(ctx, "")
		must(t, err)
		var writing sync.WaitGroup
		for w := range writers {
			writing.Go(func() {
				for i := range each {
					err := db.InTx(ctx, func(tx *store.Tx) error {
						for _, key := range []string{fmt.Sprintf("k%d", (w+i)%3), fmt.Sprintf("k%d", (w+2*i)%3)} {
							if err := rows.Apply(ctx, tx, values.Meta{Version: 1}, view.Upsert(view.Key{key}, say(""))); err != nil {
								return err
							}
						}
						return nil
					})
					if err != nil {
						t.Error(err)
					}
				}
			})
		}
		done := make(chan struct{})
		go func() { writing.Wait(); close(done) }()
		counts, written := map[values.ID]int64{}, false
		for {
			changes, at, _, err := rows.Changes(ctx, place)
			must(t, err)
			for _, c := range changes {
				if before := c.Before; before != nil && before.Count != counts[c.After.Name] || c.After.Count <= counts[c.After.Name] {
					t.Fatalf("%s is %d after %d", c.After.Name, c.After.Count, counts[c.After.Name])
				}
				counts[c.After.Name] = c.After.Count
			}
			place = at
			if written && len(changes) == 0 {
				break
			}
			select {
			case <-done:
				written = true
			case <-rows.Changing():
			case <-time.After(10 * time.Millisecond):
			}
		}
		if total := counts["k0"] + counts["k1"] + counts["k2"]; total != 2*writers*each {
			t.Errorf("%v: %d changes, want %d", counts, total, 2*writers*each)
		}
	})
}

func TestChangesAreFilteredAsRowsAre(t *testing.T) {
	onBoth(t, func(t *testing.T, db *store.DB, _ *table.Table[userDay]) {
		rows := table.NewStream(db, daySpec(), table.NewHistory(db))
		seen, comment := time.Date(2026, 12, 1, 9, 0, 0, 0, time.UTC), "x"
		row := userDay{UserID: "u", Day: day, Late: true, Count: 3, Fee: values.MustDecimal("1.50"), SeenAt: &seen, Pause: values.Minute, Comment: &comment}
		for name, text := range map[string][2]string{
			"user_id": {"u", "v"}, "day": {day.String(), nextDay.String()}, "late": {"true", "false"}, "count": {"3", "4"}, "fee": {"1.5", "1.51"},
			"seen_at": {"2026-12-01T18:00:00+09:00", "2026-12-01T18:00:00Z"}, "comment": {"x", ""},
		} {
			for i, want := range []bool{true, false} {
				matching, err := rows.Matching(view.Query{Filter: map[string]string{name: text[i]}})
				must(t, err)
				if matching(row) != want || want && name == "comment" && matching(userDay{}) {
					t.Errorf("%s=%s: %v", name, text[i], !want)
				}
			}
		}
		if _, err := rows.Matching(view.Query{Filter: map[string]string{"count": "x"}}); err == nil {
			t.Error("x is no number")
		}
	})
}
