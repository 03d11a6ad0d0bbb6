package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// loadCase is something that is asked again and again.
type loadCase struct {
	name, context string
	// request is the n-th one, without the headers that all have.
	request func(s *subject, n int) (line, headers, body string, ok bool)
	want    int
}

const place = `{"customerId":"customer-1","items":[{"sku":"tea","price":"2.50","quantity":2},{"sku":"cup","price":"11.00","quantity":1}],"note":"as soon as you can"}`

var allCases = []loadCase{
	{"POST create", "counter", creating, 201},
	{"POST create with key", "counter", keyed, 201},
	{"POST change", "counter", changing, 200},
	{"GET aggregate", "counter", reading("/orders/"), 200},
	{"POST create with view", "shop", creating, 201},
	{"GET view row", "shop", reading("/views/orders/"), 200},
}

func creating(*subject, int) (line, headers, body string, ok bool) {
	return "POST /orders", "", place, true
}

func keyed(_ *subject, n int) (line, headers, body string, ok bool) {
	return "POST /orders", fmt.Sprintf("Idempotency-Key: %d-%d\r\n", time.Now().UnixNano(), n), place, true
}

// changing cancels each order once; it ends when there are no more.
func changing(s *subject, n int) (line, headers, body string, ok bool) {
	if n >= len(s.ids) {
		return "", "", "", false
	}
	return "POST /orders/" + s.ids[n] + "/cancel-order", "", "{}", true
}

// some are as many orders as are read in turns.
const some = 1000

func reading(path string) func(*subject, int) (string, string, string, bool) {
	return func(s *subject, n int) (line, headers, body string, ok bool) {
		return "GET " + path + s.ids[n%min(some, len(s.ids))], "", "", true
	}
}

func casesOf(context, names string) []loadCase {
	var chosen []loadCase
	for _, c := range allCases {
		if c.context == context && (names == "" || slices.Contains(strings.Split(names, ","), c.name)) {
			chosen = append(chosen, c)
		}
	}
	return chosen
}

// result is what one subject did in one round.
type result struct {
	requests  int
	took      time.Duration
	processor time.Duration // until all effects were there
	served    time.Duration // the database's, for this one
	latencies []time.Duration
}

func (r result) perSecond() float64 { return float64(r.requests) / r.took.Seconds() }

func (r result) each() float64 { return r.of(r.processor) }

func (r result) servedEach() float64 { return r.of(r.served) }

// of is a time as microseconds for each request.
func (r result) of(all time.Duration) float64 {
	return float64(all.Microseconds()) / float64(r.requests)
}

func (r result) percentile(p int) float64 {
	return float64(r.latencies[(len(r.latencies)-1)*p/100].Microseconds()) / 1000
}

// measure loads a subject, and waits until all is done that it was asked for.
func (s *subject) measure(ctx context.Context, o options, token string, c loadCase, duration time.Duration, profile string) (result, error) {
	if err := s.stock(ctx, o, token, c, duration); err != nil {
		return result{}, err
	}
	profiled := make(chan error, 1)
	if profile == "" {
		profiled <- nil
	} else {
		go func() { profiled <- s.profile(duration, profile) }()
	}
	before, served := s.processor(), s.served()
	r, err := s.load(o.clients, token, c, duration)
	if err := errors.Join(err, s.drained(ctx), <-profiled); err != nil {
		return result{}, err
	}
	r.processor, r.served = s.processor()-before, s.served()-served
	if len(r.latencies) == 0 {
		return r, errors.New("nothing was answered")
	}
	slices.Sort(r.latencies)
	return r, nil
}

// stock has orders there for a case that wants some.
func (s *subject) stock(ctx context.Context, o options, token string, c loadCase, duration time.Duration) error {
	if c.want == 201 || c.name != "POST change" && len(s.ids) >= some {
		return nil
	}
	s.ids = nil
	if _, err := s.load(o.clients, token, allCases[0], duration+duration/2); err != nil {
		return err
	}
	return s.drained(ctx)
}

// load asks for as long as the duration, or as long as there is something to ask.
func (s *subject) load(clients int, token string, c loadCase, duration time.Duration) (result, error) {
	var next atomic.Int64
	answers := make([][]time.Duration, clients)
	created := make([][]string, clients)
	errs := make([]error, clients)
	began := time.Now()
	deadline := began.Add(duration)
	var all sync.WaitGroup
	for i := range clients {
		all.Go(func() {
			answers[i], created[i], errs[i] = s.ask(token, c, deadline, func() int { return int(next.Add(1) - 1) })
		})
	}
	all.Wait()
	r := result{took: time.Since(began), latencies: slices.Concat(answers...)}
	r.requests = len(r.latencies)
	if c.want == 201 {
		s.ids = append(s.ids, slices.Concat(created...)...)
	} else if c.name == "POST change" {
		s.ids = s.ids[min(len(s.ids), int(next.Load())):]
	}
	return r, errors.Join(errs...)
}

// ask is one client, on one connection.
func (s *subject) ask(token string, c loadCase, deadline time.Time, next func() int) (took []time.Duration, created []string, err error) {
	conn, err := net.Dial("tcp", s.http)
	if err != nil {
		return nil, nil, err
	}
	defer func() { _ = conn.Close() }()
	in := bufio.NewReader(conn)
	for time.Now().Before(deadline) {
		line, headers, body, ok := c.request(s, next())
		if !ok {
			break
		}
		began := time.Now()
		if _, err := fmt.Fprintf(conn, "%s HTTP/1.1\r\nHost: yard\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\n%sContent-Length: %d\r\n\r\n%s",
			line, token, headers, len(body), body); err != nil {
			return took, created, err
		}
		status, location, answer, err := readAnswer(in)
		if err != nil {
			return took, created, err
		}
		if status != c.want {
			return took, created, fmt.Errorf("%s: %d, want %d: %s", line, status, c.want, answer)
		}
		took = append(took, time.Since(began))
		if location != "" {
			created = append(created, location[strings.LastIndexByte(location, '/')+1:])
		}
	}
	return took, created, nil
}

// readAnswer reads as much of HTTP as both subjects speak: a client that does
// more would take the processor from those it measures.
func readAnswer(in *bufio.Reader) (status int, location string, body []byte, err error) {
	length := 0
	for first := true; ; first = false {
		text, err := in.ReadSlice('\n')
		if err != nil {
			return 0, "", nil, err
		}
		line := strings.TrimRight(string(text), "\r\n")
		if line == "" {
			break
		}
		if first {
			if status, err = strconv.Atoi(strings.Fields(line)[1]); err != nil {
				return 0, "", nil, err
			}
			continue
		}
		switch name, value, _ := strings.Cut(line, ": "); name {
		case "Content-Length":
			if length, err = strconv.Atoi(value); err != nil {
				return 0, "", nil, err
			}
		case "Location":
			location = value
		}
	}
	body = make([]byte, length)
	_, err = io.ReadFull(in, body)
	return status, location, body, err
}
