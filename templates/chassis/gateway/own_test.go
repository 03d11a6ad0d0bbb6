package gateway_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/esgen/esgen/templates/chassis/gateway"
)

// saying answers what it was asked.
func saying(t *testing.T, name string) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		_, _ = fmt.Fprintf(w, "%s: %s %s %s below %s", name, r.Method, r.RequestURI, body, r.Header.Get("X-Forwarded-Prefix"))
	}))
	t.Cleanup(s.Close)
	return s
}

// A path of one's own choosing stays, whoever answers: the service by the path
// that it knows, a system of before by its own, and the rest where it was.
func TestOwn(t *testing.T) {
	t.Parallel()
	roles := []string{"customer"}
	at := run(t, gateway.Parts{
		Config:   config(),
		Services: map[string][]string{"product": {saying(t, "product").URL}},
		Systems:  map[string]string{"mono": saying(t, "mono").URL},
		Table: gateway.Table{
			Routes: []gateway.Route{gateway.To("GET", "/product/views/items/{productId}", "customer")},
			Ways: []gateway.Way{
				gateway.Own{Path: "GET /product/{productId}", To: "GET /product/views/items/{productId}", Roles: roles},
				gateway.Own{Path: "GET /item/{productId}", To: "GET /product/views/items/{productId}", Roles: roles},
				gateway.Own{Path: "DELETE /product/{productId}", To: "POST /product/items/{productId}/remove", Roles: roles},
				gateway.Own{Path: "GET /shops/{shopId}/products", To: "GET /product/views/items?shopId={shopId}", Roles: roles},
				gateway.Detour{Path: "/product", Below: true, System: "mono"},
				gateway.Rewrite{Method: "GET", Path: "/bills/{id}/of/{year}", System: "mono", To: "/v1/{year}/{id}"},
				gateway.Rewrite{Path: "/old", Below: true, System: "mono", To: "/v0/x"},
				gateway.Rewrite{Path: "/bare", Below: true, System: "mono", To: "/"},
			},
		},
	})
	for _, test := range []struct {
		method, path string
		status       int
		want         string
	}{
		{"GET", "/product/a%2Fb?minVersion=3", 200, "product: GET /views/items/a%2Fb?minVersion=3  below /product"},
		{"GET", "/item/1", 200, "product: GET /views/items/1  below /product"},
		{"HEAD", "/item/1", 200, ""},
		{"GET", "/product/views/items/1", 200, "product: GET /views/items/1  below /product"},
		{"DELETE", "/product/1", 200, "product: POST /items/1/remove {} below /product"},
		{"GET", "/shops/a%26b/products?limit=2&shopId=other", 200, "product: GET /views/items?limit=2&shopId=a%26b  below /product"},
		{"GET", "/product/1/reviews?x=1", 200, "mono: GET /product/1/reviews?x=1  below "},
		{"POST", "/product", 200, "mono: POST /product {} below "},
		{"GET", "/bills/a%2Fb/of/2026?x=1", 200, "mono: GET /v1/2026/a%2Fb?x=1  below "},
		{"POST", "/bills/1/of/2026", 405, `"code":"method-not-allowed"`},
		{"GET", "/old", 200, "mono: GET /v0/x  below "},
		{"GET", "/old/a/b%2F?y", 200, "mono: GET /v0/x/a/b%2F?y  below "},
		{"GET", "/bare/a", 200, "mono: GET /a  below "},
		{"GET", "/bare", 200, "mono: GET /  below "},
		{"GET", "/bare/", 200, "mono: GET /  below "},
	} {
		body := "{}"
		if test.method != "POST" && test.method != "DELETE" {
			body = ""
		}
		status, got, _ := ask(t, test.method, at+test.path, body)
		if status != test.status || got != test.want && !(status != 200 && strings.Contains(got, test.want)) {
			t.Errorf("%s %s: %d %s, want %d %s", test.method, test.path, status, got, test.status, test.want)
		}
	}
	if status, body, _ := ask(t, "GET", at+"/item/1", "", "X-Actor-Roles: guest"); status != 403 {
		t.Errorf("for others: %d %s", status, body)
	}
}

// Any page may ask where the author says so.
func TestAnyPage(t *testing.T) {
	t.Parallel()
	at := run(t, gateway.Parts{
		Config: config(), Services: map[string][]string{"front": {saying(t, "front").URL}},
		Table: gateway.Table{Settings: gateway.Settings{Pages: gateway.From("*")}, Routes: []gateway.Route{gateway.To("GET", "/front/x", "customer")}},
	})
	_, _, h := ask(t, "GET", at+"/front/x", "", "Origin: https://anywhere.example")
	if got := h.Get("Access-Control-Allow-Origin"); got != "*" || h.Get("Access-Control-Allow-Credentials") != "" {
		t.Errorf("it may not ask: %v", h)
	}
}
