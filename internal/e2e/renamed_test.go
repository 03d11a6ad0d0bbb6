package e2e

import (
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/esgen/esgen/internal/devrun"
	"github.com/esgen/esgen/internal/testsample"
)

const rentalModel = "testdata/rental/esgen.yaml"

// TestRenamed runs a system whose notes are called otherwise upon what the system of
// before has stored and told.
func TestRenamed(t *testing.T) {
	testsample.Drawn(t, rentalModel, 2, models...)
	now := build(t, rentalModel, nil)
	before := generateInto(t, filepath.Join(home, "rental-before"), "testdata/rental/before/esgen.yaml")
	if err := devrun.Build(t.Context(), before, nil); err != nil {
		t.Fatal(err)
	}
	onBoth(t, now, func(t *testing.T, now devrun.Options) {
		before := before
		before.DB, before.Kafka = now.DB, now.Kafka
		ids := visited(t, before)
		if err := os.RemoveAll(filepath.Join(now.Dir, ".esgen", "data")); err != nil {
			t.Fatal(err)
		}
		if err := os.CopyFS(filepath.Join(now.Dir, ".esgen", "data"), os.DirFS(filepath.Join(before.Dir, ".esgen", "data"))); err != nil {
			t.Fatal(err)
		}
		renamed(t, goesOn(t, now), ids)
	})
}

var (
	kim   = actor{"kim", "guest"}
	cleo  = actor{"cleo", "clerk"}
	names = []any{"kim", "lee"}
)

// visited has the system of before do something, and tells which visits came of it.
func visited(t *testing.T, opts devrun.Options) (visits []string) {
	s := started(t, opts)
	desk, house := s.services["desk"], s.services["house"]
	desk.ask(t, kim, 201, "POST /orders", `{"orderId": "o1", "customer": "kim", "nights": 2}`)
	desk.ask(t, kim, 201, "POST /orders", `{"orderId": "o2", "customer": "lee", "nights": 9}`)
	house.willList(t, cleo, "GET /views/visits?sort=customer", "customer", names...)
	desk.willList(t, cleo, "GET /views/open-orders?sort=customer", "customer", names...)
	for _, row := range house.do(t, request{who: cleo, route: "GET /views/visits?sort=customer"}).body["items"].([]any) {
		visits = append(visits, row.(map[string]any)["visitId"].(string))
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return visits
}

// goesOn starts a system upon the data that are there.
func goesOn(t *testing.T, opts devrun.Options) *system {
	t.Helper()
	s := running(t, opts)
	s.witness = holdToDocuments(t, opts.Dir, s.brokers)
	return s
}

func renamed(t *testing.T, s *system, visits []string) {
	desk, house, outside := s.services["desk"], s.services["house"], s.outside()
	t.Run("what is stored is read", func(t *testing.T) {
		for _, route := range []string{"GET /bookings/o1", "GET /orders/o1"} {
			desk.becomes(t, cleo, route, map[string]any{"customer": "kim", "nights": 2})
		}
		for _, route := range []string{"GET /bookings/o1/events", "GET /orders/o1/events"} {
			desk.lists(t, cleo, route, "type", "OrderPlaced")
		}
		for _, route := range []string{"open-bookings", "open-orders"} {
			desk.lists(t, cleo, "GET /views/"+route+"?sort=customer", "customer", names...)
			desk.becomes(t, cleo, "GET /views/"+route+"/o2", map[string]any{"nights": 9})
		}
		for _, route := range []string{"open-bookings/queries/longer", "open-bookings/queries/long", "open-orders/queries/longer", "open-orders/queries/long"} {
			desk.lists(t, cleo, "GET /views/"+route+"?more=5", "customer", "lee")
		}
	})
	t.Run("both names are answered", func(t *testing.T) {
		desk.ask(t, kim, 201, "POST /bookings", `{"orderId": "o3", "customer": "park", "nights": 1}`)
		desk.ask(t, kim, 201, "POST /orders", `{"orderId": "o4", "customer": "choi", "nights": 1}`)
		desk.refused(t, kim, 409, "CustomerTaken", "POST /bookings", `{"orderId": "o5", "customer": "kim", "nights": 1}`)
		desk.refused(t, kim, 422, "NoNights", "POST /orders", `{"orderId": "o5", "customer": "jung", "nights": 0}`)
		outside.ask(t, cleo, 200, "POST /desk/orders/o1/close", "")
		outside.ask(t, cleo, 200, "POST /desk/bookings/o2/finish", "")
		desk.willList(t, cleo, "GET /views/open-orders?sort=customer", "customer", "choi", "park")
	})
	t.Run("what is told is heard", func(t *testing.T) {
		house.willList(t, cleo, "GET /views/visits?sort=customer", "customer", "choi", "kim", "lee", "park")
		for _, id := range visits {
			house.becomes(t, cleo, "GET /visits/"+id, map[string]any{"ended": true})
		}
	})
	t.Run("a view is rebuilt from all that was told", func(t *testing.T) {
		if _, err := s.database(t, "desk").ExecContext(t.Context(), "DELETE FROM view_open_orders"); err != nil {
			t.Fatal(err)
		}
		if a, err := ask(t.Context(), http.MethodPost, s.Internal("desk")+"/views/OpenOrders/rebuild", request{who: inside}); err != nil || a.status != http.StatusAccepted {
			t.Fatal(err, a.status, a.text)
		}
		desk.willList(t, cleo, "GET /views/open-bookings?sort=customer", "customer", "choi", "park")
	})
	for _, p := range s.services {
		if parked := p.parked(t); len(parked) > 0 {
			t.Errorf("%s has parked %v", p.name, parked)
		}
	}
}
