package main

import (
	"context"
	"log/slog"
	"net/http"
	"os"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	exporter "go.opentelemetry.io/otel/exporters/prometheus"
	"go.opentelemetry.io/otel/metric"
	nometrics "go.opentelemetry.io/otel/metric/noop"
	"go.opentelemetry.io/otel/propagation"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
	notraces "go.opentelemetry.io/otel/trace/noop"
)

// telemetryConfig switches parts off, to say what each costs.
type telemetryConfig struct{ noTraces, noMetrics, noLogs bool }

// telemetry is how the service is watched.
type telemetry struct {
	log       *slog.Logger
	tracer    trace.TracerProvider
	meter     metric.MeterProvider
	metrics   http.Handler
	took, age metric.Float64Histogram
}

func newTelemetry(service string, c telemetryConfig) (*telemetry, error) {
	t := &telemetry{
		log: slog.New(slog.DiscardHandler), tracer: notraces.NewTracerProvider(), meter: nometrics.NewMeterProvider(), metrics: http.NotFoundHandler(),
	}
	if !c.noLogs {
		t.log = slog.New(traced{slog.NewJSONHandler(os.Stderr, nil)}).With("service", service)
	}
	if !c.noTraces {
		t.tracer = sdktrace.NewTracerProvider()
	}
	if !c.noMetrics {
		registry := prometheus.NewRegistry()
		registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
		reader, err := exporter.New(exporter.WithRegisterer(registry))
		if err != nil {
			return nil, err
		}
		bounded := sdkmetric.NewView(sdkmetric.Instrument{Name: "http.server.*"},
			sdkmetric.Stream{AttributeFilter: attribute.NewDenyKeysFilter("server.address", "server.port")})
		t.meter = sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader), sdkmetric.WithView(bounded))
		t.metrics = promhttp.HandlerFor(registry, promhttp.HandlerOpts{})
	}
	var err error
	if t.took, err = t.meter.Meter("platform").Float64Histogram("message_handling", metric.WithUnit("s")); err != nil {
		return nil, err
	}
	t.age, err = t.meter.Meter("platform").Float64Histogram("message_age", metric.WithUnit("s"))
	return t, err
}

// gauge has a number told whenever metrics are read.
func (t *telemetry) gauge(name string, ask func(ctx context.Context) (int64, error)) error {
	_, err := t.meter.Meter("platform").Int64ObservableGauge(name, metric.WithInt64Callback(func(ctx context.Context, o metric.Int64Observer) error {
		n, err := ask(ctx)
		if err == nil {
			o.Observe(n)
		}
		return err
	}))
	return err
}

// watch has requests traced and measured.
func (t *telemetry) watch(name string, h http.Handler) http.Handler {
	return otelhttp.NewHandler(h, name, otelhttp.WithPropagators(propagation.TraceContext{}),
		otelhttp.WithTracerProvider(t.tracer), otelhttp.WithMeterProvider(t.meter))
}

// around has a delivery traced, as part of what caused the message, and measured.
func (t *telemetry) around(ctx context.Context, handler string, m received, next func() error) error {
	began := time.Now()
	ctx = propagation.TraceContext{}.Extract(ctx, m.parent)
	ctx, span := t.tracer.Tracer("platform").Start(ctx, handler+" "+m.event, trace.WithSpanKind(trace.SpanKindConsumer),
		trace.WithAttributes(attribute.String("messaging.destination.name", m.record.Topic), attribute.String("messaging.message.id", m.id)))
	defer span.End()
	err := next()
	result := "ok"
	if err != nil {
		result = "failed"
		span.SetStatus(codes.Error, "failed")
	}
	labels := metric.WithAttributes(attribute.String("handler", handler), attribute.String("event", m.event), attribute.String("result", result))
	t.took.Record(ctx, time.Since(began).Seconds(), labels)
	t.age.Record(ctx, time.Since(m.time).Seconds(), labels)
	return err
}

// traced adds the ids of trace and span to every record.
type traced struct{ slog.Handler }

func (h traced) Handle(ctx context.Context, record slog.Record) error {
	if span := trace.SpanContextFromContext(ctx); span.IsValid() {
		record.AddAttrs(slog.String("traceId", span.TraceID().String()), slog.String("spanId", span.SpanID().String()))
	}
	return h.Handler.Handle(ctx, record)
}

func (h traced) WithAttrs(attrs []slog.Attr) slog.Handler { return traced{h.Handler.WithAttrs(attrs)} }
