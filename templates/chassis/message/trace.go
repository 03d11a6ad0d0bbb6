package message

import (
	"context"

	"go.opentelemetry.io/otel/propagation"
)

// CaptureTrace notes in the envelope which trace it belongs to.
func (e *Envelope) CaptureTrace(ctx context.Context) {
	carrier := propagation.MapCarrier{}
	propagation.TraceContext{}.Inject(ctx, carrier)
	e.TraceParent, e.TraceState = carrier["traceparent"], carrier["tracestate"]
}

// WithTrace returns a context in which spans continue the envelope's trace.
func (e Envelope) WithTrace(ctx context.Context) context.Context {
	carrier := propagation.MapCarrier{"traceparent": e.TraceParent, "tracestate": e.TraceState}
	return propagation.TraceContext{}.Extract(ctx, carrier)
}
