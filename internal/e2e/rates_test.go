package e2e

import (
	"fmt"
	"net/http"
	"os"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/esgen/esgen/internal/devrun"
)

// TestRates measures how many steps of sagas, and how many timers, generated
// systems get through: ESGEN_TEST_RATES=1 go test ./internal/e2e -run TestRates -v.
// The figures are for docs/benchmarks.md.
func TestRates(t *testing.T) {
	if os.Getenv("ESGEN_TEST_RATES") == "" {
		t.Skip("measures, which takes minutes and a quiet machine: ESGEN_TEST_RATES=1")
	}
	t.Run("sagas", func(t *testing.T) { onBoth(t, build(t, accountModel, nil), sagaSteps) })
	t.Run("timers", func(t *testing.T) {
		onBoth(t, build(t, "../../testdata/models/launderette/esgen.yaml", nil), timersFired)
	})
}

// So many stories are told, or timers set, by so many who ask at a time.
const (
	rated  = 1000
	askers = 8
)

// side by side asks for all numbers.
func sideBySide(t *testing.T, ask func(i int) error) {
	t.Helper()
	var group errgroup.Group
	group.SetLimit(askers)
	for i := range rated {
		group.Go(func() error { return ask(i) })
	}
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
}

// posts is a request that creates something.
func (p *process) posts(t *testing.T, who actor, route, body string) error {
	a, err := p.try(t.Context(), request{who: who, route: route, body: body})
	if err == nil && a.status != http.StatusCreated {
		err = fmt.Errorf("%s: %d %s", route, a.status, a.text)
	}
	return err
}

// counts waits until a query of a service's database counts so many.
func (s *system) counts(t *testing.T, service, query string, want int) {
	t.Helper()
	db := s.database(t, service)
	eventually(t, query, func() error {
		var got int
		err := db.QueryRowContext(t.Context(), query).Scan(&got)
		if err == nil && got != want {
			err = fmt.Errorf("%d of %d", got, want)
		}
		return err
	})
}

func sagaSteps(t *testing.T, opts devrun.Options) {
	s := started(t, opts)
	account, transfer := s.services["account"], s.services["transfer"]
	for i := range askers {
		for _, side := range []string{"from", "to"} {
			id := fmt.Sprint(side, i)
			account.ask(t, lee, http.StatusCreated, "POST /accounts", fmt.Sprintf(`{"accountId": %q, "owner": "lee"}`, id))
			account.ask(t, lee, http.StatusOK, "POST /accounts/"+id+"/deposit", `{"amount": 1000000}`)
		}
	}
	begin := time.Now()
	sideBySide(t, func(i int) error {
		return transfer.posts(t, lee, "POST /transfers", fmt.Sprintf(`{"sender": "lee", "fromAccount": "from%d", "toAccount": "to%d", "amount": 1}`, i%askers, i%askers))
	})
	asked := time.Since(begin)
	s.counts(t, "transfer", "SELECT count(*) FROM platform_sagas WHERE state = 'done'", rated)
	took := time.Since(begin)
	const steps = 4 // of a transfer
	t.Logf("%d transfers of %d steps: asked for within %v, done within %v: %.0f steps/s", rated, steps, asked.Round(time.Millisecond), took.Round(time.Millisecond),
		steps*rated/took.Seconds())
}

func timersFired(t *testing.T, opts devrun.Options) {
	s := started(t, opts)
	machines := s.services["machines"]
	due := time.Now().Add(15 * time.Second)
	sideBySide(t, func(i int) error {
		return machines.posts(t, actor{"gina", "guest"}, "POST /washes", fmt.Sprintf(`{"guestId": "guest-%d", "price": 1, "endsAt": %q}`, i, due.UTC().Format(time.RFC3339Nano)))
	})
	s.counts(t, "machines", "SELECT count(*) FROM platform_timers WHERE policy = 'Finish'", rated)
	if late := time.Since(due); late > 0 {
		t.Fatalf("setting the timers took %v too long", late)
	}
	<-time.After(time.Until(due)) // they are all due at once
	s.counts(t, "machines", "SELECT count(*) FROM platform_timers WHERE policy = 'Finish'", 0)
	fired := time.Since(due)
	s.counts(t, "machines", "SELECT count(*) FROM wash WHERE _version > 1", rated)
	acted := time.Since(due)
	t.Logf("%d timers due at once: fired within %v (%.0f/s), acted on within %v (%.0f/s)", rated, fired.Round(time.Millisecond), rated/fired.Seconds(),
		acted.Round(time.Millisecond), rated/acted.Seconds())
}
