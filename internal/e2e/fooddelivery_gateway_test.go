package e2e

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/golang-jwt/jwt/v5"

	"github.com/esgen/esgen/internal/devrun"
)

// throughTheGateway holds fooddelivery, with tokens, to what its gateway
// promises.
func throughTheGateway(t *testing.T, b *foodBuild, on platform) {
	legacy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "<h1>legacy %s %s</h1>", r.Method, r.URL.Path)
	}))
	defer legacy.Close()
	spans := collect(t)
	f := b.runWith(t, on, func(o *devrun.Options) {
		for name := range o.Env {
			o.Env[name] = append(o.Env[name], spans.environ()...)
		}
		o.Env[devrun.Gateway] = append(spans.environ(), "LEGACY_URL="+legacy.URL)
	})
	g := &gatewayTest{food: f, t: t}
	g.oneOrder(spans)
	t.Run("routes", g.routes)
	t.Run("attacks", g.attacks)
	t.Run("compositions", g.compositions)
	t.Run("other origins", g.otherOrigins)
	t.Run("detours", g.detours)
	t.Run("documents", g.documents)
	t.Run("limits", g.limits) // last: it leaves nobody a request
}

type gatewayTest struct {
	*food
	t   *testing.T
	ids map[string]string // of what the story has made, by the parameters of paths
}

// oneOrder has an order delivered, and looks for the trace it leaves: from the
// gateway over every service that has a part in it, to the read model.
func (g *gatewayTest) oneOrder(spans *spans) {
	g.openShop()
	placed := g.expect(g.order("order-1", "customer-1"), http.StatusCreated, nil)
	payment, _ := placed.body["paymentId"].(string)
	g.ids = map[string]string{"orderId": "order-1", "restaurantId": shop, "paymentId": payment}
	if at := placed.header.Get("Location"); at != "/front/orders/order-1" {
		g.t.Errorf("Location: %s", at)
	}
	trace := placed.header.Get("X-Trace-Id")
	g.until("the trace "+trace, func() error {
		return spans.missing(trace, "gateway POST /front/orders", "front POST /orders", "pay POST /internal/commands/payment/approve",
			"front OrderStatus OrderPlaced", "store ReceiveOrder OrderPlaced", "front OrderStatus OrderReceived")
	})
	g.expect(as(owner, "POST", "/store/tickets/order-1/accept", ""), http.StatusOK, nil)
	g.expect(as(owner, "POST", "/store/tickets/order-1/start-cooking", ""), http.StatusOK, nil)
	g.expect(as(owner, "POST", "/store/tickets/order-1/finish-cooking", ""), http.StatusOK, nil)
	g.expect(as("rider-1 rider", "POST", "/delivery/deliveries/order-1/pick-up", ""), http.StatusOK, nil)
	g.expect(as("rider-1 rider", "POST", "/delivery/deliveries/order-1/deliver", ""), http.StatusOK, nil)
	g.until("the coupon", func() error {
		r, err := g.send(as("customer-1 customer", "GET", "/gogaeg/views/naekupons", ""))
		if items, _ := r.body["items"].([]any); len(items) == 1 {
			coupon, _ := items[0].(map[string]any)
			g.ids["kuponbeonho"] = fmt.Sprint(coupon["kuponbeonho"])
			return nil
		}
		return errors.Join(err, errors.New(r.text))
	})
}

// path is that of a route with the ids of what the story has made.
func (g *gatewayTest) path(pattern string) string {
	for name, id := range g.ids {
		pattern = strings.ReplaceAll(pattern, "{"+name+"}", id)
	}
	return pattern
}

// somebody is one with a role, whom the story knows.
func somebody(role string) string { return role + "-1 " + role }

// answer is what is compared of two answers.
func (r reply) answer() string {
	return fmt.Sprint(r.status, " ", r.body["code"], " ", r.body["detail"], " ", r.header.Get("WWW-Authenticate"))
}

// both asks through the gateway and straight; the answers are to be the same.
func (g *gatewayTest) both(t *testing.T, service, path string, r devrun.Request) reply {
	t.Helper()
	through := r
	through.Path = "/" + service + path
	first, err := g.sendTo(g.URL(), through)
	if err != nil {
		t.Fatal(err)
	}
	r.Path = path
	second, err := g.sendTo(g.Addr(service), r)
	if err != nil {
		t.Fatal(err)
	}
	if first.answer() != second.answer() {
		t.Errorf("%s %s: through the gateway %s, straight %s", r.Method, through.Path, first.answer(), second.answer())
	}
	return first
}

// routes asks for every route of the table with the right role, with another
// one, and with none.
func (g *gatewayTest) routes(t *testing.T) {
	for _, group := range g.options.Gateway.Groups {
		for _, route := range group.Routes {
			path, body := g.path(route.Path), ""
			if strings.Contains(path, "{") {
				t.Errorf("the story has nothing for %s", route.Path)
			}
			if route.Method != http.MethodGet {
				body = `{"nonsense": true}`
			}
			r, err := g.send(as(somebody(route.Roles[0]), route.Method, "/"+group.Service.Dir+path, body))
			switch {
			case err != nil:
				t.Error(err)
			case route.Method == http.MethodGet && r.status != 200 && r.body["code"] != "invalid", route.Method != http.MethodGet && r.body["code"] != "invalid":
				t.Errorf("%s %s: %d %s", route.Method, path, r.status, r.text)
			}
			if r := g.both(t, group.Service.Dir, path, as("guest-1 guest", route.Method, "", body)); r.status != http.StatusForbidden {
				t.Errorf("%s %s as a guest: %d", route.Method, path, r.status)
			}
			if r := g.both(t, group.Service.Dir, path, devrun.Request{Method: route.Method, Body: body}); r.status != http.StatusUnauthorized {
				t.Errorf("%s %s as nobody: %d", route.Method, path, r.status)
			}
		}
	}
	for _, r := range []struct {
		who, path string
		status    int
	}{
		{"customer-2 customer", "/orders/order-1", http.StatusNotFound}, // of somebody else
		{"customer-1 customer", "/orders/nothing", http.StatusNotFound},
		{"customer-1 customer", "/internal/queries/order-status", http.StatusNotFound},
		{"customer-1 customer", "/orders/", http.StatusNotFound},
	} {
		if got := g.both(t, "front", r.path, as(r.who, "GET", "", "")); got.status != r.status {
			t.Errorf("%s as %s: %d", r.path, r.who, got.status)
		}
	}
	forged := g.order("order-9", "customer-1") // for somebody else: whose token says customer-2
	forged.Header[0] = "X-Actor-Id: customer-2"
	if got := g.both(t, "front", "/orders", forged); got.status != http.StatusForbidden {
		t.Errorf("an order for somebody else: %d %s", got.status, got.text)
	}
	cancel := as("customer-2 customer", "POST", "", `{"reason": "not mine"}`)
	if got := g.both(t, "front", "/orders/order-1/cancel-order", cancel); got.status != http.StatusForbidden {
		t.Errorf("somebody else's order is cancelled: %d %s", got.status, got.text)
	}
}

// attacks are tokens that prove nothing.
func (g *gatewayTest) attacks(t *testing.T) {
	for name, authorization := range g.forgeries(t) {
		r := devrun.Request{Method: "GET", Header: authorization}
		if got := g.both(t, "front", "/orders/order-1", r); got.status != http.StatusUnauthorized {
			t.Errorf("%s: %d %s", name, got.status, got.text)
		}
	}
	good, err := g.Token("customer-1", "customer")
	if err != nil {
		t.Fatal(err)
	}
	headers := []string{"Authorization: Bearer " + good, "X-Actor-Id: owner-1", "Esgen-Actor: owner-1", "Esgen-Actor-Roles: owner"}
	req, err := http.NewRequestWithContext(t.Context(), "GET", g.URL()+"/store/views/tickets", nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range append(headers, "X-Actor-Roles: owner") {
		name, value, _ := strings.Cut(h, ": ")
		req.Header.Set(name, value)
	}
	res, err := g.client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	if res.StatusCode != http.StatusForbidden {
		t.Errorf("a customer who says to be an owner: %d", res.StatusCode)
	}
}

func (g *gatewayTest) forgeries(t *testing.T) map[string][]string {
	t.Helper()
	now := time.Now()
	claims := func(changes jwt.MapClaims) jwt.MapClaims {
		c := jwt.MapClaims{"iss": g.Issuer(), "aud": "fooddelivery", "sub": "customer-1", "roles": []string{"customer"}, "exp": now.Add(time.Hour).Unix()}
		for name, value := range changes {
			c[name] = value
		}
		return c
	}
	public, kid := g.publicKey(t)
	_, strange, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	made := func(method jwt.SigningMethod, key any, kid string) string {
		token := jwt.NewWithClaims(method, claims(nil))
		token.Header["kid"] = kid
		text, err := token.SignedString(key)
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	signed := func(changes jwt.MapClaims) string {
		text, err := g.Sign(claims(changes))
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	good := signed(nil)
	if r, err := g.sendTo(g.URL(), devrun.Request{Method: "GET", Path: "/front/orders/order-1", Header: []string{"Authorization: Bearer " + good}}); err != nil || r.status != 200 {
		t.Fatalf("a good token: %d %v", r.status, err)
	}
	out := map[string][]string{"none": nil, "two headers": {"Authorization: Bearer " + good, "Authorization: Bearer " + good}}
	for name, token := range map[string]string{
		"expired":                  signed(jwt.MapClaims{"exp": now.Add(-time.Minute).Unix()}),
		"not yet valid":            signed(jwt.MapClaims{"nbf": now.Add(time.Minute).Unix()}),
		"wrong issuer":             signed(jwt.MapClaims{"iss": "https://evil.example"}),
		"wrong audience":           signed(jwt.MapClaims{"aud": "bank"}),
		"alg none":                 made(jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, kid),
		"HMAC with the public key": made(jwt.SigningMethodHS256, public, kid),
		"unknown kid":              made(jwt.SigningMethodEdDSA, strange, "other"),
		"another's key":            made(jwt.SigningMethodEdDSA, strange, kid),
		"garbage":                  "a.b.c",
	} {
		out[name] = []string{"Authorization: Bearer " + token}
	}
	return out
}

// publicKey is what the issuer publishes.
func (g *gatewayTest) publicKey(t *testing.T) (key []byte, kid string) {
	t.Helper()
	r, err := g.sendTo(g.Issuer(), devrun.Request{Method: "GET", Path: "/jwks.json"})
	if err != nil {
		t.Fatal(err)
	}
	var set struct{ Keys []struct{ Kid, X string } }
	if err := json.Unmarshal([]byte(r.text), &set); err != nil || len(set.Keys) != 1 {
		t.Fatalf("%s: %v", r.text, err)
	}
	if key, err = base64.RawURLEncoding.DecodeString(set.Keys[0].X); err != nil {
		t.Fatal(err)
	}
	return key, set.Keys[0].Kid
}

// compositions: the order and its payment in one answer.
func (g *gatewayTest) compositions(t *testing.T) {
	details := as("customer-1 customer", "GET", g.path("/order-details/{orderId}/payments/{paymentId}"), "")
	r, err := g.send(details)
	order, _ := r.body["order"].(map[string]any)
	payment, _ := r.body["payment"].(map[string]any)
	if err != nil || r.status != 200 || order["status"] != "Delivered" || payment["status"] != "Approved" {
		t.Fatalf("%d %v %s", r.status, err, r.text)
	}
	if !strings.Contains(r.text, `"href":"/pay/views/receipts/`) || !strings.Contains(r.text, `"self":{"href":"/order-details/order-1/payments/`) {
		t.Errorf("its links do not lead through the gateway: %s", r.text)
	}
	for who, status := range map[string]int{"customer-2 customer": 404, "owner-1 owner": 403} {
		other := as(who, "GET", details.Path, "")
		if r, err := g.send(other); err != nil || r.status != status {
			t.Errorf("as %s: %d %v %s", who, r.status, err, r.text)
		}
	}
	if r, err := g.send(devrun.Request{Method: "GET", Path: details.Path}); err != nil || r.status != 401 {
		t.Errorf("as nobody: %d %v", r.status, err)
	}
	missing := as("customer-1 customer", "GET", "/order-details/nothing/payments/nothing", "")
	if r, err := g.send(missing); err != nil || r.status != 404 {
		t.Errorf("of nothing: %d %v %s", r.status, err, r.text)
	}
	if err := g.Stop("pay", false); err != nil {
		t.Fatal(err)
	}
	defer g.restart("pay")
	r, err = g.send(details)
	if _, there := r.body["payment"]; err != nil || r.status != 200 || there || r.body["order"] == nil {
		t.Errorf("without pay: %d %v %s", r.status, err, r.text)
	}
	if r, err := g.send(as("customer-1 customer", "GET", "/pay/views/receipts", "")); err != nil || r.status != 503 || r.header.Get("Retry-After") == "" {
		t.Errorf("pay itself: %d %v %s", r.status, err, r.text)
	}
}

func (g *gatewayTest) otherOrigins(t *testing.T) {
	const app = "https://app.fooddelivery.example"
	preflight := devrun.Request{Method: "OPTIONS", Path: "/front/orders", Header: []string{
		"Origin: " + app, "Access-Control-Request-Method: POST", "Access-Control-Request-Headers: authorization,content-type",
	}}
	r, err := g.send(preflight)
	if err != nil || r.status != 204 || r.header.Get("Access-Control-Allow-Origin") != app {
		t.Errorf("preflight: %d %v %v", r.status, r.header, err)
	}
	preflight.Header[0] = "Origin: https://evil.example"
	if r, err = g.send(preflight); err != nil || r.header.Get("Access-Control-Allow-Origin") != "" {
		t.Errorf("preflight of another: %d %v %v", r.status, r.header, err)
	}
}

func (g *gatewayTest) detours(t *testing.T) {
	r, err := g.send(devrun.Request{Method: "POST", Path: "/promotions/2026/summer", Body: "{}"})
	if err != nil || r.status != 200 || r.text != "<h1>legacy POST /promotions/2026/summer</h1>" {
		t.Errorf("%d %v %s", r.status, err, r.text)
	}
}

func (g *gatewayTest) documents(t *testing.T) {
	var r reply
	eventually(t, "the document, of services that have just come back", func() (err error) {
		if r, err = g.send(devrun.Request{Method: "GET", Path: "/openapi.json"}); err == nil && r.status != 200 {
			err = fmt.Errorf("%d %s", r.status, r.text)
		}
		return err
	})
	paths, _ := r.body["paths"].(map[string]any)
	doc, err := openapi3.NewLoader().LoadFromData([]byte(r.text)) // which follows no reference to another document
	if err == nil {
		err = doc.Validate(t.Context())
	}
	if err != nil {
		t.Error(err)
	}
	placeholder := regexp.MustCompile(`\{\w+\}`) // whatever it is called
	described := map[string]bool{}
	for path, methods := range paths {
		for method := range methods.(map[string]any) {
			described[strings.ToUpper(method)+" "+placeholder.ReplaceAllString(path, "{}")] = true
		}
	}
	for _, group := range g.options.Gateway.Groups {
		for _, route := range group.Routes {
			if !described[route.Method+" /"+group.Service.Dir+placeholder.ReplaceAllString(route.Path, "{}")] {
				t.Errorf("%s %s of %s is not in it", route.Method, route.Path, group.Service.Dir)
			}
		}
	}
}

// limits: who asks too often is told when to come again; others are not kept
// waiting.
func (g *gatewayTest) limits(t *testing.T) {
	token, err := g.Token("customer-9", "customer")
	if err != nil {
		t.Fatal(err)
	}
	ask := func() (*http.Response, error) {
		req, err := http.NewRequestWithContext(t.Context(), "GET", g.URL()+"/front/orders/nothing", nil)
		if err != nil {
			return nil, err
		}
		req.Header.Set("Authorization", "Bearer "+token)
		return g.client.Do(req)
	}
	var over sync.Once
	var limited *http.Response
	var body []byte
	deadline := time.Now().Add(foodPatience)
	var crowd sync.WaitGroup
	done := make(chan struct{})
	for range 32 {
		crowd.Go(func() {
			for time.Now().Before(deadline) {
				select {
				case <-done:
					return
				default:
				}
				r, err := ask()
				if err != nil {
					t.Error(err)
					return
				}
				data, _ := io.ReadAll(r.Body)
				_ = r.Body.Close()
				if r.StatusCode == http.StatusTooManyRequests {
					over.Do(func() { limited, body = r, data; close(done) })
				}
			}
		})
	}
	crowd.Wait()
	if limited == nil {
		t.Fatal("nobody is limited")
	}
	if limited.Header.Get("Retry-After") != "1" || limited.Header.Get("Content-Type") != "application/problem+json" || !strings.Contains(string(body), `"code":"too-many-requests"`) {
		t.Errorf("%v %s", limited.Header, body)
	}
	if r, err := g.send(as("customer-1 customer", "GET", "/front/orders/order-1", "")); err != nil || r.status != 200 {
		t.Errorf("another client: %d %v", r.status, err)
	}
}
