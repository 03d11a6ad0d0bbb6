package e2e

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/esgen/esgen/internal/devrun"
	"github.com/esgen/esgen/internal/testservers"
)

// TestDocumentDatabase has a context keep its data in a database of documents, by two
// replicas of which one dies.
func TestDocumentDatabase(t *testing.T) {
	server := testservers.MongoServer(t, "cloakroom_desk")
	opts := generate(t, "../../testdata/models/cloakroom/esgen.yaml")
	if err := devrun.Build(t.Context(), opts, nil); err != nil {
		t.Fatal(err)
	}
	t.Run("commands and policies", func(t *testing.T) {
		opts := opts
		opts.Mongo = server
		cloakroom(t, opts)
	})
	t.Run("a server without transactions is refused", func(t *testing.T) {
		opts := opts
		opts.Mongo, opts.Only, opts.Fresh, opts.Log = testservers.PlainMongoServer(t), []string{"desk"}, true, &journal{}
		s, err := devrun.Start(t.Context(), opts)
		if err == nil {
			_ = s.Close()
			t.Fatal("it runs")
		}
		if said := fmt.Sprint(opts.Log); !strings.Contains(said, "has no transactions") {
			t.Errorf("%v\n%s", err, said)
		}
	})
	t.Run("nobody says where it is", func(t *testing.T) {
		opts := opts
		opts.Dir = filepath.Clean(opts.Dir)
		if _, err := devrun.Start(t.Context(), opts); err == nil || !strings.Contains(err.Error(), "desk keeps its data in MongoDB") {
			t.Errorf("%v", err)
		}
	})
}

func cloakroom(t *testing.T, opts devrun.Options) {
	s := start(t, opts)
	ann, ben, porter := actor{"ann", "guest"}, actor{"ben", "guest"}, actor{"pat", "porter"}
	desk, house := s.services["desk"], s.services["house"]
	second, err := s.AddReplica(t.Context(), "desk")
	if err != nil {
		t.Fatal(err)
	}
	house.ask(t, porter, 201, "POST /shows", `{"showId": "s1", "name": "Hamlet"}`)
	coat := func(id, ticket string) string {
		return fmt.Sprintf(`{"coatId": %q, "ticket": %s, "showId": "s1", "place": {"row": "A", "hook": 3}, "pockets": ["keys"], "found": {"a.b": 1, "$": 2}, "fee": "2.50"}`, id, ticket)
	}
	desk.ask(t, ann, 201, "POST /coats", coat("c1", `"7"`))
	desk.refused(t, ben, 409, "TicketTaken", "POST /coats", coat("c2", `"7"`))
	desk.ask(t, ben, 201, "POST /coats", coat("c3", "null"))
	desk.ask(t, ben, 201, "POST /coats", coat("c4", "null"))
	desk.ask(t, ann, 200, "GET /coats/c1", "").has(t, map[string]any{
		"found": map[string]any{"a.b": 1, "$": 2}, "fee": "2.5", "phase": "Hanging", "warned": false, "version": 1,
	})
	house.willList(t, ben, "GET /views/coats", "coatId", "c1", "c3", "c4")

	// Whoever relays and consumes dies; the other one goes on.
	if err := s.Stop(second, true); err != nil {
		t.Fatal(err)
	}
	house.ask(t, porter, 200, "POST /shows/s1/drop-curtain", `{}`)
	for _, id := range []string{"c1", "c3", "c4"} {
		desk.becomes(t, porter, "GET /coats/"+id, map[string]any{"warned": true, "version": 2})
	}
	desk.stop(t)
	desk.start(t)
	desk.ask(t, ann, 200, "POST /coats/c1/hand-out", `{}`)
	desk.refused(t, ben, 403, "Forbidden", "POST /coats/c1/hand-out", `{}`)
	desk.ask(t, porter, 200, "POST /coats/c3/lose", `{}`)
	desk.refused(t, porter, 404, "NotFound", "GET /coats/c3", "")
	house.becomes(t, ann, "GET /views/coats/c1", map[string]any{"fetched": true})
	house.willList(t, ben, "GET /views/coats", "coatId", "c1", "c4")
}
