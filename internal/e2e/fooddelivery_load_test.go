package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/esgen/esgen/internal/devrun"
	"github.com/esgen/esgen/internal/testsample"
)

// slowPay stands between front and pay. It works on so many requests at a
// time, takes its time for each, half of them before they are passed on, half
// of them before their answers are: a caller who gives up may have paid or not.
type slowPay struct {
	URL    string
	least  time.Duration // that a request takes
	spread time.Duration

	mu     sync.Mutex
	chance *rand.Rand
	target *url.URL // nil: there is nobody behind it yet
}

func newSlowPay(t *testing.T, seed uint64, atATime int, mean, deviation time.Duration) *slowPay {
	t.Helper()
	p := &slowPay{least: mean - deviation, spread: 2 * deviation, chance: rand.New(rand.NewPCG(seed, 1))}
	places := make(chan struct{}, atATime)
	type held struct{}
	proxy := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(p.behind()) },
		ModifyResponse: func(res *http.Response) error {
			if d, ok := res.Request.Context().Value(held{}).(time.Duration); ok {
				return pause(res.Request.Context(), d)
			}
			return nil
		},
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, _ error) { w.WriteHeader(http.StatusBadGateway) },
		Transport:    &http.Transport{MaxIdleConnsPerHost: 100},
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx := r.Context()
		// Read before anything else: only then is it noticed that the caller gives up.
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		select {
		case places <- struct{}{}:
			defer func() { <-places }()
		case <-ctx.Done():
			return
		}
		d, before := p.draw()
		if before {
			if pause(ctx, d) != nil {
				return
			}
		} else {
			ctx = context.WithValue(ctx, held{}, d)
		}
		proxy.ServeHTTP(w, r.WithContext(ctx))
	}))
	server.Config.ErrorLog = nil
	t.Cleanup(server.Close)
	p.URL = server.URL
	return p
}

func (p *slowPay) draw() (d time.Duration, before bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.least + time.Duration(p.chance.Int64N(int64(p.spread)+1)), p.chance.IntN(2) == 0
}

func (p *slowPay) behind() *url.URL {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.target
}

// front makes it stand before an address.
func (p *slowPay) front(t *testing.T, address string) {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.target = u
}

// pause waits, unless ctx ends before.
func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// tally is what came of the orders of many.
type tally struct {
	mu       sync.Mutex
	accepted []string
	refused  []string    // with an answer of the service's own
	unclear  []string    // no answer, or the gateway's
	statuses map[int]int // 0: no answer
	onAccept func(n int) // told of each
}

func (s *tally) note(id string, r reply, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err != nil {
		r.status = 0
	}
	s.statuses[r.status]++
	switch {
	case r.status == http.StatusCreated:
		s.accepted = append(s.accepted, id)
		if s.onAccept != nil {
			s.onAccept(len(s.accepted))
		}
	case r.status == 0 || r.status == http.StatusBadGateway:
		s.unclear = append(s.unclear, id)
	default:
		s.refused = append(s.refused, id)
	}
}

func (s *tally) of(status int) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.statuses[status]
}

// rush has users order again and again, each a new order, until so many orders
// are accepted, or each user has tried so often. Who is turned away comes back
// soon.
func (f *food) rush(s *tally, seed uint64, users, each, enough int) {
	var wait sync.WaitGroup
	for u := range users {
		chance := rand.New(rand.NewPCG(seed, uint64(u)+100))
		wait.Go(func() {
			for i := 0; i < each && s.of(http.StatusCreated) < enough; i++ {
				id := fmt.Sprintf("rush-%d-%d", u, i)
				r, err := f.send(f.order(id, customerOf(id)))
				s.note(id, r, err)
				if err != nil || r.status != http.StatusCreated {
					// As long as Retry-After says would be longer than a test wants to take.
					if pause(f.t.Context(), 200*time.Millisecond+time.Duration(chance.Int64N(int64(800*time.Millisecond)))) != nil {
						return
					}
				}
			}
		})
	}
	wait.Wait()
}

// isAsTold expects that the orders that exist are those that were accepted,
// beside those nobody knows of.
func (f *food) isAsTold(s *tally, orders map[string]bool) {
	f.t.Helper()
	for _, id := range s.accepted {
		if !orders[id] {
			f.t.Errorf("order %s was accepted, and does not exist", id)
		}
	}
	for _, id := range s.refused {
		if orders[id] {
			f.t.Errorf("order %s was refused, and exists", id)
		}
	}
}

// breaker is the state of front's breaker for payments.
func (f *food) breaker() string {
	f.t.Helper()
	r, err := f.sendTo(f.Internal("front"), devrun.Request{Method: "GET", Path: "/readyz"})
	if err != nil {
		f.t.Fatal(err)
	}
	var health struct {
		Dependencies map[string]string `json:"dependencies"`
	}
	if err := json.Unmarshal([]byte(r.text), &health); err != nil {
		f.t.Fatal(err)
	}
	return health.Dependencies["pay.Approve"]
}

// payIsSlow: pay takes 400 ms ± 220 ms and has 16 places; a hundred users
// order. The breaker opens, and closes when it is over (N3). However it ends
// for each of them: an order is paid once, and what is not ordered is not paid.
func payIsSlow(t *testing.T, b *foodBuild, on platform) {
	n := testsample.Seed(t)
	pay := newSlowPay(t, n, 16, 400*time.Millisecond, 220*time.Millisecond)
	f := b.run(t, on, "PAY_URL="+pay.URL)
	pay.front(t, f.Internal("pay"))
	f.openShop()

	states, watched := make(chan []string), make(chan struct{})
	go func() { states <- f.watchBreaker(watched) }()
	s := &tally{statuses: map[int]int{}}
	f.rush(s, n, 100, 12, 1200)
	close(watched)
	seen := <-states
	t.Logf("answers %v, breaker %v", s.statuses, seen)
	if !slices.Contains(seen, "open") || s.of(http.StatusServiceUnavailable) == 0 {
		t.Errorf("the breaker does not open: %v", seen)
	}
	if len(s.accepted) == 0 {
		t.Error("nobody could order")
	}
	f.expect(f.order("after", customerOf("after")), http.StatusCreated, nil)
	if state := f.breaker(); state != "closed" {
		t.Errorf("the breaker is %s", state)
	}
	f.isAsTold(s, f.paidOnce())
}

// watchBreaker lists the states the breaker is seen in, until it is told to stop.
func (f *food) watchBreaker(stop <-chan struct{}) []string {
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	var seen []string
	for {
		r, err := f.sendTo(f.Internal("front"), devrun.Request{Method: "GET", Path: "/readyz"})
		if dependencies, ok := r.body["dependencies"].(map[string]any); ok && err == nil {
			if state := fmt.Sprint(dependencies["pay.Approve"]); len(seen) == 0 || seen[len(seen)-1] != state {
				seen = append(seen, state)
			}
		}
		select {
		case <-tick.C:
		case <-stop:
			return seen
		}
	}
}

// twoStores: two replicas share the work, one of them is killed in the middle
// of it. Nothing happens twice, and nothing is lost.
func twoStores(t *testing.T, b *foodBuild, on platform) {
	n := testsample.Seed(t)
	f := b.run(t, on)
	f.openShop()
	second, err := f.AddReplica(t.Context(), "store")
	if err != nil {
		t.Fatal(err)
	}
	half, killed := make(chan struct{}), make(chan error, 1)
	go func() {
		<-half
		killed <- f.Stop("store", true)
	}()
	s := &tally{statuses: map[int]int{}, onAccept: func(n int) {
		if n == 30 {
			close(half)
		}
	}}
	f.rush(s, n, 10, 6, 60)
	if len(s.accepted) != 60 {
		t.Fatalf("answers %v", s.statuses)
	}
	if err := <-killed; err != nil {
		t.Fatal(err)
	}
	f.reach(s.accepted)
	f.accept(f.Addr(second), s.accepted)
	f.restart("store")
	f.settled("front", "store", "pay")
	if got := bySubject(f.facts(ticketTopic), "OrderAccepted"); differs(got, once(s.accepted)) != nil {
		t.Errorf("accepted %v", got)
	}
	f.nothingParked()
}

// frontIsKilled: front dies while it takes orders. No order that was accepted
// is lost, none is without its payment, no payment without its order stands.
func frontIsKilled(t *testing.T, b *foodBuild, on platform) {
	n := testsample.Seed(t)
	pay := newSlowPay(t, n, 100, 100*time.Millisecond, 50*time.Millisecond)
	f := b.run(t, on, "PAY_URL="+pay.URL, "REQUEST_TIMEOUT=5s")
	pay.front(t, f.Internal("pay"))
	f.openShop()
	some, killed := make(chan struct{}), make(chan error, 1)
	go func() {
		<-some
		err := f.Stop("front", true)
		if err == nil {
			err = f.Restart(t.Context(), "front")
		}
		killed <- err
	}()
	s := &tally{statuses: map[int]int{}, onAccept: func(n int) {
		if n == 40 {
			close(some)
		}
	}}
	f.rush(s, n, 20, 100, 100)
	t.Logf("answers %v", s.statuses)
	if len(s.accepted) < 40 {
		t.Fatal("too few orders could be placed")
	}
	if err := <-killed; err != nil {
		t.Fatal(err)
	}
	if len(s.unclear) == 0 {
		t.Error("nobody noticed")
	}
	orders := f.paidOnce()
	f.isAsTold(s, orders)
	ids := make([]string, 0, len(orders))
	for id := range orders {
		ids = append(ids, id)
	}
	f.reach(ids)
	f.nothingParked()
}

// brokerIsAway: orders are taken and paid while the broker is away, and told
// of when it is back.
func brokerIsAway(t *testing.T, b *foodBuild, on platform) {
	f := b.run(t, on)
	if f.Broker() == nil {
		t.Skip("others may be using the real broker")
	}
	f.openShop()
	before := f.place("before", 5)
	f.Broker().Stop()
	during := f.place("during", 10)
	if err := f.Broker().Start(); err != nil {
		t.Fatal(err)
	}
	orders := append(before, during...)
	f.reach(orders)
	f.accept(f.Addr("store"), orders)
	f.paidOnce()
	f.nothingParked()
}
