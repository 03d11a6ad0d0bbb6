// Package telemetry is how a service is watched: logs, traces and metrics.
package telemetry

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// Config says what is told, and where to.
type Config struct {
	Service string // name of the service
	// Level is the least level that is logged; empty: info.
	Level string
	// Out is where logs go: JSON, or text when it is a terminal.
	Out io.Writer
	// OTLP: traces are exported. Where to and how is said by the environment
	// variables that OpenTelemetry has for it (OTEL_EXPORTER_OTLP_ENDPOINT, …).
	OTLP bool
}

// Telemetry is the means by which a service is watched.
type Telemetry struct {
	Log     *slog.Logger
	Tracer  trace.TracerProvider
	Meter   metric.MeterProvider
	metrics http.Handler
	closers []func(context.Context) error
}

// Start sets up telemetry. Close it last.
func Start(ctx context.Context, config Config) (*Telemetry, error) {
	log, err := newLogger(config)
	if err != nil {
		return nil, err
	}
	t := &Telemetry{Log: log}
	about, err := newResource(config)
	if err != nil {
		return nil, fmt.Errorf("telemetry: %w", err)
	}
	if err := t.startTraces(ctx, config, about); err != nil {
		return nil, fmt.Errorf("telemetry: traces: %w", err)
	}
	if err := t.startMetrics(about); err != nil {
		return nil, errors.Join(fmt.Errorf("telemetry: metrics: %w", err), t.Close(ctx))
	}
	return t, nil
}

// Metrics answers GET /metrics in the format of Prometheus.
func (t *Telemetry) Metrics() http.Handler { return t.metrics }

// Close sends what is not sent yet.
func (t *Telemetry) Close(ctx context.Context) error {
	var errs []error
	for _, c := range t.closers {
		errs = append(errs, c(ctx))
	}
	return errors.Join(errs...)
}

// Propagator carries the trace from service to service: W3C trace context.
// Baggage is not carried on; strangers could send any amount of it.
func Propagator() propagation.TextMapPropagator { return propagation.TraceContext{} }

// newResource says who is being watched.
func newResource(config Config) (*resource.Resource, error) {
	return resource.Merge(resource.Default(), resource.NewSchemaless(attribute.String("service.name", config.Service)))
}

// startTraces makes spans in any case, because their ids are in logs and in
// answers; they are exported only where somebody collects them.
func (t *Telemetry) startTraces(ctx context.Context, config Config, about *resource.Resource) error {
	options := []sdk.TracerProviderOption{sdk.WithResource(about)}
	if config.OTLP {
		exporter, err := newExporter(ctx)
		if err != nil {
			return err
		}
		options = append(options, sdk.WithBatcher(exporter))
	}
	provider := sdk.NewTracerProvider(options...)
	t.Tracer = provider
	t.closers = append(t.closers, provider.Shutdown)
	return nil
}
