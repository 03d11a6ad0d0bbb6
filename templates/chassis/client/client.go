// Package client is the way out over HTTP: to other services of the system and
// to external systems. Every dependency has its own limits: a slow one costs
// time, not the service.
package client

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/trace"

	"github.com/esgen/esgen/templates/chassis/telemetry"
)

// Policy says what may be spent on a dependency. The zero value has sensible limits.
type Policy struct {
	Timeout  time.Duration // of one try; 0: 2s
	Total    time.Duration // of all tries and the pauses between them; 0: enough for them
	Attempts int           // tries in total; 0: 1
	Breaker  Breaker
	// Bulkhead is how many calls there are at a time; as many wait, each no longer
	// than a try may take. 0: 64.
	Bulkhead int
}

// Breaker says when a dependency is left alone, and for how long.
type Breaker struct {
	// Failures are so many of the last Of calls; where many are under way more calls
	// are looked at, for the same share. 0: 5.
	Failures int
	Of       int           // 0: 10, or Failures where that is more
	Open     time.Duration // 0: 10s
}

func (p Policy) orDefault() Policy {
	if p.Timeout <= 0 {
		p.Timeout = 2 * time.Second
	}
	if p.Attempts <= 0 {
		p.Attempts = 1
	}
	if p.Total <= 0 {
		p.Total = time.Duration(p.Attempts) * (p.Timeout + maxPause)
	}
	if p.Bulkhead <= 0 {
		p.Bulkhead = 64
	}
	if p.Breaker.Failures <= 0 {
		p.Breaker.Failures = 5
	}
	if p.Breaker.Of < p.Breaker.Failures {
		p.Breaker.Of = max(10, p.Breaker.Failures)
	}
	if p.Breaker.Open <= 0 {
		p.Breaker.Open = 10 * time.Second
	}
	return p
}

// Options are what dependencies share. The zero value works.
type Options struct {
	Log *slog.Logger
	// Transport makes the connections; nil: one of its own with sensible limits.
	Transport http.RoundTripper
	Tracer    trace.TracerProvider
	Meter     metric.MeterProvider
	// MaxReply is the largest reply that is read; 0: 4 MiB.
	MaxReply int64
	// Plain has what people have written down how to ask be asked as the model says,
	// by HTTP: where others are made up.
	Plain bool
}

// Dependency is somebody this service asks. Use one for each, and one for each
// of its operations that has limits of its own.
type Dependency struct {
	name     string
	base     *url.URL
	http     *http.Client
	guard    *guard
	maxReply int64
	plain    bool
}

// New returns a dependency: baseURL is where it listens, "http://pay:8081".
func New(name, baseURL string, policy Policy, opts Options) (*Dependency, error) {
	base, err := url.Parse(baseURL)
	if err != nil || base.Host == "" || base.Scheme != "http" && base.Scheme != "https" {
		// The URL may hold a password and is not repeated.
		return nil, fmt.Errorf("the URL of %s must be http://host or https://host", name)
	}
	if opts.MaxReply <= 0 {
		opts.MaxReply = 4 << 20
	}
	guard, err := newGuard(name, policy.orDefault(), opts)
	if err != nil {
		return nil, err
	}
	return &Dependency{name: name, base: base, http: httpClient(opts), guard: guard, maxReply: opts.MaxReply, plain: opts.Plain}, nil
}

// Name is the dependency's.
func (d *Dependency) Name() string { return d.name }

// Reset has the breaker begin anew. It is for tests.
func (d *Dependency) Reset() { d.guard.gate.reset() }

// Passed has so much time pass for the breaker. It is for tests.
func (d *Dependency) Passed(t time.Duration) { d.guard.gate.pass(t) }

// State is that of the breaker: "closed", "half-open" or "open".
func (d *Dependency) State() string { return d.guard.gate.state() }

func httpClient(opts Options) *http.Client {
	transport := opts.Transport
	if transport == nil {
		transport = &http.Transport{
			Proxy:                 http.ProxyFromEnvironment,
			MaxIdleConns:          256,
			MaxIdleConnsPerHost:   64,
			IdleConnTimeout:       60 * time.Second,
			TLSHandshakeTimeout:   5 * time.Second,
			ExpectContinueTimeout: time.Second,
			ForceAttemptHTTP2:     true,
		}
	}
	var traced []otelhttp.Option
	if opts.Tracer != nil {
		traced = append(traced, otelhttp.WithTracerProvider(opts.Tracer))
	}
	if opts.Meter != nil {
		traced = append(traced, otelhttp.WithMeterProvider(opts.Meter))
	}
	traced = append(traced, otelhttp.WithPropagators(telemetry.Propagator()))
	return &http.Client{
		Transport: otelhttp.NewTransport(transport, traced...),
		// A redirect would turn a POST into a GET, and leads who knows where.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}
