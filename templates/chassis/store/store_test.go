package store_test

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/esgen/esgen/internal/testservers"
	"github.com/esgen/esgen/templates/chassis/inbound"
	"github.com/esgen/esgen/templates/chassis/store"
	"github.com/esgen/esgen/templates/chassis/values"
	"github.com/esgen/esgen/templates/chassis/where"
)

// onBoth runs a test on a new SQLite database, and on a new PostgreSQL one
// where there is a server.
func onBoth(t *testing.T, test func(t *testing.T, db *store.DB)) {
	testservers.OnBoth(t, func(t *testing.T, url string) { test(t, open(t, url)) })
}

func sqliteURL(t testing.TB) string { return "sqlite:" + filepath.Join(t.TempDir(), "test.db") }

func open(t testing.TB, url string) *store.DB {
	t.Helper()
	db, err := store.Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	if err := db.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return db
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

type address struct {
	City string `json:"city"`
}

type everything struct {
	ID       values.ID
	Name     string
	Yes      bool
	N        int64
	Amount   values.Decimal
	Day      values.Date
	At       time.Time
	For      values.Duration
	Tags     []string
	Where    address
	MaybeS   *string
	MaybeAt  *time.Time
	MaybeDec *values.Decimal
	MaybeW   *address
}

func (e *everything) bind() []any {
	return []any{&e.ID, &e.Name, &e.Yes, &e.N, &e.Amount, &e.Day, &e.At, &e.For, &e.Tags, &e.Where, &e.MaybeS, &e.MaybeAt, &e.MaybeDec, &e.MaybeW}
}

func everythingTable() store.TableSpec {
	return store.TableSpec{Name: "everything", Columns: []store.Column{
		{Name: "id", Type: store.Text, Key: true}, {Name: "name", Type: store.Text}, {Name: "yes", Type: store.Bool},
		{Name: "n", Type: store.Int}, {Name: "amount", Type: store.Decimal}, {Name: "day", Type: store.Date},
		{Name: "at", Type: store.Time}, {Name: "for", Type: store.Duration}, {Name: "tags", Type: store.JSON},
		{Name: "where", Type: store.JSON}, {Name: "maybe_s", Type: store.Text}, {Name: "maybe_at", Type: store.Time},
		{Name: "maybe_dec", Type: store.Decimal}, {Name: "maybe_w", Type: store.JSON},
	}}
}

func TestValuesComeBackAsTheyWent(t *testing.T) {
	text, at := "텍스트", time.Date(2026, 12, 1, 8, 59, 0, 123456000, time.UTC)
	dec := values.MustDecimal("12345678901234567890.123456789")
	for name, want := range map[string]everything{
		"full": {
			ID: "e1", Name: "이름 'quoted' \"x\" $1", Yes: true, N: -1 << 63, Amount: values.MustDecimal("-0.10"),
			Day: values.MustDate("2026-12-01"), At: at, For: 36*values.Hour + 5*values.Microsecond,
			Tags: []string{"a", "b"}, Where: address{"Seoul"}, MaybeS: &text, MaybeAt: &at, MaybeDec: &dec, MaybeW: &address{"Busan"},
		},
		"empty": {ID: "e2", Day: values.MustDate("0001-01-01"), Tags: []string{}, At: time.Date(1970, 1, 1, 0, 0, 0, 0, time.UTC)},
	} {
		t.Run(name, func(t *testing.T) {
			onBoth(t, func(t *testing.T, db *store.DB) {
				ctx := t.Context()
				must(t, db.Ensure(ctx, everythingTable()))
				_, err := db.Exec(ctx, "INSERT INTO everything VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14)", want.bind()...)
				must(t, err)
				var got everything
				must(t, db.QueryRow(ctx, "SELECT * FROM everything WHERE id = $1", want.ID).Scan(got.bind()...))
				equal := cmp.Comparer(func(a, b values.Decimal) bool { return a.Equal(b) })
				if diff := cmp.Diff(want, got, equal, cmp.Comparer(func(a, b values.Date) bool { return a.String() == b.String() })); diff != "" {
					t.Error(diff)
				}
			})
		})
	}
}

// patience is a constrained duration, as generated code has it.
type patience values.Duration

func (p patience) MarshalText() ([]byte, error) { return values.Duration(p).MarshalText() }

func (p *patience) UnmarshalText(text []byte) error {
	return (*values.Duration)(p).UnmarshalText(text)
}

func (p patience) Value() (driver.Value, error) { return values.Duration(p).Value() }

func (p *patience) Scan(src any) error { return (*values.Duration)(p).Scan(src) }

// What has a form of its own in databases and one as text is kept in the former.
func TestOwnFormComesBeforeText(t *testing.T) {
	onBoth(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		must(t, db.Ensure(ctx, everythingTable()))
		_, err := db.Exec(ctx, "INSERT INTO everything (id, \"for\") VALUES ('x', $1)", patience(values.Minute))
		must(t, err)
		var got *patience
		must(t, db.QueryRow(ctx, "SELECT \"for\" FROM everything WHERE \"for\" < $1", values.Hour).Scan(&got))
		if got == nil || *got != patience(values.Minute) {
			t.Errorf("a minute came back as %v", got)
		}
	})
}

func TestInstantsAreCutToMicroseconds(t *testing.T) {
	onBoth(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		must(t, db.Ensure(ctx, everythingTable()))
		at := time.Date(2026, 12, 1, 17, 59, 0, 123456789, time.FixedZone("KST", 9*3600))
		_, err := db.Exec(ctx, "INSERT INTO everything (id, at) VALUES ('x', $1)", at)
		must(t, err)
		var n int
		must(t, db.QueryRow(ctx, "SELECT COUNT(*) FROM everything WHERE at = $1", at).Scan(&n))
		if n != 1 {
			t.Error("an instant does not equal itself once stored")
		}
	})
}

func TestOrderIsTheSameOnBoth(t *testing.T) {
	onBoth(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		must(t, db.Ensure(ctx, everythingTable()))
		for i, row := range []struct{ amount, name, at any }{
			{"10", "b", "2026-01-01T00:00:00.5Z"}, {"9.5", "B", "2026-01-01T00:00:00Z"}, {nil, nil, nil},
			{"-2", "가", "2025-01-01T00:00:00Z"}, {"9.50", "a", "2026-01-01T00:00:00.000001Z"}, {"1e2", "A", "0999-01-01T00:00:00Z"},
		} {
			if s, ok := row.at.(string); ok {
				row.at = values.MustTime(s)
			}
			if s, ok := row.amount.(string); ok {
				row.amount = values.MustDecimal(s)
			}
			_, err := db.Exec(ctx, "INSERT INTO everything (id, amount, name, at) VALUES ($1, $2, $3, $4)", fmt.Sprint(i), row.amount, row.name, row.at)
			must(t, err)
		}
		for _, test := range []struct {
			orders []where.Order
			want   string
		}{
			{[]where.Order{where.Asc("amount"), where.Asc("id")}, "2 3 1 4 0 5"},
			{[]where.Order{where.Desc("amount"), where.Asc("id")}, "5 0 1 4 3 2"},
			{[]where.Order{where.Asc("name")}, "2 5 1 4 0 3"},
			{[]where.Order{where.Desc("at")}, "0 4 1 3 5 2"},
		} {
			ids := selectIDs(t, db, where.Cond{}, test.orders)
			if got := strings.Join(ids, " "); got != test.want {
				t.Errorf("%v: %s, want %s", test.orders, got, test.want)
			}
			// Keyset pages of one row go the same way.
			var paged []string
			for len(paged) < 6 {
				cond := where.Cond{}
				if len(paged) > 0 {
					cond = after(t, db, test.orders, paged[len(paged)-1])
				}
				rest := selectIDs(t, db, cond, test.orders)
				if len(rest) != 6-len(paged) {
					t.Fatalf("%v: after %v come %v", test.orders, paged, rest)
				}
				paged = append(paged, rest[0])
			}
			if !slices.Equal(paged, ids) {
				t.Errorf("%v: pages %v, want %v", test.orders, paged, ids)
			}
		}
	})
}

// after is the condition of what comes behind a row.
func after(t *testing.T, db *store.DB, orders []where.Order, id string) where.Cond {
	t.Helper()
	var e struct {
		id, name *string
		amount   *values.Decimal
		at       *time.Time
	}
	must(t, db.QueryRow(t.Context(), "SELECT id, name, amount, at FROM everything WHERE id = $1", id).Scan(&e.id, &e.name, &e.amount, &e.at))
	var last []any
	for _, o := range orders {
		switch {
		case o.Column == "id":
			last = append(last, *e.id)
		case o.Column == "name" && e.name != nil:
			last = append(last, *e.name)
		case o.Column == "amount" && e.amount != nil:
			last = append(last, *e.amount)
		case o.Column == "at" && e.at != nil:
			last = append(last, *e.at)
		default:
			last = append(last, nil)
		}
	}
	cond, err := where.After(orders, last)
	must(t, err)
	return cond
}

func selectIDs(t *testing.T, db *store.DB, cond where.Cond, orders []where.Order) []string {
	t.Helper()
	where, args := db.Dialect().Where(cond, 1)
	rows, err := db.Query(t.Context(), "SELECT id FROM everything"+where+store.OrderBy(orders...), args...)
	must(t, err)
	defer func() { _ = rows.Close() }()
	var ids []string
	for rows.Next() {
		var id string
		must(t, rows.Scan(&id))
		ids = append(ids, id)
	}
	must(t, rows.Err())
	return ids
}

// counted are the whole numbers from 0 on.
func counted(n int) []int64 {
	list := make([]int64, n)
	for i := range list {
		list[i] = int64(i)
	}
	return list
}

func TestConditions(t *testing.T) {
	onBoth(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		must(t, db.Ensure(ctx, everythingTable()))
		_, err := db.Exec(ctx, `INSERT INTO everything (id, name, yes, n, amount, day, "for", maybe_s, at) VALUES
			('a', '100% Kim_chi', TRUE, 1, '9.5', '2026-01-01', 60000000, 'x', '2026-01-01T08:00:00.000001Z'),
			('b', '배달', FALSE, 2, '10', '2026-02-01', 120000000, NULL, '2026-01-02T08:00:00.000000Z')`)
		must(t, err)
		name, n, amount := where.Col("name"), where.Col("n"), where.Col("amount")
		for i, test := range []struct {
			cond where.Cond
			want string
		}{
			{where.Cond{}, "a b"},
			{where.Eq(n, 1), "a"},
			{where.Ne(n, int64(1)), "b"},
			{where.Lt(amount, values.MustDecimal("10.0")), "a"},
			{where.Ge(amount, values.MustDecimal("10.0")), "b"},
			{where.Eq(amount, values.MustDecimal("9.500")), "a"},
			{where.Gt(amount, n), "a b"},
			{where.IsTrue("yes"), "a"},
			{where.Not(where.IsTrue("yes")), "b"},
			{where.Le(where.Col("day"), values.MustDate("2026-01-31")), "a"},
			{where.Gt(where.Col("for"), values.Minute), "b"},
			{where.IsNull("maybe_s"), "b"},
			{where.NotNull("maybe_s"), "a"},
			{where.Ne(where.Col("maybe_s"), "y"), "a"},
			{where.Not(where.Eq(where.Col("maybe_s"), "x")), "b"},
			{where.In(n, []int64{2, 3}), "b"},
			{where.In(n, []int64{}), ""},
			{where.In(n, counted(40_000)), "a b"},
			{where.And(where.In(n, counted(40_000)), where.Not(where.In(n, counted(2)))), "b"},
			{where.In(n, []values.Decimal{values.MustDecimal("1.0"), values.MustDecimal("2.5")}), "a"},
			{where.In(amount, []values.Decimal{values.MustDecimal("9.50"), values.MustDecimal("10.00")}), "a b"},
			{where.In(name, []string{`"`, `\`, "{배달}", "배달", "NULL"}), "b"},
			{where.In(where.Col("yes"), []bool{false}), "b"},
			{where.In(where.Col("day"), []values.Date{values.MustDate("2026-01-01")}), "a"},
			{where.In(where.Col("for"), []values.Duration{values.Minute}), "a"},
			{where.In(where.Col("at"), []time.Time{time.Date(2026, 1, 1, 9, 0, 0, 1000, time.FixedZone("", 3600))}), "a"},
			{where.Not(where.In(where.Col("maybe_s"), []string{"x"})), "b"},
			{where.And(), "a b"},
			{where.Or(), ""},
			{where.Or(where.Holds(true), where.Eq(n, 1)), "a b"},
			{where.And(where.Holds(false), where.Eq(n, 1)), ""},
			{where.Not(where.Holds(false)), "a b"},
			{where.Or(where.Eq(n, 1), where.Eq(name, "배달")), "a b"},
			{where.And(where.Eq(n, 1), where.Eq(name, "배달")), ""},
			{where.Contains(name, "% K"), "a"},
			{where.Contains(name, "달"), "b"},
			{where.StartsWith(name, "100"), "a"},
			{where.StartsWith(name, "00"), ""},
			{where.EndsWith(name, "달"), "b"},
			{where.EndsWith(name, "chi"), "a"},
			{where.Contains("배달이다", name), "b"},
			{where.Search("kim_C", "name", "maybe_s"), "a"},
			{where.Search("%", "name"), "a"},
			{where.Search(`\`, "name"), ""},
			{where.Lt(where.Col("day"), where.Col("day")), ""},
		} {
			if got := strings.Join(selectIDs(t, db, test.cond, []where.Order{where.Asc("id")}), " "); got != test.want {
				t.Errorf("condition %d: %q, want %q", i, got, test.want)
			}
		}
	})
}

func TestEnsureAddsAndKeeps(t *testing.T) {
	onBoth(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		old := store.TableSpec{Name: "things", Columns: []store.Column{{Name: "id", Type: store.Text, Key: true}, {Name: "number", Type: store.Int}},
			Indexes: []store.Index{{Columns: []string{"number"}, Unique: true}}}
		must(t, db.Ensure(ctx, old))
		must(t, db.Ensure(ctx, old)) // again: nothing to do
		_, err := db.Exec(ctx, "INSERT INTO things VALUES ('a', 1)")
		must(t, err)

		_, err = db.Exec(ctx, "INSERT INTO things VALUES ('b', 1)")
		if name, ok := store.IsUniqueViolation(err); !ok || name != store.UniqueName("things", "number") {
			t.Fatalf("violation of %q, %v: %v", name, ok, err)
		}

		filled := false
		grown := store.TableSpec{Name: "things", Columns: append(old.Columns, store.Column{Name: "colour", Type: store.Text, Default: "red"}),
			Indexes: []store.Index{{Columns: []string{"colour"}}},
			Backfill: func(context.Context, *store.Tx) error {
				filled = true
				return nil
			}}
		must(t, db.Ensure(ctx, grown))
		var colour string
		must(t, db.QueryRow(ctx, "SELECT colour FROM things WHERE id = 'a'").Scan(&colour))
		if colour != "red" || !filled {
			t.Errorf("colour %q, filled %v", colour, filled)
		}
		// What is no longer unique no longer refuses.
		_, err = db.Exec(ctx, "INSERT INTO things VALUES ('b', 1, 'blue')")
		must(t, err)

		changed := store.TableSpec{Name: "things", Columns: []store.Column{{Name: "id", Type: store.Text, Key: true}, {Name: "number", Type: store.Text}}}
		if err := db.Ensure(ctx, changed); err == nil || !strings.Contains(err.Error(), "write a migration") {
			t.Errorf("a changed type: %v", err)
		}
	})
}

// What is unique in one table is so whatever the tables beside it are called.
func TestIndexesOfTablesAlike(t *testing.T) {
	onBoth(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		for table, column := range map[string]string{"crate": "line_code", "crate_line": "code"} {
			must(t, db.Ensure(ctx, store.TableSpec{
				Name:    table,
				Columns: []store.Column{{Name: "id", Type: store.Text, Key: true}, {Name: column, Type: store.Text}},
				Indexes: []store.Index{{Columns: []string{column}, Unique: true}},
			}))
		}
		for table, column := range map[string]string{"crate": "line_code", "crate_line": "code"} {
			_, err := db.Exec(ctx, "INSERT INTO "+table+" VALUES ('a', 'same')")
			must(t, err)
			_, err = db.Exec(ctx, "INSERT INTO "+table+" VALUES ('b', 'same')")
			if name, ok := store.IsUniqueViolation(err); !ok || name != store.UniqueName(table, column) {
				t.Errorf("%s: violation of %q, %v: %v", table, name, ok, err)
			}
		}
	})
}

func TestTransactionsThatLoseRunAgain(t *testing.T) {
	onBoth(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		must(t, db.Ensure(ctx, store.TableSpec{Name: "counters", Columns: []store.Column{{Name: "id", Type: store.Text, Key: true}, {Name: "n", Type: store.Int}}}))
		_, err := db.Exec(ctx, "INSERT INTO counters VALUES ('a', 0), ('b', 0)")
		must(t, err)
		var wg sync.WaitGroup
		errs := make([]error, 2)
		for i := range errs {
			wg.Go(func() {
				first, second := "a", "b"
				if i%2 == 0 {
					first, second = second, first // deadlocks on PostgreSQL
				}
				for range 4 {
					errs[i] = errors.Join(errs[i], db.InTx(ctx, func(tx *store.Tx) error {
						_, err := tx.Exec(ctx, "UPDATE counters SET n = n + 1 WHERE id = $1", first)
						if err == nil {
							_, err = tx.Exec(ctx, "UPDATE counters SET n = n + 1 WHERE id = $1", second)
						}
						return err
					}))
				}
			})
		}
		wg.Wait()
		must(t, errors.Join(errs...))
		var n int
		must(t, db.QueryRow(ctx, "SELECT SUM(n) FROM counters").Scan(&n))
		if n != 16 {
			t.Errorf("%d updates, want 16", n)
		}
	})
}

func TestOneHoldsALock(t *testing.T) {
	onBoth(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		first, ok, err := db.TryLock(ctx, "x")
		if err != nil || !ok {
			t.Fatal(ok, err)
		}
		if _, ok, err := db.TryLock(ctx, "x"); err != nil || ok {
			t.Fatalf("a second owner: %v, %v", ok, err)
		}
		other, ok, err := db.TryLock(ctx, "y")
		if err != nil || !ok {
			t.Fatal(ok, err)
		}
		other.Release()
		first.Release()
		select {
		case <-first.Lost():
		default:
			t.Error("a released lock is not lost")
		}
		again, err := db.Lock(ctx, "x")
		must(t, err)
		again.Release()
	})
}

func TestOutages(t *testing.T) {
	ctx := t.Context()
	down, err := store.Open(ctx, "postgres://esgen:secret@127.0.0.1:1/x?connect_timeout=2")
	must(t, err)
	defer func() { _ = down.Close() }()
	err = down.Ping(ctx)
	if !store.IsOutage(err) {
		t.Errorf("no outage: %v", err)
	}
	if p := inbound.ProblemOf(err); p.Code != inbound.CodeUnavailable {
		t.Errorf("who asks is told %+v", p)
	}
	if strings.Contains(fmt.Sprint(err), "secret") {
		t.Errorf("the error tells the password: %v", err)
	}
	if err := down.InTx(ctx, func(*store.Tx) error { return nil }); !store.IsOutage(err) {
		t.Errorf("no outage: %v", err)
	}
	if store.IsOutage(nil) || store.IsOutage(errors.New("x")) || store.IsOutage(context.Canceled) {
		t.Error("an outage where there is none")
	}
	onBoth(t, func(t *testing.T, db *store.DB) {
		_, err := db.Exec(ctx, "SELECT * FROM nowhere")
		if err == nil || store.IsOutage(err) {
			t.Errorf("a wrong statement: %v", err)
		}
	})
}

func TestTheDatabasesClock(t *testing.T) {
	onBoth(t, func(t *testing.T, db *store.DB) {
		var earlier, now, later time.Time
		d := db.Dialect()
		must(t, db.QueryRow(t.Context(), "SELECT "+d.NowPlus("$1")+", "+d.Now()+", "+d.NowPlus("$2"),
			store.Seconds(-time.Minute), store.Seconds(1500*time.Millisecond)).Scan(&earlier, &now, &later))
		if d := now.Sub(earlier); d < 59*time.Second || d > 61*time.Second {
			t.Errorf("a minute ago is %v ago", d)
		}
		if d := later.Sub(now); d < 1400*time.Millisecond || d > 1600*time.Millisecond {
			t.Errorf("in 1.5s is in %v", d)
		}
		if d := time.Since(now); d < -time.Minute || d > time.Minute {
			t.Errorf("the clock is off by %v", d)
		}
	})
}

func TestSignals(t *testing.T) {
	db := open(t, sqliteURL(t))
	signal := db.Signal("x")
	failed := errors.New("failed")
	if err := db.InTx(t.Context(), func(tx *store.Tx) error {
		tx.Wake("x")
		return failed
	}); !errors.Is(err, failed) {
		t.Fatal(err)
	}
	select {
	case <-signal:
		t.Fatal("woken by what was rolled back")
	default:
	}
	must(t, db.InTx(t.Context(), func(tx *store.Tx) error {
		tx.Wake("x")
		return nil
	}))
	<-signal
}

// Writers queue for SQLite: what follows a commit, and a writer that gives up
// waiting, leave the queue as it should be.
func TestWritersQueue(t *testing.T) {
	db, err := store.Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "queue.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	if _, err := db.Exec(t.Context(), "CREATE TABLE n (n INTEGER PRIMARY KEY)"); err != nil {
		t.Fatal(err)
	}
	write := func(n int) error {
		return db.InTx(t.Context(), func(tx *store.Tx) error {
			tx.AfterCommit(func() {
				if _, err := db.Exec(t.Context(), "INSERT INTO n VALUES ($1)", 1000+n); err != nil {
					t.Error(err)
				}
			})
			_, err := tx.Exec(t.Context(), "INSERT INTO n VALUES ($1)", n)
			return err
		})
	}
	var writers sync.WaitGroup
	for n := range 100 {
		writers.Go(func() {
			if err := write(n); err != nil {
				t.Error(err)
			}
		})
	}
	writers.Wait()
	err = db.InTx(t.Context(), func(*store.Tx) error {
		gone, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := db.Exec(gone, "INSERT INTO n VALUES (-1)"); !errors.Is(err, context.Canceled) {
			t.Errorf("a writer that gave up waiting: %v", err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	var count int
	if err := db.QueryRow(t.Context(), "SELECT count(*) FROM n").Scan(&count); err != nil || count != 200 {
		t.Errorf("%d rows, %v; want 200", count, err)
	}
}
