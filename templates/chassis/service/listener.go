package service

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/pprof" //nolint:gosec // it is served where the configuration says so only
	"strings"
	"time"

	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"

	"github.com/esgen/esgen/templates/chassis/inbound"
	"github.com/esgen/esgen/templates/chassis/rest"
	"github.com/esgen/esgen/templates/chassis/telemetry"
)

// listener is one of the ways into a service.
type listener struct {
	name, addr string
	server     WayIn
}

// listen opens the listeners. Until the service is up they answer about its
// health only.
func (r *runner) listen(alive context.Context, failed chan<- error) (Addresses, error) {
	if r.Router == nil {
		r.Router = rest.NewRouter(inbound.Config{Log: r.log})
	}
	if err := r.health.watch(r.Telemetry); err != nil {
		return Addresses{}, err
	}
	public := r.open(alive, "http", r.Router.Public(), false)
	public.RegisterOnShutdown(r.Router.EndStreams) // which would last longer than anybody waits for them
	listeners := []*listener{
		{"http", r.Config.HTTPAddr, httpServer{public, r.Router.Err()}},
		{"internal", r.Config.InternalAddr, httpServer{r.open(alive, "internal", r.Router.Internal(), true), nil}},
	}
	for _, b := range r.Beside {
		listeners = append(listeners, &listener{b.Name, b.Addr, b.Server})
	}
	for _, l := range listeners {
		if err := l.server.Err(); err != nil {
			return Addresses{}, fmt.Errorf("%s: %w", l.name, err)
		}
	}
	where := Addresses{Beside: map[string]string{}}
	for _, l := range listeners {
		at, err := l.open(alive, r.Config.Listen, failed)
		if err != nil {
			return where, errors.Join(err, r.drainListeners(alive, time.Now()))
		}
		r.listeners = append(r.listeners, l)
		switch l.name {
		case "http":
			where.HTTP = at
		case "internal":
			where.Internal = at
		default:
			where.Beside[l.name] = at
		}
	}
	return where, nil
}

// open prepares a listener: health beside the routes, which are watched and
// limited.
func (r *runner) open(alive context.Context, name string, routes http.Handler, internal bool) *http.Server {
	options := []otelhttp.Option{otelhttp.WithPropagators(telemetry.Propagator())}
	// Not a ServeMux: it would redirect paths that it does not like.
	beside := map[string]http.Handler{
		"/livez":  http.HandlerFunc(r.health.live),
		"/readyz": http.HandlerFunc(r.health.ready),
	}
	if t := r.Telemetry; t != nil {
		options = append(options, otelhttp.WithTracerProvider(t.Tracer), otelhttp.WithMeterProvider(t.Meter))
		if internal {
			beside["/metrics"] = t.Metrics()
		}
	}
	watched := otelhttp.NewHandler(limit(r.health.gate(routes), r.Config.MaxInFlight), name, options...)
	profiled := internal && r.Config.Profiles
	handler := http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if h, ok := beside[req.URL.Path]; ok {
			h.ServeHTTP(w, req)
			return
		}
		if profiled && strings.HasPrefix(req.URL.Path, profiles) {
			profile(w, req)
			return
		}
		watched.ServeHTTP(w, req)
	})
	return &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: r.Config.ReadHeaderTimeout,
		ReadTimeout:       r.Config.ReadTimeout,
		WriteTimeout:      r.Config.RequestTimeout + 5*time.Second, // the answer to one that took too long
		IdleTimeout:       r.Config.IdleTimeout,
		MaxHeaderBytes:    maxHeader,
		ErrorLog:          slog.NewLogLogger(r.log.Handler(), slog.LevelDebug), // strangers' broken connections
		BaseContext:       func(net.Listener) context.Context { return alive },
	}
}

// profiles is where profiles of the process are.
const profiles = "/debug/pprof/"

// profile answers with the profile that the path names.
func profile(w http.ResponseWriter, r *http.Request) {
	switch strings.TrimPrefix(r.URL.Path, profiles) {
	case "profile":
		pprof.Profile(w, r)
	case "trace":
		pprof.Trace(w, r)
	default:
		pprof.Index(w, r)
	}
}

// maxHeader is as much as the headers of a request may weigh.
const maxHeader = 64 << 10

// httpServer is the way in over HTTP.
type httpServer struct {
	*http.Server
	err error
}

func (s httpServer) Err() error { return s.err }

// SetServing does nothing: the handler asks for the service's health itself.
func (httpServer) SetServing(bool) {}

func (s httpServer) Serve(socket net.Listener) error {
	if err := s.Server.Serve(socket); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

func (s httpServer) Shutdown(ctx context.Context) error {
	if err := s.Server.Shutdown(ctx); err != nil {
		return errors.Join(fmt.Errorf("requests were cut off: %w", err), s.Close())
	}
	return nil
}

// open listens, and serves until it is shut down.
func (l *listener) open(ctx context.Context, listen Listen, failed chan<- error) (addr string, err error) {
	if listen == nil {
		listen = new(net.ListenConfig).Listen
	}
	socket, err := listen(ctx, "tcp", l.addr)
	if err != nil {
		return "", err
	}
	go func() {
		if err := l.server.Serve(socket); err != nil {
			failed <- fmt.Errorf("%s: %w", l.name, err)
		}
	}()
	return socket.Addr().String(), nil
}

// drainListeners takes no more requests, and waits for those under way. The
// ones that are not done in time are cut off.
func (r *runner) drainListeners(ctx context.Context, deadline time.Time) error {
	ctx, cancel := context.WithDeadline(ctx, deadline)
	defer cancel()
	errs := make(chan error, len(r.listeners))
	for _, l := range r.listeners {
		go func() {
			err := l.server.Shutdown(ctx)
			if err != nil {
				err = fmt.Errorf("%s: %w", l.name, err)
			}
			errs <- err
		}()
	}
	var all []error
	for range r.listeners {
		all = append(all, <-errs)
	}
	return errors.Join(all...)
}

// limit takes so many requests at a time. More would only make all of them
// slower.
func limit(next http.Handler, most int) http.Handler {
	if most <= 0 {
		return next
	}
	places := make(chan struct{}, most)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		select {
		case places <- struct{}{}:
			defer func() { <-places }()
			next.ServeHTTP(w, r)
		default:
			rest.WriteProblem(w, r, inbound.Problem{
				Status: http.StatusServiceUnavailable, Code: inbound.CodeOverloaded,
				Detail: "too many requests at a time", RetryAfter: time.Second,
			})
		}
	})
}
