package rest_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/esgen/esgen/templates/chassis/inbound"
	"github.com/esgen/esgen/templates/chassis/rest"
)

// Everybody is told what the routes are; who knows it is told that.
func TestDocument(t *testing.T) {
	r := rest.NewRouter(inbound.Config{})
	r.Document([]byte("openapi: 3.1.1\n"))
	ask := func(tag string) *httptest.ResponseRecorder {
		req := httptest.NewRequestWithContext(t.Context(), http.MethodGet, rest.PathDocument, nil)
		req.Header.Set("If-None-Match", tag)
		w := httptest.NewRecorder()
		r.Public().ServeHTTP(w, req)
		return w
	}
	first := ask("")
	if first.Code != 200 || first.Header().Get("Content-Type") != "application/yaml" || first.Body.String() != "openapi: 3.1.1\n" {
		t.Errorf("%d %v %s", first.Code, first.Header(), first.Body)
	}
	if again := ask(first.Header().Get("ETag")); again.Code != 304 || again.Body.Len() > 0 {
		t.Errorf("again: %d %s", again.Code, again.Body)
	}
}
