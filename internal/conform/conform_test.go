package conform_test

import (
	"net/http"
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
