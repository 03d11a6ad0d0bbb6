package gateway

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"

	"github.com/esgen/esgen/templates/chassis/client"
	"github.com/esgen/esgen/templates/chassis/telemetry"
)

// newPool keeps the connections to those behind the gateway.
func newPool() *http.Transport {
	return &http.Transport{
		DialContext:         (&net.Dialer{Timeout: 2 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
		MaxIdleConns:        1024,
		MaxIdleConnsPerHost: 256,
		IdleConnTimeout:     30 * time.Second, // sooner than services close theirs
		TLSHandshakeTimeout: 5 * time.Second,
		DisableCompression:  true, // answers are passed on as they are
	}
}

// upstream is a service, or another system, behind the gateway: its replicas
// take turns.
type upstream struct {
	name   string
	urls   []*url.URL // unless the book knows better
	book   *addressBook
	pool   http.RoundTripper
	turn   atomic.Uint64
	traced http.RoundTripper
}

func newUpstream(name string, urls []string, book *addressBook, pool http.RoundTripper, tel *telemetry.Telemetry) (*upstream, error) {
	u := &upstream{name: name, book: book, pool: pool}
	for _, text := range urls {
		at, err := parseURL(text)
		if err != nil {
			return nil, fmt.Errorf("the URL of %s %w", name, err)
		}
		u.urls = append(u.urls, at)
	}
	u.traced = otelhttp.NewTransport(roundTripper(u.send), otelhttp.WithTracerProvider(tel.Tracer),
		otelhttp.WithMeterProvider(tel.Meter), otelhttp.WithPropagators(telemetry.Propagator()))
	return u, nil
}

// parseURL reads where somebody listens. What is wrong is not repeated: it may
// hold a password.
func parseURL(text string) (*url.URL, error) {
	at, err := url.Parse(strings.TrimSuffix(text, "/"))
	if err != nil || at.Host == "" || at.Scheme != "http" && at.Scheme != "https" {
		return nil, errors.New("must be http://host or https://host")
	}
	return at, nil
}

type roundTripper func(*http.Request) (*http.Response, error)

// RoundTrip is the function.
func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// errNowhere says that there is no replica.
var errNowhere = errors.New("there is nobody")

// send passes a request on to the next replica; to another one where that does
// no harm: nothing was sent, or nothing changes.
func (u *upstream) send(r *http.Request) (*http.Response, error) {
	replicas := u.book.of(u.name, u.urls)
	if len(replicas) == 0 {
		return nil, errNowhere
	}
	n := uint64(len(replicas))
	last := max(2, n) // each once; a single name can stand for several, too
	for turn, try := u.turn.Add(1), uint64(1); ; turn, try = turn+1, try+1 {
		response, err := u.pool.RoundTrip(directed(r, replicas[turn%n]))
		if err == nil || try == last || r.Context().Err() != nil || !harmless(r, err) {
			return response, err
		}
	}
}

// directed is a request to one replica. Its body stays open when the connection
// fails: the next replica is given the same.
func directed(r *http.Request, to *url.URL) *http.Request {
	out := r.Clone(r.Context())
	out.URL.Scheme, out.URL.Host, out.Host = to.Scheme, to.Host, ""
	if to.Path != "" {
		out.URL = to.JoinPath(r.URL.EscapedPath())
		out.URL.RawQuery = r.URL.RawQuery
	}
	if r.Body != nil && r.Body != http.NoBody {
		out.Body = io.NopCloser(r.Body)
	}
	return out
}

// harmless reports whether a request that failed may be sent again.
func harmless(r *http.Request, err error) bool {
	if unsent(err) {
		return true
	}
	var timeout net.Error
	safe := r.Method == http.MethodGet || r.Method == http.MethodHead || r.Method == http.MethodOptions
	return safe && (r.Body == nil || r.Body == http.NoBody) && !(errors.As(err, &timeout) && timeout.Timeout())
}

// unsent reports whether a request never left.
func unsent(err error) bool {
	var op *net.OpError
	return errors.Is(err, errNowhere) || errors.As(err, &op) && op.Op == "dial"
}

// failure says of an upstream what is answered: that it is away, slow, or broken.
func (u *upstream) failure(ctx context.Context, err error) error {
	var timeout net.Error
	switch {
	case errors.Is(ctx.Err(), context.Canceled):
		return context.Canceled
	case unsent(err):
		return &client.Unavailable{Dependency: u.name, Reason: "nobody takes the request", Cause: err}
	case ctx.Err() != nil, errors.As(err, &timeout) && timeout.Timeout():
		return &client.Timeout{Dependency: u.name, Cause: err}
	}
	return &client.Failure{Dependency: u.name, Reason: "the connection broke", Cause: err}
}
