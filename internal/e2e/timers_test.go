package e2e

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/esgen/esgen/internal/devrun"
	"github.com/esgen/esgen/internal/testservers"
)

// TestTimers runs policies that wait, that act at times of the clock, and that
// look back.
func TestTimers(t *testing.T) {
	opts := build(t, "../../testdata/models/launderette/esgen.yaml", nil)
	t.Run("SQLite", func(t *testing.T) { timers(t, opts) })
	t.Run("PostgreSQL", func(t *testing.T) {
		opts := opts
		opts.DB = testservers.Postgres(t)
		timers(t, opts)
	})
}

func timers(t *testing.T, opts devrun.Options) {
	s := start(t, opts)
	machines, desk := s.services["machines"], s.services["desk"]
	guest := actor{"gina", "guest"}
	wash := func(t *testing.T, id, guestID string, price int, in time.Duration) {
		t.Helper()
		machines.ask(t, guest, 201, "POST /washes", fmt.Sprintf(`{"washId": %q, "guestId": %q, "price": %d, "endsAt": %q}`,
			id, guestID, price, time.Now().Add(in).UTC().Format(time.RFC3339Nano)))
	}
	phase := func(t *testing.T, id, phase string) {
		t.Helper()
		machines.becomes(t, guest, "GET /washes/"+id, map[string]any{"phase": phase})
	}

	t.Run("after", func(t *testing.T) {
		wash(t, "past", "past", 1, -time.Minute) // at once
		wash(t, "collected", "a", 1, time.Second)
		wash(t, "held", "b", 1, time.Second)
		wash(t, "left", "c", 1, time.Second)
		wash(t, "later", "d", 1, time.Hour)
		phase(t, "collected", "Done")
		machines.ask(t, guest, 200, "POST /washes/collected/collect", "")
		phase(t, "held", "Done")
		desk.ask(t, guest, 201, "POST /bags", `{"bagId": "bag", "washId": "held"}`)
		phase(t, "left", "Stored")
		phase(t, "past", "Stored")
		machines.ask(t, guest, 200, "GET /washes/held", "").has(t, map[string]any{"phase": "Done"})
		phase(t, "later", "Running")
		s.hears(t, "launderette.machines.wash", "left", "WashStarted", "WashFinished", "WashStored")
		s.hears(t, "launderette.machines.wash", "collected", "WashStarted", "WashFinished", "WashCollected")
	})
	t.Run("what comes due while nobody is there", func(t *testing.T) {
		wash(t, "night", "e", 1, 2*time.Second)
		machines.kill(t)
		machines.start(t)
		phase(t, "night", "Stored")
		machines.ask(t, guest, 200, "GET /washes/night", "").has(t, map[string]any{"version": 3}) // each once
	})
	t.Run("window", func(t *testing.T) {
		wash(t, "w1", "walt", 5, time.Hour)
		wash(t, "w2", "wanda", 7, time.Hour)
		wash(t, "w3", "walt", 6, time.Hour)
		wash(t, "w4", "walt", 4, time.Hour)
		// whichever of them comes last sees all; which of the others are two, nobody knows
		machines.willList(t, guest, "GET /views/discounts?guestId=walt&washes=3", "spent", "15")
		machines.lists(t, guest, "GET /views/discounts?guestId=walt&sort=washes", "guestId", "walt", "walt")
		machines.lists(t, guest, "GET /views/discounts?guestId=wanda", "spent")
	})
	t.Run("the clock", func(t *testing.T) {
		machines.stop(t)
		for _, policy := range []string{"EachHour", "LastHour", "NoHour"} {
			s.turnBack(t, "machines", policy, 4*time.Hour+30*time.Minute)
		}
		machines.start(t)
		read := func(meter string, want int) {
			eventually(t, "readings of "+meter, func() error {
				rows := machines.ask(t, guest, 200, "GET /views/readings?meter="+meter, "").body["items"].([]any)
				if len(rows) != want {
					return fmt.Errorf("%d readings, want %d", len(rows), want)
				}
				return nil
			})
		}
		read("each", 4)
		read("last", 1)
		read("none", 0)
	})
	t.Run("each day", func(t *testing.T) {
		machines.stop(t)
		s.turnBack(t, "machines", "Morning", 24*time.Hour)
		machines.start(t)
		machines.becomes(t, guest, "GET /washes/held", map[string]any{"reminded": 1})
		machines.ask(t, guest, 200, "GET /washes/left", "").has(t, map[string]any{"reminded": 0})
	})
	if parked := machines.parked(t); len(parked) > 0 {
		t.Errorf("parked: %v", parked)
	}
}

// kill ends a service as a failure of the machine does.
func (p *process) kill(t *testing.T) {
	t.Helper()
	if err := p.system.Stop(p.name, true); err != nil {
		t.Fatal(err)
	}
}

// due is when the clock of a service's policy strikes next.
func (s *system) due(t *testing.T, service, policy string) time.Time {
	t.Helper()
	var due any
	err := s.database(t, service).QueryRowContext(t.Context(), "SELECT due_at FROM platform_timers WHERE id = '' AND policy = $1", policy).Scan(&due)
	if err != nil {
		t.Fatal(err)
	}
	if at, ok := due.(time.Time); ok {
		return at
	}
	at, err := time.Parse(sqliteTime, fmt.Sprint(due))
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// sqliteTime is how SQLite has instants.
const sqliteTime = "2006-01-02T15:04:05.000000Z"

// turnBack makes it so much longer ago that the clock of a service's policy was
// to strike.
func (s *system) turnBack(t *testing.T, service, policy string, by time.Duration) {
	t.Helper()
	var due any = s.due(t, service, policy).Add(-by)
	if s.opts.DB == "" {
		due = s.due(t, service, policy).Add(-by).Format(sqliteTime)
	}
	result, err := s.database(t, service).ExecContext(t.Context(), "UPDATE platform_timers SET due_at = $2 WHERE id = '' AND policy = $1", policy, due)
	if err != nil {
		t.Fatal(err)
	}
	if n, err := result.RowsAffected(); n != 1 || err != nil {
		t.Fatal(errors.Join(fmt.Errorf("%d clocks are turned back", n), err))
	}
}
