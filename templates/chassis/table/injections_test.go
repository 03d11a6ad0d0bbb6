package table_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/esgen/esgen/templates/chassis/store"
	"github.com/esgen/esgen/templates/chassis/table"
	"github.com/esgen/esgen/templates/chassis/values"
	"github.com/esgen/esgen/templates/chassis/view"
	"github.com/esgen/esgen/templates/chassis/where"
)

// injections are texts that would be more than that in a statement which was put
// together of them.
var injections = []string{
	`' OR '1'='1`, `' OR 1=1 --`, `" OR ""="`, `'; DROP TABLE user_days; --`, `"; DROP TABLE user_days; --`, `') OR ('1'='1`, `x' UNION SELECT * FROM user_days --`,
	`\'; DROP TABLE user_days; --`, `''`, `'`, `"`, `\`, `%`, `_`, `%' ESCAPE '%`, `\%`, `$1`, `$$; SELECT pg_sleep(10); $$`, `?`, `:name`, `@name`, `{}`,
	`/* */ OR 1=1`, `1); DELETE FROM user_days; --`, `'||(SELECT name FROM user_days LIMIT 1)||'`, `E'\047'`, `ʼ OR ʼ1ʼ=ʼ1`, `＇ OR ＇1＇=＇1`, "a\nOR 1=1", "user_days",
	`{"a":"b"}`, `$[?(@.a)]`, `*`, `null`, `NULL`, `CAST(1/0 AS text)`, `'; ATTACH DATABASE '/tmp/x' AS x; --`, `'; PRAGMA writable_schema=1; --`, `'; COPY user_days TO PROGRAM 'id'; --`,
}

// A text of a stranger is a text, wherever it stands: it finds what says the same,
// and nothing else, and all rows are there afterwards.
func TestInjections(t *testing.T) {
	onBoth(t, func(t *testing.T, db *store.DB, days *table.Table[userDay]) {
		ctx := t.Context()
		text := func(s string) *string { return &s }
		inTx(t, db, func(tx *store.Tx) error {
			for i, s := range injections {
				row := userDay{UserID: values.ID(fmt.Sprintf("u%d", i)), Day: day, Name: s, Comment: text(s), Tags: []string{s}}
				if err := days.Put(ctx, tx, at(1), row); err != nil {
					return err
				}
				row.UserID, row.Name, row.Comment = values.ID(s), "by its key", nil
				if err := days.Put(ctx, tx, at(1), row); err != nil {
					return err
				}
			}
			return nil
		})
		all := 2 * len(injections)
		for i, s := range injections {
			own := values.ID(fmt.Sprintf("u%d", i))
			only := func(how string, rows []userDay, err error) {
				t.Helper()
				if err != nil || len(rows) != 1 || rows[0].UserID != own || rows[0].Name != s || *rows[0].Comment != s || rows[0].Tags[0] != s {
					t.Errorf("%s %q: %+v, %v", how, s, rows, err)
				}
			}
			rows, err := days.Find(ctx, where.Eq(where.Col("name"), s), nil, 0)
			only("a condition on", rows, err)
			page, err := days.Page(ctx, view.Query{Filter: map[string]string{"name": s}})
			only("a filter by", page.Rows, err)
			if row, err := days.Get(ctx, values.ID(s), day); err != nil || string(row.UserID) != s {
				t.Errorf("the key %q: %+v, %v", s, row, err)
			}
			page, err = days.Page(ctx, view.Query{Search: s, Limit: view.MaxLimit})
			if err != nil || len(page.Rows) == 0 || len(page.Rows) == all {
				t.Errorf("a search for %q: %d rows, %v", s, len(page.Rows), err)
			}
			if _, err := days.Page(ctx, view.Query{Cursor: s}); !errors.Is(err, view.ErrCursor) {
				t.Errorf("the cursor %q: %v", s, err)
			}
			for how, query := range map[string]view.Query{
				"a column": {Filter: map[string]string{s: "x"}}, "an order": {Sort: []string{s}}, "a downward order": {Sort: []string{"-" + s}},
				"a date": {Filter: map[string]string{"day": s}}, "a number": {Filter: map[string]string{"count": s}}, "an amount": {Filter: map[string]string{"fee": s}},
				"a time": {Filter: map[string]string{"seen_at": s}}, "a truth value": {Filter: map[string]string{"late": s}}, "a duration": {Filter: map[string]string{"pause": s}},
			} {
				if _, err := days.Page(ctx, query); !errors.Is(err, view.ErrQuery) {
					t.Errorf("%s called %q: %v", how, s, err)
				}
			}
		}
		if rows, err := days.Find(ctx, where.Cond{}, nil, 0); err != nil || len(rows) != all {
			t.Errorf("%d rows are left of %d: %v", len(rows), all, err)
		}
	})
}
