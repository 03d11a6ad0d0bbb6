package e2e

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/esgen/esgen/internal/devrun"
	"github.com/esgen/esgen/internal/testservers"
)

// TestVersions has services read what earlier releases of them have said.
func TestVersions(t *testing.T) {
	opts := build(t, "../../testdata/models/parcels/esgen.yaml", nil)
	t.Run("SQLite", func(t *testing.T) { versions(t, opts) })
	t.Run("PostgreSQL", func(t *testing.T) {
		opts := opts
		opts.DB = testservers.Postgres(t)
		versions(t, opts)
	})
}

func versions(t *testing.T, opts devrun.Options) {
	s := start(t, opts)
	depot, billing, desk := s.services["depot"], s.services["billing"], s.services["desk"]
	clerk := actor{"cleo", "clerk"}
	s.says(t, "first", "ParcelTaken", "1", `{"parcelId": "first", "to": "Elm St", "kilos": 2, "pieces": 4, "colour": "red"}`)
	s.says(t, "second", "ParcelTaken", "2", `{"parcelId": "second", "street": "Oak St", "grams": 90, "perPiece": 45}`)
	s.says(t, "lost", "ParcelTaken", "1", `{"parcelId": "lost", "to": "Ash St", "kilos": 7, "pieces": 1, "colour": "red"}`)
	s.says(t, "lost", "ParcelLost", "1", `{"parcelId": "lost"}`)
	depot.ask(t, clerk, 201, "POST /parcels", `{"parcelId": "third", "street": "Elm St", "grams": 300, "perPiece": 100, "size": "Letter", "notes": ["fragile"]}`)

	parcels := func(t *testing.T) {
		t.Helper()
		depot.willList(t, clerk, "GET /views/parcels?sort=grams", "parcelId", "second", "third", "first")
		for id, fields := range map[string]map[string]any{
			"first":  {"street": "Elm St", "grams": 2000, "perPiece": 500, "size": "Box", "takenBy": "v2 at 2026-01-02T03:04:05Z", "notes": []any{}},
			"second": {"street": "Oak St", "grams": 90, "perPiece": 45, "size": "Letter", "takenBy": "v2 at 2026-01-02T03:04:05Z", "notes": []any{}},
			"third":  {"street": "Elm St", "grams": 300, "perPiece": 100, "size": "Letter", "takenBy": "desk", "notes": []any{"fragile"}},
		} {
			depot.becomes(t, clerk, "GET /views/parcels/"+id, fields)
		}
	}
	t.Run("views", parcels)
	t.Run("policies", func(t *testing.T) {
		depot.willList(t, clerk, "GET /views/labels?text=at+once&sort=street,size", "size", "Box", "Box", "Letter", "Letter")
		depot.willList(t, clerk, "GET /views/labels?text=at+once&sort=street", "street", "Ash St", "Elm St", "Elm St", "Oak St")
	})
	t.Run("policies that wait", func(t *testing.T) {
		depot.willList(t, clerk, "GET /views/labels?text=later&sort=street", "street", "Elm St", "Elm St", "Oak St")
		s.handled(t, "parcels.depot", "parcels.depot.parcel")
		var waiting int
		err := s.database(t, "depot").QueryRowContext(t.Context(), "SELECT COUNT(*) FROM platform_timers WHERE instance = 'lost'").Scan(&waiting)
		if err != nil || waiting > 0 {
			t.Errorf("%d policies wait for what was lost: %v", waiting, err)
		}
	})
	t.Run("policies that look back", func(t *testing.T) {
		s.says(t, "fourth", "ParcelTaken", "1", `{"parcelId": "fourth", "to": "Oak St", "kilos": 1, "pieces": 1, "colour": "red"}`)
		depot.willList(t, clerk, "GET /views/labels?street=Oak+St&text=1090", "size", "Box")
		s.says(t, "fourth", "ParcelLost", "2", `{"parcelId": "fourth", "street": "Oak St"}`)
	})
	t.Run("policies of several events", func(t *testing.T) {
		depot.willList(t, clerk, "GET /views/claims?text=ParcelTaken&sort=street", "street", "Ash St", "Elm St", "Elm St", "Oak St", "Oak St")
		depot.willList(t, clerk, "GET /views/claims?text=ParcelLost&sort=street", "street", "Oak St", "unknown")
	})
	t.Run("other contexts", func(t *testing.T) {
		billing.willList(t, clerk, "GET /views/weights?sort=grams", "grams", 90, 300, 1000, 2000, 7000)
		billing.willList(t, clerk, "GET /views/bills?sort=parcelId", "parcelId", "first", "fourth", "lost")
		desk.willList(t, clerk, "GET /views/streets?sort=street", "taken", 1, 2, 2)
	})
	t.Run("a view that is rebuilt", func(t *testing.T) {
		if _, err := s.database(t, "depot").ExecContext(t.Context(), "DELETE FROM view_parcels"); err != nil {
			t.Fatal(err)
		}
		depot.lists(t, clerk, "GET /views/parcels", "parcelId")
		if a, err := ask(t.Context(), http.MethodPost, s.Internal("depot")+"/views/Parcels/rebuild", request{who: inside}); err != nil || a.status != http.StatusAccepted {
			t.Fatal(err, a.status, a.text)
		}
		parcels(t)
	})
	for _, p := range s.services {
		if parked := p.parked(t); len(parked) > 0 {
			t.Errorf("%s has parked %v", p.name, parked)
		}
	}
	t.Run("what has no newer version", func(t *testing.T) {
		s.says(t, "void", "ParcelTaken", "1", `{"parcelId": "void", "to": "Elm St", "kilos": 3, "pieces": 0, "colour": "red"}`)
		billing.willList(t, clerk, "GET /views/weights?parcelId=void", "grams", 3000) // which it has without the division
		eventually(t, "the record is parked", func() error {
			parked := depot.parked(t)
			slices.Sort(parked)
			parked = slices.DeleteFunc(parked, func(line string) bool { return strings.HasPrefix(line, "Parcels:") }) // of the view before it was rebuilt, if that is still kept
			for i, handler := range []string{"Parcels__1", "PrintBulk", "PrintLabel", "PrintLater/timer", "Watch"} {
				if len(parked) != 5 || !strings.HasPrefix(parked[i], handler) || !strings.Contains(parked[i], "undecodable") {
					return fmt.Errorf("parked: %v", parked)
				}
			}
			return nil
		})
	})
}

// says has an earlier release of the depot tell of an event. What is lost is
// taken in times to come, so that nobody has waited long enough before it is.
func (s *system) says(t *testing.T, parcel, event, version, data string) {
	t.Helper()
	client, err := kgo.NewClient(kgo.SeedBrokers(s.brokers()...))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	at := "2026-01-02T03:04:05Z"
	if parcel == "lost" {
		at = "2999" + at[4:]
	}
	r := &kgo.Record{Topic: "parcels.depot.parcel", Key: []byte(parcel), Value: []byte(data)}
	for name, value := range map[string]string{
		"ce_specversion": "1.0", "ce_id": parcel + "-" + event, "ce_source": "/parcels/depot", "ce_type": "depot.parcel." + event, "ce_subject": parcel,
		"ce_time": at, "ce_sequence": "1", "ce_dataversion": version, "content-type": "application/json",
	} {
		r.Headers = append(r.Headers, kgo.RecordHeader{Key: name, Value: []byte(value)})
	}
	if err := client.ProduceSync(t.Context(), r).FirstErr(); err != nil {
		t.Fatal(err)
	}
}
