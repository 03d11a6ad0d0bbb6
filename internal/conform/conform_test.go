package conform_test

import (
	"io/fs"
	"maps"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/esgen/esgen/internal/conform"
)

// bikes are the documents of a small system.
func bikes(t *testing.T) *conform.Documents {
	t.Helper()
	docs, err := conform.Load("../apidoc/testdata/bikes/documents")
	if err != nil {
		t.Fatal(err)
	}
	return docs
}

func TestAnswer(t *testing.T) {
	row := `{"bikeId": "b1", "plate": "AB12", "condition": "Fine", "since": "2026-01-01T00:00:00Z", "_links": {"self": {"href": "/views/bike-lists/b1"}}}`
	problem := `{"type": "about:blank", "title": "Conflict", "status": 409, "code": "NotBroken"}`
	jsonBody := http.Header{"Content-Type": {"application/json"}}
	problemBody := http.Header{"Content-Type": {"application/problem+json"}}
	for name, c := range map[string]struct {
		route  string
		status int
		header http.Header
		body   string
		fault  string // "": none
	}{
		"as documented":             {"GET /views/bike-lists/b1?minVersion=1", 200, jsonBody, row, ""},
		"with more than documented": {"GET /views/bike-lists/b1", 200, jsonBody, strings.Replace(row, "{", `{"new": 1, `, 1), ""},
		"a member is missing":       {"GET /views/bike-lists/b1", 200, jsonBody, strings.Replace(row, "plate", "plates", 1), "plate"},
		"another type":              {"GET /views/bike-lists/b1", 200, jsonBody, strings.Replace(row, `"Fine"`, "3", 1), "condition"},
		"an unknown value":          {"GET /views/bike-lists/b1", 200, jsonBody, strings.Replace(row, `"Fine"`, `"Fast"`, 1), "condition"},
		"no time":                   {"GET /views/bike-lists/b1", 200, jsonBody, strings.Replace(row, "T00:00:00Z", "", 1), "date-time"},
		"no JSON":                   {"GET /views/bike-lists/b1", 200, jsonBody, "{", "no JSON"},
		"another notation":          {"GET /views/bike-lists/b1", 200, http.Header{"Content-Type": {"text/html"}}, row, "text/html"},
		"another status":            {"GET /views/bike-lists/b1", 202, jsonBody, row, "no such status"},
		"a body where none is":      {"GET /views/bike-lists/b1", 304, jsonBody, row, "no body"},
		"a known refusal":           {"PUT /bikes/b1/repair", 409, problemBody, problem, ""},
		"an unknown refusal":        {"PUT /bikes/b1/repair", 409, problemBody, strings.Replace(problem, "NotBroken", "Rusty", 1), "code"},
		"nowhere to go":             {"POST /bikes", 201, jsonBody, `{"bikeId": "b1", "plate": "AB12", "id": "b1", "version": 1, "_links": {}}`, "no Location"},
		"nothing known of it":       {"GET /livez", 200, nil, "fine", ""},
	} {
		t.Run(name, func(t *testing.T) {
			method, target, _ := strings.Cut(c.route, " ")
			expect(t, c.fault, bikes(t).Services["fleet"].Public.Answer(method, target, c.status, c.header, []byte(c.body)))
		})
	}
}

func TestRecord(t *testing.T) {
	headers := func(change ...string) map[string]string {
		h := map[string]string{
			"ce_specversion": "1.0", "ce_id": "e1", "ce_source": "/bikes/hire", "ce_type": "hire.ride.RideStarted", "ce_subject": "r1",
			"ce_time": "2026-01-01T00:00:00Z", "ce_sequence": "1", "ce_dataversion": "1", "content-type": "application/json",
		}
		for i := 0; i+1 < len(change); i += 2 {
			h[change[i]] = change[i+1]
		}
		return h
	}
	payload := `{"rideId": "r1", "bikeId": "b1", "riderId": "x", "grace": "15m", "day": "2026-05-01", "fee": "2"}`
	for name, c := range map[string]struct {
		topic, key string
		headers    map[string]string
		payload    string
		fault      string
	}{
		"as documented":      {"bikes.hire.ride", "r1", headers(), payload, ""},
		"another topic":      {"bikes.hire.rides", "r1", headers(), payload, "no message"},
		"an unknown event":   {"bikes.hire.ride", "r1", headers("ce_type", "hire.ride.RideLost"), payload, "no message"},
		"another key":        {"bikes.hire.ride", "r2", headers(), payload, "key"},
		"another version":    {"bikes.hire.ride", "r1", headers("ce_dataversion", "2"), payload, "ce_dataversion"},
		"no sequence":        {"bikes.hire.ride", "r1", headers("ce_sequence", "one"), payload, "ce_sequence"},
		"a float for a fee":  {"bikes.hire.ride", "r1", headers(), strings.Replace(payload, `"2"`, "2.0", 1), "fee"},
		"a day of no month":  {"bikes.hire.ride", "r1", headers(), strings.Replace(payload, "-05-", "-13-", 1), "day"},
		"a field is missing": {"bikes.hire.ride", "r1", headers(), strings.Replace(payload, "bikeId", "bike", 1), "bikeId"},
	} {
		t.Run(name, func(t *testing.T) {
			expect(t, c.fault, bikes(t).Services["hire"].Events.Record(c.topic, c.key, c.headers, []byte(c.payload)))
		})
	}
}

func expect(t *testing.T, fault string, err error) {
	t.Helper()
	switch {
	case fault == "" && err != nil:
		t.Error(err)
	case fault != "" && (err == nil || !strings.Contains(err.Error(), fault)):
		t.Errorf("got %v, want a fault about %s", err, fault)
	}
}

// The gateway's document refers to those of the services, and says what it
// answers besides.
func TestGateway(t *testing.T) {
	docs := bikes(t)
	row := `{"bikeId": "b1", "plate": "AB12", "condition": "Fine", "since": "2026-01-01T00:00:00Z", "_links": {}}`
	refusal := func(status, code string) string {
		return `{"type": "about:blank", "title": "x", "status": ` + status + `, "code": "` + code + `"}`
	}
	problem := http.Header{"Content-Type": {"application/problem+json"}, "Retry-After": {"1"}}
	for name, c := range map[string]struct {
		route  string
		status int
		header http.Header
		body   string
		fault  string // "": none
	}{
		"of a service":           {"GET /fleet/views/bike-lists/b1", 200, http.Header{"Content-Type": {"application/json"}}, row, ""},
		"not as the service":     {"GET /fleet/views/bike-lists/b1", 200, http.Header{"Content-Type": {"application/json"}}, strings.Replace(row, "plate", "plates", 1), "plate"},
		"a refusal of a service": {"PUT /fleet/bikes/b1/repair", 409, problem, refusal("409", "NotBroken"), ""},
		"its own refusal":        {"PUT /fleet/bikes/b1/repair", 429, problem, refusal("429", "too-many-requests"), ""},
		"none of its own":        {"PUT /fleet/bikes/b1/repair", 429, problem, refusal("429", "tired"), "code"},
		"no refusal at all":      {"PUT /fleet/bikes/b1/repair", 418, problem, refusal("418", "teapot"), "no such status"},
		"composed":               {"GET /bikes/b1/sheet", 200, http.Header{"Content-Type": {"application/json"}}, `{"bike": {"bikeId": 1}, "_links": {}}`, "bikeId"},
	} {
		t.Run(name, func(t *testing.T) {
			method, target, _ := strings.Cut(c.route, " ")
			expect(t, c.fault, docs.Gateway.Answer(method, target, c.status, c.header, []byte(c.body)))
		})
	}
	if got, want := len(docs.Gateway.Operations()), 1+len(docs.Services["fleet"].Public.Operations())+len(docs.Services["hire"].Public.Operations()); got != want {
		t.Errorf("it has %d operations, want %d", got, want)
	}
}

// What is wrong with documents is found, whatever it is.
func TestFaults(t *testing.T) {
	root := os.DirFS("../apidoc/testdata/bikes/documents")
	files := map[string][]byte{}
	if err := fs.WalkDir(root, ".", func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			files[path], err = fs.ReadFile(root, path)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	for _, f := range conform.Faults(files) {
		t.Error(f)
	}
	const fleet = "services/fleet/api/"
	for name, c := range map[string]struct{ path, old, new, kind string }{
		"no YAML":                   {fleet + "openapi.yaml", "paths:", "paths: [", "not to be read"},
		"no OpenAPI":                {fleet + "openapi.yaml", "in: header", "in: hat", "no OpenAPI"},
		"a lost schema":             {fleet + "openapi.yaml", "    Plate:", "    Plates:", "a reference"},
		"a lost path":               {fleet + "openapi.yaml", "  /bikes:", "  /cycles:", "a reference"},
		"a lost event":              {fleet + "asyncapi.yaml", "Bike.BikeBought.event.json", "Bike.BikeSold.event.json", "a reference"},
		"an example that is wrong":  {fleet + "openapi.yaml", "plate: AB12,", "plate: ab12,", "an example"},
		"a row that is wrong":       {fleet + "openapi.yaml", "condition: Fine", "condition: Fast", "an example"},
		"an event that is wrong":    {fleet + "schemas/Bike.BikeBought.event.json", `"plate": "AB12"`, `"plate": 12`, "an example"},
		"a schema that cannot hold": {fleet + "schemas/Bike.BikeBought.event.json", `"type": "object",`, `"type": "thing",`, "a schema"},
	} {
		t.Run(name, func(t *testing.T) {
			spoilt := maps.Clone(files)
			spoilt[c.path] = []byte(strings.Replace(string(files[c.path]), c.old, c.new, 1))
			if string(spoilt[c.path]) == string(files[c.path]) {
				t.Fatalf("%s has no %q", c.path, c.old)
			}
			if faults := conform.Faults(spoilt); !slices.ContainsFunc(faults, func(f conform.Fault) bool { return f.Kind == c.kind }) {
				t.Errorf("found %v, want %s", faults, c.kind)
			}
		})
	}
}

// What a service hears is held against what the one who publishes it says.
func TestHeard(t *testing.T) {
	headers := map[string]string{
		"ce_specversion": "1.0", "ce_id": "e1", "ce_source": "/bikes/hire", "ce_type": "hire.ride.RideEnded", "ce_subject": "r1",
		"ce_time": "2026-01-01T00:00:00Z", "ce_sequence": "2", "ce_dataversion": "1", "content-type": "application/json",
	}
	fleet := bikes(t).Services["fleet"].Events
	expect(t, "rideId", fleet.Record("bikes.hire.ride", "r1", headers, []byte(`{}`)))
	headers["ce_source"] = "/bikes/fleet"
	expect(t, "ce_source", fleet.Record("bikes.hire.ride", "r1", headers, []byte(`{"rideId": "r1"}`)))
}
