package telemetry

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"go.opentelemetry.io/otel/attribute"
	exporter "go.opentelemetry.io/otel/exporters/prometheus"
	"go.opentelemetry.io/otel/metric"
	sdk "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/resource"
)

func (t *Telemetry) startMetrics(about *resource.Resource) error {
	registry := prometheus.NewRegistry()
	for _, c := range []prometheus.Collector{
		collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
	} {
		if err := registry.Register(c); err != nil {
			return err
		}
	}
	reader, err := exporter.New(exporter.WithRegisterer(registry))
	if err != nil {
		return err
	}
	// The Host header is a stranger's choice: each would be a series of its own.
	bounded := sdk.NewView(sdk.Instrument{Name: "http.server.*"},
		sdk.Stream{AttributeFilter: attribute.NewDenyKeysFilter("server.address", "server.port")})
	provider := sdk.NewMeterProvider(sdk.WithReader(reader), sdk.WithResource(about), sdk.WithView(bounded))
	t.Meter = provider
	t.metrics = promhttp.HandlerFor(registry, promhttp.HandlerOpts{})
	t.closers = append(t.closers, provider.Shutdown)
	return nil
}

// Gauge has a value observed whenever metrics are read. An error of observe
// leaves the value out this time.
func (t *Telemetry) Gauge(name, description string, observe func(ctx context.Context) (float64, error), attributes ...attribute.KeyValue) error {
	_, err := t.Meter.Meter("platform").Float64ObservableGauge(name, metric.WithDescription(description),
		metric.WithFloat64Callback(func(ctx context.Context, o metric.Float64Observer) error {
			// Who reads metrics does not wait for a database that hangs.
			ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
			defer cancel()
			// Without a value there is a gap; why is what readiness tells.
			if value, err := observe(ctx); err == nil {
				o.Observe(value, metric.WithAttributes(attributes...))
			}
			return nil
		}))
	return err
}
