package aggregate

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/esgen/esgen/templates/chassis/command"
	"github.com/esgen/esgen/templates/chassis/store"
	"github.com/esgen/esgen/templates/chassis/values"
)

func deposit(t *testing.T, r *Repository[account, event], amounts ...string) {
	t.Helper()
	for _, amount := range amounts {
		_, err := r.Run(t.Context(), command.Request{Name: "Deposit", ID: "a1"}, deposits(amount))
		must(t, err)
	}
}

func wantBalance(t *testing.T, r *Repository[account, event], version int64, balance string) {
	t.Helper()
	loaded, err := r.Load(t.Context(), "a1")
	if err != nil || loaded.Version != version || loaded.State.Balance.String() != balance {
		t.Errorf("%+v, %v; want version %d and %s", loaded, err, version, balance)
	}
}

// snapshot is the version of the snapshot of a1, and how many there are.
func snapshot(t *testing.T, db *store.DB) (version int64, snapshots int) {
	t.Helper()
	must(t, db.QueryRow(t.Context(), "SELECT _snapshot FROM accounts WHERE _id = 'a1'").Scan(&version))
	return version, count(t, db, "accounts WHERE _doc IS NOT NULL")
}

func TestTheStateIsTheFoldOfTheEvents(t *testing.T) {
	onBoth(t, func(t *testing.T, db *store.DB) {
		r := prepare(t, db, sourced(accounts()))
		openAccount(t, r, "a1", "n1")
		deposit(t, r, "1.1", "1.1", "1.1", "1.1", "1.1", "1.1", "1.1")
		if n := count(t, db, "accounts_events"); n != 8 {
			t.Errorf("%d events", n)
		}
		if at, n := snapshot(t, db); at != 6 || n != 1 {
			t.Errorf("%d snapshots, at %d", n, at)
		}
		wantBalance(t, r, 8, "7.7")
		// What is in the snapshot is believed.
		_, err := db.Exec(t.Context(), "UPDATE accounts SET _doc = $1", `{"owner":"o1","number":"n1","balance":"100"}`)
		must(t, err)
		wantBalance(t, r, 8, "102.2")
		// Without it, it is the same.
		_, err = db.Exec(t.Context(), "UPDATE accounts SET _doc = NULL, _snapshot = _base")
		must(t, err)
		wantBalance(t, r, 8, "7.7")
		// What is not there is not taken for nothing.
		_, err = db.Exec(t.Context(), "DELETE FROM accounts_events WHERE version = 8")
		must(t, err)
		if _, err := r.Load(t.Context(), "a1"); err == nil || !strings.Contains(err.Error(), "its events end with 7") {
			t.Errorf("an event is missing: %v", err)
		}
	})
}

func TestASnapshotOfAnotherShapeIsNotTaken(t *testing.T) {
	for name, change := range map[string]func(*Spec[account, event]){
		"other columns": func(s *Spec[account, event]) { s.IndexColumns = s.IndexColumns[:2] },
		"folded otherwise": func(s *Spec[account, event]) {
			by := bySourcing(3)
			by.Folding = "f2"
			s.Sourced = by
		},
	} {
		t.Run(name, func(t *testing.T) {
			onBoth(t, func(t *testing.T, db *store.DB) {
				old := prepare(t, db, sourced(accounts()))
				openAccount(t, old, "a1", "n1")
				deposit(t, old, "1", "1")
				spec := sourced(accounts())
				change(&spec)
				spec.Index = func(s account) []any { return []any{s.Owner, s.Number, s.Balance}[:len(spec.IndexColumns)] }
				spec.Evolve = func(s account, e event, meta values.Meta) account {
					next := evolve(s, e, meta)
					if e, ok := e.(deposited); ok {
						next.Balance = s.Balance.Add(e.Amount).Add(e.Amount)
					}
					return next
				}
				grown := prepare(t, db, spec)
				wantBalance(t, grown, 3, "4")
				if at, n := snapshot(t, db); at != 3 || n != 1 {
					t.Errorf("%d snapshots, at %d", n, at)
				}
				// In a rolling update, both write: neither takes the other's for its own.
				deposit(t, old, "1")
				wantBalance(t, old, 4, "3")
				wantBalance(t, grown, 4, "6")
				deposit(t, grown, "1")
				wantBalance(t, old, 5, "4")
				wantBalance(t, grown, 5, "8")
			})
		})
	}
}

// What releases of before have stored is read in the version that it has.
func TestStoredEventsOfOlderVersions(t *testing.T) {
	onBoth(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		spec := sourced(accounts())
		spec.Sourced = bySourcing(0)
		r := prepare(t, db, spec)
		openAccount(t, r, "a1", "n1")
		deposit(t, r, "1")
		store := func(version int, data string) {
			_, err := db.Exec(ctx, "UPDATE accounts_events SET data_version = $1, data = $2 WHERE version = 2", version, data)
			must(t, err)
		}
		store(1, `{"accountId":"a1","cents":250,"teller":"t1"}`)
		wantBalance(t, r, 2, "2.5")
		events, err := r.EventsOf(ctx, "a1", 1, 10)
		if err != nil || len(events) != 1 || string(events[0].Data) != `{"accountId":"a1","amount":"2.5"}` {
			t.Errorf("history %+v, %v", events, err)
		}
		for version, data := range map[int]string{3: `{"accountId":"a1","amount":"1"}`, 2: `{"accountId":"a1"}`, 0: `{}`} {
			store(version, data)
			if _, err := r.Load(ctx, "a1"); err == nil || !strings.Contains(err.Error(), "event 2, Deposited") {
				t.Errorf("version %d: %v", version, err)
			}
		}
		_, err = db.Exec(ctx, "UPDATE accounts_events SET name = 'Frozen' WHERE version = 2")
		must(t, err)
		if _, err := r.Load(ctx, "a1"); err == nil || !strings.Contains(err.Error(), "Frozen") {
			t.Errorf("an event that nobody knows: %v", err)
		}
	})
}

func TestHistory(t *testing.T) {
	onBoth(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		r := prepare(t, db, sourced(accounts()))
		told := func(after int64, limit int) string {
			t.Helper()
			events, err := r.EventsOf(ctx, "a1", after, limit)
			must(t, err)
			var all []string
			for _, e := range events {
				all = append(all, fmt.Sprint(e.Version, " ", e.Type, " ", string(e.Data)))
				if e.ID == "" || e.Time.IsZero() || e.By == nil || *e.By != "ann" {
					t.Errorf("%+v", e)
				}
			}
			return strings.Join(all, ", ")
		}
		if got := told(0, 9); got != "" {
			t.Errorf("before it was there: %s", got)
		}
		do := func(name string, mode values.Mode, events ...event) {
			_, err := r.Run(ctx, command.Request{Name: name, ID: "a1", Mode: mode, Actor: values.Actor{Subject: "ann"}}, emits(events...))
			must(t, err)
		}
		do("Open", values.New, opened{"a1", "o1", "n1"}, deposited{"a1", values.MustDecimal("1")})
		do("Audit", values.Existing, audited{"fine"})
		all := `1 Opened {"accountId":"a1","owner":"o1","number":"n1"}, 2 Deposited {"accountId":"a1","amount":"1"}, 3 Audited {"note":"fine"}`
		if got := told(0, 9); got != all {
			t.Errorf("all: %s", got)
		}
		if got := told(0, 3); got != all {
			t.Errorf("three: %s", got)
		}
		if got := told(1, 1); got != `2 Deposited {"accountId":"a1","amount":"1"}` {
			t.Errorf("the second: %s", got)
		}
		// Another life is nobody's business.
		do("Close", values.Existing, closed{})
		if got := told(0, 9); got != "" {
			t.Errorf("when it is gone: %s", got)
		}
		do("Open", values.New, opened{"a1", "o2", "n2"})
		if got := told(0, 9); got != `5 Opened {"accountId":"a1","owner":"o2","number":"n2"}` {
			t.Errorf("of the next one: %s", got)
		}
	})
}

// An aggregate that was kept as its state goes on from it, and its history begins.
func TestEventsAreKeptFromNowOn(t *testing.T) {
	onBoth(t, func(t *testing.T, db *store.DB) {
		stateful := prepare(t, db, accounts())
		openAccount(t, stateful, "a1", "n1")
		deposit(t, stateful, "1", "1")

		r := prepare(t, db, sourced(accounts()))
		wantBalance(t, r, 3, "2")
		deposit(t, r, "1", "1")
		wantBalance(t, r, 5, "4")
		// A replica of the old release still writes.
		must(t, db.InTx(t.Context(), func(tx *store.Tx) error {
			_, err := tx.Exec(t.Context(), "UPDATE accounts SET _version = 6, _doc = $1, _snapshot = 6, _shape = $2", `{"owner":"o1","number":"n1","balance":"10"}`, stateful.shape)
			return err
		}))
		wantBalance(t, r, 6, "10")
		deposit(t, r, "1")
		wantBalance(t, r, 7, "11")
		events, err := r.EventsOf(t.Context(), "a1", 0, 2)
		if err != nil || len(events) != 2 || events[0].Version != 4 {
			t.Errorf("history %+v, %v", events, err)
		}
		// And what it was is kept for another shape.
		by := bySourcing(2)
		by.Folding = "f2"
		spec := accounts()
		spec.Sourced = by
		wantBalance(t, prepare(t, db, spec), 7, "11")
	})
}

// Whatever the model has become, what happened is not refused in silence.
func TestAHistoryThatNoLongerApplies(t *testing.T) {
	onBoth(t, func(t *testing.T, db *store.DB) {
		r := prepare(t, db, sourced(accounts()))
		openAccount(t, r, "a1", "n1")
		deposit(t, r, "1")
		r.spec.Transition = func(from, to account) error {
			if !from.Balance.Equal(to.Balance) {
				return errors.New("frozen")
			}
			return nil
		}
		var fault *values.Fault
		if _, err := r.Load(t.Context(), "a1"); !errors.As(err, &fault) || !strings.Contains(err.Error(), "event 2, Deposited, no longer applies: frozen") {
			t.Error(err)
		}
	})
}

// The row says which version there is to be; a second event of one version is none.
func TestAVersionIsThereOnce(t *testing.T) {
	onBoth(t, func(t *testing.T, db *store.DB) {
		r := prepare(t, db, sourced(accounts()))
		openAccount(t, r, "a1", "n1")
		_, err := db.Exec(t.Context(), `INSERT INTO accounts_events (instance, version, message, name, data_version, data, at, actor)
			SELECT instance, 2, message, name, data_version, data, at, actor FROM accounts_events`)
		must(t, err)
		_, err = r.Run(t.Context(), command.Request{Name: "Deposit", ID: "a1"}, func(_ context.Context, d *command.Attempt[account]) ([]event, error) {
			return []event{deposited{d.ID, values.MustDecimal("1")}}, nil
		})
		if _, ok := store.IsUniqueViolation(err); !ok {
			t.Errorf("stored: %v", err)
		}
		var data json.RawMessage
		must(t, db.QueryRow(t.Context(), "SELECT data FROM accounts_events WHERE version = 2").Scan(&data))
		if !strings.Contains(string(data), "n1") || count(t, db, "platform_outbox") != 2 {
			t.Errorf("event 2 is %s", data)
		}
	})
}
