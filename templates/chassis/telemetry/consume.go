package telemetry

import (
	"context"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/trace"

	"github.com/esgen/esgen/templates/chassis/message"
)

// Around has the deliveries of messages to handlers traced, as part of what
// caused the message, and measured: for kafka.ConsumerConfig.Around.
func (t *Telemetry) Around() (func(ctx context.Context, handler string, envelope message.Envelope, next func(context.Context) error) error, error) {
	meter := t.Meter.Meter("platform")
	took, err := meter.Float64Histogram("message_handling", metric.WithUnit("s"), metric.WithDescription("Time to handle a message."))
	if err != nil {
		return nil, err
	}
	age, err := meter.Float64Histogram("message_age", metric.WithUnit("s"), metric.WithDescription("Age of a message when it was handled."))
	if err != nil {
		return nil, err
	}
	tracer := t.Tracer.Tracer("platform")
	return func(ctx context.Context, handler string, envelope message.Envelope, next func(context.Context) error) error {
		began := time.Now()
		ctx, span := tracer.Start(envelope.Continue(ctx), handler+" "+envelope.Event(), trace.WithSpanKind(trace.SpanKindConsumer),
			trace.WithAttributes(attribute.String("messaging.destination.name", envelope.Topic), attribute.String("messaging.message.id", string(envelope.ID))))
		defer span.End()
		err := next(ctx)
		result := "ok"
		if err != nil {
			result = "failed"
			span.SetStatus(codes.Error, "failed") // the error's text may be personal
		}
		labels := metric.WithAttributes(attribute.String("handler", handler), attribute.String("event", envelope.Event()), attribute.String("result", result))
		took.Record(ctx, time.Since(began).Seconds(), labels)
		age.Record(ctx, time.Since(envelope.Time).Seconds(), labels)
		return err
	}, nil
}
