package e2e

import (
	"fmt"
	"strings"
	"testing"

	"github.com/esgen/esgen/internal/devrun"
	"github.com/esgen/esgen/internal/testservers"
)

// TestSagas has journeys booked of which every part may be refused or away.
func TestSagas(t *testing.T) {
	opts := build(t, "../../testdata/models/journey/esgen.yaml", nil)
	t.Run("SQLite", func(t *testing.T) { sagas(t, opts) })
	t.Run("PostgreSQL", func(t *testing.T) {
		opts := opts
		opts.DB = testservers.Postgres(t)
		sagas(t, opts)
	})
}

var (
	traveller = actor{"tara", "traveller"}
	agent     = actor{"carl", "clerk"}
)

// journeys are the services of a system that books them.
type journeys struct {
	*system
	storytellers
	trips, rooms, flights *process
}

func sagas(t *testing.T, opts devrun.Options) {
	s := start(t, opts)
	j := &journeys{s, storytellers{s, "trips"}, s.services["trips"], s.services["rooms"], s.services["flights"]}
	j.script(t, "Card.hold", `{"reply": {"holdId": "h1"}}`)
	j.flights.ask(t, agent, 201, "POST /flights", `{"flightId": "fly", "number": "F1", "left": 20}`)
	j.flights.ask(t, agent, 201, "POST /flights", `{"flightId": "full", "number": "F0", "left": 0}`)
	j.rooms.ask(t, agent, 201, "POST /desks", `{"deskId": "desk", "hotel": "Ritz", "open": true}`)
	j.rooms.ask(t, agent, 201, "POST /desks", `{"deskId": "shut", "hotel": "Savoy", "open": false}`)

	t.Run("booked", func(t *testing.T) {
		j.plan(t, "whole", "Ritz", 2, "F1", "visa")
		j.becomesTrip(t, "whole", map[string]any{"phase": "Booked", "holdId": "h1", "seats": 20})
		j.flights.willList(t, traveller, "GET /views/accounts?traveller=whole", "points", 3)
		j.rooms.ask(t, agent, 200, "GET /desks/desk", "").has(t, map[string]any{"expected": 1})
		j.plan(t, "by-land", "Ritz", 2, "", "visa")
		j.becomesTrip(t, "by-land", map[string]any{"phase": "Booked", "seats": nil})
		j.rooms.lists(t, traveller, "GET /views/rooms?tripId=whole", "free", false)
		j.over(t)
		j.hears(t, "journey.trips.trip", "whole", "TripPlanned", "TripBooked")
	})
	t.Run("refused", func(t *testing.T) {
		for trip, flight := range map[string]string{"no-seat": "F0", "no-flight": "F9"} {
			j.plan(t, trip, "Ritz", 2, flight, "visa")
			j.fails(t, trip)
			j.rooms.willList(t, traveller, "GET /views/rooms?tripId="+trip, "free", true)
		}
		j.plan(t, "no-room", "Ritz", 10, "F1", "visa")
		j.fails(t, "no-room")
		j.rooms.lists(t, traveller, "GET /views/rooms?tripId=no-room", "free")
		j.over(t)
	})
	t.Run("an external system refuses", func(t *testing.T) {
		j.script(t, "Card.hold", `{"status": 422, "reply": {"code": "NoMoney"}}`)
		j.plan(t, "poor", "Ritz", 2, "F1", "visa")
		j.fails(t, "poor")
		j.rooms.willList(t, traveller, "GET /views/rooms?tripId=poor", "free", true)
		j.flights.ask(t, agent, 200, "GET /flights/fly", "").has(t, map[string]any{"left": 19})
		j.script(t, "Card.hold", `{"reply": {"holdId": "h1"}}`)
		j.over(t)
	})
	t.Run("repeated after the pivot", func(t *testing.T) {
		j.plan(t, "early", "Savoy", 1, "F1", "visa")
		j.becomesTrip(t, "early", map[string]any{"phase": "Booked"})
		story := j.waits(t, "sure", "Closed")
		if code := j.operator(t, story, "compensate"); code != 409 {
			t.Errorf("after the pivot it is turned round: %d", code)
		}
		j.rooms.ask(t, agent, 200, "POST /desks", `{"deskId": "shut", "hotel": "Savoy", "open": true}`)
		j.flights.willList(t, traveller, "GET /views/accounts?traveller=early", "points", 2)
		j.rooms.ask(t, agent, 200, "GET /desks/shut", "").has(t, map[string]any{"expected": 1})
		j.over(t)
	})
	t.Run("its process dies while others are away", func(t *testing.T) {
		j.rooms.stop(t)
		j.plan(t, "killed", "Ritz", 2, "F1", "visa")
		j.waits(t, "running", "")
		j.trips.kill(t)
		j.rooms.start(t)
		j.trips.start(t)
		j.becomesTrip(t, "killed", map[string]any{"phase": "Booked"})
		j.over(t)
		j.hears(t, "journey.trips.trip", "killed", "TripPlanned", "TripBooked")
	})
	t.Run("turned round by hand", func(t *testing.T) {
		j.rooms.stop(t)
		j.plan(t, "regretted", "Ritz", 2, "F1", "visa")
		story := j.waits(t, "running", "")
		for _, what := range []string{"resume", "compensate"} {
			if code := j.operator(t, story, what); code != 202 {
				t.Fatalf("%s: %d", what, code)
			}
		}
		j.waits(t, "undoing", "")
		j.rooms.start(t)
		j.fails(t, "regretted")
		j.rooms.willList(t, traveller, "GET /views/rooms?tripId=regretted", "free", true)
		j.over(t)
	})
	t.Run("out of time, and what was asked comes later", func(t *testing.T) {
		left := j.flights.ask(t, agent, 200, "GET /flights/fly", "").body["left"]
		j.flights.kill(t)
		j.plan(t, "late", "Ritz", 2, "F1", "visa")
		var room string
		eventually(t, "the room of late", func() error {
			rows := j.rooms.ask(t, traveller, 200, "GET /views/rooms?tripId=late", "").body["items"].([]any)
			if len(rows) == 0 {
				return fmt.Errorf("there is none")
			}
			room = rows[0].(map[string]any)["roomId"].(string)
			return nil
		})
		j.rooms.ask(t, agent, 200, "POST /rooms/"+room+"/block", `{"blocked": true}`)
		j.waits(t, "undoing", "")
		j.flights.start(t)
		j.waits(t, "undoing", "Blocked")
		j.flights.ask(t, agent, 200, "GET /flights/fly", "").has(t, map[string]any{"left": left})
		j.rooms.ask(t, agent, 200, "POST /rooms/"+room+"/block", `{"blocked": false}`)
		j.fails(t, "late")
		j.rooms.willList(t, traveller, "GET /views/rooms?tripId=late", "free", true)
		j.over(t)
	})
	for _, p := range []*process{j.trips, j.rooms, j.flights} {
		if parked := p.parked(t); len(parked) > 0 {
			t.Errorf("%s has parked: %v", p.name, parked)
		}
	}
}

func (j *journeys) plan(t *testing.T, trip, hotel string, nights int, flight, card string) {
	t.Helper()
	j.trips.ask(t, traveller, 201, "POST /trips", fmt.Sprintf(`{"tripId": %q, "traveller": %q, "hotel": %q, "nights": %d, "flies": %t, "number": %q, "card": %q}`,
		trip, trip, hotel, nights, flight != "", flight, card))
}

func (j *journeys) becomesTrip(t *testing.T, trip string, fields map[string]any) {
	t.Helper()
	j.trips.becomes(t, traveller, "GET /trips/"+trip, fields)
}

func (j *journeys) fails(t *testing.T, trip string) {
	t.Helper()
	j.becomesTrip(t, trip, map[string]any{"phase": "Failed"})
}

// storytellers are the service of a context that has sagas.
type storytellers struct {
	of      *system
	context string
}

// stories are those that are not over.
func (s storytellers) stories(t *testing.T) []any {
	t.Helper()
	a, err := ask(t.Context(), "GET", s.of.Internal(s.context)+"/internal/sagas", request{who: inside})
	if err != nil || a.status != 200 {
		t.Fatalf("sagas: %d %s %v", a.status, a.text, err)
	}
	return a.body["items"].([]any)
}

// waits waits until the only story is in a state, refused for a reason, and
// returns its id.
func (s storytellers) waits(t *testing.T, state, refused string) (id string) {
	t.Helper()
	eventually(t, "a story that is "+state, func() error {
		list := s.stories(t)
		if len(list) != 1 {
			return fmt.Errorf("%v", list)
		}
		story := list[0].(map[string]any)
		if story["state"] != state || !strings.Contains(story["refused"].(string), refused) {
			return fmt.Errorf("%v", story)
		}
		id = story["id"].(string)
		return nil
	})
	return id
}

// over waits until no story goes on.
func (s storytellers) over(t *testing.T) {
	t.Helper()
	eventually(t, "no stories", func() error {
		if list := s.stories(t); len(list) > 0 {
			return fmt.Errorf("%v", list)
		}
		return nil
	})
}

// operator decides about a story.
func (s storytellers) operator(t *testing.T, story, what string) int {
	t.Helper()
	a, err := ask(t.Context(), "POST", s.of.Internal(s.context)+"/internal/sagas/"+story+"/"+what, request{who: inside})
	if err != nil {
		t.Fatal(err)
	}
	return a.status
}
