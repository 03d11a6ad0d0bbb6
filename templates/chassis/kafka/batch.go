package kafka

import (
	"context"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/esgen/esgen/templates/chassis/message"
	"github.com/esgen/esgen/templates/chassis/store"
)

// batchSize is how many records of a backlog share a transaction.
const batchSize = 50

// delivery is a message for a projection.
type delivery struct {
	handler  handler
	envelope message.Envelope
}

// batch handles the first of some waiting records in one transaction, and
// returns how many those were. A view that is rebuilt, or has fallen behind,
// catches up many times faster so than with a transaction for each record.
// Where anything is in the way of one of them, none is handled, and they go
// one by one, each with its attempts.
func (w *worker) batch(records []*kgo.Record) int {
	if len(records) < 2 {
		return 0
	}
	var deliveries []delivery
	n := 0
	for ; n < len(records); n++ {
		more, ok := w.projections(records[n])
		if !ok {
			break
		}
		deliveries = append(deliveries, more...)
	}
	if len(deliveries) < 2 {
		return 0
	}
	c := w.consumer
	working := store.WithGeneration(c.working, c.generation)
	err := c.config.DB.TryTx(working, func(tx *store.Tx) error {
		for _, d := range deliveries {
			err := c.around(working, d.handler, d.envelope, func(ctx context.Context) error {
				return d.handler.project(ctx, tx, d.envelope)
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		c.log.Debug("records are handled one by one", "topic", w.partition.topic, "partition", w.partition.number, "error", err)
		return 0
	}
	return n
}

// projections are what a record means to a consumer, if it can be handled in a
// batch: nothing but projections, none of which has its key parked.
func (w *worker) projections(record *kgo.Record) ([]delivery, bool) {
	c := w.consumer
	envelope, err := message.FromRecord(record)
	if err != nil {
		return nil, false
	}
	var deliveries []delivery
	for _, h := range c.handlers[record.Topic][envelope.Type] {
		if c.leaves(h) {
			continue
		}
		parked, err := c.keys.has(c.working, c.config.DB, queue{c.parksAs(h), record.Topic, keyText(record.Key)})
		if h.project == nil || parked || err != nil {
			return nil, false
		}
		deliveries = append(deliveries, delivery{h, envelope})
	}
	return deliveries, true
}
