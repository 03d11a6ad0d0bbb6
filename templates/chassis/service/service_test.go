package service_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/esgen/esgen/templates/chassis/client"
	"github.com/esgen/esgen/templates/chassis/command"
	"github.com/esgen/esgen/templates/chassis/inbound"
	"github.com/esgen/esgen/templates/chassis/rest"
	"github.com/esgen/esgen/templates/chassis/service"
	"github.com/esgen/esgen/templates/chassis/telemetry"
)

// patience is how long a test waits for what has to come.
const patience = 10 * time.Second

// running is a service that a test runs.
type running struct {
	t    *testing.T
	at   service.Addresses
	stop context.CancelFunc
	done chan error
}

func options(t *testing.T) service.Options {
	tel, err := telemetry.Start(context.Background(), telemetry.Config{Service: "front", Out: io.Discard})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = tel.Close(context.Background()) })
	return service.Options{
		Name: "front", Telemetry: tel,
		Router: rest.NewRouter(inbound.Config{Authenticator: inbound.DevHeaders{}}),
		Config: service.Server{
			HTTPAddr: "127.0.0.1:0", InternalAddr: "127.0.0.1:0", ShutdownGrace: 5 * time.Second, MaxInFlight: 4,
			RequestTimeout: patience, ReadHeaderTimeout: time.Second, ReadTimeout: time.Second, IdleTimeout: time.Second,
		},
	}
}

// launch runs a service, and waits until it is up.
func launch(t *testing.T, o service.Options) *running {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	r := &running{t: t, stop: stop, done: make(chan error, 1)}
	up := make(chan service.Addresses, 1)
	o.Ready = func(a service.Addresses) { up <- a }
	go func() { r.done <- service.Run(ctx, o) }()
	t.Cleanup(stop)
	select {
	case r.at = <-up:
	case err := <-r.done:
		t.Fatal("it ended:", err)
	case <-time.After(patience):
		t.Fatal("it does not come up")
	}
	return r
}

func (r *running) ended() error {
	r.t.Helper()
	select {
	case err := <-r.done:
		return err
	case <-time.After(patience):
		r.t.Fatal("it does not end")
		return nil
	}
}

func get(t *testing.T, method, url string) (int, string, http.Header) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("X-Actor-Id", "c-1")
	r.Header.Set("X-Actor-Roles", "customer")
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(body), response.Header
}

// eventually asks until the answer is yes.
func eventually(t *testing.T, what string, ask func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !ask(); {
		if time.Now().After(deadline) {
			t.Fatal(what)
		}
	}
}

// journal is what happened, in its order.
type journal struct {
	mu   sync.Mutex
	list []string
}

func (j *journal) add(what string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.list = append(j.list, what)
}

func (j *journal) step(what string) service.Step {
	return service.Step{Name: what, Do: func(context.Context) error { j.add(what); return nil }}
}

func TestLife(t *testing.T) {
	var j journal
	o := options(t)
	entered, release := make(chan struct{}), make(chan struct{})
	o.Router.Handle("GET /slow", []string{"customer"}, func(w http.ResponseWriter, r *http.Request, _ inbound.Actor) error {
		close(entered)
		<-release
		if r.Context().Err() != nil {
			t.Error("the request was given up")
		}
		j.add("request")
		return nil
	})
	o.Start = []service.Step{j.step("migrate"), j.step("topics")}
	o.Workers = []service.Worker{{Name: "relay", Run: func(ctx context.Context) error {
		<-ctx.Done()
		j.add("worker")
		return nil
	}}}
	o.Checks = []service.Check{{Name: "database", Do: func(context.Context) error { return nil }}}
	o.Drain = []service.Step{j.step("consumer"), j.step("flush")}
	o.Close = []service.Step{j.step("close")}
	r := launch(t, o)
	for _, url := range []string{"http://" + r.at.HTTP, "http://" + r.at.Internal} {
		if status, body, _ := get(t, "GET", url+"/livez"); status != 200 || body != `{"status":"live"}` {
			t.Error(url, status, body)
		}
		if status, body, _ := get(t, "GET", url+"/readyz"); status != 200 || body != `{"checks":{"database":"ok"},"status":"ready"}` {
			t.Error(url, status, body)
		}
	}
	answer := make(chan int, 1)
	go func() {
		status, _, _ := get(t, "GET", "http://"+r.at.HTTP+"/slow")
		answer <- status
	}()
	<-entered
	r.stop()
	eventually(t, "it takes new connections", func() bool {
		c, err := net.Dial("tcp", r.at.HTTP)
		if err == nil {
			_ = c.Close()
		}
		return err != nil
	})
	close(release)
	if err := r.ended(); err != nil {
		t.Error(err)
	}
	if status := <-answer; status != 200 {
		t.Error("the request under way:", status)
	}
	if want := []string{"migrate", "topics", "request", "consumer", "flush", "worker", "close"}; !slices.Equal(j.list, want) {
		t.Errorf("got  %v\nwant %v", j.list, want)
	}
}

func TestStartsWhenWhatItNeedsIsThere(t *testing.T) {
	o := options(t)
	var tries atomic.Int64
	there := make(chan struct{})
	o.Start = []service.Step{{Name: "database", Do: func(context.Context) error {
		tries.Add(1)
		select {
		case <-there:
			return nil
		default:
			return errors.New("connection refused")
		}
	}}}
	// A port that is known before the service is up.
	o.Config.HTTPAddr = freeAddress(t)
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	done, up := make(chan error, 1), make(chan service.Addresses, 1)
	o.Ready = func(a service.Addresses) { up <- a }
	go func() { done <- service.Run(ctx, o) }()
	eventually(t, "it does not try again", func() bool { return tries.Load() > 1 })
	if status, _, _ := get(t, "GET", "http://"+o.Config.HTTPAddr+"/livez"); status != 200 {
		t.Error("alive:", status)
	}
	if status, body, _ := get(t, "GET", "http://"+o.Config.HTTPAddr+"/readyz"); status != 503 || !strings.Contains(body, "starting") {
		t.Error("ready:", status, body)
	}
	if status, _, h := get(t, "GET", "http://"+o.Config.HTTPAddr+"/orders"); status != 503 || h.Get("Retry-After") == "" {
		t.Error("a request:", status)
	}
	close(there)
	select {
	case <-up:
	case <-time.After(patience):
		t.Fatal("it does not come up")
	}
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func freeAddress(t *testing.T) string {
	t.Helper()
	socket, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = socket.Close() }()
	return socket.Addr().String()
}

func TestDoesNotStart(t *testing.T) {
	wrong := errors.New("migration 3 is wrong")
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = taken.Close() }()
	for name, change := range map[string]func(*service.Options){
		"permanent": func(o *service.Options) {
			o.Start = []service.Step{{Name: "migrate", Do: func(context.Context) error { return service.Permanent(wrong) }}}
		},
		"public port taken":   func(o *service.Options) { o.Config.HTTPAddr = taken.Addr().String() },
		"internal port taken": func(o *service.Options) { o.Config.InternalAddr = taken.Addr().String() },
		"bad route":           func(o *service.Options) { o.Router.Handle("nonsense", []string{"a"}, nil) },
	} {
		t.Run(name, func(t *testing.T) {
			o := options(t)
			change(&o)
			closed := false
			o.Close = []service.Step{{Name: "close", Do: func(context.Context) error { closed = true; return nil }}}
			err := service.Run(context.Background(), o)
			if err == nil || name == "permanent" && !errors.Is(err, wrong) || !closed {
				t.Error(err, closed)
			}
		})
	}
}

func TestStopsWhileStarting(t *testing.T) {
	o := options(t)
	ctx, stop := context.WithCancel(context.Background())
	o.Start = []service.Step{{Name: "database", Do: func(context.Context) error {
		stop()
		return errors.New("connection refused")
	}}}
	if err := service.Run(ctx, o); err != nil {
		t.Error(err)
	}
}

func TestReadiness(t *testing.T) {
	o := options(t)
	var broken atomic.Bool
	o.Checks = []service.Check{
		{Name: "database", Do: func(context.Context) error {
			if broken.Load() {
				return errors.New("secret host refused")
			}
			return nil
		}},
		{Name: "broker", Do: func(context.Context) error { return nil }},
	}
	pay, err := client.New("pay", "http://127.0.0.1:1", client.Policy{Breaker: client.Breaker{Failures: 1, Of: 1}}, client.Options{})
	if err != nil {
		t.Fatal(err)
	}
	o.Dependencies = []service.Dependency{pay}
	r := launch(t, o)
	url := "http://" + r.at.Internal + "/readyz"
	if status, body, _ := get(t, "GET", url); status != 200 || body != `{"checks":{"broker":"ok","database":"ok"},"dependencies":{"pay":"closed"},"status":"ready"}` {
		t.Error(status, body)
	}
	_, _ = client.Command[struct{}](context.Background(), pay, "/x", nil, command.Cause{})
	if status, body, _ := get(t, "GET", url); status != 200 || !strings.Contains(body, `"pay":"open"`) {
		t.Error("an open breaker:", status, body)
	}
	broken.Store(true)
	eventually(t, "it stays ready", func() bool {
		status, body, _ := get(t, "GET", url)
		return status == 503 && strings.Contains(body, `"database":"failed"`) && !strings.Contains(body, "secret")
	})
	broken.Store(false)
	eventually(t, "it stays unready", func() bool {
		status, _, _ := get(t, "GET", url)
		return status == 200
	})
}

func TestWorkersAreStartedAgain(t *testing.T) {
	o := options(t)
	var starts atomic.Int64
	o.Workers = []service.Worker{
		{Name: "panics", Run: func(ctx context.Context) error {
			if starts.Add(1) < 3 {
				panic("oh")
			}
			<-ctx.Done()
			return ctx.Err()
		}},
		{Name: "ends", Run: func(context.Context) error { return nil }},
	}
	r := launch(t, o)
	eventually(t, "it is not started again", func() bool { return starts.Load() == 3 })
	r.stop()
	if err := r.ended(); err != nil {
		t.Error(err)
	}
}

func TestAHangingRequestDoesNotStopTheStop(t *testing.T) {
	var j journal
	o := options(t)
	o.Config.ShutdownGrace = 200 * time.Millisecond
	entered := make(chan struct{})
	o.Router.Handle("GET /hangs", []string{"customer"}, func(_ http.ResponseWriter, r *http.Request, _ inbound.Actor) error {
		close(entered)
		<-r.Context().Done()
		return r.Context().Err()
	})
	o.Workers = []service.Worker{{Name: "hangs", Run: func(context.Context) error { select {} }}}
	o.Drain = []service.Step{
		{Name: "hangs", Do: func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }},
		j.step("flush"),
	}
	o.Close = []service.Step{j.step("close")}
	r := launch(t, o)
	go func() {
		r, _ := http.NewRequestWithContext(t.Context(), "GET", "http://"+r.at.HTTP+"/hangs", nil)
		r.Header.Set("X-Actor-Id", "c")
		r.Header.Set("X-Actor-Roles", "customer")
		if response, err := http.DefaultClient.Do(r); err == nil {
			_ = response.Body.Close()
		}
	}()
	<-entered
	began := time.Now()
	r.stop()
	err := r.ended()
	for _, want := range []string{"requests were cut off", "hangs: context deadline exceeded", "a worker does not end"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in %v", want, err)
		}
	}
	if took := time.Since(began); took > 5*time.Second || !slices.Equal(j.list, []string{"flush", "close"}) {
		t.Error(took, j.list)
	}
}

func TestReadinessGoesOffBeforeTheDoorsClose(t *testing.T) {
	o := options(t)
	o.Config.ShutdownDelay = 3 * time.Second
	o.Router.Handle("GET /x", []string{"customer"}, func(w http.ResponseWriter, _ *http.Request, _ inbound.Actor) error {
		w.WriteHeader(204)
		return nil
	})
	r := launch(t, o)
	r.stop()
	eventually(t, "it stays ready", func() bool {
		status, body, _ := get(t, "GET", "http://"+r.at.HTTP+"/readyz")
		return status == 503 && strings.Contains(body, "stopping")
	})
	if status, _, _ := get(t, "GET", "http://"+r.at.HTTP+"/x"); status != 204 {
		t.Error("a late request:", status)
	}
	if resp, err := http.Get("http://" + r.at.HTTP + "/x"); err != nil || !resp.Close {
		t.Error("connections are kept for a next request:", err)
	} else if err := resp.Body.Close(); err != nil {
		t.Error(err)
	}
	if err := r.ended(); err != nil {
		t.Error(err)
	}
}

func TestTooManyRequestsAtATime(t *testing.T) {
	o := options(t)
	o.Config.MaxInFlight = 1
	entered, release := make(chan struct{}), make(chan struct{})
	o.Router.Handle("GET /slow", []string{"customer"}, func(http.ResponseWriter, *http.Request, inbound.Actor) error {
		close(entered)
		<-release
		return nil
	})
	r := launch(t, o)
	first := make(chan int, 1)
	go func() {
		status, _, _ := get(t, "GET", "http://"+r.at.HTTP+"/slow")
		first <- status
	}()
	<-entered
	status, body, header := get(t, "GET", "http://"+r.at.HTTP+"/slow")
	if status != 503 || header.Get("Retry-After") == "" || !strings.Contains(body, inbound.CodeOverloaded) || header.Get("Content-Type") != "application/problem+json" {
		t.Error(status, body)
	}
	if status, _, _ := get(t, "GET", "http://"+r.at.HTTP+"/readyz"); status != 200 {
		t.Error("health:", status)
	}
	close(release)
	if status := <-first; status != 200 {
		t.Error(status)
	}
}

func TestMetrics(t *testing.T) {
	o := options(t)
	o.Router.Handle("GET /orders/{id}", []string{"customer"}, func(http.ResponseWriter, *http.Request, inbound.Actor) error { return nil })
	r := launch(t, o)
	get(t, "GET", "http://"+r.at.HTTP+"/orders/secret")
	strange, _ := http.NewRequestWithContext(t.Context(), "GET", "http://"+r.at.HTTP+"/orders/1", nil)
	strange.Host = "strangers.example"
	if response, err := http.DefaultClient.Do(strange); err == nil {
		_ = response.Body.Close()
	}
	_, body, _ := get(t, "GET", "http://"+r.at.Internal+"/metrics")
	if !strings.Contains(body, `http_route="/orders/{id}"`) || strings.Contains(body, "secret") || strings.Contains(body, "strangers") {
		t.Error(body)
	}
	if !regexp.MustCompile(`(?m)^service_ready\{.*\} 1$`).MatchString(body) {
		t.Error("not ready:", body)
	}
	if status, _, _ := get(t, "GET", "http://"+r.at.HTTP+"/metrics"); status != 404 {
		t.Error("to the public:", status)
	}
}

func TestTracesGoThrough(t *testing.T) {
	o := options(t)
	o.Router.Handle("GET /x", []string{"customer"}, func(http.ResponseWriter, *http.Request, inbound.Actor) error { return nil })
	r := launch(t, o)
	req, _ := http.NewRequestWithContext(t.Context(), "GET", "http://"+r.at.HTTP+"/x", nil)
	req.Header.Set("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
	response, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	var p inbound.Problem
	if err := json.NewDecoder(response.Body).Decode(&p); err != nil {
		t.Fatal(err)
	}
	if p.Status != 401 || p.TraceID != "0af7651916cd43dd8448eb211c80319c" {
		t.Errorf("%+v", p)
	}
}

// TestNoise: what is no HTTP at all does no harm.
func TestNoise(t *testing.T) {
	o := options(t)
	r := launch(t, o)
	for _, noise := range []string{
		"\x00\x01\x02\x03\r\n\r\n", "GET\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", "GET / HTTP/1.1\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\n bad: folded\r\n\r\n",
		"POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef", "GET http://[::1/ HTTP/1.1\r\nHost: a\r\n\r\n",
		"POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
		"CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n", "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", "GET /%zz HTTP/1.1\r\nHost: a\r\n\r\n",
		"GET /" + strings.Repeat("a", 100_000) + " HTTP/1.1\r\nHost: a\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\nX: " + strings.Repeat("a", 100_000) + "\r\n\r\n",
	} {
		c, err := net.Dial("tcp", r.at.HTTP)
		if err != nil {
			t.Fatal(err)
		}
		_ = c.SetDeadline(time.Now().Add(patience))
		_, _ = io.WriteString(c, noise+"\r\n\r\n")
		line, _ := bufio.NewReader(c).ReadString('\n')
		if strings.HasPrefix(line, "HTTP/1.1 5") && !strings.HasPrefix(line, "HTTP/1.1 505") && !strings.HasPrefix(line, "HTTP/1.1 501") {
			t.Errorf("%.40q: %s", noise, line)
		}
		_ = c.Close()
	}
	if status, _, _ := get(t, "GET", "http://"+r.at.HTTP+"/readyz"); status != 200 {
		t.Error(status)
	}
}
