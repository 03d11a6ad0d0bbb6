package client

import (
	"context"
	"errors"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/metric/noop"

	"github.com/esgen/esgen/templates/chassis/values"
)

// results counts the outcomes of calls to one dependency.
type results struct {
	name  string
	calls metric.Int64Counter
}

func newResults(name string, provider metric.MeterProvider, state func() string) (*results, error) {
	if provider == nil {
		provider = noop.NewMeterProvider()
	}
	meter := provider.Meter("platform/client")
	calls, err := meter.Int64Counter("dependency_calls", metric.WithDescription("Calls to a dependency by their results."))
	if err != nil {
		return nil, err
	}
	labels := metric.WithAttributes(attribute.String("dependency", name))
	_, err = meter.Int64ObservableGauge("dependency_breaker_state",
		metric.WithDescription("0: closed, 1: half-open, 2: open."),
		metric.WithInt64Callback(func(_ context.Context, o metric.Int64Observer) error {
			o.Observe(map[string]int64{"closed": 0, "half-open": 1, "open": 2}[state()], labels)
			return nil
		}))
	return &results{name: name, calls: calls}, err
}

func (r *results) note(ctx context.Context, err error) {
	r.calls.Add(context.WithoutCancel(ctx), 1, metric.WithAttributes(
		attribute.String("dependency", r.name), attribute.String("result", resultOf(err))))
}

func resultOf(err error) string {
	var rejection *values.Rejection
	var timeout *Timeout
	var away *Unavailable
	switch {
	case err == nil:
		return "ok"
	case errors.As(err, &rejection):
		return "rejected"
	case errors.As(err, &timeout):
		return "timeout"
	case errors.As(err, &away):
		return "unavailable"
	}
	return "failed"
}
