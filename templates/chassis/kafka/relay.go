package kafka

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/esgen/esgen/templates/chassis/store"
)

// RelayConfig says how the outbox is emptied.
type RelayConfig struct {
	Client []kgo.Opt // kgo.SeedBrokers and security
	DB     *store.DB
	Log    *slog.Logger
	Batch  int           // messages per round; 0: 500
	Poll   time.Duration // 0: 100ms
}

// Relay publishes the outbox. Of all replicas of a service one does at a time.
type Relay struct {
	config RelayConfig
}

// NewRelay returns the relay of a service's outbox.
func NewRelay(config RelayConfig) *Relay { return &Relay{config: config} }

// Run publishes until ctx is done.
func (r *Relay) Run(ctx context.Context) error { return errors.New("not written yet") }

// Flush waits until the outbox is empty, or ctx is done: the last step before a service stops.
func (r *Relay) Flush(ctx context.Context) error { return errors.New("not written yet") }

// Backlog is how many messages wait, and how long the oldest does.
func (r *Relay) Backlog(ctx context.Context) (count int64, oldest time.Duration, err error) {
	return 0, 0, errors.New("not written yet")
}
