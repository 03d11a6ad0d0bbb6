package e2e

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/esgen/esgen/internal/devrun"
	"github.com/esgen/esgen/internal/testservers"
)

const newsstandModel = "../../testdata/models/newsstand/esgen.yaml"

// TestNewsstand tries what no other model has: values on the wire and plurals of
// one's own, a clock in another zone, a webhook that says itself what it is, what is
// done when a saga has failed, and the limits of the gateway. Every service is a
// repository of its own.
func TestNewsstand(t *testing.T) {
	opts := build(t, newsstandModel, nil)
	t.Run("SQLite", func(t *testing.T) { newsstand(t, opts) })
	t.Run("PostgreSQL", func(t *testing.T) {
		opts := opts
		opts.DB = testservers.Postgres(t)
		newsstand(t, opts)
	})
}

func newsstand(t *testing.T, opts devrun.Options) {
	s := start(t, opts)
	stand, till, outside := s.services["stand"], s.services["till"], s.outside()
	ria, vic := actor{"ria", "reader"}, actor{"vic", "vendor"}
	till.ask(t, vic, 201, "POST /accounts", `{"accountId": "a1", "readerId": "ria", "left": 1}`)
	till.ask(t, vic, 201, "POST /accounts", `{"accountId": "printer", "readerId": "printer", "left": 0}`)
	stand.ask(t, vic, 201, "POST /piles", `{"pileId": "p1", "paper": "Courier", "copies": 5}`)

	t.Run("values on the wire, and plurals", func(t *testing.T) {
		stand.ask(t, ria, 201, "POST /subscriptions", `{"aboId": "s1", "readerId": "ria", "paper": "Courier"}`)
		stand.becomes(t, ria, "GET /subscriptions/s1", map[string]any{"phase": "being-delivered", "price": "2"})
		stand.willList(t, ria, "GET /views/readers-of-papers?phase=being-delivered", "aboId", "s1")
		stand.refused(t, ria, 400, "invalid", "GET /views/readers-of-papers?phase=Running", "")
	})
	t.Run("what is done when a saga has failed", func(t *testing.T) {
		stand.ask(t, ria, 201, "POST /subscriptions", `{"aboId": "s2", "readerId": "ria", "paper": "Courier"}`)
		stand.becomes(t, ria, "GET /subscriptions/s2", map[string]any{"phase": "stopped", "why": "unpaid"})
	})
	t.Run("a webhook says what it is", func(t *testing.T) {
		told := func(status int, body string) answer {
			t.Helper()
			a, err := ask(t.Context(), http.MethodPost, s.Standins()+"/_webhooks/Printer", request{body: body})
			if err != nil || a.status != status {
				t.Fatalf("%s: %v, status %d, want %d: %s", body, err, a.status, status, a.text)
			}
			return a
		}
		for range 2 {
			told(204, `{"kind": "printed", "header": {"number": 1}, "body": {"paper": "Courier", "copies": 7}}`)
		}
		stand.becomes(t, vic, "GET /piles/p1", map[string]any{"copies": 12})
		if a := told(422, `{"kind": "stapled", "header": {"number": 2}, "body": {}}`); a.body["code"] != "unknown-event" {
			t.Error(a.text)
		}
		outside.ask(t, actor{id: "nobody"}, 401, "PUT /stand/hooks/printer", `{"kind": "printed", "header": {"number": 3}, "body": {"paper": "Courier", "copies": 7}}`)
		outside.ask(t, vic, 404, "POST /stand/webhooks/printer", `{}`)
		told(204, `{"kind": "spoiled", "header": {"number": 4}, "body": {"paper": "Courier"}}`)
		stand.becomes(t, vic, "GET /piles/p1", map[string]any{"copies": 0, "complaints": 1})
	})
	t.Run("nine in the morning, somewhere else", func(t *testing.T) {
		s.strikesAt(t, "stand", "Morning", "America/New_York", 9, 0)
		if _, err := s.AddReplica(t.Context(), "stand"); err != nil {
			t.Fatal(err)
		}
		s.turnBack(t, "stand", "Morning", 24*time.Hour) // both see that it is time
		eventually(t, "a mail", func() error {
			if got := s.calls(t, "Mail.send", "to", "ria"); len(got) != 1 {
				return fmt.Errorf("%v", got)
			}
			return nil
		})
		s.strikesAt(t, "stand", "Morning", "America/New_York", 9, 0)
	})
	t.Run("limits", func(t *testing.T) {
		outside.ask(t, ria, 413, "POST /stand/subscriptions", fmt.Sprintf(`{"paper": "%2048d"}`, 1))
		s.script(t, "Printer.proof", `{"reply": {"copies": 1}, "delay": "8s"}`)
		began := time.Now()
		outside.ask(t, vic, 504, "POST /stand/piles/p1/proof", "")
		if took := time.Since(began); took < 3*time.Second || took > 7*time.Second {
			t.Errorf("the gateway gave it up after %v", took)
		}
		many := actor{"many", "reader"}
		const atOnce = 600
		for n := 1; ; n++ {
			a := outside.do(t, request{who: many, route: "GET /stand/views/readers-of-papers"})
			if a.status == http.StatusTooManyRequests {
				if n <= atOnce || a.header.Get("Retry-After") == "" {
					t.Errorf("refused request %d: %v", n, a.header)
				}
				break
			}
			if n > 3*atOnce {
				t.Fatal("nobody counts")
			}
		}
		outside.ask(t, ria, 200, "GET /stand/views/readers-of-papers", "") // another one
	})
	if got := s.calls(t, "Mail.send", "to", "ria"); len(got) != 1 {
		t.Errorf("mails: %v", got)
	}
	for name, p := range s.services {
		if parked := p.parked(t); len(parked) > 0 {
			t.Errorf("%s: %v", name, parked)
		}
	}
}

// strikesAt expects the clock of a policy to strike next at a time of day in a zone,
// within the next day.
func (s *system) strikesAt(t *testing.T, service, policy, zone string, hour, minute int) {
	t.Helper()
	place, err := time.LoadLocation(zone)
	if err != nil {
		t.Fatal(err)
	}
	due := s.due(t, service, policy).In(place)
	if due.Hour() != hour || due.Minute() != minute || due.Before(time.Now()) || time.Until(due) > 25*time.Hour {
		t.Errorf("%s is due at %v", policy, due)
	}
}
