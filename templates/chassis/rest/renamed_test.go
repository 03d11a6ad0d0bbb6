package rest_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/esgen/esgen/templates/chassis/inbound"
	"github.com/esgen/esgen/templates/chassis/rest"
)

// A route of before is answered as the one that took its place, to the same people;
// one that leads nowhere, or is another's, keeps the service from starting.
func TestRenamed(t *testing.T) {
	r := rest.NewRouter(inbound.Config{Authenticator: inbound.DevHeaders{}})
	handle := func(w http.ResponseWriter, req *http.Request, _ inbound.Actor) error {
		_, err := w.Write([]byte(req.PathValue("id")))
		return err
	}
	r.Handle("GET /bookings/{id}", []string{"guest"}, handle)
	r.Renamed("GET /orders/{id}", "GET /bookings/{id}")
	if err := r.Err(); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		path, roles string
		status      int
	}{{"/bookings/b1", "guest", 200}, {"/orders/b1", "guest", 200}, {"/orders/b1", "clerk", 403}, {"/stays/b1", "guest", 404}} {
		req := httptest.NewRequestWithContext(t.Context(), http.MethodGet, c.path, nil)
		req.Header.Set("X-Actor-Id", "kim")
		req.Header.Set("X-Actor-Roles", c.roles)
		w := httptest.NewRecorder()
		r.Public().ServeHTTP(w, req)
		if w.Code != c.status || w.Code == 200 && w.Body.String() != "b1" {
			t.Errorf("%s for %s: %d %s, want %d", c.path, c.roles, w.Code, w.Body, c.status)
		}
	}
	r.Renamed("GET /rooms/{id}", "GET /nowhere/{id}")
	r.Renamed("GET /bookings/{id}", "GET /bookings/{id}")
	if err := r.Err(); err == nil || !strings.Contains(err.Error(), "/nowhere") || !strings.Contains(err.Error(), "conflicts") {
		t.Errorf("%v", err)
	}
}
