package assembly

import (
	"context"
	"errors"

	"github.com/esgen/esgen/templates/chassis/kafka"
	"github.com/esgen/esgen/templates/chassis/telemetry"
)

// watch has measured what piles up: in the outbox when the broker is away or
// the relay too slow, before the consumer when it is too slow, and in the
// parking lot when somebody has to decide. Every replica tells the same.
func watch(t *telemetry.Telemetry, relay *kafka.Relay, consumer *kafka.Consumer) error {
	waiting := func(ctx context.Context) (float64, error) {
		n, _, err := relay.Backlog(ctx)
		return float64(n), err
	}
	age := func(ctx context.Context) (float64, error) {
		_, oldest, err := relay.Backlog(ctx)
		return oldest.Seconds(), err
	}
	lag := func(ctx context.Context) (float64, error) {
		n, err := consumer.Lag(ctx)
		return float64(n), err
	}
	parked := func(ctx context.Context) (float64, error) {
		n, err := consumer.Parked().Count(ctx)
		return float64(n), err
	}
	stuck := func(context.Context) (float64, error) { return float64(consumer.Stuck()), nil }
	noEvents := func(context.Context) (float64, error) { return float64(consumer.NoEvents()), nil }
	return errors.Join(
		t.Gauge("outbox_messages", "Messages that wait in the outbox.", waiting),
		t.Gauge("consumer_stuck_partitions", "Partitions where a message can neither be handled nor parked.", stuck),
		t.Gauge("consumer_empty_messages", "Messages without a value that were passed over since the start.", noEvents),
		t.Gauge("outbox_oldest_seconds", "How long the oldest message has waited in the outbox.", age),
		t.Gauge("consumer_lag_messages", "Messages that the service has not handled yet.", lag),
		t.Gauge("parked_messages", "Messages that wait for somebody to decide about them.", parked),
	)
}
