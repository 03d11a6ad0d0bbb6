package assembly_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/esgen/esgen/templates/chassis/assembly"
	"github.com/esgen/esgen/templates/chassis/inbound"
	"github.com/esgen/esgen/templates/chassis/kafka"
	"github.com/esgen/esgen/templates/chassis/rest"
)

// parked is what a service has parked.
type parked struct {
	asked kafka.ParkedFilter
	err   error
}

func (p *parked) List(_ context.Context, f kafka.ParkedFilter) ([]kafka.ParkedRecord, error) {
	p.asked = f
	return []kafka.ParkedRecord{{ID: 7, Handler: "h", Reason: "failed"}}, p.err
}

func (p *parked) Replay(_ context.Context, f kafka.ParkedFilter) (int, error) {
	p.asked = f
	return 2, p.err
}

func (p *parked) Skip(_ context.Context, f kafka.ParkedFilter) (int, error) {
	p.asked = f
	return 3, p.err
}

func TestParked(t *testing.T) {
	router, p := rest.NewRouter(inbound.Config{Authenticator: inbound.DevHeaders{}}), &parked{}
	assembly.AddParked(router, p)
	ask := func(to http.Handler, method, target string) (status int, body string) {
		w := httptest.NewRecorder()
		to.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), method, target, nil))
		return w.Code, w.Body.String()
	}
	for _, c := range []struct {
		method, path string
		status       int
		body         string
		asked        kafka.ParkedFilter
	}{
		{"GET", "?handler=h&topic=t&key=k&id=7&limit=5", 200, `{"items":[{"id":7,"handler":"h",`, kafka.ParkedFilter{ID: 7, Handler: "h", Topic: "t", Key: "k", Limit: 5}},
		{"GET", "", 200, `{"items":[`, kafka.ParkedFilter{}},
		{"GET", "?id=x", 400, `/id`, kafka.ParkedFilter{}},
		{"GET", "?x=1", 400, `/x`, kafka.ParkedFilter{}},
		{"POST", "/replay?id=7", 200, `{"count":2}`, kafka.ParkedFilter{ID: 7}},
		{"POST", "/skip?all=true", 200, `{"count":3}`, kafka.ParkedFilter{}},
		{"POST", "/skip", 400, `all=true`, kafka.ParkedFilter{}},
		{"POST", "/skip?limit=3", 400, `all=true`, kafka.ParkedFilter{}},
	} {
		p.asked = kafka.ParkedFilter{}
		status, body := ask(router.Internal(), c.method, "/internal/parked"+c.path)
		if status != c.status || !strings.Contains(body, c.body) || p.asked != c.asked {
			t.Errorf("%s %s: %d %s %+v", c.method, c.path, status, body, p.asked)
		}
	}
	if status, _ := ask(router.Public(), "GET", "/internal/parked"); status != 404 {
		t.Error("to the public:", status)
	}
}
