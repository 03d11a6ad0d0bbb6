package e2e

import (
	"fmt"
	"reflect"
	"slices"
	"testing"

	"github.com/esgen/esgen/internal/devrun"
	"github.com/esgen/esgen/internal/testservers"
)

// TestWorkshop has elements of lists and maps changed one by one, and looks at the ids
// that are made on the way.
func TestWorkshop(t *testing.T) {
	opts := build(t, "../../testdata/models/workshop/esgen.yaml", nil)
	t.Run("SQLite", func(t *testing.T) { workshop(t, opts) })
	t.Run("PostgreSQL", func(t *testing.T) {
		opts := opts
		opts.DB = testservers.Postgres(t)
		workshop(t, opts)
	})
}

var packer = actor{"pat", "packer"}

func workshop(t *testing.T, opts devrun.Options) {
	s := start(t, opts)
	store, carriers := s.services["store"], s.services["carriers"]
	s.script(t, "Printer.print", `{"fails": 2}`)
	store.ask(t, packer, 201, "POST /crates", `{"crateId": "c1", "skus": ["nails", "screws", "bolts"], "tags": {"hall": "north"}}`)

	t.Run("elements", func(t *testing.T) {
		lines := store.ask(t, packer, 200, "GET /crates/c1", "").body["lines"].([]any)
		ids := each(lines, "lineId")
		if len(distinct(ids)) != 3 {
			t.Fatalf("lines have the ids %v", ids)
		}
		store.ask(t, packer, 200, "POST /crates/c1/recount", `{"at": 1, "count": 7}`)
		store.refused(t, packer, 500, "model-error", "POST /crates/c1/recount", `{"at": 3, "count": 7}`)
		store.refused(t, packer, 500, "model-error", "POST /crates/c1/recount", `{"at": 1, "count": -1}`)
		store.refused(t, packer, 500, "model-error", "POST /crates/c1/take-out", `{"at": -1}`)
		store.ask(t, packer, 200, "POST /crates/c1/take-out", `{"at": 0}`)
		store.ask(t, packer, 200, "POST /crates/c1/tag", `{"key": "row", "tag": "7"}`)
		store.ask(t, packer, 200, "POST /crates/c1/tag", `{"key": "row", "tag": "8"}`)
		store.ask(t, packer, 200, "POST /crates/c1/untag", `{"key": "hall"}`)
		store.ask(t, packer, 200, "POST /crates/c1/untag", `{"key": "never"}`)
		screws := map[string]any{"lineId": ids[1], "sku": "screws", "count": 7}
		store.ask(t, packer, 200, "GET /crates/c1", "").has(t, map[string]any{
			"lines":  []any{screws, map[string]any{"lineId": ids[2], "sku": "bolts", "count": 1}},
			"counts": []int{7, 1}, "tags": map[string]any{"row": "8"}, "notes": map[string]any{ids[1].(string): screws},
		})
		store.becomes(t, packer, "GET /views/crates/c1", map[string]any{"skus": []string{"screws", "bolts"}, "tags": map[string]any{"row": "8"}})
	})
	t.Run("a policy that tries again makes the same ids", func(t *testing.T) {
		var calls []map[string]any
		eventually(t, "the labels", func() error {
			if calls = s.calls(t, "Printer.print", "crateId", "c1"); len(calls) < 3 {
				return fmt.Errorf("printed %d times", len(calls))
			}
			return nil
		})
		first := calls[0]["input"].(map[string]any)
		if n := len(distinct(append(first["copies"].([]any), first["job"]))); n != 4 {
			t.Errorf("%d ids of 4: %v", n, first)
		}
		for _, call := range calls[1:] {
			if !reflect.DeepEqual(call["input"], first) {
				t.Errorf("asked for %v after %v", call["input"], first)
			}
		}
	})
	t.Run("a second id", func(t *testing.T) {
		store.willList(t, packer, "GET /views/insurances?crateId=c1", "crateId", "c1")
		row := store.ask(t, packer, 200, "GET /views/insurances?crateId=c1", "").body["items"].([]any)[0].(map[string]any)
		if n := len(distinct([]any{row["insuranceId"], row["number"], row["copy"]})); n != 3 {
			t.Errorf("%d ids of 3: %v", n, row)
		}
	})
	t.Run("claims", func(t *testing.T) { renting(t, s) })
	t.Run("of a saga", func(t *testing.T) {
		store.ask(t, packer, 200, "POST /crates/c1/seal", "")
		carriers.willList(t, packer, "GET /views/transports?crateId=c1", "crateId", "c1")
		row := carriers.ask(t, packer, 200, "GET /views/transports?crateId=c1", "").body["items"].([]any)[0].(map[string]any)
		if n := len(distinct([]any{row["transportId"], row["waybill"], row["stub"]})); n != 3 {
			t.Errorf("%d ids of 3: %v", n, row)
		}
	})
}

// renting has renters of two tenants ask: what their tokens say decides.
func renting(t *testing.T, s *system) {
	rooms := s.services["rooms"]
	renter := func(status int, route, body string, claims ...string) answer {
		t.Helper()
		header := map[string]string{}
		for i := 0; i < len(claims); i += 2 {
			header["X-Actor-Claim-"+claims[i]] = claims[i+1]
		}
		a := rooms.do(t, request{who: actor{"r1", "renter"}, route: route, body: body, header: header})
		if a.status != status {
			t.Errorf("%s of %v: %d, want %d: %s", route, claims, a.status, status, a.text)
		}
		return a
	}
	renter(201, "POST /spaces", `{"spaceId": "s1", "size": 5, "hall": "north"}`, "tenant", "acme", "halls", "north")
	renter(201, "POST /spaces", `{"spaceId": "s2", "size": 500, "hall": "south"}`, "tenant", "umbra", "level", "3", "halls", "north,south")
	renter(422, "POST /spaces", `{"spaceId": "s3", "size": 500, "hall": "south"}`, "tenant", "umbra", "level", "x", "halls", "south")
	renter(403, "POST /spaces", `{"spaceId": "s3", "size": 5, "hall": "south"}`, "tenant", "acme", "halls", "north")
	renter(403, "POST /spaces", `{"spaceId": "s3", "size": 5, "hall": "south"}`, "halls", "south")
	renter(403, "GET /views/spaces", "")
	eventually(t, "the space of acme", func() error {
		if got := renter(200, "GET /views/spaces", "", "tenant", "acme").items("spaceId"); !reflect.DeepEqual(got, []any{"s1"}) {
			return fmt.Errorf("%v", got)
		}
		return nil
	})
	renter(200, "GET /spaces/s2", "", "tenant", "umbra").has(t, map[string]any{"tenant": "umbra"})
	renter(404, "GET /spaces/s2", "", "tenant", "acme")
	rooms.ask(t, packer, 200, "GET /spaces/s2", "")
	renter(403, "POST /spaces/s2/leave", "", "tenant", "acme")
	rooms.ask(t, packer, 200, "POST /spaces/s2/leave", "")
}

// each is a field of every object of a list.
func each(list []any, field string) []any {
	var out []any
	for _, x := range list {
		out = append(out, x.(map[string]any)[field])
	}
	return out
}

// distinct are the texts of a list, each once.
func distinct(list []any) []string {
	var out []string
	for _, x := range list {
		if s, ok := x.(string); ok && s != "" && !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}
