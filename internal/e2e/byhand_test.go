package e2e

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/esgen/esgen/internal/devrun"
	"github.com/esgen/esgen/internal/testsample"
)

const binderyModel = "../../testdata/models/bindery/esgen.yaml"

// TestByHand runs a system of which much is Go by hand: before anybody has written it,
// and then, upon what was stored and parked before, with it.
func TestByHand(t *testing.T) {
	testsample.Drawn(t, binderyModel, 2, models...)
	written := build(t, binderyModel, handWritten(t, "../../testdata/models/bindery/written"))
	unwritten := generateInto(t, filepath.Join(home, "bindery-unwritten"), binderyModel)
	if err := devrun.Build(t.Context(), unwritten, nil); err != nil {
		t.Fatal(err)
	}
	onBoth(t, written, func(t *testing.T, written devrun.Options) {
		unwritten := unwritten
		unwritten.DB, unwritten.Kafka = written.DB, written.Kafka
		nothingWritten(t, unwritten)
		data := filepath.Join(".esgen", "data")
		if err := os.RemoveAll(filepath.Join(written.Dir, data)); err != nil {
			t.Fatal(err)
		}
		if err := os.CopyFS(filepath.Join(written.Dir, data), os.DirFS(filepath.Join(unwritten.Dir, data))); err != nil {
			t.Fatal(err)
		}
		allWritten(t, goesOn(t, written))
	})
}

// handWritten are the files that people have written, by path.
func handWritten(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := fs.WalkDir(os.DirFS(dir), ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(path)))
		files[path] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

var (
	ann = actor{"ann", "customer"}
	ben = actor{"ben", "binder"}
)

// nothingWritten has people ask for what nobody has written yet: they are told so, and
// nothing that has happened is lost.
func nothingWritten(t *testing.T, opts devrun.Options) {
	s := started(t, opts)
	shop, workshop := s.services["shop"], s.services["workshop"]
	shop.ask(t, ann, 201, "POST /commissions", `{"commissionId": "c1", "customer": "ann", "book": "Faust", "pages": 950, "leather": true}`)
	shop.refused(t, ann, 501, "NotDecided", "POST /commissions/c1/revise-pages", `{"pages": 1000}`)
	shop.refused(t, ann, 501, "NotAsked", "POST /commissions/c1/price-leather", "")
	eventually(t, "what is not translated is parked", func() error {
		parked := workshop.parked(t)
		for _, handler := range []string{"PlanWork", "Commissions"} {
			if !strings.Contains(fmt.Sprint(parked), handler) {
				return fmt.Errorf("parked: %v", parked)
			}
		}
		return nil
	})
	if told := workshop.ask(t, inside, 200, "GET /internal/parked", "").text; !strings.Contains(told, "NotTranslated: what it means is not written yet") {
		t.Error(told)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

func allWritten(t *testing.T, s *system) {
	shop, workshop := s.services["shop"], s.services["workshop"]
	for _, handler := range []string{"PlanWork", "Commissions"} {
		workshop.ask(t, inside, 200, "POST /internal/parked/replay?handler="+handler, "")
	}
	t.Run("what was parked is handled", func(t *testing.T) {
		workshop.willList(t, ben, "GET /views/jobs?commissionId=c1&sort=-hours", "hours", 8.0, 2.0)
		workshop.becomes(t, ben, "GET /views/commissions/c1", map[string]any{"hours": 10.0, "rush": false, "shelf": "none"})
		eventually(t, "the courier is told", func() error {
			if calls := s.calls(t, "Courier.announce", "parcel", "c1"); len(calls) != 1 {
				return fmt.Errorf("calls: %v", calls)
			}
			return nil
		})
	})
	t.Run("a command", func(t *testing.T) {
		shop.refused(t, ann, 409, "TornOut", "POST /commissions/c1/revise-pages", `{"pages": 1}`)
		shop.ask(t, ann, 200, "POST /commissions/c1/revise-pages", `{"pages": 1100}`)
	})
	t.Run("a policy for each, and a row", func(t *testing.T) {
		workshop.willList(t, ben, "GET /views/jobs?commissionId=c1&sort=-hours", "hours", 8.0, 8.0)
		workshop.becomes(t, ben, "GET /views/commissions/c1", map[string]any{"commissionId": "c1", "hours": 11.0, "shelf": "shelf 11"})
	})
	t.Run("an external system", func(t *testing.T) {
		shop.refused(t, ann, 422, "NoHide", "POST /commissions/c1/price-leather", "")
		shop.ask(t, ann, 201, "POST /commissions", `{"commissionId": "c2", "customer": "ann", "book": "Iris", "pages": 40, "leather": true}`)
		shop.ask(t, ann, 200, "POST /commissions/c2/price-leather", "")
		shop.becomes(t, ann, "GET /commissions/c2", map[string]any{"price": "2"})
		workshop.willList(t, ben, "GET /views/jobs?commissionId=c2", "hours", 1.0)
		if calls := s.calls(t, "Courier.announce", "parcel", "c2"); len(calls) != 0 {
			t.Errorf("the courier comes for 120 grams: %v", calls)
		}
	})
	t.Run("what makes no sense is parked", func(t *testing.T) {
		shop.ask(t, ann, 201, "POST /commissions", `{"commissionId": "c3", "customer": "ann", "book": "Nothing", "pages": 0, "leather": false}`)
		eventually(t, "it is parked", func() error {
			if told := workshop.ask(t, inside, 200, "GET /internal/parked", "").text; strings.Count(told, "a book without pages is none") != 2 {
				return fmt.Errorf("parked: %s", told)
			}
			return nil
		})
	})
}
