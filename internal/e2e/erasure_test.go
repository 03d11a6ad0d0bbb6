package e2e

import (
	"database/sql"
	"fmt"
	"strings"
	"testing"

	"github.com/esgen/esgen/internal/devrun"
)

// Who is erased is forgotten in tables and topics, by an event of the model and by an
// operator, whatever dies in between.
func TestErasure(t *testing.T) {
	opts := build(t, "../../testdata/models/practice/esgen.yaml", nil)
	onBoth(t, opts, erasure)
}

// practice is a system that knows people.
type practice struct {
	*system
	registry, care *process
}

var registrar = actor{"kim", "clerk"}

func erasure(t *testing.T, opts devrun.Options) {
	s := start(t, opts)
	p := practice{s, s.services["registry"], s.services["care"]}
	for _, id := range []string{"hanna", "otto", "mia"} {
		p.registry.ask(t, registrar, 201, "POST /patients", fmt.Sprintf(`{"patientId": %q, "name": "Name of %s", "email": "%s@secret.example",
			"home": {"street": "Secret street", "city": "Secret city"}, "allergies": ["secret nuts"]}`, id, id, id))
		p.care.ask(t, registrar, 201, "POST /visits", fmt.Sprintf(`{"visitId": "v-%s", "patientId": %q, "complaint": "secret headache"}`, id, id))
		p.registry.becomes(t, registrar, "GET /views/directories/"+id, map[string]any{"name": "Name of " + id, "city": "Secret city"})
		p.registry.becomes(t, registrar, "GET /views/books/"+id, map[string]any{"email": id + "@secret.example"})
		p.care.becomes(t, registrar, "GET /views/waitings/v-"+id, map[string]any{"complaint": "secret headache"})
		p.registry.becomes(t, registrar, "GET /patients/"+id, map[string]any{"name": "Name of " + id, "visits": 1})
	}
	p.wantEnciphered(t)

	t.Run("by an event", func(t *testing.T) {
		p.registry.ask(t, registrar, 200, "POST /patients/hanna/forget", "")
		p.registry.ask(t, registrar, 200, "GET /patients/hanna", "").has(t, map[string]any{"name": absent, "home": absent, "visits": 1})
		p.forgot(t, "hanna")
		p.care.becomes(t, registrar, "GET /views/waitings/v-hanna", map[string]any{"complaint": absent})
		p.care.ask(t, registrar, 200, "GET /visits/v-hanna", "").has(t, map[string]any{"complaint": absent})
		p.registry.ask(t, registrar, 200, "POST /patients/hanna/move", `{"home": {"street": "Secret again", "city": "Secret again"}}`)
		p.registry.becomes(t, registrar, "GET /views/directories/hanna", map[string]any{"moves": 1, "city": "?"})
	})
	t.Run("by an operator, in whose midst the machine fails", func(t *testing.T) {
		// As it is when the process dies right after the key is gone.
		db := s.database(t, "registry")
		p.registry.kill(t)
		p.exec(t, db, "UPDATE platform_persons SET key = NULL, clean = $1, erased_at = "+past+" WHERE person = 'otto'", false)
		p.registry.start(t)
		p.forgot(t, "otto")
		p.registry.ask(t, inside, 204, "POST /internal/persons/mia/erase", "")
		p.registry.ask(t, inside, 204, "POST /internal/persons/mia/erase", "")
		p.forgot(t, "mia")
		p.registry.ask(t, inside, 204, "POST /internal/persons/never-heard-of/erase", "")
		p.registry.ask(t, registrar, 201, "POST /patients", `{"patientId": "new", "name": "Next", "email": "mia@secret.example", "allergies": []}`)
	})
	t.Run("a view that is rebuilt", func(t *testing.T) {
		p.registry.ask(t, inside, 202, "POST /views/Directory/rebuild", "")
		p.registry.ask(t, registrar, 200, "POST /patients/new/move", `{"home": {"street": "A", "city": "Bonn"}}`)
		p.registry.becomes(t, registrar, "GET /views/directories/new", map[string]any{"city": "Bonn", "moves": 1})
		for _, id := range []string{"hanna", "otto", "mia"} {
			p.forgot(t, id)
		}
	})
	for _, service := range []*process{p.registry, p.care} {
		if parked := service.parked(t); len(parked) > 0 {
			t.Errorf("parked: %v", parked)
		}
	}
}

// past is a time that both databases know.
const past = "'2026-01-01T00:00:00.000000Z'"

func (p practice) exec(t *testing.T, db *sql.DB, query string, args ...any) {
	t.Helper()
	if _, err := db.ExecContext(t.Context(), query, args...); err != nil {
		t.Fatal(err)
	}
}

// wantEnciphered looks for what is personal where it is not to be found.
func (p practice) wantEnciphered(t *testing.T) {
	t.Helper()
	for _, place := range []struct{ service, query string }{
		{"registry", "SELECT data FROM patient_events"}, {"registry", "SELECT _doc FROM patient"}, {"registry", "SELECT _doc FROM letter"},
		{"registry", "SELECT reply FROM platform_commands"}, {"care", "SELECT _doc FROM visit"}, {"care", "SELECT reply FROM platform_commands"},
	} {
		for _, text := range p.texts(t, place.service, place.query) {
			secretless(t, place.query, text)
		}
	}
	for _, topic := range []string{"practice.registry.patient", "practice.registry.letter.private", "practice.care.visit"} {
		records := p.records(t, topic)
		if len(records) == 0 {
			t.Errorf("there is nothing on %s", topic)
		}
		for _, r := range records {
			secretless(t, topic, string(r.Value))
		}
	}
}

// texts are what a question to the database of a service finds.
func (p practice) texts(t *testing.T, service, query string) (texts []string) {
	t.Helper()
	rows, err := p.database(t, service).QueryContext(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close() //nolint:errcheck // it was read from
	for rows.Next() {
		var text sql.NullString
		if err := rows.Scan(&text); err != nil {
			t.Fatal(err)
		}
		texts = append(texts, text.String)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return texts
}

func secretless(t *testing.T, place, text string) {
	t.Helper()
	if strings.Contains(strings.ToLower(text), "secret") || strings.Contains(text, "Name of") {
		t.Errorf("%s has %s", place, text)
	}
}

// forgot waits until nothing of a patient is known.
func (p practice) forgot(t *testing.T, id string) {
	t.Helper()
	p.registry.becomes(t, registrar, "GET /patients/"+id, map[string]any{"name": absent, "email": absent, "home": absent})
	p.registry.becomes(t, registrar, "GET /views/directories/"+id, map[string]any{"name": absent, "city": "?"})
	p.registry.becomes(t, registrar, "GET /views/books/"+id, map[string]any{"email": absent})
	p.registry.ask(t, registrar, 200, "GET /patients/"+id+"/events", "")
	eventually(t, "it is forgotten in columns", func() error {
		var n int
		query := "SELECT COUNT(*) FROM patient WHERE _id = $1 AND (name IS NOT NULL OR email IS NOT NULL)"
		err := p.database(t, "registry").QueryRowContext(t.Context(), query, id).Scan(&n)
		if err == nil && n > 0 {
			err = fmt.Errorf("there are still %d", n)
		}
		return err
	})
}
