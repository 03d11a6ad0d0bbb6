package e2e

import (
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/esgen/esgen/internal/devrun"
	"github.com/esgen/esgen/internal/testservers"
)

// Those who ask the car parks.
var (
	operator = actor{"olga", "operator"}
	clerk    = actor{"carl", "clerk"}
	driver   = actor{"dora", "driver"}
	other    = actor{"otto", "driver"}
	nobody   = actor{"", "operator"}
)

// decidePlate is what the user writes for the command that is decided in Go.
const decidePlate = `package stay

import (
	"context"

	"example.com/parkhouse/platform/values"
)

// DecideCorrectPlate says what happens when CorrectPlate is asked for.
func DecideCorrectPlate(_ context.Context, state State, cmd CorrectPlate) ([]Event, error) {
	if state.Plate == cmd.Plate {
		return nil, values.Reject(values.Conflict, "SamePlate", "it has this plate already")
	}
	return []Event{PlateCorrected{StayID: cmd.StayID, Plate: cmd.Plate}}, nil
}
`

// parkhouse is the system of every-construct, with what its tests share.
type parkhouse struct {
	*system
	garage, billing, membership, signs *process
}

// TestConstructs runs the model that has every construct, and tries each: what
// the language says of it is what the generated services do.
func TestConstructs(t *testing.T) {
	opts := build(t, "../../testdata/models/every-construct/esgen.yaml", map[string]string{
		"services/garage/internal/domain/stay/correct_plate_decide.go": decidePlate,
	})
	t.Run("SQLite", func(t *testing.T) { constructs(t, opts) })
	t.Run("PostgreSQL", func(t *testing.T) {
		opts := opts
		opts.DB = testservers.Postgres(t)
		constructs(t, opts)
	})
}

func constructs(t *testing.T, opts devrun.Options) {
	s := start(t, opts)
	p := &parkhouse{s, s.services["garage"], s.services["billing"], s.services["membership"], s.services["signs"]}
	p.registry(t)
	for _, construct := range []struct {
		name string
		try  func(t *testing.T)
	}{
		{"creates", p.creates},
		{"creates upsert", p.upsert},
		{"defaults", p.defaults},
		{"input checks", p.inputChecks},
		{"require", p.require},
		{"unique", p.unique},
		{"invariants", p.invariants},
		{"lifecycle", p.lifecycle},
		{"allow", p.allow},
		{"http", p.http},
		{"repeated commands", p.repeated},
		{"optional fields", p.optionalFields},
		{"values and functions", p.functions},
		{"read", p.read},
		{"emit", p.emit},
		{"custom", p.custom},
		{"deletes", p.deletes},
		{"private events", p.private},
		{"call an external system", p.callExternal},
		{"call a query", p.callQuery},
		{"call a command", p.callCommand},
		{"compensate", p.compensate},
		{"fallback", p.fallback},
		{"unknown outcome", p.unknownOutcome},
		{"tables", p.tables},
		{"policies: external system", p.policyExternal},
		{"policies: target and onRejected", p.policyTarget},
		{"policies: correlateBy", p.policyCorrelate},
		{"policies: missing", p.policyMissing},
		{"policies: each", p.policyEach},
		{"policies: condition and chain", p.policyChain},
		{"policies: model error", p.policyFault},
		{"views: keys", p.viewKeys},
		{"views: projections", p.projections},
		{"views: queries", p.queries},
		{"views: pages", p.pages},
		{"names of any script", p.scripts},
	} {
		t.Run(construct.name, construct.try)
	}
	t.Run("nothing else is parked", p.nothingParked)
	t.Run("no personal data in logs", p.logs)
}

// registry makes the registry of plates answer that all is well.
func (p *parkhouse) registry(t *testing.T) {
	t.Helper()
	p.script(t, "PlateRegistry.check", `{"reply": {"stolen": false, "emission": "euro-6"}}`)
}

// opening is the input of OpenGarage.
func opening(id string, more ...string) string {
	fields := append([]string{
		`"garageId": "` + id + `"`, `"name": "` + id + `"`, `"address": {"street": "Am Markt 1", "zip": "10178"}`,
		`"levels": [{"level": "Lower", "places": 10, "kinds": ["Car"]}, {"level": "Upper", "places": 2}]`,
		`"rates": {"Car": "2.50"}`,
	}, more...)
	return "{" + strings.Join(fields, ", ") + "}"
}

// open opens a garage, and waits for its places.
func (p *parkhouse) open(t *testing.T, id string) {
	t.Helper()
	p.garage.ask(t, operator, http.StatusCreated, "POST /garages", opening(id))
	p.garage.becomes(t, driver, "GET /views/free-places/"+id+"/Upper", map[string]any{"free": 2})
	p.garage.becomes(t, driver, "GET /views/free-places/"+id+"/Lower", map[string]any{"free": 10})
}

// entering is the input of EnterGarage.
func entering(stay, garage, plate string, more ...string) string {
	fields := append([]string{`"stayId": "` + stay + `"`, `"garageId": "` + garage + `"`, `"plate": "` + plate + `"`}, more...)
	return "{" + strings.Join(fields, ", ") + "}"
}

// enter lets the driver enter, and waits until it is seen.
func (p *parkhouse) enter(t *testing.T, stay, garage, plate string, more ...string) {
	t.Helper()
	p.garage.ask(t, driver, http.StatusCreated, "POST /stays", entering(stay, garage, plate, more...))
	p.garage.becomes(t, driver, "GET /views/stays-insides/"+stay, map[string]any{"stayId": stay})
}

// leave is the route by which a stay ends.
func leave(stay, garage string) string { return "POST /garages/" + garage + "/exits/" + stay }

// since turns back the clock of a stay: production services have no door for it.
func (p *parkhouse) since(t *testing.T, stay string, ago time.Duration) {
	t.Helper()
	update := `UPDATE stay SET _doc = json_set(_doc, '$.enteredAt', $1) WHERE _id = $2`
	if p.opts.DB != "" {
		update = `UPDATE stay SET _doc = jsonb_set(_doc, '{enteredAt}', to_jsonb($1::text)) WHERE _id = $2`
	}
	then := time.Now().Add(-ago).UTC().Truncate(time.Microsecond).Format(time.RFC3339Nano)
	res, err := p.database(t, "garage").ExecContext(t.Context(), update, then, stay)
	if err != nil {
		t.Fatal(err)
	}
	if n, err := res.RowsAffected(); err != nil || n != 1 {
		t.Fatalf("stay %s: %d rows, %v", stay, n, err)
	}
}

func (p *parkhouse) creates(t *testing.T) {
	a := p.garage.ask(t, operator, 201, "POST /garages", opening("creates"))
	a.has(t, map[string]any{"garageId": "creates", "name": "creates", "version": 3})
	if got := a.header.Get("Location"); got != "/garages/creates" {
		t.Errorf("Location %q", got)
	}
	if got := a.header.Get("ETag"); got != `"3"` {
		t.Errorf("ETag %q", got)
	}
	p.garage.refused(t, operator, 409, "AlreadyExists", "POST /garages", opening("creates", `"surcharge": "1"`))
	// without an id, one is made
	nameless := strings.Replace(opening("creates-2"), `"garageId": "creates-2", `, "", 1)
	made := p.garage.ask(t, operator, 201, "POST /garages", nameless)
	id, _ := made.body["garageId"].(string)
	if len(id) != 36 || id[14] != '7' {
		t.Errorf("garageId %q is no UUIDv7", id)
	}
	p.garage.ask(t, operator, 200, "GET /garages/"+id, "")
	p.garage.refused(t, operator, 404, "NotFound", "POST /garages/nowhere/close-garage", "{}")
}

func (p *parkhouse) upsert(t *testing.T) {
	member := func(name string) string {
		return fmt.Sprintf(`{"plate": "UP 1", "name": %q, "email": "upsert@pii.example"}`, name)
	}
	who := actor{"upsert", "driver"}
	p.membership.ask(t, who, 201, "PUT /members/upsert", member(" Ada Pii "))
	joined := p.membership.ask(t, who, 200, "GET /members/upsert", "")
	joined.has(t, map[string]any{"name": "Ada Pii", "tier": "Basic", "points": 0, "version": 1, "since": time.Now().In(berlin(t)).Format(time.DateOnly)})
	p.membership.ask(t, who, 200, "PUT /members/upsert", member("dr ada pii"))
	p.membership.ask(t, who, 200, "GET /members/upsert", "").has(t, map[string]any{"name": "DR ADA PII", "version": 2})
}

func berlin(t *testing.T) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

func (p *parkhouse) defaults(t *testing.T) {
	p.open(t, "defaults")
	p.garage.ask(t, operator, 200, "GET /garages/defaults", "").has(t, map[string]any{
		"openedOn": "2026-02-01", "grace": "10m", "surcharge": "2.5", "status": "Open", "reopensAt": absent,
	})
	p.garage.ask(t, operator, 201, "POST /garages", opening("defaults-2", `"openedOn": "2025-12-31"`, `"grace": "1h30m"`, `"surcharge": 7`))
	p.garage.ask(t, operator, 200, "GET /garages/defaults-2", "").has(t, map[string]any{
		"openedOn": "2025-12-31", "grace": "1h30m", "surcharge": "7",
	})
	// an enum's default in a command
	p.enter(t, "defaults", "defaults", "DEF 1")
	p.garage.ask(t, driver, 200, "GET /stays/defaults", "").has(t, map[string]any{"kind": "Car", "fee": "0"})
}

func (p *parkhouse) inputChecks(t *testing.T) {
	for name, c := range map[string]struct {
		body    string
		pointer string
	}{
		"field check":              {opening("bad", `"name": "  "`), "/name"},
		"nested field check":       {opening("bad", `"address": {"street": ""}`), "/address/street"},
		"constrained scalar":       {opening("bad", `"surcharge": 100.01`), "/surcharge"},
		"wrong enum":               {opening("bad", `"levels": [{"level": "L", "places": 10, "kinds": ["Tram"]}]`), "/levels/0/kinds/0"},
		"date of no month":         {opening("bad", `"openedOn": "2026-13-01"`), "/openedOn"},
		"no duration":              {opening("bad", `"grace": "soon"`), "/grace"},
		"decimal with a comma":     {opening("bad", `"rates": {"Car": "1,5"}`), "/rates/Car"},
		"unknown field":            {opening("bad", `"colour": "red"`), "/colour"},
		"text where a number goes": {opening("bad", `"levels": [{"level": "L", "places": "10"}]`), "/levels/0/places"},
	} {
		t.Run(name, func(t *testing.T) {
			// a later field of the same name stands for the earlier one
			body := last(c.body)
			a := p.garage.refused(t, operator, 400, "invalid", "POST /garages", body)
			problems, _ := a.body["errors"].([]any)
			if len(problems) != 1 || problems[0].(map[string]any)["pointer"] != c.pointer {
				t.Errorf("errors %v, want one at %s", problems, c.pointer)
			}
		})
	}
	p.garage.refused(t, driver, 400, "invalid", "POST /stays", entering("bad", "any", "lower case"))
	p.garage.refused(t, driver, 400, "invalid", "POST /stays", entering("bad", "any", "OK 1", `"note": "`+strings.Repeat("ü", 201)+`"`))
	p.membership.refused(t, actor{"m", "driver"}, 400, "invalid", "PUT /members/m", `{"plate": "OK 1", "name": "Pii", "email": "m@pii.test"}`)
}

func (p *parkhouse) require(t *testing.T) {
	one := `"levels": [{"level": "L", "places": 10}, {"level": "L", "places": 1}]`
	p.garage.refused(t, operator, 422, "NoLevels", "POST /garages", last(opening("r", `"levels": []`)))
	p.garage.refused(t, operator, 422, "NoCarRate", "POST /garages", last(opening("r", `"rates": {"Van": "1"}`)))
	p.garage.refused(t, operator, 422, "Placeholder", "POST /garages", opening("garage"))
	p.garage.refused(t, operator, 422, "NoLargeLevel", "POST /garages", last(opening("r", `"levels": [{"level": "L", "places": 9}]`)))
	p.garage.refused(t, operator, 409, "LevelTwice", "POST /garages", last(opening("r", one)))
	p.garage.refused(t, operator, 404, "NotFound", "POST /garages/r/close-garage", "{}")
	p.open(t, "require")
	p.enter(t, "require", "require", "REQ 1")
	p.garage.refused(t, driver, 404, "WrongGarage", leave("require", "elsewhere"), "")
	p.garage.refused(t, operator, 422, "NothingThere", "PUT /garages/require/rates", `{"rates": {}}`)
	p.garage.refused(t, operator, 422, "TooSteep", "PUT /garages/require/rates", `{"rates": {"Car": 12.51}}`)
	p.garage.refused(t, operator, 422, "NotInTheFuture", "POST /garages/require/close-garage", `{"reopensAt": "2020-01-01T00:00:00Z"}`)
	a := p.garage.refused(t, driver, 422, "ExtraTwice", "POST /stays", entering("r", "require", "REQ 1",
		`"extras": [{"extraId": "wash", "label": "x", "price": 1}, {"extraId": "wash", "label": "y", "price": 2}]`))
	if got := a.header.Get("Content-Type"); got != "application/problem+json" {
		t.Errorf("Content-Type %q", got)
	}
	p.garage.refused(t, driver, 422, "LabelTooLong", "POST /stays", entering("r", "require", "REQ 1", `"labels": {"a": "`+strings.Repeat("x", 41)+`"}`))
	p.garage.ask(t, operator, 200, "POST /garages/require/close-garage", "{}")
	a = p.garage.refused(t, driver, 409, "NotOpen", "POST /stays", entering("r", "require", "REQ 1"))
	a.has(t, map[string]any{"detail": "das Parkhaus ist geschlossen"})
}

func (p *parkhouse) unique(t *testing.T) {
	p.open(t, "unique")
	p.garage.refused(t, operator, 409, "NameTaken", "POST /garages", last(opening("unique-2", `"name": "unique"`)))
	p.garage.refused(t, operator, 404, "NotFound", "GET /garages/unique-2", "")
	p.garage.ask(t, operator, 201, "POST /garages", opening("unique-3"))
	p.garage.refused(t, operator, 409, "NameTaken", "POST /garages/unique-3/rename-garage", `{"name": "unique"}`)
	p.garage.ask(t, operator, 200, "POST /garages/unique-3/rename-garage", `{"name": "unique 3"}`)
}

func (p *parkhouse) invariants(t *testing.T) {
	a := p.garage.refused(t, operator, 422, "BadRate", "POST /garages", last(opening("invariants", `"rates": {"Car": 1, "Van": "-0.01"}`)))
	a.has(t, map[string]any{"detail": "a rate is never negative"})
	p.garage.refused(t, operator, 404, "NotFound", "GET /garages/invariants", "")
}

func (p *parkhouse) lifecycle(t *testing.T) {
	p.charge(t, "lifecycle", "lifecycle", "10")
	p.billing.ask(t, clerk, 200, "POST /charges/lifecycle/settle", `{"method": "Cash"}`)
	p.billing.refused(t, inside, 409, "IllegalTransition", "POST /internal/commands/charge/void", `{"chargeId": "lifecycle"}`)
	p.billing.ask(t, clerk, 200, "GET /charges/lifecycle", "").has(t, map[string]any{"status": "Settled", "method": "Cash", "version": 2})
}

// charge authorizes a charge of billing, as another service does.
func (p *parkhouse) charge(t *testing.T, id, stay, amount string) {
	t.Helper()
	p.billing.ask(t, inside, 201, "POST /internal/commands/charge/authorize",
		fmt.Sprintf(`{"chargeId": %q, "stayId": %q, "garageId": "billed", "amount": %s}`, id, stay, amount))
}

func (p *parkhouse) allow(t *testing.T) {
	p.open(t, "allow")
	p.enter(t, "allow", "allow", "ALL 1")
	p.garage.refused(t, clerk, 403, "forbidden", "POST /garages", opening("a"))
	p.garage.refused(t, nobody, 401, "unauthorized", "POST /garages", opening("a"))
	// the command's condition, on the state and on the input
	p.garage.refused(t, other, 403, "Forbidden", leave("allow", "allow"), "")
	p.membership.refused(t, other, 403, "Forbidden", "PUT /members/dora", `{"plate": "ALL 1", "name": "Pii", "email": "d@pii.example"}`)
	// the aggregate's: to others the instance is not there
	p.garage.ask(t, driver, 200, "GET /stays/allow", "")
	p.garage.ask(t, clerk, 200, "GET /stays/allow", "")
	p.garage.refused(t, other, 404, "NotFound", "GET /stays/allow", "")
	p.garage.refused(t, actor{"x", "nobody"}, 403, "forbidden", "GET /stays/allow", "")
	// the view's, of a row and of a list
	p.garage.ask(t, clerk, 200, "GET /views/stays-insides/allow", "")
	p.garage.refused(t, other, 404, "not-found", "GET /views/stays-insides/allow", "")
	p.garage.lists(t, driver, "GET /views/stays-insides?garageId=allow", "stayId", "allow")
	p.garage.lists(t, other, "GET /views/stays-insides?garageId=allow", "stayId")
	// the query's
	p.garage.lists(t, clerk, "GET /views/stays-insides/queries/of-garage?garageId=allow", "stayId", "allow")
	p.garage.refused(t, driver, 403, "forbidden", "GET /views/stays-insides/queries/of-garage?garageId=allow", "")
	// commands and views without an actor have no public route
	p.garage.refused(t, clerk, 404, "not-found", "POST /stays/allow/tow", "")
	p.membership.refused(t, clerk, 404, "not-found", "GET /views/members-by-plates", "")
}

func (p *parkhouse) http(t *testing.T) {
	p.open(t, "http")
	p.garage.ask(t, clerk, 200, "PUT /garages/http/rates", `{"rates": {"Car": "3", "Van": 4}}`)
	p.garage.ask(t, clerk, 200, "PUT /garages/http/rates", `{"garageId": "http", "rates": {"Car": "3.10", "Van": 4}, "surcharge": 1}`)
	p.garage.ask(t, operator, 200, "GET /garages/http", "").has(t, map[string]any{
		"rates": map[string]string{"Car": "3.1", "Van": "4"}, "surcharge": "1",
	})
	p.garage.refused(t, clerk, 400, "invalid", "PUT /garages/http/rates", `{"garageId": "another", "rates": {"Car": "3"}}`)
	p.garage.ask(t, operator, 405, "POST /garages/http", "{}")
	p.enter(t, "http", "http", "HTT 1")
	p.garage.ask(t, driver, 200, leave("http", "http"), "")
	p.garage.ask(t, operator, 200, "DELETE /garages/http", "")
}

func (p *parkhouse) repeated(t *testing.T) {
	ask := func(key, version, body string) answer {
		header := map[string]string{}
		if key != "" {
			header["Idempotency-Key"] = key
		}
		if version != "" {
			header["If-Match"] = version
		}
		return p.garage.do(t, request{who: operator, route: "PUT /garages/repeated/rates", body: body, header: header})
	}
	p.open(t, "repeated")
	body := `{"rates": {"Car": "3", "Van": 1}}`
	first, second := ask("k1", "", body), ask("k1", "", body)
	if first.status != 200 || second.status != 200 || first.text != second.text || second.header.Get("Idempotency-Replayed") != "true" {
		t.Errorf("repeated: %d %s, %d %s", first.status, first.text, second.status, second.text)
	}
	if a := ask("k1", "", `{"rates": {"Car": "4", "Van": 1}}`); a.status != 422 || a.body["code"] != "KeyReused" {
		t.Errorf("another request with the key: %d %s", a.status, a.text)
	}
	if a := ask("", `"3"`, body); a.status != 412 {
		t.Errorf("an old version: %d %s", a.status, a.text)
	}
	if a := ask("", `"4"`, body); a.status != 200 {
		t.Errorf("the version there is: %d %s", a.status, a.text)
	}
}

func (p *parkhouse) optionalFields(t *testing.T) {
	p.open(t, "optional")
	p.garage.ask(t, operator, 200, "POST /garages/optional/close-garage", `{"reopensAt": "2099-01-01T06:00:00+01:00"}`)
	p.garage.ask(t, operator, 200, "GET /garages/optional", "").has(t, map[string]any{"reopensAt": "2099-01-01T05:00:00Z", "status": "Closed"})
	p.garage.ask(t, operator, 200, "POST /garages/optional/reopening", `{"reopensAt": null}`)
	p.garage.ask(t, operator, 200, "GET /garages/optional", "").has(t, map[string]any{"reopensAt": absent, "status": "Open"})
	// of a view: set from an optional field of a value object, and cleared by null
	p.garage.ask(t, driver, 200, "GET /views/garages/optional", "").has(t, map[string]any{"zip": "10178"})
	p.garage.ask(t, operator, 200, "POST /garages/optional/rename-garage", `{"name": "optional!"}`)
	p.garage.ask(t, driver, 200, "GET /views/garages/optional", "").has(t, map[string]any{"zip": absent, "name": "optional!"})
	// of a state: cleared by the apply of an event
	p.enter(t, "optional", "optional", "OPT 1", `"note": "back soon"`)
	p.garage.ask(t, driver, 200, "GET /stays/optional", "").has(t, map[string]any{"note": "back soon", "leftAt": absent, "memberId": absent})
	p.garage.ask(t, inside, 200, "POST /internal/commands/stay/tow", `{"stayId": "optional"}`)
	towed := p.garage.ask(t, driver, 200, "GET /stays/optional", "")
	towed.has(t, map[string]any{"note": absent, "status": "Towed"})
	if towed.body["leftAt"] == nil {
		t.Errorf("leftAt is not the time of the event: %s", towed.text)
	}
}

func (p *parkhouse) functions(t *testing.T) {
	// map, sum, sort, lower, join
	a := p.garage.ask(t, operator, 201, "POST /garages", last(opening("functions",
		`"levels": [{"level": "Zwei", "places": 12}, {"level": "EINS", "places": 3}, {"level": "Drei", "places": 12}]`,
		`"address": {"street": "Straße 5", "at": {"lat": "52.520008", "lon": -0.10}}`)))
	a.has(t, map[string]any{"capacity": 27, "summary": "eins, zwei, drei"})
	p.garage.ask(t, operator, 200, "GET /garages/functions", "").has(t, map[string]any{
		"address": map[string]any{"street": "Straße 5", "at": map[string]string{"lat": "52.520008", "lon": "-0.1"}},
	})
	// round half to even and away from zero, on a settled charge
	p.charge(t, "functions", "functions", "10.25")
	p.billing.refused(t, clerk, 422, "WantsCash", "POST /charges/functions/settle", `{"method": "Cash"}`)
	p.billing.ask(t, clerk, 200, "POST /charges/functions/settle", `{"method": "Card", "tip": "0.005"}`).has(t, map[string]any{"amount": "10.26"})
	p.charge(t, "functions-2", "functions", "10.25")
	p.billing.ask(t, clerk, 200, "POST /charges/functions-2/settle", `{"method": "Card", "tip": "0.015"}`).has(t, map[string]any{"amount": "10.26"})
}

func (p *parkhouse) read(t *testing.T) {
	p.open(t, "read")
	p.garage.refused(t, driver, 422, "GarageNotFound", "POST /stays", entering("read", "nowhere", "REA 1"))
	// where and sort: the level with the most free places
	a := p.garage.ask(t, driver, 201, "POST /stays", entering("read", "read", "REA 1"))
	a.has(t, map[string]any{"level": "Lower", "driverId": "dora"})
	p.garage.becomes(t, driver, "GET /views/free-places/read/Lower", map[string]any{"free": 9})
	// missing: a garage without a free place
	p.garage.ask(t, operator, 201, "POST /garages", last(opening("full", `"levels": [{"level": "L", "places": 10}]`)))
	p.garage.becomes(t, driver, "GET /views/free-places/full/L", map[string]any{"free": 10})
	for i := range 10 {
		p.garage.ask(t, driver, 201, "POST /stays", entering(fmt.Sprintf("full-%d", i), "full", "FUL 1"))
	}
	p.garage.becomes(t, driver, "GET /views/free-places/full/L", map[string]any{"free": 0})
	p.garage.refused(t, driver, 422, "GarageFull", "POST /stays", entering("full-11", "full", "FUL 1"))
	// an inline view is there with the command
	p.garage.ask(t, operator, 201, "POST /garages", opening("inline"))
	p.garage.ask(t, driver, 200, "GET /views/garages/inline", "").has(t, map[string]any{"open": true})
	p.garage.ask(t, operator, 200, "POST /garages/inline/close-garage", "{}")
	p.garage.ask(t, driver, 200, "GET /views/garages/inline", "").has(t, map[string]any{"open": false})
}

func (p *parkhouse) emit(t *testing.T) {
	p.open(t, "emit")
	p.hears(t, "parkhouse.garage.garage", "emit", "GarageOpened", "LevelAdded", "LevelAdded")
	p.enter(t, "emit", "emit", "EMI 1", `"extras": [{"extraId": "wash", "label": "Wäsche", "price": 9.5}, {"extraId": "air", "label": "", "price": 1}]`)
	events := p.hears(t, "parkhouse.garage.stay", "emit", "VehicleEntered", "GuestWelcomed", "ExtraBooked", "ExtraBooked")
	for i, e := range events {
		if e.key != "emit" {
			continue
		}
		if e.kind == "VehicleEntered" {
			for header, want := range map[string]string{
				"ce_type": "garage.stay.VehicleEntered", "ce_source": "/parkhouse/garage", "ce_subject": "emit", "ce_sequence": "1",
				"ce_specversion": "1.0", "ce_actorid": "dora", "content-type": "application/json",
			} {
				if e.header[header] != want {
					t.Errorf("%s is %q, want %q", header, e.header[header], want)
				}
			}
		}
		if e.kind == "ExtraBooked" && e.header["ce_sequence"] == "3" {
			if want := map[string]any{"stayId": "emit", "extraId": "wash", "price": "9.5"}; !reflect.DeepEqual(events[i].data, want) {
				t.Errorf("%v, want %v", e.data, want)
			}
		}
	}
}

func (p *parkhouse) custom(t *testing.T) {
	p.open(t, "custom")
	p.enter(t, "custom", "custom", "CUS 1")
	p.garage.refused(t, clerk, 409, "SamePlate", "POST /stays/custom/correct-plate", `{"plate": "CUS 1", "reason": "typo"}`)
	p.garage.ask(t, clerk, 200, "POST /stays/custom/correct-plate", `{"plate": "CUS 2", "reason": "typo"}`)
	p.garage.ask(t, clerk, 200, "GET /stays/custom", "").has(t, map[string]any{"plate": "CUS 2"})
	p.garage.becomes(t, clerk, "GET /views/stays-insides/custom", map[string]any{"plate": "CUS 2"})
}

func (p *parkhouse) deletes(t *testing.T) {
	p.open(t, "deletes")
	p.garage.ask(t, operator, 200, "DELETE /garages/deletes", "")
	p.garage.refused(t, operator, 404, "NotFound", "GET /garages/deletes", "")
	p.garage.refused(t, operator, 404, "NotFound", "DELETE /garages/deletes", "")
	p.garage.refused(t, driver, 404, "not-found", "GET /views/garages/deletes", "")
	p.garage.gone(t, driver, "GET /views/free-places/deletes/Lower")
	p.garage.gone(t, driver, "GET /views/free-places/deletes/Upper")
	// the name is free again, and so is the id; its version counts on
	p.garage.ask(t, operator, 201, "POST /garages", opening("deletes")).has(t, map[string]any{"version": 7})
}

func (p *parkhouse) private(t *testing.T) {
	p.open(t, "private")
	p.enter(t, "private", "private", "PRI 1")
	p.garage.ask(t, clerk, 200, "POST /stays/private/correct-plate", `{"plate": "PRI 2", "reason": "typo"}`)
	p.garage.ask(t, driver, 200, leave("private", "private"), "")
	p.hears(t, "parkhouse.garage.stay.private", "private", "VehicleEntered", "GuestWelcomed", "PlateCorrected", "VehicleLeft", "FeePaid")
	p.hears(t, "parkhouse.garage.stay", "private", "VehicleEntered", "GuestWelcomed", "VehicleLeft", "FeePaid")
}

func (p *parkhouse) callExternal(t *testing.T) {
	defer p.registry(t)
	p.open(t, "registry")
	// let, path parameter, reply
	p.enter(t, "registry", "registry", " REG 1 ")
	if calls := p.calls(t, "PlateRegistry.check", "plate", "REG 1"); len(calls) != 1 {
		t.Errorf("calls %v, want one for the trimmed plate", calls)
	}
	// require of the reply
	p.script(t, "PlateRegistry.check", `{"reply": {"stolen": true, "emission": "euro-6"}}`)
	p.garage.refused(t, driver, 422, "StolenVehicle", "POST /stays", entering("r", "registry", "REG 2"))
	p.script(t, "PlateRegistry.check", `{"reply": {"stolen": false, "emission": "euro-0"}}`)
	p.garage.refused(t, driver, 403, "DirtyVehicle", "POST /stays", entering("r", "registry", "REG 2"))
	// a rejection of the external system is no failure: no fallback
	p.script(t, "PlateRegistry.check", `{"status": 422, "reply": {"code": "Unreadable", "detail": "no such plate"}}`)
	p.garage.refused(t, driver, 422, "Unreadable", "POST /stays", entering("r", "registry", "REG 5"))
	// attempts: two failures, then an answer
	p.script(t, "PlateRegistry.check", `{"fails": 2, "reply": {"stolen": false, "emission": "euro-6"}}`)
	p.enter(t, "registry-3", "registry", "REG 3")
	if calls := p.calls(t, "PlateRegistry.check", "plate", "REG 3"); len(calls) != 3 {
		t.Errorf("%d calls, want three", len(calls))
	}
	// timeout, total and a reply to fall back to
	p.script(t, "PlateRegistry.check", `{"delay": "20s"}`)
	within(t, 3*time.Second, func() { p.enter(t, "registry-4", "registry", "REG 4") })
	// breaker: after so many failures nobody is asked any more
	p.script(t, "PlateRegistry.check", `{"fails": -1}`)
	for i := range 6 {
		p.enter(t, fmt.Sprintf("registry-b%d", i), "registry", "REG 6")
	}
	if calls := p.calls(t, "PlateRegistry.check", "plate", "REG 6"); len(calls) >= 3*6 {
		t.Errorf("%d calls: the breaker did not open", len(calls))
	}
	a := p.garage.do(t, request{who: inside, route: "GET /metrics"})
	if !strings.Contains(a.text, `dependency_breaker_state{`) {
		t.Error("no breaker in the metrics")
	}
}

func (p *parkhouse) callQuery(t *testing.T) {
	p.open(t, "query")
	who := actor{"query", "driver"}
	p.membership.ask(t, who, 201, "PUT /members/query", `{"plate": "QUE 1", "name": "Quentin Pii", "email": "query@pii.example"}`)
	a := p.garage.ask(t, driver, 201, "POST /stays", entering("query", "query", "QUE 1"))
	a.has(t, map[string]any{"memberId": "query"})
	p.garage.ask(t, driver, 200, "GET /stays/query", "").has(t, map[string]any{"memberId": "query"})
	p.hears(t, "parkhouse.garage.stay", "query", "VehicleEntered", "MemberRecognised")
	// no fallback: the command waits for better times, and nothing is stored
	p.membership.stop(t)
	away := p.garage.refused(t, driver, 503, "unavailable", "POST /stays", entering("query-2", "query", "QUE 1"))
	if away.header.Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
	p.garage.refused(t, driver, 404, "NotFound", "GET /stays/query-2", "")
	p.membership.start(t)
	eventually(t, "membership is asked again", func() error {
		a, err := p.garage.try(t.Context(), request{who: driver, route: "POST /stays", body: entering("query-2", "query", "QUE 1")})
		if err == nil && a.status != 201 {
			err = fmt.Errorf("%d %s", a.status, a.text)
		}
		return err
	})
}

func (p *parkhouse) callCommand(t *testing.T) {
	p.open(t, "call")
	p.enter(t, "call", "call", "CAL 1")
	a := p.garage.ask(t, driver, 200, leave("call", "call"), "")
	charge, _ := a.body["chargeId"].(string)
	p.billing.ask(t, clerk, 200, "GET /charges/"+charge, "").has(t, map[string]any{
		"stayId": "call", "garageId": "call", "amount": "0", "status": "Authorized", "method": "Card",
	})
	p.garage.ask(t, driver, 200, "GET /stays/call", "").has(t, map[string]any{"chargeId": charge, "payment": "Paid", "status": "Left"})
	// a rejection of the callee is passed on by another name; nothing is stored
	p.enter(t, "call-2", "call", "CAL 2", `"extras": [{"extraId": "gold", "label": "", "price": 600}]`)
	p.since(t, "call-2", time.Hour)
	p.garage.refused(t, driver, 409, "PaymentDeclined", leave("call-2", "call"), "").has(t, map[string]any{"detail": "too much for one stay"})
	p.garage.ask(t, driver, 200, "GET /stays/call-2", "").has(t, map[string]any{"status": "Inside", "payment": "Due"})
}

// charges are those of a stay, as the topic of billing tells.
func (p *parkhouse) charges(t *testing.T, stay string) map[string][]string {
	t.Helper()
	out := map[string][]string{}
	for _, e := range p.events(t, "parkhouse.billing.charge") {
		if e.data["stayId"] == stay {
			out[e.key] = append(out[e.key], e.kind)
		}
	}
	return out
}

func (p *parkhouse) compensate(t *testing.T) {
	p.open(t, "compensate")
	// short form: what was authorized is void, because a towed car cannot leave
	p.enter(t, "compensate", "compensate", "COM 1")
	p.garage.ask(t, inside, 200, "POST /internal/commands/stay/tow", `{"stayId": "compensate"}`)
	// VoidTowed finds no charge; were it late, it would void the one that comes, as the compensation does
	p.hears(t, "parkhouse.garage.stay", "compensate", "VehicleEntered", "GuestWelcomed", "VehicleTowed")
	p.handled(t, "parkhouse.billing", "parkhouse.garage.stay")
	p.garage.refused(t, driver, 409, "IllegalTransition", leave("compensate", "compensate"), "")
	eventually(t, "the charge is void", func() error {
		charges := p.charges(t, "compensate")
		for _, kinds := range charges {
			if reflect.DeepEqual(kinds, []string{"ChargeAuthorized", "ChargeVoided"}) && len(charges) == 1 {
				return nil
			}
		}
		return fmt.Errorf("charges %v", charges)
	})
	// long form: the points come back
	who := actor{"compensate", "driver"}
	p.membership.ask(t, who, 201, "PUT /members/compensate", `{"plate": "COM 9", "name": "Con Pii", "email": "compensate@pii.example"}`)
	p.membership.ask(t, inside, 200, "POST /internal/commands/member/earn", `{"memberId": "compensate", "points": 100}`)
	p.enter(t, "compensate-2", "compensate", "COM 2")
	redeem := "POST /stays/compensate-2/redeem-points"
	p.garage.refused(t, driver, 409, "NotEnoughPoints", redeem, `{"memberId": "compensate", "points": 101}`)
	p.garage.refused(t, driver, 404, "NotFound", redeem, `{"memberId": "nobody", "points": 1}`)
	p.garage.ask(t, driver, 200, redeem, `{"memberId": "compensate", "points": 10}`)
	p.membership.ask(t, who, 200, "GET /members/compensate", "").has(t, map[string]any{"points": 90})
	p.enter(t, "compensate-3", "compensate", "COM 3")
	p.garage.ask(t, driver, 200, leave("compensate-3", "compensate"), "")
	p.garage.refused(t, driver, 409, "IllegalTransition", "POST /stays/compensate-3/redeem-points", `{"memberId": "compensate", "points": 10}`)
	p.hears(t, "parkhouse.membership.member", "compensate", "PointsChanged", "PointsChanged", "PointsChanged", "PointsChanged")
	p.membership.ask(t, who, 200, "GET /members/compensate", "").has(t, map[string]any{"points": 90})
}

func (p *parkhouse) fallback(t *testing.T) {
	p.open(t, "fallback")
	p.enter(t, "fallback", "fallback", "FAL 1")
	p.billing.stop(t)
	a := p.garage.ask(t, driver, 200, leave("fallback", "fallback"), "")
	a.has(t, map[string]any{"chargeId": absent})
	p.garage.ask(t, driver, 200, "GET /stays/fallback", "").has(t, map[string]any{"status": "Left", "payment": "Owed", "chargeId": absent})
	p.billing.start(t)
	if charges := p.charges(t, "fallback"); len(charges) != 0 {
		t.Errorf("charges %v", charges)
	}
}

// unknownOutcome: billing takes the request and does not answer in time. What
// it makes of it later is undone.
func (p *parkhouse) unknownOutcome(t *testing.T) {
	lag := newLag(t, p.Internal("billing"), "/authorize")
	p.garage.stop(t)
	p.SetEnv("garage", "BILLING_URL", lag.URL)
	p.garage.start(t)
	defer func() {
		p.garage.stop(t)
		p.SetEnv("garage", "BILLING_URL", p.Internal("billing"))
		p.garage.start(t)
	}()
	p.open(t, "unknown")
	// it happened, and nobody was told
	p.enter(t, "unknown", "unknown", "UNK 1")
	within(t, 5*time.Second, func() { p.garage.ask(t, driver, 200, leave("unknown", "unknown"), "") })
	p.garage.ask(t, driver, 200, "GET /stays/unknown", "").has(t, map[string]any{"status": "Left", "payment": "Owed"})
	p.settled(t)
	eventually(t, "the charge is void", func() error {
		charges := p.charges(t, "unknown")
		for _, kinds := range charges {
			if reflect.DeepEqual(kinds, []string{"ChargeAuthorized", "ChargeVoided"}) && len(charges) == 1 {
				return nil
			}
		}
		return fmt.Errorf("charges %v", charges)
	})
	// it comes after its compensation, and is refused
	p.enter(t, "unknown-2", "unknown", "UNK 2")
	lag.delay()
	p.garage.ask(t, driver, 200, leave("unknown-2", "unknown"), "")
	p.settled(t)
	lag.release()
	p.charge(t, "unknown-marker", "unknown-marker", "1")
	p.hears(t, "parkhouse.billing.charge", "unknown-marker", "ChargeAuthorized")
	if charges := p.charges(t, "unknown-2"); len(charges) != 0 {
		t.Errorf("charges %v, want none", charges)
	}
}

// settled waits until garage has nothing left to compensate.
func (p *parkhouse) settled(t *testing.T) {
	t.Helper()
	db := p.database(t, "garage")
	eventually(t, "everything is compensated", func() error {
		var n int
		if err := db.QueryRowContext(t.Context(), "SELECT COUNT(*) FROM platform_intents").Scan(&n); err != nil || n == 0 {
			return err
		}
		return fmt.Errorf("%d intents", n)
	})
}

func (p *parkhouse) tables(t *testing.T) {
	p.open(t, "tables")
	for i, c := range []struct {
		kind   string
		parked time.Duration
		fee    string
	}{
		{"Car", 5 * time.Minute, "0"},                // courtesy
		{"Car", 11 * time.Minute, "2"},               // an hour begun
		{"Car", 90 * time.Minute, "4"},               // two
		{"Motorcycle", 90 * time.Minute, "2"},        //
		{"Van", 90 * time.Minute, "7"},               //
		{"Van", 23 * time.Hour, "25"},                // at most so much a day
		{"Car", 49 * time.Hour, "75"},                // of three days
		{"Motorcycle", 23*time.Hour + 1, "24"},       //
		{"Motorcycle", 59*time.Minute + 1, "1"},      //
		{"Van", 2*time.Hour + time.Minute, "10.5"},   //
		{"Van", 24*time.Hour + time.Minute, "50"},    //
		{"Motorcycle", 24*time.Hour + 1, "25"},       //
		{"Motorcycle", 26*time.Hour + 1, "27"},       //
		{"Car", 9*time.Minute + 30*time.Second, "0"}, //
	} {
		stay := fmt.Sprintf("tables-%d", i)
		p.garage.ask(t, driver, 201, "POST /stays", entering(stay, "tables", "TAB 1", `"kind": "`+c.kind+`"`))
		p.since(t, stay, c.parked)
		a := p.garage.ask(t, driver, 200, leave(stay, "tables"), "")
		if a.body["fee"] != c.fee {
			t.Errorf("%s after %v: fee %v, want %s", c.kind, c.parked, a.body["fee"], c.fee)
		}
		p.garage.becomes(t, driver, "GET /views/free-places/tables/Lower", map[string]any{"free": 10})
	}
}

func (p *parkhouse) policyExternal(t *testing.T) {
	p.open(t, "barrier")
	p.enter(t, "barrier", "barrier", "BAR 1")
	p.garage.ask(t, driver, 200, leave("barrier", "barrier"), "")
	eventually(t, "the barrier is lifted twice", func() error {
		calls := p.calls(t, "Barrier.lift", "garageId", "barrier")
		if len(calls) != 2 {
			return fmt.Errorf("calls %v", calls)
		}
		for _, call := range calls {
			if key, _ := call["key"].(string); !strings.HasPrefix(key, "LiftForEntering%2F") {
				return fmt.Errorf("key %q", key)
			}
			if level := call["input"].(map[string]any)["level"]; level != "Lower" {
				return fmt.Errorf("level %v", level)
			}
		}
		return nil
	})
}

func (p *parkhouse) policyTarget(t *testing.T) {
	p.open(t, "target")
	// owed, then paid at the desk: the policy gives the command to the stay of the event
	p.enter(t, "target", "target", "TAR 1")
	p.billing.stop(t)
	p.garage.ask(t, driver, 200, leave("target", "target"), "")
	p.billing.start(t)
	p.charge(t, "target", "target", "12")
	p.billing.ask(t, clerk, 200, "POST /charges/target/settle", `{"method": "Card"}`)
	p.garage.becomes(t, driver, "GET /stays/target", map[string]any{"payment": "Paid", "chargeId": "target"})
	// a charge of nothing: the condition does not hold
	p.enter(t, "target-2", "target", "TAR 2")
	p.charge(t, "target-2", "target-2", "0")
	p.billing.ask(t, clerk, 200, "POST /charges/target-2/settle", `{"method": "Card"}`)
	// paid though it was waived: the rejection has an answer of its own
	p.membership.ask(t, actor{"target", "driver"}, 201, "PUT /members/target", `{"plate": "TAR 9", "name": "Tara Pii", "email": "target@pii.example"}`)
	p.garage.ask(t, driver, 200, "POST /stays/target-2/redeem-points", `{"memberId": "target", "points": 0}`)
	p.charge(t, "target-3", "target-2", "7.5")
	p.billing.ask(t, clerk, 200, "POST /charges/target-3/settle", `{"method": "Card"}`)
	for _, e := range p.hears(t, "parkhouse.garage.stay", "target-2", "VehicleEntered", "GuestWelcomed", "Overpaid") {
		if e.key == "target-2" && e.kind == "Overpaid" && e.data["amount"] != "7.5" {
			t.Errorf("Overpaid %v", e.data)
		}
	}
	p.garage.ask(t, driver, 200, "GET /stays/target-2", "").has(t, map[string]any{"payment": "Waived"})
}

func (p *parkhouse) policyCorrelate(t *testing.T) {
	p.open(t, "correlate")
	for _, id := range []string{"correlate-1", "correlate-2"} {
		p.membership.ask(t, actor{id, "driver"}, 201, "PUT /members/"+id,
			fmt.Sprintf(`{"plate": "COR 1", "name": "Cora Pii", "email": "%s@pii.example"}`, id))
	}
	// all who share the plate get points: two for a van, one for a motorcycle
	p.enter(t, "correlate-1", "correlate", "COR 1", `"kind": "Van"`)
	p.membership.becomes(t, actor{"correlate-1", "driver"}, "GET /members/correlate-1", map[string]any{"points": 2})
	p.membership.becomes(t, actor{"correlate-2", "driver"}, "GET /members/correlate-2", map[string]any{"points": 2})
	p.enter(t, "correlate-2", "correlate", "COR 1", `"kind": "Motorcycle"`)
	p.membership.becomes(t, actor{"correlate-1", "driver"}, "GET /members/correlate-1", map[string]any{"points": 3})
}

func (p *parkhouse) policyMissing(t *testing.T) {
	// skip: a charge for a stay there is not; a towed stay without a charge
	p.charge(t, "missing", "no-such-stay", "5")
	p.billing.ask(t, clerk, 200, "POST /charges/missing/settle", `{"method": "Card"}`)
	p.open(t, "missing")
	p.enter(t, "missing", "missing", "MIS 1")
	p.garage.ask(t, inside, 200, "POST /internal/commands/stay/tow", `{"stayId": "missing"}`)
	p.garage.gone(t, clerk, "GET /views/stays-insides/missing")
	// retry: the sign that a garage is told by appears later than the garage closes
	p.signs.stop(t)
	p.garage.ask(t, operator, 201, "POST /garages", opening("retry"))
	p.garage.ask(t, operator, 200, "POST /garages/retry/close-garage", "{}")
	p.signs.start(t)
	p.sign(t, "retry", "geschlossen: GarageClosed", "chi")
}

// sign waits until the sign of a garage says something.
func (p *parkhouse) sign(t *testing.T, garage, text, colour string) {
	t.Helper()
	eventually(t, "the sign of "+garage, func() error {
		a, err := p.signs.try(t.Context(), request{who: operator, route: "GET /views/ubersichts?garageId=" + garage})
		if err != nil {
			return err
		}
		if rows, _ := a.body["items"].([]any); len(rows) != 1 {
			return fmt.Errorf("rows %s", a.text)
		}
		if !strings.Contains(a.text, text) || !strings.Contains(a.text, colour) {
			return fmt.Errorf("%s does not say %s in %s", a.text, text, colour)
		}
		return nil
	})
}

func (p *parkhouse) policyEach(t *testing.T) {
	p.open(t, "each")
	for i, plate := range []string{"EAC 1", "EAC 2", "EAC 3"} {
		p.enter(t, fmt.Sprintf("each-%d", i), "each", plate)
	}
	p.garage.ask(t, driver, 200, leave("each-2", "each"), "")
	p.garage.gone(t, clerk, "GET /views/stays-insides/each-2")
	// of a view: who is inside is warned; its own event keeps what was noted
	p.garage.ask(t, operator, 200, "POST /garages/each/close-garage", "{}")
	p.garage.becomes(t, driver, "GET /stays/each-0", map[string]any{"note": "Please leave"})
	p.garage.becomes(t, driver, "GET /stays/each-1", map[string]any{"note": "Please leave"})
	p.garage.ask(t, driver, 200, "GET /stays/each-2", "").has(t, map[string]any{"note": absent})
	// a condition that does not hold: closed for some minutes only
	p.open(t, "each-short")
	p.enter(t, "each-short", "each-short", "EAC 4")
	soon := time.Now().Add(30 * time.Minute).UTC().Format(time.RFC3339)
	p.garage.ask(t, operator, 200, "POST /garages/each-short/close-garage", `{"reopensAt": "`+soon+`"}`)
	// of an aggregate: who is inside is towed
	p.garage.ask(t, operator, 200, "DELETE /garages/each", "")
	p.garage.becomes(t, driver, "GET /stays/each-0", map[string]any{"status": "Towed"})
	p.garage.becomes(t, driver, "GET /stays/each-1", map[string]any{"status": "Towed"})
	p.garage.ask(t, driver, 200, "GET /stays/each-2", "").has(t, map[string]any{"status": "Left"})
	p.hears(t, "parkhouse.garage.stay.private", "each-0", "VehicleEntered", "GuestWelcomed", "StayWarned", "VehicleTowed")
	p.hears(t, "parkhouse.garage.stay.private", "each-short", "VehicleEntered", "GuestWelcomed")
}

func (p *parkhouse) policyChain(t *testing.T) {
	who := actor{"chain", "driver"}
	p.membership.ask(t, who, 201, "PUT /members/chain", `{"plate": "CHA 1", "name": "Chan Pii", "email": "chain@pii.example"}`)
	earn := func(points int) {
		p.membership.ask(t, inside, 200, "POST /internal/commands/member/earn", fmt.Sprintf(`{"memberId": "chain", "points": %d}`, points))
	}
	earn(999)
	earn(1) // passes a thousand
	p.membership.becomes(t, who, "GET /members/chain", map[string]any{"tier": "Silver", "discount": "5"})
	earn(1) // is beyond it
	p.membership.ask(t, inside, 200, "POST /internal/commands/member/promote", `{"memberId": "chain"}`)
	p.membership.ask(t, who, 200, "GET /members/chain", "").has(t, map[string]any{"tier": "Gold", "discount": "10"})
	p.hears(t, "parkhouse.membership.member", "chain", "PointsChanged", "PointsChanged", "Promoted", "PointsChanged", "Promoted")
	p.membership.ask(t, who, 200, "POST /members/chain/leave", "")
	p.membership.refused(t, who, 404, "NotFound", "GET /members/chain", "")
}

// policyFault: an expression without a result parks the event, and stops nobody.
func (p *parkhouse) policyFault(t *testing.T) {
	p.open(t, "fault")
	p.garage.ask(t, operator, 200, "PUT /garages/fault/rates", `{"rates": {"Car": "3"}}`)
	eventually(t, "the event is parked", func() error {
		for _, line := range p.garage.parked(t) {
			if strings.HasPrefix(line, "CloseOverpriced: failed: model error") {
				return nil
			}
		}
		return fmt.Errorf("parked: %v", p.garage.parked(t))
	})
	p.garage.ask(t, inside, 200, "POST /internal/parked/skip?handler=CloseOverpriced", "")
	p.garage.ask(t, operator, 200, "PUT /garages/fault/rates", `{"rates": {"Car": "3", "Van": "10"}}`)
	p.garage.ask(t, operator, 200, "GET /garages/fault", "").has(t, map[string]any{"status": "Open"})
}

func (p *parkhouse) viewKeys(t *testing.T) {
	today := time.Now().In(berlin(t)).Format(time.DateOnly)
	for i, amount := range []string{"9.5", "10", "0.5"} {
		p.billing.ask(t, inside, 201, "POST /internal/commands/charge/authorize",
			fmt.Sprintf(`{"chargeId": "keys-%d", "stayId": "keys-%d", "garageId": "keys", "amount": %s}`, i, i, amount))
	}
	row := "GET /views/daily-takings/keys/" + today
	p.billing.becomes(t, clerk, row, map[string]any{"taken": "20", "charges": 3, "day": today})
	p.billing.ask(t, inside, 200, "POST /internal/commands/charge/void", `{"chargeId": "keys-1"}`)
	p.billing.becomes(t, clerk, row, map[string]any{"taken": "10", "charges": 3})
	p.billing.refused(t, clerk, 404, "not-found", "GET /views/daily-takings/keys/2020-01-01", "")
	p.billing.refused(t, clerk, 400, "invalid", "GET /views/daily-takings/keys/today", "")
}

func (p *parkhouse) projections(t *testing.T) {
	p.open(t, "projections")
	p.enter(t, "projections-1", "projections", "PRO 1")
	p.enter(t, "projections-2", "projections", "PRO 2", `"extras": [{"extraId": "wash", "label": "W", "price": "1.50"}]`)
	// where: all rows that match
	p.garage.ask(t, operator, 200, "POST /garages/projections/rename-garage", `{"name": "Projektionen"}`)
	for _, stay := range []string{"projections-1", "projections-2"} {
		p.garage.becomes(t, driver, "GET /views/stays-insides/"+stay, map[string]any{"garageName": "Projektionen"})
	}
	p.garage.ask(t, driver, 200, "GET /views/stays-insides/projections-2", "").has(t, map[string]any{
		"extras": []map[string]any{{"extraId": "wash", "label": "W", "price": "1.5"}},
	})
	// delete, and a count that follows several events
	p.garage.becomes(t, driver, "GET /views/free-places/projections/Lower", map[string]any{"free": 8, "places": 10})
	p.garage.ask(t, driver, 200, leave("projections-1", "projections"), "")
	p.garage.gone(t, clerk, "GET /views/stays-insides/projections-1")
	p.garage.becomes(t, driver, "GET /views/free-places/projections/Lower", map[string]any{"free": 9})
}

func (p *parkhouse) queries(t *testing.T) {
	for _, id := range []string{"q-alpha", "q-beta", "q-gamma"} {
		p.garage.ask(t, operator, 201, "POST /garages", opening(id))
	}
	p.garage.ask(t, operator, 200, "POST /garages/q-beta/close-garage", "{}")
	// where, sort, search in several columns, any case, and its wildcards taken literally
	p.garage.lists(t, driver, "GET /views/garages/queries/open-ones?q=Q-", "name", "q-alpha", "q-gamma")
	p.garage.lists(t, driver, "GET /views/garages/queries/open-ones?q=q-&sort=-name", "name", "q-gamma", "q-alpha")
	p.garage.lists(t, driver, "GET /views/garages/queries/open-ones?q=q_alpha", "name")
	// filters of the list
	p.garage.lists(t, driver, "GET /views/garages?name=q-beta", "garageId", "q-beta")
	p.garage.lists(t, driver, "GET /views/garages?name=q-beta&open=true", "garageId")
	p.garage.refused(t, driver, 400, "invalid", "GET /views/garages?colour=red", "")
	p.garage.refused(t, driver, 400, "invalid", "GET /views/garages?open=maybe", "")
	// input with a default and optional input
	p.garage.willList(t, driver, "GET /views/free-places?garageId=q-alpha&sort=-free", "level", "Lower", "Upper")
	rows := p.garage.ask(t, driver, 200, "GET /views/free-places/queries/roomy?min=10&limit=200", "").items("free")
	for _, free := range rows {
		if free.(float64) < 10 {
			t.Errorf("roomy: %v", rows)
		}
	}
	for _, free := range p.garage.ask(t, driver, 200, "GET /views/free-places/queries/roomy?limit=200", "").items("free") {
		if free.(float64) < 1 {
			t.Error("the input's default is not used")
		}
	}
	p.enter(t, "q-1", "q-alpha", "QUE 10")
	p.enter(t, "q-2", "q-alpha", "QUE 20")
	of := "GET /views/stays-insides/queries/of-garage?garageId=q-alpha"
	p.garage.lists(t, clerk, of, "stayId", "q-2", "q-1")
	p.garage.lists(t, clerk, of+"&before=2020-01-01T00:00:00Z", "stayId")
	p.garage.lists(t, clerk, of+"&before=2099-01-01T00:00:00Z&q=20", "stayId", "q-2")
	// numbers compare as numbers, days as days
	for i, amount := range []string{"9", "10", "100"} {
		p.billing.ask(t, inside, 201, "POST /internal/commands/charge/authorize",
			fmt.Sprintf(`{"chargeId": "q-%d", "stayId": "q-%d", "garageId": "q-%d", "amount": %s}`, i, i, i, amount))
	}
	good := func(garage, least, since string) string {
		return "GET /views/daily-takings/queries/good?garageId=" + garage + "&least=" + least + "&since=" + since
	}
	p.billing.willList(t, operator, good("q-2", "99.99", "2026-01-01"), "taken", "100")
	p.billing.willList(t, operator, good("q-0", "9.0", "2026-01-01"), "taken", "9")
	p.billing.lists(t, operator, good("q-0", "10", "2026-01-01"), "taken")
	p.billing.lists(t, operator, good("q-2", "1", "2199-01-01"), "taken")
	p.billing.willList(t, operator, "GET /views/daily-takings?sort=-taken&limit=1&charges=1", "taken", "100")
	p.billing.refused(t, clerk, 403, "forbidden", good("q-2", "1", "2026-01-01"), "")
}

func (p *parkhouse) pages(t *testing.T) {
	p.open(t, "pages")
	want := []any{}
	for i := range 5 {
		stay := fmt.Sprintf("pages-%d", i)
		p.enter(t, stay, "pages", "PAG 1")
		want = append([]any{stay}, want...)
	}
	var got []any
	next := "/views/stays-insides/queries/of-garage?garageId=pages&limit=2"
	for pages := 1; next != ""; pages++ {
		a := p.garage.ask(t, clerk, 200, "GET "+next, "")
		got = append(got, a.items("stayId")...)
		next = ""
		if link, ok := a.body["_links"].(map[string]any)["next"].(map[string]any); ok {
			next = link["href"].(string)
		}
		if pages > 3 {
			t.Fatalf("pages do not end: %v", got)
		}
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("pages %v, want %v", got, want)
	}
}

func (p *parkhouse) scripts(t *testing.T) {
	p.open(t, "scripts")
	p.sign(t, "scripts", "scripts", "corog")
	p.garage.ask(t, operator, 200, "POST /garages/scripts/close-garage", "{}")
	p.sign(t, "scripts", "geschlossen: GarageClosed", "chi")
	p.signs.willList(t, operator, "GET /views/ubersichts/queries/poisk?q=Closed&sort=-garageId&limit=1", "garageId", "scripts")
	p.garage.ask(t, operator, 200, "POST /garages/scripts/reopening", "{}")
	p.sign(t, "scripts", "열림 "+time.Now().In(berlin(t)).Format(time.DateOnly), "corog")
	p.garage.ask(t, operator, 200, "DELETE /garages/scripts", "")
	p.signs.willList(t, operator, "GET /views/ubersichts?garageId=scripts", "garageId")
}

func (p *parkhouse) nothingParked(t *testing.T) {
	for _, s := range p.services {
		if parked := s.parked(t); len(parked) > 0 {
			t.Errorf("%s: %s", s.name, strings.Join(parked, "\n"))
		}
	}
}

// logs looks for what is marked pii in the model.
func (p *parkhouse) logs(t *testing.T) {
	for line := range strings.Lines(p.log.String()) {
		for _, personal := range []string{"pii.example", "Pii", "PII", "COR 1", "TAR 1", "PRI 2", "lower case"} {
			if strings.Contains(line, personal) {
				t.Errorf("%q is logged: %s", personal, line)
			}
		}
		if strings.Contains(line, "panic") {
			t.Error(line)
		}
	}
}
