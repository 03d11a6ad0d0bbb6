package assembly

import (
	"context"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/esgen/esgen/templates/chassis/message"
)

// Hearer hears of events by being told of them; *kafka.Consumer does.
type Hearer interface {
	// Remember tells views of an event that happened, and says how many of them it is about.
	Remember(ctx context.Context, e message.Envelope) (views int, err error)
	// Deliver gives a record to all that wait for it, and DeliverTo to one
	// policy or view.
	Deliver(ctx context.Context, r *kgo.Record) error
	DeliverTo(ctx context.Context, name string, r *kgo.Record) error
}
