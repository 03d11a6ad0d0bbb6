package aggregate

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"testing"

	"github.com/esgen/esgen/internal/testservers"
	"github.com/esgen/esgen/templates/chassis/command"
	"github.com/esgen/esgen/templates/chassis/message"
	"github.com/esgen/esgen/templates/chassis/outbox"
	"github.com/esgen/esgen/templates/chassis/store"
	"github.com/esgen/esgen/templates/chassis/values"
)

// The aggregate of the tests: an account.

type account struct {
	Owner   values.ID      `json:"owner"`
	Number  string         `json:"number"`
	Balance values.Decimal `json:"balance"`
}

type event interface{ Event }

type opened struct {
	AccountID values.ID `json:"accountId"`
	Owner     values.ID `json:"owner"`
	Number    string    `json:"number"`
}

func (opened) Event() values.Event {
	return values.Event{Type: "core.Account.Opened", Version: 1}
}

type deposited struct {
	AccountID values.ID      `json:"accountId"`
	Amount    values.Decimal `json:"amount"`
}

// Upcasts: it was told in cents.
func (deposited) Upcasts() []values.Upcast {
	return []values.Upcast{values.Step(func(old depositedV1, _ values.Meta) deposited {
		return deposited{old.AccountID, values.MustDecimal(fmt.Sprintf("%d.%02d", old.Cents/100, old.Cents%100))}
	})}
}

type depositedV1 struct {
	AccountID values.ID `json:"accountId"`
	Cents     int64     `json:"cents"`
}

func (deposited) Event() values.Event {
	return values.Event{Type: "core.Account.Deposited", Version: 2}
}

type audited struct {
	Note string `json:"note"`
}

func (audited) Event() values.Event {
	return values.Event{Type: "core.Account.Audited", Version: 1, Private: true}
}

type closed struct{}

func (closed) Event() values.Event {
	return values.Event{Type: "core.Account.Closed", Version: 1, Deletes: true}
}

func evolve(s account, e event, _ values.Meta) account {
	switch e := e.(type) {
	case opened:
		s.Owner, s.Number = e.Owner, e.Number
	case deposited:
		s.Balance = s.Balance.Add(e.Amount)
	}
	return s
}

func decodeEvent(name string, data []byte) (event, error) {
	var err error
	switch name {
	case "Opened":
		var e opened
		err = json.Unmarshal(data, &e)
		return e, err
	case "Deposited":
		var e deposited
		err = json.Unmarshal(data, &e)
		return e, err
	case "Closed":
		return closed{}, nil
	case "Audited":
		return audited{}, nil
	}
	return nil, fmt.Errorf("unknown event %s", name)
}

func accounts() Spec[account, event] {
	return Spec[account, event]{
		Aggregate: "Account", Source: "/bank/core", Type: "core.Account", Table: "accounts", Topic: "bank.core.Account",
		New:    func(values.ID) account { return account{} },
		Calls:  Undoable{},
		Evolve: evolve,
		Check: func(s account) error {
			if s.Balance.Less(values.MustDecimal("0")) {
				return values.Reject(values.Rule, "NegativeBalance", "")
			}
			return nil
		},
		IndexColumns: []store.Column{{Name: "owner", Type: store.Text}, {Name: "number", Type: store.Text}, {Name: "balance", Type: store.Decimal}},
		Index:        func(s account) []any { return []any{s.Owner, s.Number, s.Balance} },
		Unique:       []Unique{{Columns: []string{"number"}, Code: "NumberTaken"}},
		OwnTopic:     "bank.core.Account.private",
		Decode:       decodeEvent,
	}
}

func sourced(s Spec[account, event]) Spec[account, event] {
	s.Sourced = bySourcing(3)
	return s
}

func bySourcing(snapshotEvery int) Sourced[account, event] {
	return Sourced[account, event]{Table: "accounts_events", SnapshotEvery: snapshotEvery, Folding: "f1", Events: []Stored[event]{
		Stores[opened, event](), Stores[deposited, event](), Stores[audited, event](), Stores[closed, event](),
	}}
}

// onBoth runs a test on SQLite, and on PostgreSQL where there is a server.
func onBoth(t *testing.T, test func(t *testing.T, db *store.DB)) {
	testservers.OnBoth(t, func(t *testing.T, url string) { test(t, open(t, url)) })
}

// inAllWays runs a test with an aggregate that keeps its state, and with one
// that keeps its events, on both databases.
func inAllWays(t *testing.T, test func(t *testing.T, r *Repository[account, event])) {
	for name, spec := range map[string]Spec[account, event]{"state": accounts(), "events": sourced(accounts())} {
		t.Run(name, func(t *testing.T) {
			onBoth(t, func(t *testing.T, db *store.DB) { test(t, prepare(t, db, spec)) })
		})
	}
}

func open(t testing.TB, url string) *store.DB {
	t.Helper()
	db, err := store.Open(t.Context(), url)
	must(t, err)
	t.Cleanup(func() { _ = db.Close() })
	must(t, db.Migrate(t.Context()))
	return db
}

func prepare(t testing.TB, db *store.DB, spec Spec[account, event]) *Repository[account, event] {
	t.Helper()
	r := NewRepository(db, spec, Options{})
	must(t, r.Prepare(t.Context()))
	return r
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

type decision = func(context.Context, *command.Attempt[account]) ([]event, error)

func opens(number string) decision {
	return func(_ context.Context, d *command.Attempt[account]) ([]event, error) {
		return []event{opened{AccountID: d.ID, Owner: "o1", Number: number}}, nil
	}
}

func deposits(amount string) decision {
	return func(_ context.Context, d *command.Attempt[account]) ([]event, error) {
		return []event{deposited{d.ID, values.MustDecimal(amount)}}, nil
	}
}

func emits(events ...event) decision {
	return func(context.Context, *command.Attempt[account]) ([]event, error) { return events, nil }
}

func openAccount(t testing.TB, r *Repository[account, event], id values.ID, number string) command.Outcome {
	t.Helper()
	out, err := r.Run(t.Context(), command.Request{Name: "Open", ID: id, Mode: values.New}, opens(number))
	must(t, err)
	return out
}

func sent(t testing.TB, db *store.DB) []message.Envelope {
	t.Helper()
	pending, err := outbox.Read(t.Context(), db, 1000)
	must(t, err)
	envelopes := make([]message.Envelope, len(pending))
	for i, p := range pending {
		envelopes[i], err = message.FromRecord(p.Record)
		must(t, err)
	}
	return envelopes
}

func count(t testing.TB, db *store.DB, from string) int {
	t.Helper()
	var n int
	must(t, db.QueryRow(t.Context(), "SELECT COUNT(*) FROM "+from).Scan(&n))
	return n
}

func wantError(t testing.TB, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Fatalf("error %v, want %v", err, want)
	}
}

func wantRejection(t testing.TB, err error, code string) {
	t.Helper()
	var rejection *values.Rejection
	if !errors.As(err, &rejection) || rejection.Code != code {
		t.Fatalf("error %v, want rejection %s", err, code)
	}
}
