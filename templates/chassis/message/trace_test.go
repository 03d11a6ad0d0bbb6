package message_test

import (
	"testing"

	"go.opentelemetry.io/otel/trace"

	"github.com/esgen/esgen/templates/chassis/message"
)

func TestTracesGoOn(t *testing.T) {
	span := trace.NewSpanContext(trace.SpanContextConfig{TraceID: trace.TraceID{1}, SpanID: trace.SpanID{2}, TraceFlags: trace.FlagsSampled})
	var e message.Envelope
	e.Capture(trace.ContextWithSpanContext(t.Context(), span))
	got := trace.SpanContextFromContext(e.Continue(t.Context()))
	if got.TraceID() != span.TraceID() || got.SpanID() != span.SpanID() || !got.IsRemote() {
		t.Errorf("%+v", got)
	}
}
