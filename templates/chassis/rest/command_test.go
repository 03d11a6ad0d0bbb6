package rest_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/esgen/esgen/templates/chassis/client"
	"github.com/esgen/esgen/templates/chassis/command"
	"github.com/esgen/esgen/templates/chassis/inbound"
	"github.com/esgen/esgen/templates/chassis/message"
	"github.com/esgen/esgen/templates/chassis/rest"
	"github.com/esgen/esgen/templates/chassis/values"
	"github.com/esgen/esgen/templates/chassis/view"
)

func TestCommandCreates(t *testing.T) {
	x := newExample(t)
	w := x.serve(request("POST", "/orders", goodOrder, "Idempotency-Key: k-1"))
	if w.Code != http.StatusCreated || w.Header().Get("Location") != "/orders/made-1" || w.Header().Get("ETag") != `"3"` {
		t.Fatalf("%d %v %s", w.Code, w.Header(), w.Body)
	}
	if got, want := w.Body.String(), `{"total":"12.5","id":"made-1","orderId":"made-1","version":3,"_links":{"self":{"href":"/orders/made-1"}}}`; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	in, req := x.lastIn.(placeOrder), x.lastReq
	if in.Customer != "c-1" || in.Status != "Placed" || len(in.Items) != 1 {
		t.Errorf("input %+v", in)
	}
	if req.Name != "Order.PlaceOrder" || req.ID != "" || req.Mode != values.New || req.Actor.Subject != "c-1" || req.Actor.System ||
		req.Key != (command.Key{Scope: "http:c-1", ID: "k-1"}) || req.IfMatch != nil {
		t.Errorf("request %+v", req)
	}
	if _, ok := req.Input.(placeOrder); !ok {
		t.Errorf("the request's input is a %T", req.Input)
	}
}

// Who is told where an instance is can read it there.
func TestCommandCreatesWhatNobodyReads(t *testing.T) {
	router := rest.NewRouter(inbound.Config{Authenticator: inbound.DevHeaders{}})
	rest.Command(router, rest.CommandRoute[placeOrder]{
		Pattern: "POST /orders",
		Do: func(context.Context, command.Request, placeOrder) (command.Outcome, error) {
			return command.Outcome{ID: "made-1", Version: 1, Created: true}, nil
		},
	})
	rest.Resource(router, rest.ResourceRoute[order]{Name: "Order", Path: "/orders", Load: func(context.Context, values.ID) (command.Instance[order], error) {
		return command.Instance[order]{}, nil
	}})
	if err := router.Err(); err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	router.Public().ServeHTTP(w, request("POST", "/orders", goodOrder))
	if where, said := w.Header()["Location"]; w.Code != http.StatusCreated || said || !strings.Contains(w.Body.String(), `"_links":{}`) {
		t.Errorf("%d at %q: %s", w.Code, where, w.Body)
	}
}

func TestCommandOfAnInstance(t *testing.T) {
	x := newExample(t)
	w := x.serve(request("POST", "/orders/%EA%B0%80%20b/cancel", "", `If-Match: "4"`, `Idempotency-Key: "quoted"`))
	if w.Code != http.StatusOK || w.Header().Get("Location") != "" {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	if x.lastReq.ID != "가 b" || x.lastReq.IfMatch.Versions[0] != 4 || x.lastReq.Key.ID != "quoted" {
		t.Errorf("%+v", x.lastReq)
	}
	if !strings.Contains(w.Body.String(), `"/orders/%EA%B0%80%20b"`) {
		t.Error(w.Body)
	}
}

func TestTheModelsFieldsGoBeforeOurs(t *testing.T) {
	x := newExample(t)
	x.do = func(context.Context, command.Request) (command.Outcome, error) {
		return command.Outcome{ID: "o", Version: 2, Repeated: true, Reply: json.RawMessage(`{"version":"second edition","id":"x"}`)}, nil
	}
	w := x.serve(request("POST", "/orders/o/cancel", ""))
	if got, want := w.Body.String(), `{"version":"second edition","id":"x","orderId":"o","_links":{"self":{"href":"/orders/o"}}}`; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if w.Header().Get("ETag") != `"2"` || w.Header().Get("Idempotency-Replayed") != "true" {
		t.Error(w.Header())
	}
}

func TestCommandBetweenServices(t *testing.T) {
	x := newExample(t)
	w := x.internal(request("POST", "/internal/commands/order/cancel", `{"orderId":"o-1"}`, "Esgen-Key: k%2F1%EA%B0%80", "Esgen-Compensates: k-0",
		"Esgen-Correlation: c", "Esgen-Causation: e", "Esgen-Actor: %EA%B0%80", "Esgen-Actor-Roles: a%2Cb,c", "X-Actor-Id: "))
	if w.Code != http.StatusOK {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	req := x.lastReq
	if req.Key != (command.Key{Scope: command.CallScope, ID: "k/1가"}) || req.Compensates != "k-0" || req.Correlation != "c" || req.Causation != "e" ||
		req.Actor.Subject != "가" || !req.Actor.System || strings.Join(req.Actor.Roles, "|") != "a,b|c" {
		t.Errorf("%+v", req)
	}
}

func TestErrorsAreAnswered(t *testing.T) {
	for name, c := range map[string]struct {
		err    error
		status int
		code   string
		retry  string
	}{
		"rule":              {values.Reject(values.Rule, "EmptyOrder", "nothing in it"), 422, "EmptyOrder", ""},
		"rule with status":  {fmt.Errorf("wrapped: %w", values.Reject(values.Conflict, "Closed", "")), 409, "Closed", ""},
		"rule, no status":   {values.Reject("", "Odd", ""), 422, "Odd", ""},
		"rule, bad status":  {values.Reject("200", "Odd", ""), 422, "Odd", ""},
		"not found":         {command.ErrNotFound, 404, "NotFound", ""},
		"exists":            {command.ErrExists, 409, "AlreadyExists", ""},
		"conflict":          {command.ErrConflict, 409, "Conflict", ""},
		"version":           {command.ErrVersion, 412, "VersionMismatch", ""},
		"key reused":        {command.ErrKeyReused, 422, "KeyReused", ""},
		"in flight":         {command.ErrInFlight, 409, "InFlight", ""},
		"compensated":       {command.ErrCompensated, 409, "Compensated", ""},
		"model error":       {&values.Fault{Message: "secret"}, 500, inbound.CodeModelError, ""},
		"row not found":     {view.ErrNotFound, 404, inbound.CodeNotFound, ""},
		"large event":       {fmt.Errorf("secret: %w", message.ErrTooLarge), 413, inbound.CodeTooLarge, ""},
		"cursor":            {fmt.Errorf("%w: secret", view.ErrCursor), 400, inbound.CodeInvalid, ""},
		"query":             {fmt.Errorf("%w: secret", view.ErrQuery), 400, inbound.CodeInvalid, ""},
		"upstream slow":     {&client.Timeout{Dependency: "pay", Cause: errors.New("secret")}, 504, inbound.CodeUpstreamSlow, ""},
		"upstream away":     {&client.Unavailable{Dependency: "pay", Reason: "secret", RetryAfter: 1500 * time.Millisecond}, 503, inbound.CodeUnavailable, "2"},
		"upstream odd":      {&client.Failure{Dependency: "pay", Status: 500, Reason: "secret"}, 502, inbound.CodeUpstreamFailed, ""},
		"something away":    {fmt.Errorf("secret: %w", message.ErrUnavailable), 503, inbound.CodeUnavailable, "1"},
		"took too long":     {fmt.Errorf("secret: %w", context.DeadlineExceeded), 503, inbound.CodeTimeout, "1"},
		"given up":          {fmt.Errorf("secret: %w", context.Canceled), 499, inbound.CodeTimeout, ""},
		"anything else":     {errors.New("password=secret"), 500, inbound.CodeInternal, ""},
		"problem as it is":  {&inbound.Problem{Status: 418, Code: "teapot", Detail: "short"}, 418, "teapot", ""},
		"rule in a timeout": {fmt.Errorf("%w %w", values.Reject(values.Conflict, "R", ""), context.DeadlineExceeded), 409, "R", ""},
	} {
		t.Run(name, func(t *testing.T) {
			x := newExample(t)
			x.do = func(context.Context, command.Request) (command.Outcome, error) { return command.Outcome{}, c.err }
			w := x.serve(request("POST", "/orders", goodOrder))
			if p := problemOf(t, w); p.Status != c.status || p.Code != c.code || w.Header().Get("Retry-After") != c.retry {
				t.Errorf("%d %s %v", w.Code, w.Body, w.Header())
			}
			if strings.Contains(w.Body.String(), "secret") {
				t.Errorf("it tells too much: %s", w.Body)
			}
			if c.status == 500 && !strings.Contains(x.log.String(), "secret") {
				t.Errorf("the log does not tell why: %s", x.log)
			}
		})
	}
}

func TestPanicsAreAnswered(t *testing.T) {
	x := newExample(t)
	w := x.serve(request("GET", "/panics", ""))
	if p := problemOf(t, w); p.Status != 500 || p.Code != inbound.CodeInternal || strings.Contains(w.Body.String(), "secret") {
		t.Error(w.Body)
	}
	if !strings.Contains(x.log.String(), "a secret") || !strings.Contains(x.log.String(), "example_test.go") {
		t.Error("the log does not tell where:", x.log)
	}
}

func TestFaultsOfTheModelAreAnswered(t *testing.T) {
	x := newExample(t)
	w := x.serve(request("GET", "/views/orders/queries/by-status?status=Paid&min=1001", "", "X-Actor-Roles: owner"))
	if p := problemOf(t, w); p.Status != 500 || p.Code != inbound.CodeModelError {
		t.Error(w.Body)
	}
}

func TestTimeout(t *testing.T) {
	x := newExample(t, func(c *inbound.Config) { c.Timeout = time.Millisecond })
	x.do = func(ctx context.Context, _ command.Request) (command.Outcome, error) {
		<-ctx.Done()
		return command.Outcome{}, ctx.Err()
	}
	if w := x.serve(request("POST", "/orders", goodOrder)); w.Code != 503 || w.Header().Get("Retry-After") == "" {
		t.Error(w.Code, w.Body)
	}
}

func TestNobodyIsLetInByDefault(t *testing.T) {
	x := newExample(t, func(c *inbound.Config) { c.Authenticator = nil })
	w := x.serve(request("POST", "/orders", goodOrder))
	if w.Code != 401 || w.Header().Get("WWW-Authenticate") != "Bearer" || x.ran.Load() != 0 {
		t.Error(w.Code, w.Header())
	}
}

type failing struct{ inbound.DenyAll }

func (failing) Authenticate(*http.Request) (inbound.Actor, error) {
	return inbound.Actor{}, errors.New("keys cannot be fetched")
}

func TestAnAuthenticatorThatFailsIsNotTheCallersFault(t *testing.T) {
	x := newExample(t, func(c *inbound.Config) { c.Authenticator = failing{} })
	if w := x.serve(request("POST", "/orders", goodOrder)); w.Code != 500 {
		t.Error(w.Code, w.Body)
	}
}

func TestHeadersOfEveryAnswer(t *testing.T) {
	x := newExample(t)
	for _, r := range []*http.Request{request("POST", "/orders", goodOrder), request("GET", "/nowhere", ""), request("GET", "/orders/o-1", "")} {
		w := x.serve(r)
		for name, want := range map[string]string{
			"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
		} {
			if got := w.Header().Get(name); got != want {
				t.Errorf("%s %s: %s is %q", r.Method, r.URL, name, got)
			}
		}
		if len(w.Header().Get("X-Trace-Id")) != 32 || w.Header().Get("Cache-Control") == "" {
			t.Errorf("%s %s: %v", r.Method, r.URL, w.Header())
		}
	}
}

func TestMethods(t *testing.T) {
	x := newExample(t)
	for _, c := range []struct {
		method, path, allow string
		status              int
	}{
		{"OPTIONS", "/orders", "POST, OPTIONS", 204},
		{"OPTIONS", "/orders/o-1", "GET, HEAD, OPTIONS", 204},
		{"OPTIONS", "/orders/o-1/closed", "PUT, OPTIONS", 204},
		{"OPTIONS", "/nowhere", "", 404},
		{"GET", "/orders", "POST, OPTIONS", 405},
		{"HEAD", "/orders/o-1", "", 200},
		{"HEAD", "/orders/o-2", "", 404},
	} {
		w := x.serve(request(c.method, c.path, ""))
		if w.Code != c.status || w.Header().Get("Allow") != c.allow {
			t.Errorf("%s %s: %d, Allow %q", c.method, c.path, w.Code, w.Header().Get("Allow"))
		}
		if c.method == "HEAD" && w.Body.Len() > 0 {
			t.Errorf("%s %s has a body: %s", c.method, c.path, w.Body)
		}
	}
}

func TestAPathWithASlashAtItsEndIsThatPathOnly(t *testing.T) {
	r := rest.NewRouter(inbound.Config{Authenticator: inbound.DevHeaders{}})
	for _, pattern := range []string{"POST /", "PUT /orders/{orderId}/"} {
		r.Handle(pattern, []string{"guest"}, func(w http.ResponseWriter, _ *http.Request, _ inbound.Actor) error {
			w.WriteHeader(http.StatusNoContent)
			return nil
		})
	}
	if err := r.Err(); err != nil {
		t.Fatal(err)
	}
	for asked, status := range map[string]int{
		"POST /": 204, "GET /": 405, "POST /nonsense/x": 404, "POST /orders": 404,
		"PUT /orders/o-1/": 204, "PUT /orders/o-1": 404, "PUT /orders/o-1/x": 404,
	} {
		method, path, _ := strings.Cut(asked, " ")
		w := httptest.NewRecorder()
		r.Public().ServeHTTP(w, request(method, path, "", "X-Actor-Roles: guest"))
		if w.Code != status {
			t.Errorf("%s: %d, want %d", asked, w.Code, status)
		}
	}
}

func TestTheLogHasNoIDs(t *testing.T) {
	x := newExample(t)
	x.serve(request("POST", "/orders/secret-1/cancel", `{"reason":"secret-2"}`, "Idempotency-Key: secret-3", "X-Actor-Id: secret-4"))
	x.serve(request("GET", "/secret-5?secret-6", ""))
	if log := x.log.String(); strings.Contains(log, "secret") || !strings.Contains(log, `"route":"POST /orders/{orderId}/cancel","status":200`) ||
		!strings.Contains(log, `"route":"none","status":404`) {
		t.Error(log)
	}
}

// unreadable is an input with a field that can be anything.
type unreadable struct{ X any }

func (unreadable) Command() values.Command { return values.Command{Actors: []string{"a"}} }

func TestRoutesThatCannotBe(t *testing.T) {
	do := func(context.Context, command.Request, cancelOrder) (command.Outcome, error) {
		return command.Outcome{}, nil
	}
	actors := []string{"a"}
	for name, add := range map[string]func(r *rest.Router){
		"no method": func(r *rest.Router) {
			rest.Command(r, rest.CommandRoute[cancelOrder]{Pattern: "/x", Do: do})
		},
		"bad pattern": func(r *rest.Router) {
			rest.Command(r, rest.CommandRoute[cancelOrder]{Pattern: "POST /{", Do: do})
		},
		"no field": func(r *rest.Router) {
			rest.Command(r, rest.CommandRoute[cancelOrder]{Pattern: "POST /{x}", Do: do})
		},
		"no Do": func(r *rest.Router) {
			rest.Command(r, rest.CommandRoute[cancelOrder]{Pattern: "POST /x"})
		},
		"bad internal": func(r *rest.Router) { rest.Command(r, rest.CommandRoute[cancelOrder]{Internal: "x", Do: do}) },
		"twice": func(r *rest.Router) {
			for range 2 {
				rest.Command(r, rest.CommandRoute[cancelOrder]{Pattern: "POST /x", Do: do})
			}
		},
		"unreadable input": func(r *rest.Router) {
			rest.Command(r, rest.CommandRoute[unreadable]{Pattern: "POST /x", Do: func(context.Context, command.Request, unreadable) (command.Outcome, error) {
				return command.Outcome{}, nil
			}})
		},
		"unknown key": func(r *rest.Router) {
			rest.View(r, rest.ViewRoute[row]{Path: "/v", Actors: actors, Keys: []string{"x"}})
		},
		"no Where": func(r *rest.Router) {
			rest.Query(r, rest.ViewRoute[row]{}, rest.QueryRoute[byStatus, row]{Path: "/v", Actors: actors})
		},
		"no Load": func(r *rest.Router) { rest.Resource(r, rest.ResourceRoute[order]{Path: "/v", Actors: actors}) },
	} {
		r := rest.NewRouter(inbound.Config{})
		add(r)
		if r.Err() == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func BenchmarkCommand(b *testing.B) {
	x := newExample(b, func(c *inbound.Config) { c.Log = nil })
	handler := x.router.Public()
	b.ReportAllocs()
	for b.Loop() {
		w := &discard{header: http.Header{}}
		handler.ServeHTTP(w, request("POST", "/orders", goodOrder, "Idempotency-Key: k-1"))
		if w.status != http.StatusCreated {
			b.Fatal(w.status)
		}
	}
}

type discard struct {
	header http.Header
	status int
}

func (d *discard) Header() http.Header            { return d.header }
func (d *discard) Write(data []byte) (int, error) { return len(data), nil }
func (d *discard) WriteHeader(status int)         { d.status = status }
