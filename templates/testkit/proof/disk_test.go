package proof

import (
	"context"
	"errors"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/esgen/esgen/templates/chassis/store"
)

// one is a database with a table of numbers, as two machines have it, and the world.
func one(t *testing.T) (a, b, world *store.DB, m *machine) {
	t.Helper()
	d := newDisk(filepath.Join(t.TempDir(), "one.db"))
	t.Cleanup(func() {
		if err := d.close(); err != nil {
			t.Error(err)
		}
	})
	m = newMachine()
	a, b, world = (&drive{d}).open(m), (&drive{d}).open(newMachine()), d.seen()
	if _, err := a.Exec(t.Context(), "CREATE TABLE numbers (n INTEGER, at TEXT DEFAULT ("+store.SQLite.Now()+"))"); err != nil {
		t.Fatal(err)
	}
	return a, b, world, m
}

func count(t *testing.T, db *store.DB) (n int) {
	t.Helper()
	if err := db.QueryRow(context.Background(), "SELECT COUNT(*) FROM numbers").Scan(&n); err != nil {
		t.Error(err)
	}
	return n
}

func insert(ctx context.Context, q store.Querier) error {
	_, err := q.Exec(ctx, "INSERT INTO numbers (n) VALUES ($1)", 1)
	return err
}

// What is asked again is known, until somebody has written something; what a transaction
// has written others see when it is committed, and never when its machine dies before.
func TestDisk(t *testing.T) {
	for _, tc := range []struct {
		name string
		do   func(t *testing.T, a, b, world *store.DB, m *machine)
	}{
		{"what one writes the others see", func(t *testing.T, a, b, world *store.DB, _ *machine) {
			for want := range 3 {
				if n, m := count(t, b), count(t, world); n != want || m != want {
					t.Errorf("%d and %d are seen of %d", n, m, want)
				}
				if err := insert(t.Context(), a); err != nil {
					t.Error(err)
				}
			}
		}},
		{"of a transaction nothing is seen before its end", func(t *testing.T, a, b, _ *store.DB, _ *machine) {
			err := a.InTx(t.Context(), func(tx *store.Tx) error {
				if err := insert(t.Context(), tx); err != nil {
					return err
				}
				if n := count(t, b); n != 0 {
					t.Errorf("%d are seen", n)
				}
				return nil
			})
			if n := count(t, b); n != 1 || err != nil {
				t.Errorf("%d are seen: %v", n, err)
			}
		}},
		{"what fails is rolled back, and keeps nobody from writing", func(t *testing.T, a, b, _ *store.DB, _ *machine) {
			failure := errors.New("failure")
			err := a.InTx(t.Context(), func(tx *store.Tx) error { return errors.Join(failure, insert(t.Context(), tx)) })
			if !errors.Is(err, failure) {
				t.Error(err)
			}
			if err := insert(t.Context(), b); err != nil || count(t, a) != 1 {
				t.Error(err)
			}
		}},
		{"the transaction of a dead machine is none", func(t *testing.T, a, b, world *store.DB, m *machine) {
			err := a.InTx(t.Context(), func(tx *store.Tx) error {
				err := insert(t.Context(), tx)
				m.die()
				return err
			})
			if err == nil || count(t, world) != 0 {
				t.Errorf("it is committed: %v", err)
			}
			if err := insert(t.Context(), b); err != nil || count(t, world) != 1 {
				t.Error(err)
			}
		}},
		{"a writer waits for another one", func(t *testing.T, a, b, _ *store.DB, _ *machine) {
			held := make(chan struct{})
			go func() {
				if err := a.InTx(t.Context(), func(tx *store.Tx) error {
					close(held)
					time.Sleep(time.Second)
					return insert(t.Context(), tx)
				}); err != nil {
					t.Error(err)
				}
			}()
			<-held
			began := time.Now()
			if err := b.InTx(t.Context(), func(tx *store.Tx) error { return insert(t.Context(), tx) }); err != nil || time.Since(began) < time.Second {
				t.Errorf("after %v: %v", time.Since(began), err)
			}
			if n := count(t, a); n != 2 {
				t.Errorf("%d are seen", n)
			}
		}},
		{"the clock goes on between two questions", func(t *testing.T, a, _, _ *store.DB, _ *machine) {
			now := func() (at time.Time) {
				if err := a.QueryRow(t.Context(), "SELECT "+store.SQLite.Now()).Scan(&at); err != nil {
					t.Error(err)
				}
				return at
			}
			before := now()
			time.Sleep(time.Minute)
			if after := now(); after.Sub(before) < time.Minute {
				t.Errorf("from %v to %v", before, after)
			}
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a, b, world, m := one(t)
				tc.do(t, a, b, world, m)
				for _, db := range []*store.DB{a, b} {
					if err := db.Close(); err != nil {
						t.Error(err)
					}
				}
			})
		})
	}
}
