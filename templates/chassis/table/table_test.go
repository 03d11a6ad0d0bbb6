package table_test

import (
	"errors"
	"fmt"
	"maps"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/esgen/esgen/internal/testservers"
	"github.com/esgen/esgen/templates/chassis/message"
	"github.com/esgen/esgen/templates/chassis/store"
	"github.com/esgen/esgen/templates/chassis/table"
	"github.com/esgen/esgen/templates/chassis/values"
	"github.com/esgen/esgen/templates/chassis/view"
	"github.com/esgen/esgen/templates/chassis/where"
)

// userDay is a view with a composite key and every kind of field.
type userDay struct {
	UserID  values.ID
	Day     values.Date
	Name    string
	Late    bool
	Count   int64
	Fee     values.Decimal
	SeenAt  *time.Time
	Pause   values.Duration
	Comment *string
	Tags    []string
}

func newDays(db *store.DB) *table.Table[userDay] { return table.New(db, daySpec()) }

func daySpec() table.Spec[userDay] {
	return table.Spec[userDay]{
		Name: "UserDays", Table: "user_days",
		Columns: []store.Column{
			{Name: "user_id", Type: store.Text, Key: true}, {Name: "day", Type: store.Date, Key: true},
			{Name: "name", Type: store.Text, Search: true}, {Name: "late", Type: store.Bool}, {Name: "count", Type: store.Int},
			{Name: "fee", Type: store.Decimal}, {Name: "seen_at", Type: store.Time}, {Name: "pause", Type: store.Duration},
			{Name: "comment", Type: store.Text, Search: true}, {Name: "tags", Type: store.JSON},
		},
		Indexes: []store.Index{{Columns: []string{"fee"}}},
		New:     func() userDay { return userDay{Name: "nobody", Fee: values.MustDecimal("0"), Tags: []string{}} },
		Bind: func(r *userDay) []any {
			return []any{&r.UserID, &r.Day, &r.Name, &r.Late, &r.Count, &r.Fee, &r.SeenAt, &r.Pause, &r.Comment, &r.Tags}
		},
	}
}

func onBoth(t *testing.T, test func(t *testing.T, db *store.DB, days *table.Table[userDay])) {
	testservers.OnBoth(t, func(t *testing.T, url string) {
		db, err := store.Open(t.Context(), url)
		must(t, err)
		t.Cleanup(func() { _ = db.Close() })
		must(t, db.Migrate(t.Context()))
		days := newDays(db)
		must(t, days.Prepare(t.Context()))
		test(t, db, days)
	})
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func inTx(t testing.TB, db *store.DB, fn func(tx *store.Tx) error) {
	t.Helper()
	must(t, db.InTx(t.Context(), fn))
}

func at(version int64) values.Meta { return values.Meta{Version: version} }

var (
	day     = values.MustDate("2026-12-01")
	nextDay = values.MustDate("2026-12-02")
	decimal = cmp.Comparer(func(a, b values.Decimal) bool { return a.Equal(b) })
	dates   = cmp.Comparer(func(a, b values.Date) bool { return a.String() == b.String() })
)

func TestRowsChange(t *testing.T) {
	onBoth(t, func(t *testing.T, db *store.DB, days *table.Table[userDay]) {
		ctx := t.Context()
		key := []any{values.ID("u1"), day}
		_, err := days.Get(ctx, key...)
		if !errors.Is(err, view.ErrNotFound) {
			t.Fatalf("%v", err)
		}
		change := func(missing view.Missing) error {
			return db.InTx(ctx, func(tx *store.Tx) error {
				return days.Apply(ctx, tx, at(1), view.Change[userDay]{Key: key, Missing: missing, Set: func(r *userDay) {
					r.Count++
				}})
			})
		}
		must(t, change(view.Skip))
		if err := change(view.Retry); !errors.Is(err, view.ErrMissing) || !errors.Is(err, message.ErrMissing) {
			t.Fatalf("%v", err)
		}
		must(t, change(view.Create))
		must(t, change(view.Create))
		row, err := days.Get(ctx, key...)
		must(t, err)
		want := userDay{UserID: "u1", Day: day, Name: "nobody", Count: 2, Tags: []string{}}
		if diff := cmp.Diff(want, row, decimal, dates); diff != "" {
			t.Error(diff)
		}
		seen, comment := time.Date(2026, 12, 1, 1, 2, 3, 4000, time.UTC), "늦음"
		want = userDay{UserID: "u1", Day: day, Name: "이름", Late: true, Count: -1, Fee: values.MustDecimal("0.30"), SeenAt: &seen,
			Pause: values.Hour, Comment: &comment, Tags: []string{"x"}}
		inTx(t, db, func(tx *store.Tx) error { return days.Put(ctx, tx, at(2), want) })
		other := want
		other.Day = nextDay
		inTx(t, db, func(tx *store.Tx) error { return days.Put(ctx, tx, at(3), other) })
		row, err = days.Get(ctx, key...)
		must(t, err)
		if diff := cmp.Diff(want, row, decimal, dates); diff != "" {
			t.Error(diff)
		}
		inTx(t, db, func(tx *store.Tx) error {
			return days.Apply(ctx, tx, at(4), view.UpdateWhere(where.Eq(where.Col("user_id"), "u1"), func(r *userDay) {
				r.Comment, r.Count = nil, r.Count+10
			}))
		})
		rows, err := days.Find(ctx, where.Eq(where.Col("count"), 9), []where.Order{where.Desc("day")}, 0)
		if err != nil || len(rows) != 2 || rows[0].Day.String() != nextDay.String() || rows[0].Comment != nil {
			t.Errorf("%+v, %v", rows, err)
		}
		inTx(t, db, func(tx *store.Tx) error { return days.Apply(ctx, tx, at(1), view.Delete[userDay](key)) })
		inTx(t, db, func(tx *store.Tx) error { return days.Apply(ctx, tx, at(1), view.Delete[userDay](key)) })
		if rows, err := days.Find(ctx, where.Cond{}, nil, 0); err != nil || len(rows) != 1 {
			t.Errorf("%+v, %v", rows, err)
		}
		if err := db.InTx(ctx, func(tx *store.Tx) error { return days.Apply(ctx, tx, at(1), view.Delete[userDay](view.Key{"u1"})) }); err == nil {
			t.Error("half a key deletes")
		}
	})
}

func TestEventsOfManyPartitionsMeetInOneRow(t *testing.T) {
	onBoth(t, func(t *testing.T, db *store.DB, days *table.Table[userDay]) {
		ctx := t.Context()
		var wg sync.WaitGroup
		errs := make([]error, 10)
		for i := range errs {
			wg.Go(func() {
				errs[i] = db.InTx(ctx, func(tx *store.Tx) error {
					return days.Apply(ctx, tx, at(int64(i)), view.Change[userDay]{Key: []any{"u1", day}, Missing: view.Create, Set: func(r *userDay) {
						r.Count++
					}})
				})
			})
		}
		wg.Wait()
		must(t, errors.Join(errs...))
		row, err := days.Get(ctx, "u1", day)
		if err != nil || row.Count != 10 {
			t.Errorf("%+v, %v", row, err)
		}
		// The row shows the newest version, whoever came last.
		if _, err := days.GetAt(ctx, 9, time.Minute, "u1", day); err != nil {
			t.Error(err)
		}
	})
}

func TestReadsAfterWritesWait(t *testing.T) {
	onBoth(t, func(t *testing.T, db *store.DB, days *table.Table[userDay]) {
		ctx := t.Context()
		put := func(version, n int64) {
			inTx(t, db, func(tx *store.Tx) error {
				return days.Put(ctx, tx, at(version), userDay{UserID: "u1", Day: day, Count: n})
			})
		}
		got := make(chan userDay)
		go func() {
			row, err := days.GetAt(ctx, 2, time.Minute, "u1", day)
			if err != nil {
				t.Error(err)
			}
			got <- row
		}()
		put(1, 1)
		select {
		case row := <-got:
			t.Fatalf("it did not wait: %+v", row)
		case <-time.After(60 * time.Millisecond):
		}
		put(2, 2)
		if row := <-got; row.Count != 2 {
			t.Errorf("%+v", row)
		}
		// What does not come in time is answered as it is.
		row, err := days.GetAt(ctx, 9, 30*time.Millisecond, "u1", day)
		if err != nil || row.Count != 2 {
			t.Errorf("%+v, %v", row, err)
		}
		if _, err := days.GetAt(ctx, 9, 30*time.Millisecond, "u2", day); !errors.Is(err, view.ErrNotFound) {
			t.Error(err)
		}
	})
}

// fill stores rows that are equal in much, some with NULLs.
func fill(t *testing.T, db *store.DB, days *table.Table[userDay], n int) {
	t.Helper()
	inTx(t, db, func(tx *store.Tx) error {
		for i := range n {
			row := userDay{UserID: values.ID(fmt.Sprintf("u%02d", i)), Day: day, Name: fmt.Sprint("name ", i%3), Late: i%2 == 0,
				Count: int64(i % 4), Fee: values.MustDecimal([]string{"9.5", "10", "10.00", "-1"}[i%4]), Pause: values.Duration(i%2) * values.Hour}
			if i%3 == 0 {
				seen := time.Date(2026, 1, 1, 0, 0, 0, i%2*1000, time.UTC)
				row.SeenAt = &seen
			}
			if i%5 == 0 {
				comment := "댓글"
				row.Comment = &comment
			}
			if err := days.Put(t.Context(), tx, at(1), row); err != nil {
				return err
			}
		}
		return nil
	})
}

func TestPagesNeitherRepeatNorSkip(t *testing.T) {
	onBoth(t, func(t *testing.T, db *store.DB, days *table.Table[userDay]) {
		fill(t, db, days, 30)
		// A column that was added later is NULL, though its field cannot be.
		_, err := db.Exec(t.Context(), "UPDATE user_days SET count = NULL WHERE late = $1", true)
		must(t, err)
		for _, sort := range [][]string{
			nil, {"fee"}, {"-fee", "name"}, {"seen_at"}, {"-seen_at"}, {"comment", "-count"}, {"-late", "pause"}, {"count"}, {"-count"}, {"-user_id"}, {"day", "-name"},
		} {
			for _, filter := range []map[string]string{nil, {"late": "true"}} {
				all, err := days.Page(t.Context(), view.Query{Sort: sort, Filter: filter, Limit: 100})
				must(t, err)
				if all.Next != "" || len(all.Rows) == 0 {
					t.Fatalf("%d rows, next %q", len(all.Rows), all.Next)
				}
				var paged []userDay
				cursor := ""
				for range 30 {
					page, err := days.Page(t.Context(), view.Query{Sort: sort, Filter: filter, Limit: 4, Cursor: cursor})
					must(t, err)
					paged = append(paged, page.Rows...)
					if cursor = page.Next; cursor == "" {
						break
					}
				}
				if diff := cmp.Diff(all.Rows, paged, decimal, dates); diff != "" {
					t.Errorf("sort %v filter %v: %s", sort, filter, diff)
				}
			}
		}
	})
}

func TestPagesFilterAndSearch(t *testing.T) {
	onBoth(t, func(t *testing.T, db *store.DB, days *table.Table[userDay]) {
		fill(t, db, days, 12)
		for i, test := range []struct {
			query view.Query
			want  int
		}{
			{view.Query{}, 12},
			{view.Query{Filter: map[string]string{"user_id": "u03"}}, 1},
			{view.Query{Filter: map[string]string{"fee": "10.000"}}, 6},
			{view.Query{Filter: map[string]string{"late": "false", "count": "1"}}, 3},
			{view.Query{Filter: map[string]string{"day": "2026-12-01"}}, 12},
			{view.Query{Filter: map[string]string{"seen_at": "2026-01-01T09:00:00+09:00"}}, 2},
			{view.Query{Filter: map[string]string{"pause": "1h"}}, 6},
			{view.Query{Search: "NAME 1"}, 4},
			{view.Query{Search: "댓글"}, 3},
			{view.Query{Search: "%"}, 0},
			{view.Query{Where: where.Gt(where.Col("fee"), values.MustDecimal("9.6"))}, 6},
			{view.Query{Where: where.IsNull("comment"), Search: "name 1"}, 3},
			{view.Query{Limit: 5}, 5},
			{view.Query{Limit: 10_000}, 12},
		} {
			page, err := days.Page(t.Context(), test.query)
			if err != nil || len(page.Rows) != test.want {
				t.Errorf("query %d: %d rows, want %d; %v", i, len(page.Rows), test.want, err)
			}
		}
	})
}

func TestBadQueries(t *testing.T) {
	onBoth(t, func(t *testing.T, db *store.DB, days *table.Table[userDay]) {
		fill(t, db, days, 5)
		page, err := days.Page(t.Context(), view.Query{Limit: 2})
		must(t, err)
		for name, test := range map[string]struct {
			query view.Query
			want  error
		}{
			"unknown filter":        {view.Query{Filter: map[string]string{"userId": "u1"}}, view.ErrQuery},
			"filter of a list":      {view.Query{Filter: map[string]string{"tags": "x"}}, view.ErrQuery},
			"no decimal":            {view.Query{Filter: map[string]string{"fee": "ten"}}, view.ErrQuery},
			"no date":               {view.Query{Filter: map[string]string{"day": "today"}}, view.ErrQuery},
			"unknown sort":          {view.Query{Sort: []string{"-nothing"}}, view.ErrQuery},
			"injected sort":         {view.Query{Sort: []string{`day"; DROP TABLE user_days; --`}}, view.ErrQuery},
			"sort by a list":        {view.Query{Sort: []string{"tags"}}, view.ErrQuery},
			"cursor is no base64":   {view.Query{Cursor: "%%%"}, view.ErrCursor},
			"cursor is no JSON":     {view.Query{Cursor: "bm9wZQ"}, view.ErrCursor},
			"cursor of other sort":  {view.Query{Cursor: page.Next, Sort: []string{"fee"}}, view.ErrCursor},
			"cursor of other query": {view.Query{Cursor: page.Next, Search: "x"}, view.ErrCursor},
			"cursor is cut":         {view.Query{Cursor: page.Next[:len(page.Next)-8]}, view.ErrCursor},
		} {
			if _, err := days.Page(t.Context(), test.query); !errors.Is(err, test.want) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if strings.Contains(page.Next, "u01") {
			t.Error("the cursor is not opaque")
		}
	})
}

func TestAGrownViewKeepsItsRows(t *testing.T) {
	onBoth(t, func(t *testing.T, db *store.DB, days *table.Table[userDay]) {
		fill(t, db, days, 3)
		type grown struct {
			ID     values.ID
			Day    values.Date
			Colour string
		}
		larger := table.New(db, table.Spec[grown]{
			Name: "UserDays", Table: "user_days",
			Columns: []store.Column{{Name: "user_id", Type: store.Text, Key: true}, {Name: "day", Type: store.Date, Key: true}, {Name: "colour", Type: store.Text, Default: "red"}},
			Bind:    func(r *grown) []any { return []any{&r.ID, &r.Day, &r.Colour} },
		})
		must(t, larger.Prepare(t.Context()))
		row, err := larger.Get(t.Context(), "u01", day)
		if err != nil || row.Colour != "red" {
			t.Errorf("%+v, %v", row, err)
		}
	})
}

// What rows are looked for by are their fields as JSON calls them; not lists, nor
// what is kept beside.
func TestColumns(t *testing.T) {
	type visit struct {
		Seen  values.Date   `json:"seenOn"`
		ID    values.ID     `json:"visitId"`
		Notes []string      `json:"notes"`
		Guest *string       `json:"guest,omitempty"`
		Meta  values.Stamps `json:"-"`
	}
	visits := table.New(nil, table.Spec[visit]{
		Name: "Visits", Table: "visits",
		Columns: []store.Column{
			{Name: "visit_id", Type: store.Text, Key: true}, {Name: "seen", Type: store.Date}, {Name: "notes", Type: store.JSON}, {Name: "guest_", Type: store.Text},
		},
		Stamps: func(v *visit) *values.Stamps { return &v.Meta },
		Bind:   func(v *visit) []any { return []any{&v.ID, &v.Seen, &v.Notes, &v.Guest} },
	})
	want := map[string]string{"visitId": "visit_id", "seenOn": "seen", "guest": "guest_"}
	if got := visits.Columns(); !maps.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}
