package e2e

import (
	"fmt"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/esgen/esgen/internal/devrun"
	"github.com/esgen/esgen/internal/testsample"
)

// experimentEnv says how long each part of the experiment lasts: 60s.
const experimentEnv = "ESGEN_E2E_EXPERIMENT"

// TestFooddeliveryExperiment measures what a crowd sees that orders as fast as it is
// answered: while pay is slow, while nothing is, while pay is away and when it is
// back, and when ten times as many come. It tells, and judges only what must hold on
// any machine: that each order is paid once, and that who is turned away is told when
// to come again.
func TestFooddeliveryExperiment(t *testing.T) {
	text := os.Getenv(experimentEnv)
	if text == "" {
		t.Skip("measures for minutes, as long for each part as " + experimentEnv + " says")
	}
	length, err := time.ParseDuration(text)
	if err != nil {
		t.Fatal(err)
	}
	build := buildFood(t)
	for _, on := range platforms {
		t.Run(on.name, func(t *testing.T) {
			t.Run("pay is slow", func(t *testing.T) { crowdAtSlowPay(t, build, on, length) })
			t.Run("pay is away", func(t *testing.T) { crowdWithoutPay(t, build, on, length) })
		})
	}
}

// customers are how many order.
const customers = 100

// crowdAtSlowPay has a crowd order while pay takes 400 ms and up to 220 ms more.
func crowdAtSlowPay(t *testing.T, b *foodBuild, on platform, length time.Duration) {
	pay := newSlowPay(t, testsample.Seed(t), customers, 510*time.Millisecond, 110*time.Millisecond)
	f := b.run(t, on, "PAY_URL="+pay.URL)
	pay.front(t, f.Internal("pay"))
	f.openShop()
	f.tell("pay is slow", f.crowd("slow", customers, length))
	f.paidOnce()
}

// crowdWithoutPay has a crowd order while pay is there, is stopped, and is back; and
// ten times as many.
func crowdWithoutPay(t *testing.T, b *foodBuild, on platform, length time.Duration) {
	f := b.run(t, on)
	f.openShop()
	before := f.tell("nothing is slow", f.crowd("before", customers, length))
	f.kill("pay")
	f.tell("pay is stopped", f.crowd("without", customers, length/4))
	f.restart("pay")
	back := f.crowd("back", customers, length/2)
	f.tell("pay is back", back)
	t.Logf("four fifths of the rate before after %v", back.reaches(0.8*before))
	rested := f.memory("front")
	many := make(chan seen)
	go func() { many <- f.crowd("many", 10*customers, length) }()
	most := rested
	for watching := true; watching; {
		select {
		case s := <-many:
			f.tell("ten times as many", s)
			watching = false
		case <-time.After(time.Second):
			most = max(most, f.memory("front"))
		}
	}
	f.tell("as many as before", f.crowd("after", customers, length/4))
	t.Logf("front has %d MB, at most %d MB, and %d MB afterwards", rested>>20, most>>20, f.memory("front")>>20)
	f.paidOnce()
}

// sight is what somebody saw who ordered.
type sight struct {
	at, took time.Duration // since all began; until the answer
	status   int           // 0: there was none
	again    bool          // it is the answer to who came again when it was told to
}

// seen is what a crowd saw, and for how long.
type seen struct {
	length time.Duration
	list   []sight
}

// crowd has users order as fast as they are answered. Who is told when to come again
// does so once, then.
func (f *food) crowd(prefix string, users int, length time.Duration) seen {
	var mu sync.Mutex
	s := seen{length: length}
	began := time.Now()
	ask := func(id string, again bool) reply {
		asked := time.Now()
		r, err := f.send(f.order(id, customerOf(id)))
		if err != nil {
			r.status = 0
		}
		mu.Lock()
		defer mu.Unlock()
		s.list = append(s.list, sight{time.Since(began), time.Since(asked), r.status, again})
		if r.status == http.StatusServiceUnavailable && r.header.Get("Retry-After") == "" {
			f.t.Errorf("order %s is turned away, and nobody says when to come again: %s", id, r.text)
		}
		return r
	}
	var wait sync.WaitGroup
	for u := range users {
		wait.Go(func() {
			for i := 0; time.Since(began) < length; i++ {
				id := fmt.Sprintf("%s-%d-%d", prefix, u, i)
				after, err := strconv.Atoi(ask(id, false).header.Get("Retry-After"))
				if err != nil {
					continue
				}
				if pause(f.t.Context(), time.Duration(after)*time.Second) != nil {
					return
				}
				ask(id, true)
			}
		})
	}
	wait.Wait()
	return s
}

// soon is how long somebody waits for an order.
const soon = 2 * time.Second

// tell tells what a crowd saw as a row of a table, and is how many orders there were
// in a second.
func (f *food) tell(what string, s seen) float64 {
	f.t.Helper()
	asked, served, orders := 0, 0, 0
	statuses := map[int]int{}
	took := map[int][]time.Duration{}
	for _, x := range s.list {
		statuses[x.status]++
		took[x.status] = append(took[x.status], x.took)
		if !x.again {
			asked++
		}
		if x.status == http.StatusCreated {
			orders++
		}
		if x.status == http.StatusCreated && (x.again || x.took <= soon) {
			served++
		}
	}
	rate := float64(orders) / s.length.Seconds()
	f.t.Logf("| %s | %d | %.1f | %.2f %% | %v | %v | %v |", what, asked, rate, 100*float64(served)/float64(max(asked, 1)),
		statuses, quantiles(took[http.StatusCreated]), quantiles(took[http.StatusServiceUnavailable]))
	return rate
}

// quantiles are the median, and what 95 of 100 do not reach.
func quantiles(list []time.Duration) string {
	if len(list) == 0 {
		return ""
	}
	slices.Sort(list)
	return fmt.Sprintf("%d, %d ms", list[len(list)/2].Milliseconds(), list[len(list)*95/100].Milliseconds())
}

// reaches is after how many seconds there are so many orders in one of them; none: it
// never is.
func (s seen) reaches(rate float64) string {
	in := make([]int, int(s.length/time.Second)+1)
	for _, x := range s.list {
		if second := int(x.at / time.Second); x.status == http.StatusCreated && second < len(in) {
			in[second]++
		}
	}
	for second, orders := range in {
		if float64(orders) >= rate {
			return fmt.Sprintf("%d s", second+1)
		}
	}
	return "never"
}

// memory is how much a service has, in bytes.
func (f *food) memory(service string) int64 {
	r, err := f.sendTo(f.Internal(service), devrun.Request{Method: "GET", Path: "/metrics"})
	if err != nil {
		return 0
	}
	m := regexp.MustCompile(`(?m)^process_resident_memory_bytes(?:\{[^}]*\})? (\S+)$`).FindStringSubmatch(r.text)
	if m == nil {
		return 0
	}
	bytes, _ := strconv.ParseFloat(strings.TrimSpace(m[1]), 64)
	return int64(bytes)
}
