package given_test

import (
	"context"
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/esgen/esgen/templates/testkit/given"
)

func knock(d *given.Doors, method, path, body string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	d.Handler().ServeHTTP(w, httptest.NewRequest(method, path, strings.NewReader(body)))
	return w
}

func TestDoors(t *testing.T) {
	s := library(t, "sqlite:"+filepath.Join(t.TempDir(), "test.db"))
	d := given.NewDoors(s)
	if w := knock(d, "POST", "/_states", `{"state":"a loan","action":"setup","params":`+string(state(history(aBook, aLoan)))+`}`); w.Code != 200 || w.Body.String() != "{}" {
		t.Error("state:", w.Code, w.Body)
	}
	if code, body := get(s, "/loans/l-1"); code != 200 {
		t.Error(code, body)
	}
	if w := knock(d, "POST", "/_states", `{"state":"a loan","action":"teardown"}`); w.Code != 200 {
		t.Error("teardown:", w.Code, w.Body)
	}
	if w := knock(d, "POST", "/_states", `{"state":"x","params":{"history":1}}`); w.Code != 400 || !strings.Contains(w.Body.String(), "cannot be read") {
		t.Error("bad state:", w.Code, w.Body)
	}

	asked := `{"description":"a loan","providerStates":[{"name":"a book","params":` + string(state(history(aBook), lending)) + `}]}`
	w := knock(d, "POST", "/", asked)
	metadata, err := base64.StdEncoding.DecodeString(w.Header().Get("Pact-Message-Metadata"))
	if err != nil || w.Code != 200 || w.Header().Get("Content-Type") != "application/json" ||
		!strings.Contains(w.Body.String(), `"loanId":"l-2"`) || !strings.Contains(string(metadata), `"ce_type":"loan.loan.Borrowed"`) {
		t.Errorf("message: %d %v %s %s %v", w.Code, w.Header(), metadata, w.Body, err)
	}
	asked = `{"description":"a saga asks","providerStates":[{"name":"a book","params":` + string(state(history(aBook))) + `}],"request":{"contents":{"content":
		{"saga":"trips.Book","story":"s","key":"1","replyTo":"library.trips.replies","instance":"l-9","input":{"book":"b-1"}},"contentType":"application/json","encoded":false},
		"metadata":{"contentType":"application/json","kafka_topic":"library.loan.commands","key":"s","ce_specversion":"1.0","ce_id":"o","ce_source":"/library/trips",
			"ce_type":"loan.loan.Lend","ce_subject":"s","ce_time":"2026-03-01T10:00:00Z"}}}`
	if w := knock(d, "POST", "/", asked); w.Code != 200 || !strings.Contains(w.Body.String(), `"result":"done"`) {
		t.Error("answer:", w.Code, w.Body)
	}
	if w := knock(d, "POST", "/", `{"providerStates":[{"name":"none","params":{}}]}`); w.Code != 422 || !strings.Contains(w.Body.String(), "does not say what leads") {
		t.Error("no message:", w.Code, w.Body)
	}
	if w := knock(d, "POST", "/", `{"providerStates":[{"name":"bad","params":{"x":1}}]}`); w.Code != 400 || !strings.Contains(w.Body.String(), `the state "bad" cannot be made so`) {
		t.Error("message of a bad state:", w.Code, w.Body)
	}

	if w := knock(d, "PUT", "/_clock", `{"now":"2030-01-01T00:00:00Z"}`); w.Code != 200 || s.Now().Year() != 2030 {
		t.Error("clock:", w.Code, w.Body, s.Now())
	}
	event := `{"id":"e-1","topic":"library.book.book",` + strings.TrimPrefix(aBook, "{")
	if w := knock(d, "POST", "/_events", event); w.Code != 200 {
		t.Error("event:", w.Code, w.Body)
	}
	if w := knock(d, "POST", "/_events", strings.Replace(event, "Registered", "Burnt", 1)); w.Code != 400 || !strings.Contains(w.Body.String(), "nobody waits for book.book.Burnt") {
		t.Error("unknown event:", w.Code, w.Body)
	}
	if w := knock(d, "POST", "/_replies/pay/x", `{}`); w.Code != http.StatusNotImplemented {
		t.Error("reply:", w.Code, w.Body)
	}
}

// From the first state on nothing happens by itself.
func TestHeldWorkers(t *testing.T) {
	s := library(t, "sqlite:"+filepath.Join(t.TempDir(), "test.db"))
	d := given.NewDoors(s)
	began, ended, over := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	ctx, cancel := context.WithCancel(t.Context())
	worker := d.UntilHeld(func(ctx context.Context) error {
		close(began)
		<-ctx.Done()
		close(ended)
		return nil
	})
	go func() { over <- worker(ctx) }()
	<-began
	knock(d, "POST", "/_states", `{"state":"x"}`)
	select {
	case <-ended: // before the state was made
	default:
		t.Error("the worker works on")
	}
	late := make(chan error, 1)
	go func() {
		late <- d.UntilHeld(func(context.Context) error { t.Error("a worker began that is held"); return nil })(ctx)
	}()
	cancel()
	for _, c := range []chan error{over, late} {
		if err := <-c; err != nil {
			t.Error(err)
		}
	}
}

// They listen until they are told to stop.
func TestDoorsServe(t *testing.T) {
	d := given.NewDoors(library(t, "sqlite:"+filepath.Join(t.TempDir(), "test.db")))
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	over := make(chan error, 1)
	go func() { over <- d.Serve(ctx, "127.0.0.1:0") }()
	cancel()
	if err := <-over; err != nil && ctx.Err() == nil {
		t.Error(err)
	}
	if err := d.Serve(t.Context(), "nowhere:x"); err == nil {
		t.Error("it listens nowhere")
	}
}
