package aggregate

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/esgen/esgen/templates/chassis/command"
	"github.com/esgen/esgen/templates/chassis/message"
	"github.com/esgen/esgen/templates/chassis/outbox"
	"github.com/esgen/esgen/templates/chassis/store"
	"github.com/esgen/esgen/templates/chassis/values"
)

// past is an event of the account a-1.
func past(name, data string) message.Envelope {
	return message.Envelope{
		ID: "m-" + values.ID(name), Type: "core.Account." + name, Subject: "a-1", Time: time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC),
		DataVersion: 1, Data: json.RawMessage(data),
	}
}

func restore(t *testing.T, r *Repository[account, event], e message.Envelope) (bool, error) {
	t.Helper()
	var ours bool
	err := r.db.InTx(t.Context(), func(tx *store.Tx) error {
		var err error
		ours, err = r.Restore(t.Context(), tx, &e)
		return err
	})
	return ours, err
}

// What is restored is as what happened: it can be loaded, found and gone on
// with, and nothing is published.
func TestRestore(t *testing.T) {
	inAllWays(t, func(t *testing.T, r *Repository[account, event]) {
		for _, e := range []message.Envelope{
			past("Opened", `{"accountId":"a-1","owner":"u-1","number":"n-1"}`),
			past("Deposited", `{"accountId":"a-1","amount":"10"}`),
			past("Deposited", `{"accountId":"a-1","amount":"5"}`),
			past("Audited", `{"note":"fine"}`),
		} {
			if ours, err := restore(t, r, e); !ours || err != nil {
				t.Fatal(ours, err)
			}
		}
		a, err := r.Load(t.Context(), "a-1")
		if err != nil || a.Version != 4 || a.State.Owner != "u-1" || a.State.Balance.String() != "15" {
			t.Errorf("%+v %v", a, err)
		}
		if ids, err := r.Find(t.Context(), "owner", "u-1"); err != nil || len(ids) != 1 {
			t.Error(ids, err)
		}
		if pending, err := outbox.Read(t.Context(), r.db, 10); err != nil || len(pending) > 0 {
			t.Error(pending, err)
		}
		if ours, err := restore(t, r, past("Closed", `{}`)); !ours || err != nil {
			t.Error(ours, err)
		}
		if _, err := r.Load(t.Context(), "a-1"); !errors.Is(err, command.ErrNotFound) {
			t.Error(err)
		}
	})
}

func TestWhatCannotBeRestored(t *testing.T) {
	inAllWays(t, func(t *testing.T, r *Repository[account, event]) {
		other := past("Opened", `{}`)
		other.Type = "core.Customer.Opened"
		if ours, err := restore(t, r, other); ours || err != nil {
			t.Error("an event of others:", ours, err)
		}
		for name, c := range map[string]struct {
			e    message.Envelope
			want string
		}{
			"unknown":       {past("Frozen", `{}`), "core.Account.Frozen of a-1: unknown event Frozen"},
			"renamed field": {past("Deposited", `{"accountId":"a-1","sum":"10"}`), "it had sum, and has it no longer"},
			"no JSON":       {past("Deposited", `{`), "unexpected end"},
		} {
			if ours, err := restore(t, r, c.e); !ours || err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%s: %v %v, want %s", name, ours, err, c.want)
			}
		}
	})
}

// The repository's clock can be told, so that a test knows the time.
func TestUseClock(t *testing.T) {
	inAllWays(t, func(t *testing.T, r *Repository[account, event]) {
		then := time.Date(2020, 2, 29, 0, 0, 0, 0, time.UTC)
		r.UseClock(func() time.Time { return then })
		var now time.Time
		_, err := r.Run(t.Context(), command.Request{Name: "Open", ID: "a-1", Mode: values.New}, func(_ context.Context, d *command.Attempt[account]) ([]event, error) {
			now = d.Now
			return nil, nil
		})
		if err != nil || !now.Equal(then) {
			t.Error(now, err)
		}
	})
}

// An instance is what its events make of it, or it is told what it is instead.
func TestAudit(t *testing.T) {
	inAllWays(t, func(t *testing.T, r *Repository[account, event]) {
		happened := []message.Envelope{
			past("Opened", `{"accountId":"a-1","owner":"u-1","number":"n-1"}`),
			past("Deposited", `{"accountId":"a-1","amount":"10"}`),
		}
		for _, e := range happened {
			if ours, err := restore(t, r, e); !ours || err != nil {
				t.Fatal(ours, err)
			}
		}
		audit := func(events ...message.Envelope) string {
			problems, err := r.Audit(t.Context(), events)
			if err != nil {
				t.Fatal(err)
			}
			return strings.Join(problems, "; ")
		}
		if found := audit(happened...); found != "" {
			t.Errorf("nothing is wrong: %s", found)
		}
		if found := audit(append(happened, past("Deposited", `{"accountId":"a-1","amount":"5"}`))...); !strings.Contains(found, "its events say") {
			t.Errorf("it lacks an event: %s", found)
		}
		if found := audit(append(happened, past("Closed", `{}`))...); !strings.Contains(found, "its events say") {
			t.Errorf("it is there still: %s", found)
		}
		other := past("Opened", `{"accountId":"a-2","owner":"u-1","number":"n-2"}`)
		other.Subject = "a-2"
		if found := audit(append(happened, other)...); !strings.Contains(found, "a-2: it is not there") {
			t.Errorf("one is missing: %s", found)
		}
	})
}
