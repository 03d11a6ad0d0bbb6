//go:build !nootlp

package telemetry

import (
	"context"

	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	sdk "go.opentelemetry.io/otel/sdk/trace"
)

func newExporter(ctx context.Context) (sdk.SpanExporter, error) { return otlptracehttp.New(ctx) }
