package telemetry

import (
	"context"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/resource"
	sdk "go.opentelemetry.io/otel/sdk/trace"
)

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
