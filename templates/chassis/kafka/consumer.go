// Package kafka carries messages from the outbox to the broker and from the
// broker to the handlers of policies, projections and sagas.
package kafka

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/esgen/esgen/templates/chassis/message"
	"github.com/esgen/esgen/templates/chassis/store"
)

// Handler reacts to one type of event, outside of a transaction. Its effects
// are commands with keys that derive from the message, so that a second
// delivery has none.
type Handler[E any] struct {
	Name  string // of the policy; handlers of one name park together
	Topic string
	Type  string // ce_type
	// Version is the newest version of the type that is known here.
	Version int
	// Decode reads an event of a version up to Version, upcasting older ones;
	// unknown fields are ignored. nil: json.Unmarshal.
	Decode func(version int, data json.RawMessage) (E, error)
	Do     func(ctx context.Context, event E, envelope message.Envelope) error
}

// Projection reacts to one type of event in a transaction, whose first
// statement notes the message: it has one effect.
type Projection[E any] struct {
	Name    string // of the view; all its projections have the same
	Topic   string
	Type    string
	Version int
	Decode  func(version int, data json.RawMessage) (E, error)
	Do      func(ctx context.Context, tx *store.Tx, event E, envelope message.Envelope) error
}

// ConsumerConfig says how a consumer consumes.
type ConsumerConfig struct {
	Group string // <system>.<context>
	// Client are options of the Kafka client: kgo.SeedBrokers and security.
	Client []kgo.Opt
	DB     *store.DB
	Log    *slog.Logger
	// Attempts at a record before it is parked; 0: 5.
	Attempts int
	// Backoff is the pause after the first failure, doubled after each; 0: 100ms.
	Backoff time.Duration
	// Around wraps every delivery to a handler, for spans and metrics; nil: nothing.
	Around func(ctx context.Context, handler string, envelope message.Envelope, next func(context.Context) error) error
}

// Consumer delivers the records of topics to handlers: in order per
// partition, at least once, parking what a handler cannot take.
type Consumer struct {
	config ConsumerConfig
}

// NewConsumer returns a consumer without handlers.
func NewConsumer(config ConsumerConfig) *Consumer { return &Consumer{config: config} }

// On adds a handler. All are added before Run.
func On[E any](c *Consumer, h Handler[E]) {}

// Project adds a projection. All are added before Run.
func Project[E any](c *Consumer, p Projection[E]) {}

// Run consumes until ctx is done or Drain was called.
func (c *Consumer) Run(ctx context.Context) error { return errors.New("not written yet") }

// Drain stops fetching, finishes what is in flight, commits and leaves the group.
func (c *Consumer) Drain(ctx context.Context) error { return errors.New("not written yet") }

// Parked is what the consumer parked.
func (c *Consumer) Parked() *Parked { return &Parked{} }
