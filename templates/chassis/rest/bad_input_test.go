package rest_test

import (
	"net/http"
	"strings"
	"testing"
)

const goodOrder = `{"customerId":"c-1","items":[{"menuId":"m","quantity":1,"price":"2.50"}]}`

// badInput is what strangers send. None of it may reach a handler.
var badInput = []struct {
	name   string
	r      func() *http.Request
	status int
	errors string // pointers and codes
}{
	{"no body", post(""), 400, "/customerId required"},
	{"blank body", post("  "), 400, " syntax"},
	{"cut body", post(`{"customerId":"c-1"`), 400, " syntax"},
	{"not JSON", post(`customerId=c-1`), 400, " syntax"},
	{"XML", post(`<order/>`), 400, " syntax"},
	{"a list", post(`[]`), 400, " type"},
	{"a string", post(`"x"`), 400, " type"},
	{"null", post(`null`), 400, " null"},
	{"two values", post(goodOrder + goodOrder), 400, " syntax"},
	{"trailing comma", post(`{"customerId":"c-1",}`), 400, " syntax"},
	{"comment", post(`{"customerId":"c-1"}//`), 400, " syntax"},
	{"byte order mark", post("\ufeff" + goodOrder), 400, " syntax"},
	{"NUL bytes", post("\x00\x00"), 400, " syntax"},
	{"UTF-16", post("{\x00\"\x00"), 400, " syntax"},
	{"invalid UTF-8", post("{\"customerId\":\"\xc3\x28\"}"), 400, "/customerId text"},
	{"lone surrogate", post(`{"customerId":"\ud800"}`), 400, "/customerId text"},
	{"unknown field", post(`{"customerId":"c-1","admin":true}`), 400, "/admin unknown"},
	{"field in another case", post(`{"CustomerId":"c-1"}`), 400, "/CustomerId unknown,/customerId required"},
	{"duplicate field", post(`{"customerId":"c-1","customerId":"c-2"}`), 400, "/customerId duplicate"},
	{"prototype pollution", post(`{"customerId":"c-1","__proto__":{"a":1}}`), 400, "/__proto__ unknown"},
	{"wrong type", post(`{"customerId":1}`), 400, "/customerId type"},
	{"null field", post(`{"customerId":null}`), 400, "/customerId null"},
	{"object for an id", post(`{"customerId":{"$ne":null}}`), 400, "/customerId type"},
	{"empty id", post(`{"customerId":""}`), 400, "/customerId format"},
	{"long id", post(`{"customerId":"` + strings.Repeat("x", 201) + `"}`), 400, "/customerId format"},
	{"control characters", post(`{"customerId":"a\u0000b"}`), 400, "/customerId text"},
	{"string for a number", post(`{"customerId":"c","items":[{"menuId":"m","quantity":"1","price":1}]}`), 400, "/items/0/quantity type"},
	{"fraction", post(`{"customerId":"c","items":[{"menuId":"m","quantity":1.5,"price":1}]}`), 400, "/items/0/quantity type"},
	{"overflow", post(`{"customerId":"c","items":[{"menuId":"m","quantity":1e400,"price":1}]}`), 400, "/items/0/quantity type"},
	{"64 bits and one", post(`{"customerId":"c","items":[{"menuId":"m","quantity":9223372036854775808,"price":1}]}`), 400, "/items/0/quantity range"},
	{"huge decimal", post(`{"customerId":"c","items":[{"menuId":"m","quantity":1,"price":1e999999999}]}`), 400, "/items/0/price format"},
	{"not a decimal", post(`{"customerId":"c","items":[{"menuId":"m","quantity":1,"price":"NaN"}]}`), 400, "/items/0/price format"},
	{"infinity", post(`{"customerId":"c","items":[{"menuId":"m","quantity":1,"price":Infinity}]}`), 400, "/items/0/price syntax"},
	{"bad date", post(`{"customerId":"c","day":"2026-13-01"}`), 400, "/day format"},
	{"bad enum", post(`{"customerId":"c","status":"Cancelled"}`), 400, "/status enum"},
	{"too deep", post(`{"customerId":` + strings.Repeat("[", 100) + strings.Repeat("]", 100) + `}`), 400, "/customerId depth"},
	{"too large", post(`{"customerId":"` + strings.Repeat("x", 5000) + `"}`), 413, ""},
	{"too large, unannounced", unannounced, 413, ""},
	{"no content type", post(goodOrder, "Content-Type: "), 415, ""},
	{"form", post("customerId=c-1", "Content-Type: application/x-www-form-urlencoded"), 415, ""},
	{"text", post(goodOrder, "Content-Type: text/plain"), 415, ""},
	{"malformed content type", post(goodOrder, "Content-Type: application/json; charset"), 415, ""},
	{"another charset", post(goodOrder, "Content-Type: application/json; charset=euc-kr"), 415, ""},
	{"compressed", post(goodOrder, "Content-Encoding: gzip"), 415, ""},
	{"empty idempotency key", post(goodOrder, `Idempotency-Key: ""`), 400, ""},
	{"long idempotency key", post(goodOrder, "Idempotency-Key: "+strings.Repeat("k", 256)), 400, ""},
	{"idempotency key with a blank", post(goodOrder, "Idempotency-Key: a b"), 400, ""},
	{"idempotency key in Korean", post(goodOrder, "Idempotency-Key: 키"), 400, ""},
	{"two idempotency keys", twoKeys, 400, ""},
	{"If-Match without quotes", post(goodOrder, "If-Match: 3"), 400, ""},
	{"If-Match that does not end", post(goodOrder, `If-Match: "3`), 400, ""},
	{"If-Match without commas", post(goodOrder, `If-Match: "1" "2"`), 400, ""},
	{"If-Match of any and a version", post(goodOrder, `If-Match: *, "2"`), 400, ""},
	{"empty If-Match", post(goodOrder, `If-Match: ,`), 400, ""},
	{"parameters", to("POST", "/orders?debug=1", goodOrder), 400, "/debug unknown"},
	{"nobody", post(goodOrder, "X-Actor-Id: "), 401, ""},
	{"bad actor", post(goodOrder, "X-Actor-Id: a\tb"), 401, ""},
	{"no role", post(goodOrder, "X-Actor-Roles: "), 403, ""},
	{"another role", post(goodOrder, "X-Actor-Roles: owner"), 403, ""},
	{"another path", to("POST", "/order", goodOrder), 404, ""},
	{"another case", to("POST", "/Orders", goodOrder), 404, ""},
	{"trailing slash", to("POST", "/orders/", goodOrder), 404, ""},
	{"double slash", to("POST", "//orders", goodOrder), 404, ""},
	{"dots", to("POST", "/x/../orders", goodOrder), 404, ""},
	{"escaped dots", to("POST", "/%2e%2e/orders", goodOrder), 404, ""},
	{"the internal route", to("POST", "/internal/commands/order/place-order", goodOrder), 404, ""},
	{"a command of nobody", to("DELETE", "/orders/o-1", ""), 405, ""},
	{"another method", to("PATCH", "/orders", goodOrder), 405, ""},
	{"a made-up method", to("FROB", "/orders", goodOrder), 405, ""},
	{"TRACE", to("TRACE", "/orders", ""), 405, ""},
	{"id of dots", to("POST", "/orders/%2E%2E/cancel", ""), 400, "/orderId format"},
	{"id of NUL", to("POST", "/orders/%00/cancel", ""), 400, "/orderId text"},
	{"id of invalid UTF-8", to("POST", "/orders/%ff/cancel", ""), 400, "/orderId text"},
	{"long id in the path", to("POST", "/orders/"+strings.Repeat("x", 300)+"/cancel", ""), 400, "/orderId format"},
	{"another id in the body", to("POST", "/orders/o-1/cancel", `{"orderId":"o-2"}`), 400, "/orderId mismatch"},
	{"no version", to("PUT", "/orders/o-1/closed", "", "X-Actor-Roles: owner"), 428, ""},
	{"any version", to("PUT", "/orders/o-1/closed", "", "X-Actor-Roles: owner", "If-Match: *"), 428, ""},
	{"bad id of a resource", to("GET", "/orders/%0a", ""), 400, "/id format"},
	{"bad minVersion", to("GET", "/orders/o-1?minVersion=x", ""), 400, "/minVersion type"},
	{"minVersion below zero", to("GET", "/orders/o-1?minVersion=-1", ""), 400, "/minVersion type"},
	{"two minVersions", to("GET", "/orders/o-1?minVersion=1&minVersion=2", ""), 400, "/minVersion duplicate"},
	{"unknown parameter of a resource", to("GET", "/orders/o-1?x=1", ""), 400, "/x unknown"},
	{"malformed query", to("GET", "/orders/o-1?%zz", ""), 400, " syntax"},
	{"semicolons", to("GET", "/orders/o-1?a;b", ""), 400, " syntax"},
	{"bad limit", to("GET", "/views/orders?limit=all", ""), 400, "/limit type"},
	{"no limit", to("GET", "/views/orders?limit=0", ""), 400, "/limit type"},
	{"bad cursor", to("GET", "/views/orders?cursor=%00", ""), 400, "/cursor format"},
	{"long cursor", to("GET", "/views/orders?cursor="+strings.Repeat("x", 5000), ""), 400, "/cursor format"},
	{"bad sort", to("GET", "/views/orders?sort=password", ""), 400, "/sort unknown"},
	{"SQL in sort", to("GET", "/views/orders?sort=day%3BDROP%20TABLE", ""), 400, "/sort unknown"},
	{"sorted twice", to("GET", "/views/orders?sort=day,-day", ""), 400, "/sort unknown"},
	{"unknown filter", to("GET", "/views/orders?password=x", ""), 400, "/password unknown"},
	{"filter that is no column", to("GET", "/views/orders?note=x", ""), 400, "/note unknown"},
	{"bad filter", to("GET", "/views/orders?day=today", ""), 400, "/day type"},
	{"bad enum in a filter", to("GET", "/views/orders?status=x", ""), 400, "/status enum"},
	{"filter twice", to("GET", "/views/orders?day=1&day=2", ""), 400, "/day duplicate"},
	{"long search", to("GET", "/views/orders?q="+strings.Repeat("x", 201), ""), 400, "/q text"},
	{"bad key of a row", to("GET", "/views/orders/o-1/monday", ""), 400, "/day type"},
	{"input of a query", to("GET", "/views/orders/queries/by-status", "", "X-Actor-Roles: owner"), 400, "/status required"},
	{"bad input of a query", to("GET", "/views/orders/queries/by-status?status=x&min=y&z=1", "", "X-Actor-Roles: owner"), 400,
		"/min format,/status enum,/z unknown"},
}

func to(method, path, body string, headers ...string) func() *http.Request {
	return func() *http.Request { return request(method, path, body, headers...) }
}

func post(body string, headers ...string) func() *http.Request {
	return to("POST", "/orders", body, headers...)
}

func unannounced() *http.Request {
	r := post(`{"customerId":"` + strings.Repeat("x", 5000) + `"}`)()
	r.ContentLength = -1
	return r
}

func twoKeys() *http.Request {
	r := post(goodOrder)()
	r.Header["Idempotency-Key"] = []string{"a", "b"}
	return r
}

func TestBadInput(t *testing.T) {
	for _, c := range badInput {
		t.Run(c.name, func(t *testing.T) {
			x := newExample(t)
			x.rows.asked.Limit = -1
			w := x.serve(c.r())
			if w.Code != c.status {
				t.Fatalf("got %d, want %d: %s", w.Code, c.status, w.Body)
			}
			p := problemOf(t, w)
			if got := pointers(p); got != c.errors {
				t.Errorf("errors %q, want %q", got, c.errors)
			}
			if x.ran.Load() != 0 || x.rows.asked.Limit != -1 || x.rows.key != nil {
				t.Error("it reached a handler")
			}
		})
	}
}

func TestBadInputBetweenServices(t *testing.T) {
	for name, c := range map[string]struct {
		r      *http.Request
		status int
	}{
		"no body":            {request("POST", "/internal/commands/order/cancel", ""), 400},
		"unknown field":      {request("POST", "/internal/commands/order/cancel", `{"orderId":"o","x":1}`), 400},
		"bad key":            {request("POST", "/internal/commands/order/cancel", `{"orderId":"o"}`, "Esgen-Key: %zz"), 400},
		"long key":           {request("POST", "/internal/commands/order/cancel", `{"orderId":"o"}`, "Esgen-Key: "+strings.Repeat("k", 300)), 400},
		"bad actor":          {request("POST", "/internal/commands/order/cancel", `{"orderId":"o"}`, "Esgen-Actor: %00"), 400},
		"bad role":           {request("POST", "/internal/commands/order/cancel", `{"orderId":"o"}`, "Esgen-Actor-Roles: %z"), 400},
		"bad correlation":    {request("POST", "/internal/commands/order/cancel", `{"orderId":"o"}`, "Esgen-Correlation: %0a"), 400},
		"bad compensates":    {request("POST", "/internal/commands/order/cancel", `{"orderId":"o"}`, "Esgen-Compensates: %0a"), 400},
		"the public route":   {request("POST", "/orders", goodOrder), 404},
		"bad input":          {request("POST", "/internal/queries/orders/by-status", `{"status":"x"}`), 400},
		"bad method":         {request("PUT", "/internal/queries/orders/by-status", `{"status":"Paid"}`), 405},
		"bad key of a row":   {request("GET", "/internal/queries/orders/rows/o/x", ""), 400},
		"unknown parameters": {request("POST", "/internal/queries/orders/by-status?x=1", `{"status":"Paid"}`), 400},
	} {
		t.Run(name, func(t *testing.T) {
			x := newExample(t)
			w := x.internal(c.r)
			if w.Code != c.status {
				t.Errorf("got %d, want %d: %s", w.Code, c.status, w.Body)
			}
			problemOf(t, w)
			if x.ran.Load() != 0 {
				t.Error("it reached a handler")
			}
		})
	}
}
