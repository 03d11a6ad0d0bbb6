package aggregate

import (
	"context"
	"testing"
	"time"

	"github.com/esgen/esgen/templates/chassis/command"
	"github.com/esgen/esgen/templates/chassis/values"
)

// When and by whom is what the events say: of a life of an instance, not of all.
func TestStamps(t *testing.T) {
	start := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	inAllWays(t, func(t *testing.T, r *Repository[account, event]) {
		now := start
		r.UseClock(func() time.Time { return now })
		do := func(name, subject string, mode values.Mode, events ...event) {
			t.Helper()
			now = now.Add(time.Hour)
			_, err := r.Run(t.Context(), command.Request{Name: name, ID: "a1", Mode: mode, Actor: values.Actor{Subject: values.ID(subject)}}, emits(events...))
			must(t, err)
		}
		want := func(created int, creator string, changed int, changer string) {
			t.Helper()
			i, err := r.Load(t.Context(), "a1")
			must(t, err)
			m := i.Meta
			if !m.CreatedAt.Equal(start.Add(time.Duration(created)*time.Hour)) || string(zero(m.CreatedBy)) != creator ||
				!m.ChangedAt.Equal(start.Add(time.Duration(changed)*time.Hour)) || string(zero(m.ChangedBy)) != changer {
				t.Errorf("%+v, %v, %v", m, zero(m.CreatedBy), zero(m.ChangedBy))
			}
		}
		do("Open", "ann", values.New, opened{AccountID: "a1", Number: "n1"}, audited{})
		want(1, "ann", 1, "ann")
		do("Nothing", "bob", values.Existing)
		want(1, "ann", 1, "ann")
		do("Audit", "", values.Existing, audited{})
		want(1, "ann", 3, "")
		do("Audit", "bob", values.Upsert, audited{})
		want(1, "ann", 4, "bob")
		do("Close", "bob", values.Existing, closed{})
		do("Open", "eve", values.New, opened{AccountID: "a1", Number: "n1"})
		want(6, "eve", 6, "eve")
	})
}

// A command is decided on what was known before it.
func TestStampsOfADecision(t *testing.T) {
	inAllWays(t, func(t *testing.T, r *Repository[account, event]) {
		openAccount(t, r, "a1", "n1")
		loaded, err := r.Load(t.Context(), "a1")
		must(t, err)
		_, err = r.Run(t.Context(), command.Request{Name: "Audit", ID: "a1"}, func(_ context.Context, d *command.Attempt[account]) ([]event, error) {
			if !d.Meta.CreatedAt.Equal(loaded.Meta.CreatedAt) || d.Meta.CreatedAt.IsZero() {
				t.Errorf("%+v", d.Meta)
			}
			return []event{audited{}}, nil
		})
		must(t, err)
	})
}
