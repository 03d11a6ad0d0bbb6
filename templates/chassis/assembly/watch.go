package assembly

import (
	"context"
	"errors"

	"github.com/esgen/esgen/templates/chassis/kafka"
	"github.com/esgen/esgen/templates/chassis/telemetry"
)

// watch has measured what piles up in the outbox when the broker is away or the
// relay too slow. Every replica tells the same.
func watch(t *telemetry.Telemetry, relay *kafka.Relay) error {
	waiting := func(ctx context.Context) (float64, error) {
		n, _, err := relay.Backlog(ctx)
		return float64(n), err
	}
	age := func(ctx context.Context) (float64, error) {
		_, oldest, err := relay.Backlog(ctx)
		return oldest.Seconds(), err
	}
	return errors.Join(
		t.Gauge("outbox_messages", "Messages that wait in the outbox.", waiting),
		t.Gauge("outbox_oldest_seconds", "How long the oldest message has waited in the outbox.", age),
	)
}
