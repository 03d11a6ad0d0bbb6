package badinput

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/esgen/esgen/templates/chassis/store"
	"github.com/esgen/esgen/templates/testkit/fixture"
)

// Service is a service under test, whole and in process.
type Service struct {
	Public, Internal http.Handler
	// DB is its database, a new one of SQLite.
	DB *store.DB
	// Called counts the requests it made of others; nil: it makes none.
	Called func() int
}

// Of is a service under test as its doors see it.
func Of[A any](s *fixture.Service[A]) Service {
	return Service{Public: s.Router.Public(), Internal: s.Router.Internal(), DB: s.DB, Called: s.Calls.Count}
}

// Refuses sends every kind of bad request of every route, and sees that each is
// answered with the right problem, and that nothing is stored and nobody asked.
// Instances and rows are there, so that there is something to be damaged.
func Refuses(t *testing.T, s Service, routes []Route) {
	lines := open(t, s)
	all := places(routes)
	lines.prepare(t, all)
	for _, p := range all {
		t.Run(p.name, func(t *testing.T) {
			cases := p.cases(all)
			if n := kinds(cases); n < 20 {
				t.Errorf("only %d kinds of bad requests", n)
			}
			for _, c := range cases {
				lines.refuses(t, c)
			}
		})
	}
	t.Run("no HTTP", func(t *testing.T) {
		for _, c := range Bare() {
			lines.refuses(t, c)
			c.Internal = true
			lines.refuses(t, c)
		}
	})
}

// Accepts sends the good requests: what is bad about the others is what was
// made bad. A rule of the model may refuse them, nothing else.
func Accepts(t *testing.T, s Service, routes []Route) {
	lines := open(t, s)
	all := places(routes)
	lines.prepare(t, all)
	for _, p := range all {
		if p.creates {
			continue // done before
		}
		t.Run(p.name, func(t *testing.T) {
			if err := lines.accepts(p); err != nil {
				t.Error(err)
			}
		})
	}
}

// Strangers sends the good requests of what is somebody's as somebody else who has the
// role: who may not act is refused, who may not see finds nothing.
func Strangers(t *testing.T, s Service, routes []Route) {
	lines := open(t, s)
	all := places(routes)
	try := func(creates bool) {
		for _, p := range all {
			if p.owned && p.creates == creates {
				t.Run(p.name, func(t *testing.T) { lines.estranges(t, p) })
			}
		}
	}
	try(true)
	lines.prepare(t, all)
	try(false)
}

func (x *lines) estranges(t *testing.T, p place) {
	t.Helper()
	c := Case{Kind: "somebody else", Request: p.good("stranger")}
	c.set(actorLine, "somebody-else")
	switch {
	case p.page:
		x.finds(t, c)
		return
	case p.sort != Command:
		c.Status = http.StatusNotFound
	case p.creates && !p.uncertain:
		c.Status = http.StatusForbidden
	}
	x.refuses(t, c)
}

// finds asks for a list in which nothing is.
func (x *lines) finds(t *testing.T, c Case) {
	t.Helper()
	a, err := x.send(c.Request)
	if err != nil {
		t.Fatal(err)
	}
	var list struct {
		Items []json.RawMessage `json:"items"`
	}
	if err := json.Unmarshal(a.body, &list); err != nil || a.status != http.StatusOK || list.Items == nil || len(list.Items) > 0 {
		t.Errorf("%s: want an empty list, got %s", c, a)
	}
}

// Repeats sends every good command twice: it has one effect, and one answer.
func Repeats(t *testing.T, s Service, routes []Route) {
	lines := open(t, s)
	for _, p := range places(routes) {
		if p.sort != Command {
			continue
		}
		t.Run(p.name, func(t *testing.T) { lines.repeats(t, p.good("good")) })
	}
}

func (x *lines) repeats(t *testing.T, r Request) {
	t.Helper()
	first, err := x.send(r)
	if err != nil {
		t.Fatal(err)
	}
	if err := x.stored.remember(context.Background()); err != nil {
		t.Fatal(err)
	}
	called := x.called()
	again, err := x.send(r)
	if err != nil {
		t.Fatal(err)
	}
	if again.status != first.status || first.status < 300 && string(again.body) != string(first.body) {
		t.Errorf("the first time: %s; the second time: %s", first, again)
	}
	if first.status < 300 && again.header.Get("Idempotency-Replayed") != "true" {
		t.Errorf("the second answer does not say that it is a repetition: %v", again.header)
	}
	refusedAfterCall := again.status >= 300 && x.called() > called
	if tables, err := x.stored.changedByRefused(context.Background(), refusedAfterCall); tables != "" || err != nil {
		t.Errorf("the second time changed what is stored: %s (%v)", tables, err)
	}
	if first.status < 300 && x.called() != called {
		t.Error("the second time asked others again")
	}
}

func kinds(cases []Case) int {
	seen := map[string]bool{}
	for _, c := range cases {
		seen[c.Kind] = true
	}
	return len(seen)
}

// lines are the connections to a service.
type lines struct {
	service          Service
	public, internal *line
	stored           *stored
}

func open(t *testing.T, s Service) *lines {
	t.Helper()
	watch, err := watchStored(context.Background(), s.DB)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = watch.close() })
	listen := func(handler http.Handler) *line {
		server := httptest.NewServer(handler)
		l := &line{address: server.Listener.Addr().String()}
		t.Cleanup(func() { l.close(); server.Close() })
		return l
	}
	x := &lines{service: s, stored: watch, public: listen(s.Public), internal: listen(s.Internal)}
	return x
}

// prepare makes the instances that other routes are about.
func (x *lines) prepare(t *testing.T, all []place) {
	t.Helper()
	for _, p := range all {
		if !p.creates {
			continue
		}
		if err := x.accepts(p); err != nil {
			t.Errorf("%s: %v", p.name, err)
		}
	}
	if err := x.stored.remember(context.Background()); err != nil {
		t.Fatal(err)
	}
}

func (x *lines) send(r Request) (answer, error) {
	l := x.public
	if r.Internal {
		l = x.internal
	}
	return l.send(r)
}

// accepts makes the good request of a route.
func (x *lines) accepts(route place) error {
	a, err := x.send(route.good("good"))
	if err != nil {
		return err
	}
	p, err := a.problem()
	switch {
	case a.status < 300:
		return nil
	case err != nil:
		return err
	case excused(a.status, p.Code):
		return nil
	case p.Code == "invalid" && route.uncertain:
		return nil
	case a.status >= 500, p.Code == "invalid", p.Code == "unauthorized", p.Code == "forbidden", a.status == 405, a.status == 413, a.status == 415:
		return fmt.Errorf("the good request is refused: %s", a)
	}
	return nil
}

// excused are the answers from 500 on that are the model's own: a decision that
// is not written yet, an expression without a value.
func excused(status int, code string) bool {
	return status == http.StatusNotImplemented && code == "NotDecided" || status == http.StatusInternalServerError && code == "model-error"
}

// refuses sends a bad request.
func (x *lines) refuses(t *testing.T, c Case) {
	t.Helper()
	called := x.called()
	a, err := x.send(c.Request)
	if err != nil {
		t.Errorf("%s: %v", c, err)
		return
	}
	if err := c.judge(a); err != nil {
		t.Errorf("%s: %v", c, err)
	}
	if n := x.called() - called; n != 0 {
		t.Errorf("%s: others were asked %d times", c, n)
	}
	tables, err := x.stored.changed(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if tables != "" {
		t.Errorf("%s: something was stored: %s", c, tables)
	}
}

func (x *lines) called() int { return x.service.called() }

func (s Service) called() int {
	if s.Called == nil {
		return 0
	}
	return s.Called()
}

// judge says what is wrong with the answer to a bad request.
func (c Case) judge(a answer) error {
	if a.status < 400 || a.status > 499 || c.Status != 0 && a.status != c.Status {
		want := "4xx"
		if c.Status != 0 {
			want = fmt.Sprint(c.Status)
		}
		return fmt.Errorf("want %s, got %s", want, a)
	}
	if c.Bare {
		return nil
	}
	p, err := a.problem()
	if err != nil {
		return err
	}
	if c.Pointer == "" {
		return nil
	}
	for _, e := range p.Errors {
		if e.Pointer == c.Pointer {
			return nil
		}
	}
	return fmt.Errorf("want an error at %s, got %s", c.Pointer, a)
}

// problem is what a refusal has to say.
type problem struct {
	Type     string `json:"type"`
	Title    string `json:"title"`
	Status   int    `json:"status"`
	Instance string `json:"instance"`
	Code     string `json:"code"`
	TraceID  string `json:"traceId"`
	Errors   []struct {
		Pointer string `json:"pointer"`
		Code    string `json:"code"`
		Message string `json:"message"`
	} `json:"errors"`
}

// problem reads an answer that must be problem details.
func (a answer) problem() (problem, error) {
	var p problem
	if a.status < 300 {
		return p, nil
	}
	if got := a.header.Get("Content-Type"); got != "application/problem+json" {
		return p, fmt.Errorf("the answer is no problem+json but %q: %s", got, a)
	}
	if err := json.Unmarshal(a.body, &p); err != nil {
		return p, fmt.Errorf("the answer is no JSON: %w: %s", err, a)
	}
	switch {
	case p.Status != a.status, p.Type == "", p.Title == "", p.Code == "", p.Instance == "":
		return p, fmt.Errorf("the problem is not whole: %s", a)
	case p.TraceID == "" || p.TraceID != a.header.Get("X-Trace-Id"):
		return p, fmt.Errorf("the problem has not the trace's id: %s", a)
	case a.status == http.StatusUnauthorized && a.header.Get("WWW-Authenticate") == "":
		return p, fmt.Errorf("nobody is told how to say who asks: %s", a)
	case a.status == http.StatusMethodNotAllowed && a.header.Get("Allow") == "":
		return p, fmt.Errorf("nobody is told what is allowed: %s", a)
	case a.status == http.StatusBadRequest && p.Code != "invalid":
		return p, nil // a rule of the model that wants to be a 400
	}
	for _, e := range p.Errors {
		if e.Code == "" || e.Message == "" {
			return p, fmt.Errorf("an error says nothing: %s", a)
		}
	}
	return p, nil
}
