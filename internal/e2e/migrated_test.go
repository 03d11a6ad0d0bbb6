package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/esgen/esgen/internal/devrun"
	"github.com/esgen/esgen/internal/plan"
	"github.com/esgen/esgen/internal/plan/stored"
	"github.com/esgen/esgen/internal/testsample"
	"github.com/esgen/esgen/internal/testsystem"
)

const larderModel = "testdata/larder/esgen.yaml"

// TestMigrated runs a system with other lookups, views and ids upon what the system of
// before has stored and told.
func TestMigrated(t *testing.T) {
	testsample.Drawn(t, larderModel, 2, models...)
	before := generateInto(t, filepath.Join(home, "larder-before"), "testdata/larder/before/esgen.yaml")
	now := generateUpon(t, filepath.Join(home, "larder"), before.Dir, larderModel, "lose:pantry.Jar", "lose:pantry.Lid")
	for _, opts := range []devrun.Options{before, now} {
		if err := devrun.Build(t.Context(), opts, nil); err != nil {
			t.Fatal(err)
		}
	}
	onBoth(t, now, func(t *testing.T, now devrun.Options) {
		before := before
		before.DB, before.Kafka = now.DB, now.Kafka
		older := stocked(t, before)
		if now.DB == "" { // the broker and the files are those of a process
			older.ends(t)
			if err := os.RemoveAll(filepath.Join(now.Dir, ".esgen", "data")); err != nil {
				t.Fatal(err)
			}
			if err := os.CopyFS(filepath.Join(now.Dir, ".esgen", "data"), os.DirFS(filepath.Join(before.Dir, ".esgen", "data"))); err != nil {
				t.Fatal(err)
			}
		}
		s := running(t, now) // without a witness: what was told before is not as the documents of now say
		if now.DB != "" {
			t.Run("replicas of before go on", func(t *testing.T) {
				pantry := older.services["pantry"]
				pantry.lists(t, larderCook, "GET /views/shelves?sort=jarId", "shelf", 7, 1, 0)
				pantry.becomes(t, larderCook, "GET /crates/c1", map[string]any{"crateId": "c1", "bottles": 6})
				pantry.ask(t, larderCook, 200, "POST /jars/j2/move", `{"shelf": 1}`)
			})
			older.ends(t)
		}
		migrated(t, s)
		for _, p := range s.services {
			p.stop(t)
			p.start(t)
		}
		t.Run("once more", func(t *testing.T) { lookedUp(t, s, 5) })
		for _, p := range s.services {
			if parked := p.parked(t); len(parked) > 0 {
				t.Errorf("%s has parked %v", p.name, parked)
			}
		}
	})
}

// generateUpon generates a system upon the output of before, and what it has stored.
func generateUpon(t *testing.T, dir, before, modelFile string, allow ...string) devrun.Options {
	t.Helper()
	allowed, err := stored.ParseAllowed(allow)
	if err != nil {
		t.Fatal(err)
	}
	m, output := testsystem.Load(t, modelFile), os.DirFS(before)
	layout, err := plan.LayoutOf(m.System)
	if err != nil {
		t.Fatal(err)
	}
	p, err := plan.BuildAs(m, plan.Earlier{Output: output, Stored: stored.Upon{Output: output, Allow: allowed}}, layout)
	if err != nil {
		t.Fatal(err)
	}
	testsystem.Write(t, dir, testsystem.Render(t, p))
	return devrun.Options{Dir: dir, System: p.System, Gateway: p.Gateway, Auth: devrun.AuthDev}
}

var larderCook = actor{"cora", "cook"}

// stocked is the system of before, which has done something.
func stocked(t *testing.T, opts devrun.Options) *system {
	s := started(t, opts)
	pantry, kitchen := s.services["pantry"], s.services["kitchen"]
	for n, owner := range []string{"kim", "lee", "kim"} {
		pantry.ask(t, larderCook, 201, "POST /jars", fmt.Sprintf(
			`{"jarId": "j%d", "label": "jam", "shelf": %d, "owner": %q, "note": "sweet", "mark": "blue", "parts": [{"name": "plum", "maker": "x", "grams": 5}]}`, n+1, n%2, owner))
	}
	pantry.ask(t, larderCook, 200, "POST /jars/j1/move", `{"shelf": 7}`)
	pantry.ask(t, larderCook, 201, "POST /crates", `{"crateId": "c1", "label": "wine"}`)
	for range 2 {
		pantry.ask(t, larderCook, 200, "POST /crates/c1/stack", `{"more": 3}`)
	}
	pantry.ask(t, larderCook, 201, "POST /lids", `{"size": 9}`)
	pantry.willList(t, larderCook, "GET /views/shelves?sort=jarId", "shelf", 7, 1, 0)
	pantry.willList(t, larderCook, "GET /views/lids", "size", 9)
	kitchen.willList(t, larderCook, "GET /views/dishes?sort=shelf", "shelf", 0, 1, 7)
	return s
}

func (s *system) ends(t *testing.T) {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

func migrated(t *testing.T, s *system) {
	pantry, kitchen := s.services["pantry"], s.services["kitchen"]
	t.Run("what is stored is read", func(t *testing.T) {
		got := pantry.do(t, request{who: larderCook, route: "GET /jars/j1"}).body
		if got["note"] != nil || got["mark"] != nil || got["shelf"] != "7" || fmt.Sprint(got["parts"]) != "[map[grams:5 name:plum]]" {
			t.Errorf("%v", got)
		}
		pantry.becomes(t, larderCook, "GET /crates/c1", map[string]any{"crateNo": "c1", "label": "wine", "bottles": 6})
		pantry.lists(t, larderCook, "GET /crates/c1/events", "type", "Brought", "Stacked", "Stacked")
	})
	t.Run("views are made anew from all that was told", func(t *testing.T) {
		pantry.lists(t, larderCook, "GET /views/shelves", "jarId", "j1", "j3", "j2")
		pantry.lists(t, larderCook, "GET /views/owners?sort=owner", "jars", 2, 1)
		pantry.lists(t, larderCook, "GET /views/crates", "crateNo", "c1")
		pantry.lists(t, larderCook, "GET /views/labels", "times", 3)
		kitchen.lists(t, larderCook, "GET /views/dishes?sort=shelf", "shelf", "0", "1", "7")
	})
	t.Run("what changes goes on", func(t *testing.T) {
		pantry.ask(t, larderCook, 201, "POST /jars", `{"jarId": "j4", "label": "jelly", "shelf": "1.5", "owner": "lee", "mark": 4, "parts": [], "spoils": "2027-01-01"}`)
		pantry.ask(t, larderCook, 200, "POST /crates/c1/stack", `{"more": 1}`)
		pantry.ask(t, larderCook, 201, "POST /trays", `{"size": 3}`)
		pantry.willList(t, larderCook, "GET /views/shelves", "jarId", "j1", "j3", "j2", "j4")
		pantry.willList(t, larderCook, "GET /views/owners?sort=owner", "jars", 2, 2)
		kitchen.willList(t, larderCook, "GET /views/dishes?sort=shelf", "shelf", "0", "1", "1.5", "7")
	})
	t.Run("instances are found by what is looked up otherwise", func(t *testing.T) { lookedUp(t, s, 2) })
	t.Run("what is not needed is left, or gone", func(t *testing.T) {
		db := s.database(t, "pantry")
		for _, query := range []string{"SELECT COUNT(*) FROM lid", "SELECT COUNT(*) FROM view_shelves__1"} {
			if _, err := db.ExecContext(t.Context(), query); err == nil {
				t.Errorf("%s: there is such a table", query)
			}
		}
		var left, ran int
		if err := db.QueryRowContext(t.Context(), "SELECT COUNT(*) FROM platform_leftovers").Scan(&left); err != nil || left < 3 {
			t.Errorf("%d left over: %v", left, err)
		}
		if err := db.QueryRowContext(t.Context(), "SELECT COUNT(*) FROM service_migrations").Scan(&ran); err != nil || ran != 6 {
			t.Errorf("%d migrations ran: %v", ran, err)
		}
	})
}

// lookedUp moves a jar to a shelf with others, which all get its label.
func lookedUp(t *testing.T, s *system, shelf int) {
	pantry := s.services["pantry"]
	label := fmt.Sprint("on ", shelf)
	pantry.ask(t, larderCook, 201, "POST /jars", fmt.Sprintf(`{"jarId": "j-%d", "label": %q, "shelf": "%d.0", "owner": "lee", "parts": []}`, shelf, label, shelf))
	for _, id := range []string{"j1", "j-" + fmt.Sprint(shelf)} {
		pantry.ask(t, larderCook, 200, "POST /jars/"+id+"/move", fmt.Sprintf(`{"shelf": %d}`, shelf))
	}
	pantry.becomes(t, larderCook, "GET /jars/j1", map[string]any{"label": label})
}
