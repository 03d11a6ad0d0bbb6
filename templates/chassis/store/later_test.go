package store_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/esgen/esgen/templates/chassis/store"
)

func notes(t *testing.T, db *store.DB) {
	t.Helper()
	must(t, db.Ensure(t.Context(), store.TableSpec{Name: "notes", Columns: []store.Column{
		{Name: "id", Type: store.Int, Key: true}, {Name: "text", Type: store.Text},
	}}))
}

func texts(t *testing.T, q store.Querier) string {
	t.Helper()
	rows, err := q.Query(t.Context(), "SELECT text FROM notes ORDER BY id")
	must(t, err)
	defer func() { _ = rows.Close() }()
	var all []string
	for rows.Next() {
		var text string
		must(t, rows.Scan(&text))
		all = append(all, text)
	}
	must(t, rows.Err())
	return strings.Join(all, " ")
}

const (
	addNote    = "INSERT INTO notes (id, text) VALUES ($1, $2)"
	changeNote = "UPDATE notes SET text = $2 WHERE id = $1"
)

func TestWhatIsPutOffComesInItsOrder(t *testing.T) {
	onBoth(t, func(t *testing.T, db *store.DB) {
		notes(t, db)
		must(t, db.InTx(t.Context(), func(tx *store.Tx) error {
			tx.Later(nil, addNote, 1, "a")
			tx.Later(nil, changeNote, 1, "b")
			if got := texts(t, tx); got != "b" {
				t.Errorf("a question sees %q of what came before it", got)
			}
			tx.Later(nil, addNote, 2, "c")
			if n, err := tx.Exec(t.Context(), "UPDATE notes SET text = text || '!'"); n != 2 || err != nil {
				t.Errorf("%d rows, %v", n, err)
			}
			tx.Later(nil, addNote, 3, "d") // and the end is a time, too
			return nil
		}))
		if got := texts(t, db); got != "b! c! d" {
			t.Error(got)
		}
	})
}

func TestWhatIsPutOffCanFail(t *testing.T) {
	refused := errors.New("refused")
	oneRow := func(n int64) error {
		if n != 1 {
			return fmt.Errorf("%d rows: %w", n, refused)
		}
		return nil
	}
	onBoth(t, func(t *testing.T, db *store.DB) {
		notes(t, db)
		must(t, db.InTx(t.Context(), func(tx *store.Tx) error {
			tx.Later(oneRow, addNote, 1, "a")
			return nil
		}))
		for name, test := range map[string]struct {
			put  func(tx *store.Tx)
			want func(err error) bool
		}{
			"a check":     {func(tx *store.Tx) { tx.Later(oneRow, changeNote, 9, "x") }, func(err error) bool { return errors.Is(err, refused) }},
			"a statement": {func(tx *store.Tx) { tx.Later(nil, addNote, 1, "x") }, func(err error) bool { _, ok := store.IsUniqueViolation(err); return ok }},
			"a value":     {func(tx *store.Tx) { tx.Later(nil, changeNote, 1, make(chan int)) }, func(err error) bool { return strings.Contains(err.Error(), "cannot be stored") }},
			"work": {func(tx *store.Tx) {
				tx.PutOff(1, func() store.Work { return work(func(*store.Tx) error { return refused }) })
			}, func(err error) bool { return errors.Is(err, refused) }},
			"the first one": {func(tx *store.Tx) { tx.Later(oneRow, changeNote, 9, "x"); tx.Later(nil, addNote, 1, "x") }, func(err error) bool { return errors.Is(err, refused) }},
		} {
			for end, then := range map[string]func(tx *store.Tx) error{
				"at the end":    func(*store.Tx) error { return nil },
				"when flushed":  func(tx *store.Tx) error { return tx.Flush(t.Context()) },
				"before others": func(tx *store.Tx) error { _, err := tx.Exec(t.Context(), changeNote, 1, "y"); return err },
			} {
				err := db.InTx(t.Context(), func(tx *store.Tx) error {
					tx.Later(nil, changeNote, 1, "z")
					test.put(tx)
					return then(tx)
				})
				if err == nil || !test.want(err) || texts(t, db) != "a" {
					t.Errorf("%s %s: %v, and %s is stored", name, end, err, texts(t, db))
				}
			}
		}
	})
}

// work is a function as work.
type work func(tx *store.Tx) error

func (w work) Do(_ context.Context, tx *store.Tx) error { return w(tx) }

// list is work that grows.
type list struct{ ids []int }

func (l *list) Do(_ context.Context, tx *store.Tx) error {
	for _, id := range l.ids {
		tx.Later(nil, addNote, id, fmt.Sprintf("%d/%d", id, len(l.ids)))
	}
	return nil
}

func TestWorkGrowsUntilItIsDone(t *testing.T) {
	onBoth(t, func(t *testing.T, db *store.DB) {
		notes(t, db)
		must(t, db.InTx(t.Context(), func(tx *store.Tx) error {
			add := func(owner string, id int) {
				l, ok := tx.PutOff(owner, func() store.Work { return &list{} }).(*list)
				if !ok {
					t.Fatal("another's work")
				}
				l.ids = append(l.ids, id)
			}
			add("a", 1)
			add("b", 2)
			add("a", 3)
			tx.Later(nil, changeNote, 3, "changed") // behind which nothing may move
			add("a", 4)
			return nil
		}))
		if got := texts(t, db); got != "1/2 2/1 changed 4/1" {
			t.Error(got)
		}
	})
}
