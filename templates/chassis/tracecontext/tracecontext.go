// Package tracecontext has a trace go on where its message is handled.
package tracecontext

import (
	"context"

	"go.opentelemetry.io/otel/propagation"

	"github.com/esgen/esgen/templates/chassis/message"
)

// Capture notes in an envelope which trace it belongs to.
func Capture(ctx context.Context, e *message.Envelope) {
	carrier := propagation.MapCarrier{}
	propagation.TraceContext{}.Inject(ctx, carrier)
	e.TraceParent, e.TraceState = carrier["traceparent"], carrier["tracestate"]
}

// Continue returns a context in which spans continue the envelope's trace.
func Continue(ctx context.Context, e message.Envelope) context.Context {
	carrier := propagation.MapCarrier{"traceparent": e.TraceParent, "tracestate": e.TraceState}
	return propagation.TraceContext{}.Extract(ctx, carrier)
}
