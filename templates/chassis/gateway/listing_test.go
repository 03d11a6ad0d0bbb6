package gateway_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/esgen/esgen/templates/chassis/gateway"
)

// A list has its rows first, then the parts of each at once: what rows share is
// asked for once, and what is not there is left out.
func TestListing(t *testing.T) {
	t.Parallel()
	orders := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Header.Get("X-Actor-Id") != "c-1":
			w.WriteHeader(http.StatusTeapot)
		case r.URL.Query().Get("customerId") == "nobody":
			w.WriteHeader(http.StatusServiceUnavailable)
			_, _ = fmt.Fprint(w, `{"type":"about:blank","title":"x","status":503,"code":"unavailable"}`)
		case r.URL.Query().Get("limit") == "":
			_, _ = fmt.Fprint(w, `{"items":[],"_links":{}}`)
		default:
			_, _ = fmt.Fprint(w, `{"items":[{"orderId":"o1","productId":"p1","n":12345678901234567},{"orderId":"o2","productId":"p1","n":2},{"orderId":"o/3","n":3},{"orderId":""}],"next":"c&2","_links":{}}`)
		}
	}))
	t.Cleanup(orders.Close)
	var mu sync.Mutex
	asked := map[string]int{}
	parts := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		asked[r.URL.EscapedPath()]++
		mu.Unlock()
		if strings.HasSuffix(r.URL.Path, "/o2") {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		_, _ = fmt.Fprintf(w, `%q`, r.URL.EscapedPath())
	}))
	t.Cleanup(parts.Close)
	at := run(t, gateway.Parts{
		Config:   config(),
		Services: map[string][]string{"order": {orders.URL}, "rest": {parts.URL}, "away": {"http://" + nobody(t)}},
		Table: gateway.Table{Ways: []gateway.Way{gateway.Listing{
			Path: "/customers/{customerId}/orders", Roles: []string{"customer"}, List: "/order/views/orders?customerId={customerId}",
			Parts: []gateway.Part{
				{Name: "product", Path: "/rest/views/products/{row.productId}"},
				{Name: "delivery", Path: "/rest/views/deliveries/{row.orderId}"},
				{Name: "ticket", Path: "/rest/views/tickets/{customerId}/{row.n}"},
				{Name: "rider", Path: "/away/views/riders/{row.orderId}"},
			},
		}}},
	})
	status, body, h := ask(t, "GET", at+"/customers/c%201/orders?limit=4", "")
	want := `{"_links":{"next":{"href":"/customers/c%201/orders?cursor=c%262\u0026limit=4"},"self":{"href":"/customers/c%201/orders?limit=4"}},"items":[` +
		`{"delivery":"/views/deliveries/o1","product":"/views/products/p1","row":{"orderId":"o1","productId":"p1","n":12345678901234567},"ticket":"/views/tickets/c%201/12345678901234567"},` +
		`{"product":"/views/products/p1","row":{"orderId":"o2","productId":"p1","n":2},"ticket":"/views/tickets/c%201/2"},` +
		`{"delivery":"/views/deliveries/o%2F3","row":{"orderId":"o/3","n":3},"ticket":"/views/tickets/c%201/3"},` +
		`{"row":{"orderId":""}}],"next":"c\u00262"}`
	if status != 200 || body != want || h.Get("Link") != `</customers/c%201/orders?cursor=c%262&limit=4>; rel="next"` {
		t.Errorf("%d\n%s\nwant\n%s\n%v", status, body, want, h)
	}
	if asked["/views/products/p1"] != 1 {
		t.Errorf("what two rows share is asked for %d times", asked["/views/products/p1"])
	}
	if status, body, _ := ask(t, "GET", at+"/customers/c/orders", ""); status != 200 || body != `{"_links":{"self":{"href":"/customers/c/orders"}},"items":[]}` {
		t.Errorf("nothing is there: %d %s", status, body)
	}
	if status, body, _ := ask(t, "GET", at+"/customers/nobody/orders", ""); status != 503 || !strings.Contains(body, `"code":"unavailable"`) {
		t.Errorf("without rows: %d %s", status, body)
	}
	if status, body, _ := ask(t, "GET", at+"/customers/c/orders", "", "X-Actor-Roles: guest"); status != 403 {
		t.Errorf("for others: %d %s", status, body)
	}
}
