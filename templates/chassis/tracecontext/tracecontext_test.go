package tracecontext_test

import (
	"testing"

	"go.opentelemetry.io/otel/trace"

	"github.com/esgen/esgen/templates/chassis/message"
	"github.com/esgen/esgen/templates/chassis/tracecontext"
)

func TestTracesGoOn(t *testing.T) {
	span := trace.NewSpanContext(trace.SpanContextConfig{TraceID: trace.TraceID{1}, SpanID: trace.SpanID{2}, TraceFlags: trace.FlagsSampled})
	var e message.Envelope
	tracecontext.Capture(trace.ContextWithSpanContext(t.Context(), span), &e)
	got := trace.SpanContextFromContext(tracecontext.Continue(t.Context(), e))
	if got.TraceID() != span.TraceID() || got.SpanID() != span.SpanID() || !got.IsRemote() {
		t.Errorf("%+v", got)
	}
}
