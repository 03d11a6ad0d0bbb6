package gateway_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/esgen/esgen/templates/chassis/gateway"
	"github.com/esgen/esgen/templates/chassis/service"
)

// patience bounds what happens soon, even on a busy machine.
const patience = 20 * time.Second

// config is that of a gateway that believes headers.
func config() gateway.Config {
	return gateway.Config{Server: service.Server{
		HTTPAddr: "127.0.0.1:0", InternalAddr: "127.0.0.1:0", Auth: service.AuthDev, LogLevel: "error", ShutdownGrace: 5 * time.Second,
		MaxInFlight: 64, MaxBody: 100, RequestTimeout: patience, ReadHeaderTimeout: time.Second, ReadTimeout: patience, IdleTimeout: time.Second,
	}}
}

// routes are those of the service front.
var routes = []gateway.Route{
	{Method: "POST", Path: "/front/orders", Roles: []string{"customer"}},
	{Method: "GET", Path: "/front/orders/{orderId}", Roles: []string{"customer", "owner"}},
	{Method: "GET", Path: "/pay/payments", Roles: []string{"owner"}},
}

// run runs a gateway, and is its address.
func run(t *testing.T, p gateway.Parts) string {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	up, done := make(chan service.Addresses, 1), make(chan error, 1)
	p.Ready = func(a service.Addresses) { up <- a }
	go func() { done <- gateway.Run(ctx, p) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Error("it ended with", err)
		}
	})
	select {
	case a := <-up:
		return "http://" + a.HTTP
	case err := <-done:
		done <- nil
		t.Fatal("it ended:", err)
	}
	return ""
}

// echo is a service that tells what it was asked.
func echo(t *testing.T, name string) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.Header().Set("Cache-Control", "private, no-cache")
		w.Header().Set("Asked", r.Method+" "+r.RequestURI)
		for _, h := range []string{"X-Forwarded-Prefix", "X-Forwarded-For", "Esgen-Actor", "X-Request-Id", "X-Actor-Id", "Traceparent"} {
			w.Header().Set("Got-"+h, strings.Join(r.Header.Values(h), "|"))
		}
		fmt.Fprintf(w, "%s %s", name, body)
	}))
	t.Cleanup(s.Close)
	return s
}

// ask asks as a customer, unless headers ("Name: value") say otherwise.
func ask(t *testing.T, method, url, body string, headers ...string) (int, string, http.Header) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("X-Actor-Id", "c-1")
	req.Header.Set("X-Actor-Roles", "customer")
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		if req.Header.Del(name); value != "" {
			req.Header.Set(name, value)
		}
	}
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(data), resp.Header
}

func TestRoutes(t *testing.T) {
	t.Parallel()
	front := echo(t, "front")
	at := run(t, gateway.Parts{Config: config(), Table: gateway.Table{Routes: routes},
		Services: map[string][]string{"front": {front.URL}, "pay": {"http://" + nobody(t)}}})
	for _, test := range []struct {
		method, path, body string
		headers            []string
		status             int
		want               string
	}{
		{"POST", "/front/orders", "{}", nil, 200, "front {}"},
		{"GET", "/front/orders/a%2Fb%20c?x=1%202", "", nil, 200, "front "},
		{"HEAD", "/front/orders/1", "", nil, 200, ""},
		{"GET", "/front/orders/1", "", []string{"X-Actor-Id: "}, 401, `"code":"unauthorized"`},
		{"GET", "/front/orders/1", "", []string{"X-Actor-Roles: guest"}, 403, `"code":"forbidden"`},
		{"GET", "/pay/payments", "", nil, 403, `"instance":"/pay/payments"`},
		{"GET", "/pay/payments", "", []string{"X-Actor-Roles: owner"}, 503, `"detail":"pay is not available"`},
		{"GET", "/front/secret", "", nil, 404, `"code":"not-found"`},
		{"GET", "/front/orders/../orders/1", "", nil, 404, `"code":"not-found"`},
		{"GET", "/internal/queries/orders", "", nil, 404, `"code":"not-found"`},
		{"DELETE", "/front/orders", "", nil, 405, `"code":"method-not-allowed"`},
		{"POST", "/front/orders", strings.Repeat("a", 101), nil, 413, `"code":"too-large"`},
	} {
		status, body, header := ask(t, test.method, at+test.path, test.body, test.headers...)
		if status != test.status || !strings.Contains(body, test.want) {
			t.Errorf("%s %s %v: %d %s; want %d %s", test.method, test.path, test.headers, status, body, test.status, test.want)
		}
		if header.Get("X-Request-Id") == "" || header.Get("X-Trace-Id") == "" || (header.Get("Retry-After") != "") != (status == 503) {
			t.Errorf("%s %s: %v", test.method, test.path, header)
		}
	}
}

func TestWhatIsPassedOn(t *testing.T) {
	t.Parallel()
	front := echo(t, "front")
	c := config()
	at := run(t, gateway.Parts{Config: c, Table: gateway.Table{Routes: routes}, Services: map[string][]string{"front": {front.URL}, "pay": nil}})
	_, _, header := ask(t, "GET", at+"/front/orders/a%2Fb%20c?x=1%202", "", "X-Request-Id: mine", "Esgen-Actor: forged",
		"X-Forwarded-For: 1.2.3.4", "X-Forwarded-Prefix: /shop", "Traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
	for name, want := range map[string]string{
		"Asked": "GET /orders/a%2Fb%20c?x=1%202", "Got-X-Forwarded-Prefix": "/shop/front", "Got-X-Forwarded-For": "127.0.0.1",
		"Got-Esgen-Actor": "", "Got-X-Request-Id": "mine", "X-Request-Id": "mine", "Got-X-Actor-Id": "c-1", "Cache-Control": "private, no-cache",
	} {
		if got := strings.Join(header.Values(name), "|"); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if got := header.Get("Got-Traceparent"); !strings.HasPrefix(got, "00-0af7651916cd43dd8448eb211c80319c-") || strings.Contains(got, "b7ad6b7169203331") {
		t.Errorf("the trace does not go on: %s", got)
	}
	if _, _, header = ask(t, "GET", at+"/front/orders/1", "", "X-Request-Id: a b", "X-Forwarded-Prefix: //evil.example"); header.Get("Got-X-Request-Id") == "a b" ||
		header.Get("Got-X-Forwarded-Prefix") != "/front" {
		t.Errorf("strange headers are passed on: %v", header)
	}
}

// nobody is an address where nobody listens.
func nobody(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}

func TestReplicasTakeTurns(t *testing.T) {
	t.Parallel()
	one, two := echo(t, "one"), echo(t, "two")
	dead := "http://" + nobody(t)
	at := run(t, gateway.Parts{Config: config(), Table: gateway.Table{Routes: routes},
		Services: map[string][]string{"front": {one.URL, dead, two.URL}, "pay": nil}})
	seen := map[string]int{}
	for range 12 {
		status, body, _ := ask(t, "POST", at+"/front/orders", "{}")
		if status != 200 || !strings.HasSuffix(body, " {}") {
			t.Fatalf("%d %s", status, body)
		}
		seen[body]++
	}
	if seen["one {}"] < 4 || seen["two {}"] < 4 {
		t.Errorf("of twelve: %v", seen)
	}
}

func TestAddressesChange(t *testing.T) {
	t.Parallel()
	one, two := echo(t, "one"), echo(t, "two")
	c := config()
	c.UpstreamsFile = filepath.Join(t.TempDir(), "upstreams")
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(c.UpstreamsFile+".new", []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(c.UpstreamsFile+".new", c.UpstreamsFile); err != nil {
			t.Fatal(err)
		}
	}
	write("# where they are\n\nfront " + one.URL + "\n")
	at := run(t, gateway.Parts{Config: c, Table: gateway.Table{Routes: routes}, Services: map[string][]string{"front": {"http://" + nobody(t)}, "pay": nil}})
	await := func(want string) {
		t.Helper()
		var got string
		for deadline := time.Now().Add(patience); !strings.HasPrefix(got, want); {
			if _, got, _ = ask(t, "POST", at+"/front/orders", ""); time.Now().After(deadline) {
				t.Fatalf("%s answers, want %s", got, want)
			}
		}
	}
	await("one")
	write("front " + two.URL + "\n")
	await("two")
	write("front not-a-url\n")
	await("two")
	write("front\n")
	await(`{"type"`)
	write("pay " + two.URL)
	await(`{"type"`) // where the variable says
	write("front " + one.URL)
	await("one")
}

func TestTroubleBehindTheGateway(t *testing.T) {
	t.Parallel()
	slow := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
	defer slow.Close()
	broken := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }))
	defer broken.Close()
	c := config()
	at := run(t, gateway.Parts{
		Config:   c,
		Table:    gateway.Table{Settings: gateway.Settings{Timeout: 200 * time.Millisecond}, Routes: routes},
		Services: map[string][]string{"front": {broken.URL}, "pay": {slow.URL}},
	})
	if status, body, _ := ask(t, "POST", at+"/front/orders", "{}"); status != 502 || !strings.Contains(body, `"code":"upstream-failed"`) {
		t.Errorf("a broken answer: %d %s", status, body)
	}
	if status, body, _ := ask(t, "GET", at+"/pay/payments", "", "X-Actor-Roles: owner"); status != 504 || !strings.Contains(body, `"code":"upstream-timeout"`) {
		t.Errorf("none in time: %d %s", status, body)
	}
}

func TestBodyOfUnknownLength(t *testing.T) {
	t.Parallel()
	front := echo(t, "front")
	at := run(t, gateway.Parts{Config: config(), Table: gateway.Table{Routes: routes}, Services: map[string][]string{"front": {front.URL}, "pay": nil}})
	req, err := http.NewRequestWithContext(t.Context(), "POST", at+"/front/orders", io.MultiReader(strings.NewReader(strings.Repeat("a", 5000))))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("X-Actor-Id", "c-1")
	req.Header.Set("X-Actor-Roles", "customer")
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode != 413 {
		t.Errorf("%d", resp.StatusCode)
	}
}

func TestCORS(t *testing.T) {
	t.Parallel()
	front := echo(t, "front")
	at := run(t, gateway.Parts{
		Config: config(), Services: map[string][]string{"front": {front.URL}, "pay": nil},
		Table: gateway.Table{Settings: gateway.Settings{Pages: gateway.From("https://shop.example")}, Routes: routes},
	})
	preflight := func(origin, headers string) (int, http.Header) {
		status, _, h := ask(t, "OPTIONS", at+"/front/orders", "", "X-Actor-Id: ", "Origin: "+origin,
			"Access-Control-Request-Method: POST", "Access-Control-Request-Headers: "+headers)
		return status, h
	}
	status, h := preflight("https://shop.example", "authorization,content-type,idempotency-key")
	if status != 204 || h.Get("Access-Control-Allow-Origin") != "https://shop.example" || h.Get("Access-Control-Allow-Methods") != "POST" ||
		h.Get("Access-Control-Allow-Headers") == "" || h.Get("Access-Control-Max-Age") == "" || !strings.Contains(strings.Join(h.Values("Vary"), ","), "Origin") {
		t.Errorf("preflight: %d %v", status, h)
	}
	for origin, headers := range map[string]string{"https://evil.example": "authorization", "https://shop.example": "esgen-actor", "http://shop.example": "", "null": ""} {
		if _, h := preflight(origin, headers); h.Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("preflight of %s with %s: %v", origin, headers, h)
		}
	}
	if status, _, h := ask(t, "GET", at+"/front/orders/1", "", "Origin: https://shop.example"); status != 200 ||
		h.Get("Access-Control-Allow-Origin") != "https://shop.example" || !strings.Contains(h.Get("Access-Control-Expose-Headers"), "Etag") {
		t.Errorf("request: %d %v", status, h)
	}
	if status, _, h := ask(t, "GET", at+"/front/orders/1", "", "Origin: https://shop.example", "X-Actor-Id: "); status != 401 || h.Get("Access-Control-Allow-Origin") == "" {
		t.Errorf("a page is not told why it is refused: %d %v", status, h)
	}
	if _, _, h := ask(t, "GET", at+"/front/orders/1", "", "Origin: https://evil.example"); h.Get("Access-Control-Allow-Origin") != "" {
		t.Errorf("of another origin: %v", h)
	}
}

func TestRateOfAClient(t *testing.T) {
	t.Parallel()
	front := echo(t, "front")
	at := run(t, gateway.Parts{
		Config: config(), Services: map[string][]string{"front": {front.URL}, "pay": nil}, Systems: map[string]string{"legacy": front.URL},
		Table: gateway.Table{
			Settings: gateway.Settings{Rate: gateway.PerClient(3, time.Hour)}, Routes: routes,
			Ways: []gateway.Way{gateway.Detour{Path: "/legacy", Below: true, System: "legacy"}},
		},
	})
	times := func(path string, headers ...string) (ok int, last string, retry string) {
		for range 5 {
			status, body, h := ask(t, "GET", at+path, "", headers...)
			if status != 429 {
				ok++
			}
			last, retry = body, h.Get("Retry-After")
		}
		return ok, last, retry
	}
	ok, last, retry := times("/front/orders/1")
	if seconds, err := strconv.Atoi(retry); ok != 3 || !strings.Contains(last, `"status":429`) || err != nil || seconds < 1100 || seconds > 1200 {
		t.Errorf("%d are answered, then %s after %s", ok, last, retry)
	}
	if ok, _, _ := times("/front/orders/1", "X-Actor-Id: c-2"); ok != 3 {
		t.Errorf("another client: %d", ok)
	}
	if ok, _, _ := times("/front/orders/1", "X-Actor-Id: "); ok != 3 {
		t.Errorf("somebody unknown: %d", ok)
	}
	if ok, _, _ := times("/legacy/x"); ok != 0 {
		t.Errorf("the same address elsewhere: %d", ok)
	}
}

func TestDetours(t *testing.T) {
	t.Parallel()
	legacy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "<h1>%s %s at %s for %s</h1>", r.Method, r.RequestURI, r.Host, r.Header.Get("Authorization"))
	}))
	defer legacy.Close()
	at := run(t, gateway.Parts{Config: config(), Systems: map[string]string{"legacy": legacy.URL, "deep": legacy.URL + "/old"}, Table: gateway.Table{
		Ways: []gateway.Way{gateway.Detour{Path: "/legacy", Below: true, System: "legacy"}, gateway.Detour{Path: "/prices", System: "deep"}},
	}})
	host := strings.TrimPrefix(legacy.URL, "http://")
	for path, want := range map[string]string{
		"/legacy": "POST /legacy at ", "/legacy/": "POST /legacy/ at ", "/legacy/a%2Fb/?x=1": "POST /legacy/a%2Fb/?x=1 at ", "/prices?x=1": "POST /old/prices?x=1 at ",
	} {
		status, body, h := ask(t, "POST", at+path, "{}", "X-Actor-Id: ", "Authorization: Basic x")
		if want = "<h1>" + want + host + " for Basic x</h1>"; status != 200 || body != want || h.Get("Content-Security-Policy") != "" {
			t.Errorf("%s: %d %s %v, want %s", path, status, body, h, want)
		}
	}
	if status, _, _ := ask(t, "GET", at+"/prices/x", ""); status != 404 {
		t.Errorf("below a path that ends: %d", status)
	}
}

// told is a service that says of itself what it is given, and counts who asks.
func told(t *testing.T, document *atomic.Pointer[string]) (*httptest.Server, *atomic.Int64) {
	t.Helper()
	var whole atomic.Int64 // answers with all of it
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text := *document.Load()
		tag := strconv.Quote(text[:min(len(text), 20)])
		switch {
		case r.URL.Path != "/openapi.yaml" || text == "":
			w.WriteHeader(http.StatusInternalServerError)
		case r.Header.Get("If-None-Match") == tag:
			w.WriteHeader(http.StatusNotModified)
		default:
			whole.Add(1)
			w.Header().Set("ETag", tag)
			_, _ = io.WriteString(w, text)
		}
	}))
	t.Cleanup(s.Close)
	return s, &whole
}

// list is a document that refers to that of front.
const list = `openapi: 3.1.1
info: {title: all, version: "1"}
servers: [{url: "http://localhost:8080"}]
paths:
  /front/orders: {$ref: '../../services/front/api/openapi.yaml#/paths/~1orders'}
components: {}
`

// The gateway tells what the services that run say, at the address it is asked at.
func TestDocument(t *testing.T) {
	t.Parallel()
	var document atomic.Pointer[string]
	say := func(text string) { document.Store(&text) }
	front, whole := told(t, &document)
	at := run(t, gateway.Parts{Config: config(), Document: []byte(list), Services: map[string][]string{"front": {front.URL}}})

	say("")
	if status, body, _ := ask(t, "GET", at+"/openapi.json", "", "X-Actor-Id: "); status != 502 || !strings.Contains(body, "upstream-failed") {
		t.Errorf("before the service has said anything: %d %s", status, body)
	}
	say("{version: one, paths: {/orders: {get: {operationId: front.one, responses: {}}}}}")
	for path, want := range map[string][]string{
		"/openapi.json": {"application/json", `"operationId":"front.one"`, `"servers":[{"url":"/shop"}]`},
		"/openapi.yaml": {"application/yaml", "operationId: front.one", "url: /shop"},
	} {
		status, body, h := ask(t, "GET", at+path, "", "X-Actor-Id: ", "X-Forwarded-Prefix: /shop")
		if status != 200 || h.Get("Content-Type") != want[0] || !strings.Contains(body, want[1]) || !strings.Contains(body, want[2]) || strings.Contains(body, "$ref") {
			t.Errorf("%s: %d %s %v", path, status, body, h)
		}
	}
	if n := whole.Load(); n != 1 {
		t.Errorf("what is known was asked for again: %d times", n)
	}
	say("{version: two, paths: {/orders: {get: {operationId: front.two, responses: {}}}}}")
	if _, body, _ := ask(t, "GET", at+"/openapi.json", ""); !strings.Contains(body, "front.two") || !strings.Contains(body, `"url":"/"`) {
		t.Errorf("after another version was deployed: %s", body)
	}
	say("")
	if status, body, _ := ask(t, "GET", at+"/openapi.json", ""); status != 200 || !strings.Contains(body, "front.two") {
		t.Errorf("while the service is away: %d %s", status, body)
	}
	say("a: [")
	if status, _, _ := ask(t, "GET", at+"/openapi.json", ""); status != 500 {
		t.Errorf("of what is no document: %d", status)
	}
}

func TestTableThatCannotBe(t *testing.T) {
	t.Parallel()
	for name, p := range map[string]gateway.Parts{
		"a URL":  {Config: config(), Services: map[string][]string{"front": {"front:8080"}}},
		"a list": {Config: config(), Document: []byte("a: [")},
		"a path": {Config: config(), Table: gateway.Table{Ways: []gateway.Way{gateway.Detour{Path: "/a"}, gateway.Detour{Path: "/a"}}}},
	} {
		if err := gateway.Run(t.Context(), p); err == nil {
			t.Errorf("%s is accepted", name)
		}
	}
}
