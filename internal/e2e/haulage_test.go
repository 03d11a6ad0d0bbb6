package e2e

import (
	"fmt"
	"testing"

	"github.com/esgen/esgen/internal/devrun"
	"github.com/esgen/esgen/internal/testservers"
)

// TestHaulage has parcels delivered: their saga waits for events, begins steps
// together, and undoes one where it was not done.
func TestHaulage(t *testing.T) {
	opts := build(t, "../../testdata/models/haulage/esgen.yaml", nil)
	t.Run("SQLite", func(t *testing.T) { haulage(t, opts) })
	t.Run("PostgreSQL", func(t *testing.T) {
		opts := opts
		opts.DB = testservers.Postgres(t)
		haulage(t, opts)
	})
}

var (
	sender = actor{"sia", "sender"}
	weigh  = `{"grams": 120}`
)

// post are the services of a system that delivers parcels.
type post struct {
	*system
	storytellers
	parcels, bills, depot, vans *process
}

func haulage(t *testing.T, opts devrun.Options) {
	s := start(t, opts)
	p := &post{s, storytellers{s, "parcels"}, s.services["parcels"], s.services["bills"], s.services["depot"], s.services["vans"]}
	p.van(t, "van", "Hull", 9, 3)
	p.van(t, "tiny", "Rye", 0, 3)
	p.van(t, "broken", "Ely", 9, 0)
	for _, town := range []string{"Hull", "Rye", "Ely"} {
		p.depot.ask(t, agent, 201, "POST /shelves", fmt.Sprintf(`{"shelfId": "shelf-%s", "town": %[1]q, "room": 3}`, town))
		p.ledger(t, 201, town, true)
	}

	t.Run("sent", func(t *testing.T) {
		p.hand(t, "whole", "Hull")
		bill := p.bill(t, "whole")
		p.weigh(t, "whole")
		p.weigh(t, "whole") // once more
		p.pay(t, bill)
		p.becomes(t, "whole", map[string]any{"phase": "Sent", "grams": 120, "paid": "5", "place": 1, "perAxle": 4})
		p.vans.willList(t, agent, "GET /views/tours?parcelId=whole", "grams", 120)
		p.depot.becomes(t, agent, "GET /ledgers/ledger-Hull", map[string]any{"entries": 1})
		p.over(t)
		p.weigh(t, "whole") // too late
		p.hears(t, "haulage.bills.bill", bill, "BillDrawn", "BillPaid")
	})
	t.Run("an event comes before it is waited for", func(t *testing.T) {
		p.bills.stop(t)
		p.hand(t, "early", "Hull")
		p.weigh(t, "early")
		p.parcels.kill(t)
		p.parcels.start(t)
		p.bills.start(t)
		p.pay(t, p.bill(t, "early"))
		p.becomes(t, "early", map[string]any{"phase": "Sent", "grams": 120})
		p.over(t)
	})
	t.Run("an event does not come in time", func(t *testing.T) {
		p.hand(t, "unpaid", "Hull")
		bill := p.bill(t, "unpaid")
		p.weigh(t, "unpaid")
		p.fails(t, "unpaid")
		p.stands(t, "unpaid", "Void")
		p.bills.ask(t, sender, 409, "POST /bills/"+bill+"/pay", `{"tip": "0.50"}`)
		p.over(t)
	})
	t.Run("one of several is refused", func(t *testing.T) {
		p.hand(t, "crammed", "Rye")
		p.weigh(t, "crammed")
		p.pay(t, p.bill(t, "crammed"))
		p.fails(t, "crammed")
		p.stands(t, "crammed", "Void")
		p.depot.becomes(t, agent, "GET /shelves/shelf-Rye", map[string]any{"taken": 0})
		p.depot.lists(t, agent, "GET /views/claims?parcelId=crammed", "perAxle")
		p.over(t)
	})
	t.Run("several are repeated after the pivot", func(t *testing.T) {
		p.ledger(t, 200, "Hull", false)
		p.hand(t, "unwritten", "Hull")
		p.weigh(t, "unwritten")
		p.pay(t, p.bill(t, "unwritten"))
		p.becomes(t, "unwritten", map[string]any{"phase": "Sent"})
		p.vans.willList(t, agent, "GET /views/tours?parcelId=unwritten", "grams", 120)
		p.waits(t, "sure", "Closed")
		p.ledger(t, 200, "Hull", true)
		p.over(t)
		p.depot.ask(t, agent, 200, "GET /ledgers/ledger-Hull", "").has(t, map[string]any{"entries": 3})
	})
	t.Run("away for longer than there is time", func(t *testing.T) {
		load := p.vans.ask(t, agent, 200, "GET /vans/van", "").body["load"].(float64)
		p.depot.ask(t, agent, 200, "POST /shelves", `{"shelfId": "shelf-Hull", "town": "Hull", "room": 9}`)
		p.vans.stop(t)
		p.hand(t, "away", "Hull")
		p.weigh(t, "away")
		p.pay(t, p.bill(t, "away"))
		p.waits(t, "undoing", "")
		p.vans.start(t)
		p.fails(t, "away")
		p.depot.lists(t, agent, "GET /views/claims?parcelId=away", "perAxle")
		p.depot.becomes(t, agent, "GET /shelves/shelf-Hull", map[string]any{"taken": 3})
		p.stands(t, "away", "Void")
		p.over(t)
		p.vans.ask(t, agent, 200, "GET /vans/van", "").has(t, map[string]any{"load": load}) // too late
	})
	t.Run("called off before it comes", func(t *testing.T) {
		p.hand(t, "stuck", "Ely")
		p.weigh(t, "stuck")
		p.pay(t, p.bill(t, "stuck"))
		p.fails(t, "stuck")
		p.depot.lists(t, agent, "GET /views/claims?parcelId=stuck", "perAxle")
		p.depot.becomes(t, agent, "GET /shelves/shelf-Ely", map[string]any{"taken": 0})
		p.over(t)
		eventually(t, "a parked order", func() error {
			if list := p.vans.parked(t); len(list) != 1 {
				return fmt.Errorf("%v", list)
			}
			return nil
		})
		p.van(t, "broken", "Ely", 9, 2)
		p.vans.replay(t)
		p.vans.ask(t, agent, 200, "GET /vans/broken", "").has(t, map[string]any{"load": 0})
	})
	for _, x := range []*process{p.parcels, p.bills, p.depot, p.vans} {
		if parked := x.parked(t); len(parked) > 0 {
			t.Errorf("%s has parked: %v", x.name, parked)
		}
	}
}

func (p *post) van(t *testing.T, id, town string, room, axles int) {
	t.Helper()
	status := 201
	if id == "broken" && axles > 0 {
		status = 200
	}
	p.vans.ask(t, agent, status, "POST /vans", fmt.Sprintf(`{"vanId": %q, "town": %q, "room": %d, "axles": %d}`, id, town, room, axles))
}

func (p *post) ledger(t *testing.T, status int, town string, open bool) {
	t.Helper()
	p.depot.ask(t, agent, status, "POST /ledgers", fmt.Sprintf(`{"ledgerId": "ledger-%s", "town": %[1]q, "open": %t}`, town, open))
}

func (p *post) hand(t *testing.T, parcel, town string) {
	t.Helper()
	p.parcels.ask(t, sender, 201, "POST /parcels", fmt.Sprintf(`{"parcelId": %q, "sender": "sia", "town": %q}`, parcel, town))
}

func (p *post) weigh(t *testing.T, parcel string) {
	t.Helper()
	p.parcels.ask(t, agent, 200, "POST /parcels/"+parcel+"/weigh", weigh)
}

// bill waits for the bill of a parcel.
func (p *post) bill(t *testing.T, parcel string) (id string) {
	t.Helper()
	eventually(t, "the bill of "+parcel, func() error {
		rows := p.bills.ask(t, sender, 200, "GET /views/bills?parcelId="+parcel, "").body["items"].([]any)
		if len(rows) == 0 {
			return fmt.Errorf("there is none")
		}
		id = rows[0].(map[string]any)["billId"].(string)
		return nil
	})
	return id
}

func (p *post) pay(t *testing.T, bill string) {
	t.Helper()
	p.bills.ask(t, sender, 200, "POST /bills/"+bill+"/pay", `{"tip": "0.50"}`)
}

func (p *post) stands(t *testing.T, parcel, standing string) {
	t.Helper()
	p.bills.willList(t, sender, "GET /views/bills?parcelId="+parcel, "standing", standing)
}

func (p *post) becomes(t *testing.T, parcel string, fields map[string]any) {
	t.Helper()
	p.parcels.becomes(t, sender, "GET /parcels/"+parcel, fields)
}

func (p *post) fails(t *testing.T, parcel string) {
	t.Helper()
	p.becomes(t, parcel, map[string]any{"phase": "Returned"})
}

// replay has all parked messages of a service handled again.
func (p *process) replay(t *testing.T) {
	t.Helper()
	a, err := ask(t.Context(), "POST", p.system.Internal(p.name)+"/internal/parked/replay?all=true", request{who: inside})
	if err != nil || a.status != 200 {
		t.Fatalf("replay: %d %s %v", a.status, a.text, err)
	}
	eventually(t, p.name+" has nothing parked", func() error {
		if list := p.parked(t); len(list) > 0 {
			return fmt.Errorf("%v", list)
		}
		return nil
	})
}
