// Command twin is one generated service written by hand: what a good engineer
// would make of the model beside it, with net/http, pgx and franz-go. It keeps
// the promises of the generated one (one transaction for state, key and outbox;
// order per aggregate; one effect per message; optimistic versions; tokens
// verified; problem details) for this one model, with the same tables, topics,
// routes, traces, metrics and logs. It is what generated services are measured
// against, and is no part of esgen.
package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"golang.org/x/sync/errgroup"
)

// config is what the twin is told by its environment: as the generated service
// is, and which of the two services of the model it is.
type config struct {
	system       string // the first part of topics and groups
	context      string // counter, or shop, which keeps a view
	view         bool
	httpAddr     string
	internalAddr string
	database     string
	brokers      []string
	auth         authConfig
	telemetry    telemetryConfig
}

func configured() config {
	off := func(name string) bool { return os.Getenv(name) == "off" }
	return config{
		system: os.Getenv("SYSTEM"), context: os.Getenv("CONTEXT"), view: os.Getenv("CONTEXT") == "shop",
		httpAddr: os.Getenv("HTTP_ADDR"), internalAddr: os.Getenv("INTERNAL_ADDR"),
		database: os.Getenv("DATABASE_URL"), brokers: strings.Split(os.Getenv("KAFKA_BROKERS"), ","),
		auth: authConfig{
			off: off("TOKENS"), issuer: os.Getenv("OIDC_ISSUER"), audience: os.Getenv("OIDC_AUDIENCE"), jwks: os.Getenv("JWKS_URL"),
		},
		telemetry: telemetryConfig{noTraces: off("TRACES"), noMetrics: off("METRICS"), noLogs: off("LOGS")},
	}
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, configured())
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "twin:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, c config) error {
	tel, err := newTelemetry(c.context, c.telemetry)
	if err != nil {
		return err
	}
	verifier, err := newVerifier(ctx, c.auth)
	if err != nil {
		return err
	}
	pool, err := openDatabase(ctx, c.database)
	if err != nil {
		return err
	}
	defer pool.Close()
	topic := c.system + "." + c.context + ".order"
	if err := ensureTopic(ctx, c.brokers, topic); err != nil {
		return err
	}
	relay, err := newRelay(pool, c.brokers, tel.log)
	if err != nil {
		return err
	}
	defer relay.client.Close()
	if err := tel.gauge("outbox_messages", count(pool, "platform_outbox")); err != nil {
		return err
	}
	orders := &orders{pool: pool, context: c.context, topic: topic, stored: relay.wake}
	api := &api{orders: orders, verifier: verifier, log: tel.log}

	work, ctx := errgroup.WithContext(ctx)
	work.Go(func() error { return relay.run(ctx) })
	if c.view {
		api.view = &view{pool: pool}
		consumer, err := newConsumer(pool, c.brokers, c.system+"."+c.context, topic, tel)
		if err != nil {
			return err
		}
		if err := errors.Join(tel.gauge("consumer_lag", consumer.lag), tel.gauge("parked_records", count(pool, "platform_parked"))); err != nil {
			return err
		}
		work.Go(func() error { return consumer.run(ctx) })
	}
	work.Go(func() error { return serve(ctx, c.httpAddr, tel.watch("http", api.routes())) })
	work.Go(func() error { return serve(ctx, c.internalAddr, internal(pool, relay, tel)) })
	return work.Wait()
}

// internal answers those who run the service.
func internal(pool *pgxpool.Pool, relay *relay, tel *telemetry) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /livez", func(http.ResponseWriter, *http.Request) {})
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		if errors.Join(pool.Ping(r.Context()), relay.client.Ping(r.Context())) != nil {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	})
	mux.Handle("GET /metrics", tel.metrics)
	return mux
}

// serve answers until ctx is done, and lets those under way finish.
func serve(ctx context.Context, addr string, handler http.Handler) error {
	server := &http.Server{
		Addr: addr, Handler: handler, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 15 * time.Second,
		WriteTimeout: 30 * time.Second, IdleTimeout: 75 * time.Second, MaxHeaderBytes: 64 << 10,
		BaseContext: func(net.Listener) context.Context { return context.WithoutCancel(ctx) },
		ErrorLog:    slog.NewLogLogger(slog.DiscardHandler, slog.LevelDebug),
	}
	failed := make(chan error, 1)
	go func() { failed <- server.ListenAndServe() }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	return errors.Join(server.Shutdown(ending), ignoreClosed(<-failed))
}

func ignoreClosed(err error) error {
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}
