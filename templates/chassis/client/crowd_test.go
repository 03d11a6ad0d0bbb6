package client_test

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/esgen/esgen/internal/testsample"
	"github.com/esgen/esgen/templates/chassis/client"
	"github.com/esgen/esgen/templates/chassis/command"
)

// payment is somebody who is asked: it takes its time for each, and remembers
// whom it has paid for already.
type payment struct {
	mu      sync.Mutex
	random  *rand.Rand
	down    bool               // it refuses connections
	hangs   bool               // it answers nobody
	crowd   int                // under way
	most    int                // of these at a time
	asked   int                // how often
	answers map[string]*answer // by key
}

// answer is one that is known to somebody who asks again.
type answer struct{ done bool }

func newPayment(seed uint64) *payment {
	return &payment{random: rand.New(rand.NewPCG(seed, 0)), answers: map[string]*answer{}}
}

// RoundTrip answers 400 ms later and up to 220 more, as the experiment of the
// original has it.
func (p *payment) RoundTrip(r *http.Request) (*http.Response, error) {
	p.mu.Lock()
	p.asked++
	if p.down {
		p.mu.Unlock()
		return nil, errors.New("connection refused")
	}
	hangs, takes := p.hangs, 400*time.Millisecond+time.Duration(p.random.Int64N(int64(220*time.Millisecond)))
	known := p.answers[r.Header.Get("Esgen-Key")]
	if known == nil {
		known = &answer{}
		p.answers[r.Header.Get("Esgen-Key")] = known
		time.AfterFunc(takes, func() {
			p.mu.Lock()
			defer p.mu.Unlock()
			known.done = true
		})
	} else {
		takes = 0
	}
	done := known.done
	p.crowd++
	p.most = max(p.most, p.crowd)
	p.mu.Unlock()
	defer func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.crowd--
	}()
	if takes == 0 && !done {
		return response(409, `{"code":"InFlight"}`), nil
	}
	if hangs {
		takes = time.Hour
	}
	select {
	case <-time.After(takes):
		return response(200, `{"id":"p-1","result":"ok"}`), nil
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
}

func response(status int, body string) *http.Response {
	return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body))}
}

// set changes how payment is.
func (p *payment) set(change func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	change()
}

// served is what a crowd of users got.
type served struct {
	sync.Mutex
	orders, late, refused, unknown int
	when                           []time.Duration // of the orders, since the beginning
}

// crowd has users wait for their orders, one after the other, for a while. Who is
// told to come again later does so once.
func crowd(d *client.Dependency, users int, lasts time.Duration) *served {
	var s served
	var all sync.WaitGroup
	began := time.Now()
	for user := range users {
		all.Go(func() {
			for n := 0; time.Since(began) < lasts; n++ {
				at := time.Now()
				cause := command.Cause{Key: fmt.Sprintf("%d-%d", user, n)}
				_, err := ask(d, cause)
				var away *client.Unavailable
				if errors.As(err, &away) {
					time.Sleep(away.RetryAfter.Truncate(time.Second) + time.Second)
					at = time.Now()
					_, err = ask(d, cause)
				}
				s.count(err, time.Since(at), time.Since(began))
			}
		})
	}
	all.Wait()
	return &s
}

func (s *served) count(err error, took, at time.Duration) {
	s.Lock()
	defer s.Unlock()
	var away *client.Unavailable
	switch {
	case errors.As(err, &away):
		s.refused++
	case err != nil:
		s.unknown++
	case took > 2*time.Second:
		s.late++
	default:
		s.orders++
		s.when = append(s.when, at)
	}
}

// between is how many orders a second there were in a part of the time.
func (s *served) between(from, to time.Duration) float64 {
	n := 0
	for _, at := range s.when {
		if from <= at && at < to {
			n++
		}
	}
	return float64(n) / (to - from).Seconds()
}

func slowPay(t *testing.T, p *payment) *client.Dependency {
	t.Helper()
	d, err := client.New("pay", "http://pay", client.Policy{
		Timeout: 610 * time.Millisecond, Attempts: 3, Total: 2 * time.Second, Bulkhead: 50,
		Breaker: client.Breaker{Failures: 5, Of: 10, Open: 2 * time.Second},
	}, client.Options{Transport: p, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// The experiment of the original: 100 users who wait for their orders, and a
// payment that takes 400 to 620 ms where 610 are granted.
func TestACrowdIsServed(t *testing.T) {
	seed := testsample.Seed(t)
	synctest.Test(t, func(t *testing.T) {
		p := newPayment(seed)
		s := crowd(slowPay(t, p), 100, time.Minute)
		all := s.orders + s.late + s.refused + s.unknown
		if s.orders*100 < 99*all || s.orders < 60*60 || s.unknown > 0 || p.most > 50 {
			t.Errorf("%d orders of %d, %d late, %d refused, %d unknown; %d at a time", s.orders, all, s.late, s.refused, s.unknown, p.most)
		}
		t.Logf("%.1f orders/s, %d late, %d refused, %d unknown of %d", float64(s.orders)/60, s.late, s.refused, s.unknown, all)
	})
}

// Who comes back is not fallen upon, and soon serves as many as before: mostly,
// for whoever comes back may have bad luck with the first few.
func TestWhoComesBackIsAskedMoreAndMore(t *testing.T) {
	seed := testsample.Seed(t)
	for name, fault := range map[string]func(p *payment) *bool{
		"down":  func(p *payment) *bool { return &p.down },
		"hangs": func(p *payment) *bool { return &p.hangs },
	} {
		t.Run(name, func(t *testing.T) {
			var shares []float64
			for run := range uint64(5) {
				synctest.Test(t, func(t *testing.T) {
					shares = append(shares, comesBack(t, newPayment(seed+run), fault))
				})
			}
			slices.Sort(shares)
			if shares[len(shares)/2] < 0.9 {
				t.Errorf("of as many orders as before there are, five seconds after the end of the outage, %.2f", shares)
			}
		})
	}
}

// comesBack returns how many orders there are five seconds after an outage, as a
// share of those before it.
func comesBack(t *testing.T, p *payment, fault func(p *payment) *bool) float64 {
	d := slowPay(t, p)
	time.AfterFunc(10*time.Second, func() { p.set(func() { *fault(p) = true }) })
	time.AfterFunc(15*time.Second, func() { p.set(func() { p.asked = 0 }) })
	time.AfterFunc(25*time.Second, func() {
		if p.asked > 20 {
			t.Errorf("asked %d times in ten seconds of outage", p.asked)
		}
		began := time.Now()
		if _, err := ask(d, command.Cause{Key: "away"}); err == nil || time.Since(began) > 50*time.Millisecond {
			t.Errorf("%v after %v", err, time.Since(began))
		}
	})
	time.AfterFunc(30*time.Second, func() { p.set(func() { *fault(p) = false }) })
	s := crowd(d, 100, 45*time.Second)
	before, after := s.between(2*time.Second, 10*time.Second), s.between(35*time.Second, 43*time.Second)
	t.Logf("%.1f orders/s before, %.1f in the five seconds of coming back, %.1f after", before, s.between(30*time.Second, 35*time.Second), after)
	return after / before
}
