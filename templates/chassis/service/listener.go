package service

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"

	"github.com/esgen/esgen/templates/chassis/rest"
	"github.com/esgen/esgen/templates/chassis/telemetry"
)

// listener is one of the two ways into a service.
type listener struct {
	name   string
	server *http.Server
}

// listen opens both listeners. Until the service is up they answer about its
// health only.
func (r *runner) listen(alive context.Context, failed chan<- error) (Addresses, error) {
	if r.Router == nil {
		r.Router = rest.NewRouter(rest.Config{Log: r.log})
	}
	if r.Parked != nil {
		addParked(r.Router, r.Parked)
	}
	if err := r.Router.Err(); err != nil {
		return Addresses{}, err
	}
	public := r.open(alive, "http", r.Router.Public(), false)
	internal := r.open(alive, "internal", r.Router.Internal(), true)
	var where Addresses
	var err error
	if where.HTTP, err = public.serve(alive, r.Config.HTTPAddr, failed); err != nil {
		return where, err
	}
	if where.Internal, err = internal.serve(alive, r.Config.InternalAddr, failed); err != nil {
		return where, errors.Join(err, public.server.Close())
	}
	r.listeners = []*listener{public, internal}
	return where, nil
}

// open prepares a listener: health beside the routes, which are watched and
// limited.
func (r *runner) open(alive context.Context, name string, routes http.Handler, internal bool) *listener {
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
	handler := http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if h, ok := beside[req.URL.Path]; ok {
			h.ServeHTTP(w, req)
			return
		}
		watched.ServeHTTP(w, req)
	})
	return &listener{name: name, server: &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: r.Config.ReadHeaderTimeout,
		ReadTimeout:       r.Config.ReadTimeout,
		WriteTimeout:      r.Config.RequestTimeout + 5*time.Second, // the answer to one that took too long
		IdleTimeout:       r.Config.IdleTimeout,
		MaxHeaderBytes:    maxHeader,
		ErrorLog:          slog.NewLogLogger(r.log.Handler(), slog.LevelDebug), // strangers' broken connections
		BaseContext:       func(net.Listener) context.Context { return alive },
	}}
}

// maxHeader is as much as the headers of a request may weigh.
const maxHeader = 64 << 10

func (l *listener) serve(ctx context.Context, addr string, failed chan<- error) (string, error) {
	var config net.ListenConfig
	socket, err := config.Listen(ctx, "tcp", addr)
	if err != nil {
		return "", err
	}
	go func() {
		if err := l.server.Serve(socket); !errors.Is(err, http.ErrServerClosed) {
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
				err = errors.Join(fmt.Errorf("%s: requests were cut off: %w", l.name, err), l.server.Close())
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
			rest.WriteProblem(w, r, rest.Problem{
				Status: http.StatusServiceUnavailable, Code: rest.CodeOverloaded,
				Detail: "too many requests at a time", RetryAfter: time.Second,
			})
		}
	})
}
