package client_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/esgen/esgen/templates/chassis/client"
	"github.com/esgen/esgen/templates/chassis/command"
	"github.com/esgen/esgen/templates/chassis/message"
	"github.com/esgen/esgen/templates/chassis/values"
)

type approve struct {
	Order  values.ID      `json:"orderId"`
	Amount values.Decimal `json:"amount"`
}

type approved struct {
	ID     values.ID `json:"id"`
	Result string    `json:"result"`
}

// callee answers each request with the next of its answers, the last one again
// and again, and remembers what it was asked.
type callee struct {
	*httptest.Server
	mu       sync.Mutex
	answers  []http.HandlerFunc
	requests []*http.Request
	bodies   []string
}

func newCallee(t *testing.T, answers ...http.HandlerFunc) *callee {
	c := &callee{answers: answers}
	c.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		c.mu.Lock()
		c.requests, c.bodies = append(c.requests, r), append(c.bodies, string(body))
		next := c.answers[0]
		if len(c.answers) > 1 {
			c.answers = c.answers[1:]
		}
		c.mu.Unlock()
		next(w, r)
	}))
	t.Cleanup(c.Close)
	return c
}

func (c *callee) count() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.requests)
}

func says(status int, body string, headers ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for _, h := range headers {
			name, value, _ := strings.Cut(h, ": ")
			w.Header().Set(name, value)
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

// hangs answers when the test is over.
func hangs(t *testing.T) http.HandlerFunc {
	over := make(chan struct{})
	t.Cleanup(func() { close(over) })
	return func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-over:
		case <-r.Context().Done():
		}
	}
}

// cuts breaks the connection.
func cuts(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }

func dependency(t *testing.T, url string, policy client.Policy) *client.Dependency {
	t.Helper()
	if policy.Timeout == 0 {
		policy.Timeout = 5 * time.Second
	}
	d, err := client.New("pay", url, policy, client.Options{MaxReply: 1000, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

const path = "/internal/commands/payment/approve"

func ask(d *client.Dependency, call command.Cause) (approved, error) {
	return client.Command[approved](context.Background(), d, path, approve{Order: "o-1", Amount: values.Int(7)}, call)
}

func TestCommand(t *testing.T) {
	c := newCallee(t, says(201, `{"id":"p-1","result":"Strange","version":3,"more":{"a":1},"_links":{}}`))
	reply, err := ask(dependency(t, c.URL, client.Policy{}), command.Cause{
		Key: "k/1 가", Compensates: "k-0", Correlation: "c", Causation: "e", Actor: values.Actor{Subject: "가", Roles: []string{"a,b", "c"}},
	})
	if err != nil || reply != (approved{"p-1", "Strange"}) {
		t.Fatal(reply, err)
	}
	r := c.requests[0]
	if r.Method != "POST" || r.URL.Path != path || c.bodies[0] != `{"orderId":"o-1","amount":"7"}` || r.Header.Get("Content-Type") != "application/json" {
		t.Error(r.Method, r.URL, c.bodies[0], r.Header)
	}
	for name, want := range map[string]string{
		"Esgen-Key": "k%2F1%20%EA%B0%80", "Esgen-Compensates": "k-0", "Esgen-Correlation": "c", "Esgen-Causation": "e",
		"Esgen-Actor": "%EA%B0%80", "Esgen-Actor-Roles": "a%2Cb,c",
	} {
		if got := r.Header.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
}

func TestAnswers(t *testing.T) {
	type kind int
	const (
		rejection kind = iota
		timeout
		unavailable
		failure
	)
	problem := `{"type":"about:blank","title":"T","status":409,"code":"CardDeclined","detail":"no money"}`
	for name, c := range map[string]struct {
		answer http.HandlerFunc
		kind   kind
		sent   bool // may have had an effect
	}{
		"rule":            {says(422, problem), rejection, false},
		"conflict":        {says(409, problem), rejection, false},
		"missing":         {says(404, problem), rejection, false},
		"forbidden":       {says(403, problem), rejection, false},
		"rule in HTML":    {says(422, `<html>`), rejection, false},
		"in flight":       {says(409, `{"code":"InFlight"}`), timeout, true},
		"invalid":         {says(400, problem), failure, false},
		"no such method":  {says(405, problem), failure, false},
		"redirect":        {says(307, "", "Location: /elsewhere"), failure, false},
		"too many":        {says(429, "", "Retry-After: 7"), unavailable, true},
		"unavailable":     {says(503, "", "Retry-After: 7"), unavailable, true},
		"upstream slow":   {says(504, ""), timeout, true},
		"bad gateway":     {says(502, `<html>`), failure, true},
		"internal":        {says(500, problem), failure, true},
		"model error":     {says(500, `{"code":"model-error"}`), failure, true},
		"cut":             {cuts, unavailable, true},
		"not JSON":        {says(200, `<html>`), failure, true},
		"another type":    {says(200, `{"id":"p-1","result":1}`), failure, true},
		"a part missing":  {says(200, `{"id":"p-1"}`), failure, true},
		"a part null":     {says(200, `{"id":null,"result":"ok"}`), failure, true},
		"nothing":         {says(200, `{}`), failure, true},
		"no body":         {says(204, ``), failure, true},
		"too large":       {says(200, `"`+strings.Repeat("x", 2000)+`"`), failure, true},
		"cut in the body": {says(200, `{`, "Content-Length: 100"), unavailable, true},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := ask(dependency(t, newCallee(t, c.answer).URL, client.Policy{}), command.Cause{Key: "k"})
			var no *values.Rejection
			var slow *client.Timeout
			var away *client.Unavailable
			var odd *client.Failure
			is := map[kind]bool{rejection: errors.As(err, &no), timeout: errors.As(err, &slow), unavailable: errors.As(err, &away), failure: errors.As(err, &odd)}
			if !is[c.kind] {
				t.Fatalf("%T %v", err, err)
			}
			if client.IsTechnical(err) != (c.kind != rejection) {
				t.Error("IsTechnical")
			}
			if c.kind != rejection && errors.Is(err, command.ErrNotSent) == c.sent {
				t.Errorf("errors.Is(%v, ErrNotSent) is %v", err, !c.sent)
			}
			if c.sent && !errors.Is(err, message.ErrUnavailable) {
				t.Errorf("%v is not ErrUnavailable", err)
			}
			if c.kind == rejection && name != "rule in HTML" && (no.Code != "CardDeclined" || no.Message != "no money") {
				t.Errorf("%+v", no)
			}
			if away != nil && strings.Contains("too many unavailable", name) && away.RetryAfter != 7*time.Second {
				t.Errorf("%+v", away)
			}
		})
	}
}

func TestARejectionKeepsItsStatusWithinTheSystemOnly(t *testing.T) {
	c := newCallee(t, says(404, `{"code":"NotFound"}`))
	d := dependency(t, c.URL, client.Policy{})
	_, inside := ask(d, command.Cause{})
	_, outside := client.Operation[approved](context.Background(), d, "POST", "/v1/charges", approve{}, command.Cause{})
	var no *values.Rejection
	if !errors.As(inside, &no) || no.Kind != values.Missing {
		t.Error(inside)
	}
	if !errors.As(outside, &no) || no.Kind != values.Rule {
		t.Error(outside)
	}
}

func TestNobodyListens(t *testing.T) {
	socket, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = socket.Close()
	_, err = ask(dependency(t, "http://"+socket.Addr().String(), client.Policy{Attempts: 2}), command.Cause{Key: "k"})
	var away *client.Unavailable
	if !errors.As(err, &away) || away.Sent || !errors.Is(err, command.ErrNotSent) || !errors.Is(err, message.ErrUnavailable) {
		t.Errorf("%T %v", err, err)
	}
}

func TestTimeoutIsAnUnknownOutcome(t *testing.T) {
	d := dependency(t, newCallee(t, hangs(t)).URL, client.Policy{Timeout: 20 * time.Millisecond})
	_, err := ask(d, command.Cause{})
	var slow *client.Timeout
	if !errors.As(err, &slow) || errors.Is(err, command.ErrNotSent) {
		t.Errorf("%T %v", err, err)
	}
}

func TestTheCallerGivesUp(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	c := newCallee(t, func(_ http.ResponseWriter, r *http.Request) {
		cancel()
		<-r.Context().Done()
	})
	d := dependency(t, c.URL, client.Policy{Attempts: 3, Breaker: client.Breaker{Failures: 1, Of: 1}})
	_, err := client.Command[approved](ctx, d, path, approve{}, command.Cause{Key: "k"})
	if !errors.Is(err, context.Canceled) || errors.Is(err, command.ErrNotSent) || c.count() != 1 || d.State() != "closed" {
		t.Error(err, c.count(), d.State())
	}
	_, err = client.Command[approved](ctx, d, path, approve{}, command.Cause{Key: "k"})
	if !errors.Is(err, command.ErrNotSent) || c.count() != 1 {
		t.Error("before it was sent:", err, c.count())
	}
}

func TestTriesAgain(t *testing.T) {
	good := says(200, `{"id":"p-1","result":"ok"}`)
	for name, c := range map[string]struct {
		answers []http.HandlerFunc
		key     string
		tries   int
		fails   bool
	}{
		"500":                  {[]http.HandlerFunc{says(500, ""), says(503, ""), good}, "k", 3, false},
		"cut":                  {[]http.HandlerFunc{cuts, cuts, good}, "k", 3, false},
		"in flight":            {[]http.HandlerFunc{says(409, `{"code":"InFlight"}`), good}, "k", 2, false},
		"never":                {[]http.HandlerFunc{says(500, "")}, "k", 3, true},
		"rejections are final": {[]http.HandlerFunc{says(409, `{"code":"X"}`), good}, "k", 1, true},
		"model errors too":     {[]http.HandlerFunc{says(500, `{"code":"model-error"}`), good}, "k", 1, true},
		"misunderstandings":    {[]http.HandlerFunc{says(400, ""), good}, "k", 1, true},
		"no key":               {[]http.HandlerFunc{says(500, ""), good}, "", 1, true},
	} {
		t.Run(name, func(t *testing.T) {
			callee := newCallee(t, c.answers...)
			_, err := ask(dependency(t, callee.URL, client.Policy{Attempts: 3}), command.Cause{Key: c.key})
			if (err != nil) != c.fails || callee.count() != c.tries {
				t.Errorf("%d tries, %v", callee.count(), err)
			}
			for _, r := range callee.requests {
				if r.Header.Get("Esgen-Key") != c.key {
					t.Errorf("key %q", r.Header.Get("Esgen-Key"))
				}
			}
		})
	}
}

func TestWhatWasSentStaysSent(t *testing.T) {
	c := newCallee(t, cuts)
	// The first try breaks and opens the breaker; the second does not leave.
	d := dependency(t, c.URL, client.Policy{Attempts: 2, Breaker: client.Breaker{Failures: 1, Of: 1}})
	_, err := ask(d, command.Cause{Key: "k"})
	if errors.Is(err, command.ErrNotSent) || c.count() != 1 {
		t.Error(err, c.count())
	}
}

func TestBreaker(t *testing.T) {
	c := newCallee(t, says(500, ""), says(500, ""), says(500, ""), says(200, `{"id":"p-1","result":"ok"}`))
	d := dependency(t, c.URL, client.Policy{Breaker: client.Breaker{Failures: 3, Of: 4, Open: 50 * time.Millisecond}})
	for range 3 {
		_, _ = ask(d, command.Cause{})
	}
	if d.State() != "open" {
		t.Fatal(d.State())
	}
	_, err := ask(d, command.Cause{})
	var away *client.Unavailable
	if !errors.As(err, &away) || away.RetryAfter <= 0 || away.Sent || !errors.Is(err, command.ErrNotSent) || c.count() != 3 {
		t.Error(err, c.count())
	}
	for deadline := time.Now().Add(5 * time.Second); d.State() != "closed"; {
		if time.Now().After(deadline) {
			t.Fatal("it stays", d.State())
		}
		_, _ = ask(d, command.Cause{})
	}
}

func TestRejectionsDoNotOpenTheBreaker(t *testing.T) {
	d := dependency(t, newCallee(t, says(422, `{"code":"X"}`)).URL, client.Policy{Breaker: client.Breaker{Failures: 1, Of: 1}})
	for range 10 {
		_, _ = ask(d, command.Cause{})
	}
	if d.State() != "closed" {
		t.Error(d.State())
	}
}

// As many wait as are under way; who comes then is turned away at once.
func TestBulkhead(t *testing.T) {
	var inside, refused atomic.Int64
	release := make(chan struct{})
	c := newCallee(t, func(w http.ResponseWriter, _ *http.Request) {
		inside.Add(1)
		<-release
		_, _ = io.WriteString(w, `{"id":"p-1","result":"ok"}`)
	})
	d := dependency(t, c.URL, client.Policy{Bulkhead: 2, Breaker: client.Breaker{Failures: 1, Of: 1}, Timeout: time.Minute})
	var all sync.WaitGroup
	for range 5 {
		all.Go(func() {
			_, err := ask(d, command.Cause{})
			var away *client.Unavailable
			switch {
			case errors.As(err, &away) && errors.Is(err, command.ErrNotSent):
				refused.Add(1)
			case err != nil:
				t.Error(err)
			}
		})
	}
	for deadline := time.Now().Add(10 * time.Second); inside.Load() < 2 || refused.Load() < 1; {
		if time.Now().After(deadline) {
			t.Fatalf("%d are asked, %d turned away", inside.Load(), refused.Load())
		}
	}
	close(release)
	all.Wait()
	if inside.Load() != 4 || refused.Load() != 1 || d.State() != "closed" {
		t.Error(inside.Load(), refused.Load(), d.State())
	}
}

func TestQueryAndGet(t *testing.T) {
	c := newCallee(t, says(200, `{"items":[{"id":"a","result":""},{"id":"b","result":"x"}],"next":"n"}`), says(200, `{"id":"a","result":""}`))
	d := dependency(t, c.URL, client.Policy{})
	page, err := client.Query[approved](context.Background(), d, "/internal/queries/orders/late", map[string]string{"x": "y"}, client.Page{Limit: 2, Cursor: "c+"}, command.Cause{})
	if err != nil || len(page.Rows) != 2 || page.Next != "n" || c.requests[0].URL.RawQuery != "cursor=c%2B&limit=2" || c.bodies[0] != `{"x":"y"}` {
		t.Error(page, err, c.requests[0].URL, c.bodies[0])
	}
	row, err := client.Get[approved](context.Background(), d, "/internal/queries/orders", command.Cause{}, "o/1", "2")
	if err != nil || row.ID != "a" || c.requests[1].URL.EscapedPath() != "/internal/queries/orders/rows/o%2F1/2" {
		t.Error(row, err, c.requests[1].URL)
	}
}

func TestRowsAreReadAsFarAsTheyAreLookedAt(t *testing.T) {
	for _, c := range []struct {
		body  string
		needs []string
		says  string // "": it is read
	}{
		{`{"items":[{"id":"a","result":"x"}]}`, nil, ""},
		{`{"items":[]}`, nil, ""},
		{`{"items":[{"id":"a"}]}`, []string{"id"}, ""},
		{`{"items":[{"id":"a"}]}`, nil, "/items/0/result is missing"},
		{`{"items":[{"id":"a"},{"result":"x"}]}`, []string{"id"}, "/items/1/id is missing"},
		{`{"items":null}`, nil, "/items is missing"},
		{`{}`, nil, "/items is missing"},
	} {
		d := dependency(t, newCallee(t, says(200, c.body)).URL, client.Policy{})
		_, err := client.Query[approved](context.Background(), d, "/internal/queries/orders/late", nil, client.Page{Needs: c.needs}, command.Cause{})
		var odd *client.Failure
		if c.says == "" && err != nil || c.says != "" && (!errors.As(err, &odd) || !strings.Contains(odd.Reason, c.says)) {
			t.Errorf("%s: %v", c.body, err)
		}
	}
}

func TestOperation(t *testing.T) {
	type input struct {
		To   string   `json:"to"`
		Text *string  `json:"text"`
		Tags []string `json:"tags,omitempty"`
		N    int64    `json:"n"`
	}
	text := "안녕"
	for name, c := range map[string]struct {
		method, path, wantPath, wantBody string
	}{
		"body":              {"POST", "/v2/messages", "/base/v2/messages", `{"to":"a/b","text":"안녕","tags":["x"],"n":7}`},
		"path and body":     {"PUT", "/v2/messages/{to}/{n}", "/base/v2/messages/a%2Fb/7", `{"tags":["x"],"text":"안녕"}`},
		"path and query":    {"GET", "/v2/messages/{to}", "/base/v2/messages/a%2Fb?n=7&tags=%5B%22x%22%5D&text=%EC%95%88%EB%85%95", ""},
		"delete by a query": {"DELETE", "/v2/messages", "/base/v2/messages?n=7&tags=%5B%22x%22%5D&text=%EC%95%88%EB%85%95&to=a%2Fb", ""},
	} {
		t.Run(name, func(t *testing.T) {
			callee := newCallee(t, says(204, ""))
			d := dependency(t, callee.URL+"/base/", client.Policy{})
			_, err := client.Operation[struct{}](context.Background(), d, c.method, c.path, input{To: "a/b", Text: &text, Tags: []string{"x"}, N: 7},
				command.Cause{Key: "k", Correlation: "private"})
			if err != nil {
				t.Fatal(err)
			}
			r := callee.requests[0]
			if r.RequestURI != c.wantPath || callee.bodies[0] != c.wantBody || r.Header.Get("Idempotency-Key") != "k" {
				t.Errorf("%s %s %s", r.RequestURI, callee.bodies[0], r.Header)
			}
			if r.Header.Get("Esgen-Correlation") != "" || r.Header.Get("Esgen-Key") != "" {
				t.Error("others are told what is ours:", r.Header)
			}
		})
	}
}

// What a path lacks is not asked for, not even once, and need not be undone.
func TestAPathNeedsItsValues(t *testing.T) {
	callee := newCallee(t, says(204, ""))
	d := dependency(t, callee.URL, client.Policy{Attempts: 2, Breaker: client.Breaker{Failures: 1, Of: 1}})
	for path, input := range map[string]any{
		"/x/{to}/cancel": struct {
			To string `json:"to"`
		}{},
		"/x/{missing}": struct{}{},
		"/x/{null}": struct {
			Null *string `json:"null"`
		}{},
	} {
		_, err := client.Operation[struct{}](context.Background(), d, "POST", path, input, command.Cause{Key: "k"})
		var odd *client.Failure
		if !errors.As(err, &odd) || !errors.Is(err, command.ErrNotSent) || callee.count() != 0 || d.State() != "closed" {
			t.Errorf("%s: %T %v, asked %d times, the breaker is %s", path, err, err, callee.count(), d.State())
		}
	}
}

func TestNoInput(t *testing.T) {
	c := newCallee(t, says(200, "{}"))
	d := dependency(t, c.URL, client.Policy{})
	for _, input := range []any{nil, json.RawMessage(nil)} {
		if _, err := client.Command[struct{}](context.Background(), d, path, input, command.Cause{}); err != nil {
			t.Error(err)
		}
	}
	if c.bodies[0] != "" || c.bodies[1] != "" {
		t.Errorf("%q", c.bodies)
	}
}

func TestNewRefusesURLs(t *testing.T) {
	for _, url := range []string{"", "pay", "pay:8081", "ftp://pay", "http://", "://", "http://user:secret@[bad"} {
		if _, err := client.New("pay", url, client.Policy{}, client.Options{}); err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%q: %v", url, err)
		}
	}
}

func TestTotalBoundsAllTries(t *testing.T) {
	d := dependency(t, newCallee(t, hangs(t)).URL, client.Policy{Timeout: time.Minute, Total: 50 * time.Millisecond, Attempts: 10})
	began := time.Now()
	_, err := ask(d, command.Cause{Key: "k"})
	var slow *client.Timeout
	if !errors.As(err, &slow) || time.Since(began) > 10*time.Second {
		t.Error(err, time.Since(began))
	}
}
