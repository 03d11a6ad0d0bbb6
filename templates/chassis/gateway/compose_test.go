package gateway_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/esgen/esgen/templates/chassis/gateway"
)

func TestCompositions(t *testing.T) {
	t.Parallel()
	answer := func(w http.ResponseWriter, status int, body string) {
		if status != 200 {
			w.Header().Set("Content-Type", "application/problem+json")
			w.Header().Set("Retry-After", "7")
			body = fmt.Sprintf(`{"type":"about:blank","title":"x","status":%d,"code":"%s","instance":"/elsewhere"}`, status, body)
		}
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch id := strings.TrimPrefix(r.URL.EscapedPath(), "/views/orders/"); {
		case r.Header.Get("X-Forwarded-Prefix") != "/front" || r.Header.Get("X-Actor-Id") != "c-1" || r.Header.Get("X-Request-Id") == "" || r.Header.Get("Esgen-Actor") != "":
			answer(w, 400, "bad-headers")
		case id == "gone":
			answer(w, 404, "not-found")
		case id == "busy":
			answer(w, 503, "unavailable")
		case id == "others":
			answer(w, 403, "forbidden")
		case id == "strange":
			w.WriteHeader(http.StatusTeapot)
		default:
			answer(w, 200, fmt.Sprintf(`{"orderId":%q}`, id))
		}
	}))
	defer front.Close()
	bills := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case strings.HasSuffix(r.URL.Path, "/slow"):
			<-r.Context().Done()
		case strings.HasSuffix(r.URL.Path, "/unpaid"):
			answer(w, 404, "not-found")
		case strings.HasSuffix(r.URL.Path, "/large"):
			_, _ = w.Write([]byte(`"` + strings.Repeat("x", 1<<20) + `"`))
		default:
			answer(w, 200, `{"paid":true}`)
		}
	}))
	defer bills.Close()
	at := run(t, gateway.Parts{
		Config:   config(),
		Services: map[string][]string{"front": {front.URL}, "bills": {bills.URL}, "away": {"http://" + nobody(t)}},
		Table: gateway.Table{Ways: []gateway.Way{
			gateway.Composition{Path: "/orders/{orderId}/details", Roles: []string{"customer"}, Parts: []gateway.Part{
				{Name: "order", Path: "/front/views/orders/{orderId}", Required: true},
				{Name: "bill", Path: "/bills/views/bills/{orderId}", Timeout: 100 * time.Millisecond},
				{Name: "rider", Path: "/away/views/riders/{orderId}"},
			}},
			gateway.Composition{Path: "/riders/{orderId}/details", Roles: []string{"customer"}, Parts: []gateway.Part{{Name: "rider", Path: "/away/views/riders/{orderId}", Required: true}}},
			gateway.Composition{Path: "/bills/{orderId}/slow", Roles: []string{"customer"}, Parts: []gateway.Part{
				{Name: "bill", Path: "/bills/views/slow", Required: true, Timeout: 50 * time.Millisecond},
			}},
		}},
	})
	self := func(id string) string { return `{"_links":{"self":{"href":"/orders/` + id + `/details"}},` }
	for _, test := range []struct {
		path    string
		headers []string
		status  int
		want    string
	}{
		{"/orders/1/details", nil, 200, self("1") + `"bill":{"paid":true},"order":{"orderId":"1"}}`},
		{"/orders/a%2Fb/details", nil, 200, `"order":{"orderId":"a%2Fb"}}`},
		{"/orders/unpaid/details", nil, 200, self("unpaid") + `"order":{"orderId":"unpaid"}}`},
		{"/orders/slow/details", nil, 200, self("slow") + `"order":{"orderId":"slow"}}`},
		{"/orders/large/details", nil, 200, self("large") + `"order":{"orderId":"large"}}`},
		{"/orders/gone/details", nil, 404, `"instance":"/orders/gone/details","code":"not-found"`},
		{"/orders/busy/details", nil, 503, `"code":"unavailable"`},
		{"/orders/others/details", nil, 403, `"code":"forbidden"`},
		{"/orders/strange/details", nil, 502, `"code":"upstream-failed"`},
		{"/riders/1/details", nil, 503, `"detail":"away is not available"`},
		{"/bills/1/slow", nil, 504, `"code":"upstream-timeout"`},
		{"/orders/1/details?x=1", nil, 400, `"pointer":"/x"`},
		{"/orders/1/details", []string{"X-Actor-Roles: guest"}, 403, `"code":"forbidden"`},
		{"/orders/1/details", []string{"X-Actor-Id: "}, 401, `"code":"unauthorized"`},
	} {
		status, body, h := ask(t, "GET", at+test.path, "", append(test.headers, "Esgen-Actor: forged")...)
		if status != test.status || !strings.Contains(body, test.want) {
			t.Errorf("%s: %d %s, want %d %s", test.path, status, body, test.status, test.want)
		}
		if test.path == "/orders/busy/details" && h.Get("Retry-After") != "7" {
			t.Errorf("%s: %v", test.path, h)
		}
	}
}
