package standin_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/esgen/esgen/templates/chassis/signature"
	"github.com/esgen/esgen/templates/chassis/standin"
)

// TestTell has the stand-ins send what they are given, signed, and pass on the answer.
func TestTell(t *testing.T) {
	const secret = "a-secret-of-16-bytes"
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if err := (signature.Secrets{secret}).Verify(r.Header.Get("PG-Signature"), body, time.Now(), time.Minute); err != nil {
			http.Error(w, err.Error(), http.StatusUnauthorized)
			return
		}
		w.Header().Set("Content-Type", "text/plain")
		w.WriteHeader(http.StatusAccepted)
		fmt.Fprintf(w, "%s %s %s", r.Method, r.URL.Path, body)
	}))
	defer receiver.Close()
	s, err := standin.New([]standin.Route{{External: "PG", Operation: "charge", Method: "POST", Path: "/charges"}}, standin.Limits{Body: 100})
	if err != nil {
		t.Fatal(err)
	}
	hook := standin.Webhook{External: "PG", Method: "PUT", URL: receiver.URL + "/hook", Header: "PG-Signature", Secret: secret}
	away := standin.Webhook{External: "PG", Event: "Away", Method: "POST", URL: "http://127.0.0.1:1", Header: "PG-Signature", Secret: secret}
	if err := s.Tell(hook, away); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		path, body string
		status     int
		says       string
	}{
		{"/_webhooks/PG", `{"id": 1}`, 202, `PUT /hook {"id": 1}`},
		{"/_webhooks/PG?ago=59s", `{}`, 202, "{}"},
		{"/_webhooks/PG?ago=10m", `{}`, 401, "another time"},
		{"/_webhooks/PG?ago=yesterday", `{}`, 400, "ago"},
		{"/_webhooks/PG", strings.Repeat("x", 101), 400, "too large"},
		{"/_webhooks/PG/Away", `{}`, 502, ""},
		{"/_webhooks/Bank", `{}`, 404, ""},
		{"/charges", `{}`, 200, ""}, // as ever
	} {
		w := httptest.NewRecorder()
		r := httptest.NewRequest(http.MethodPost, test.path, strings.NewReader(test.body))
		r.Header.Set("Content-Type", "application/json")
		s.ServeHTTP(w, r)
		if w.Code != test.status || !strings.Contains(w.Body.String(), test.says) {
			t.Errorf("%s: %d %s", test.path, w.Code, w.Body)
		}
	}
	if err := s.Tell(standin.Webhook{External: "a b{"}); err == nil {
		t.Error("a path that cannot be is taken")
	}
}
