package kafka

import (
	"context"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/esgen/esgen/templates/chassis/message"
	"github.com/esgen/esgen/templates/chassis/store"
	"github.com/esgen/esgen/templates/chassis/table"
	"github.com/esgen/esgen/templates/chassis/values"
)

// batchSize is how many records of a partition share a transaction, while other
// partitions may want to change the same rows.
const batchSize = 100

// delivery is a message for a projection.
type delivery struct {
	handler  handler
	envelope message.Envelope
}

// batch handles the first of some records, of any partitions, in one
// transaction, and returns how many those were. A view that is rebuilt, has
// fallen behind, or follows what happens all the time, costs many times less so
// than with a transaction for each record. Where anything is in the way of one
// of them, none is handled, and they go in smaller batches and then one by one,
// each with its attempts.
func (c *Consumer) batch(ctx context.Context, records []*kgo.Record) int {
	var deliveries []delivery
	n := 0
	for ; n < len(records); n++ {
		more, ok := c.projections(ctx, records[n])
		if !ok {
			break
		}
		deliveries = append(deliveries, more...)
	}
	if len(deliveries) == 0 {
		return 0
	}
	ctx = table.WithGeneration(ctx, c.generation)
	err := c.config.DB.TryTx(ctx, func(tx *store.Tx) error { return c.projectAll(ctx, tx, deliveries) })
	if err != nil {
		c.log.Debug("records are handled one by one", "topic", records[0].Topic, "error", err)
		return 0
	}
	return n
}

// projectAll makes the effect of each delivery, in their order, unless it was
// made before.
func (c *Consumer) projectAll(ctx context.Context, tx *store.Tx, deliveries []delivery) error {
	messages := map[string][]values.ID{} // by the projections' name
	var names []string
	for _, d := range deliveries {
		if messages[d.handler.name] == nil {
			names = append(names, d.handler.name)
		}
		messages[d.handler.name] = append(messages[d.handler.name], d.envelope.ID)
	}
	first := map[string]map[values.ID]bool{}
	for _, name := range names {
		var err error
		if first[name], err = firsts(ctx, tx, name, messages[name]); err != nil {
			return err
		}
	}
	for _, d := range deliveries {
		if !first[d.handler.name][d.envelope.ID] {
			continue
		}
		first[d.handler.name][d.envelope.ID] = false // it may be among them twice
		err := c.around(ctx, d.handler, d.envelope, func(ctx context.Context) error {
			return d.handler.project(ctx, tx, d.envelope)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// projections are what a record means to a consumer, if it can be handled in a
// batch: nothing but projections, none of which has its key parked.
func (c *Consumer) projections(ctx context.Context, record *kgo.Record) ([]delivery, bool) {
	envelope, err := c.read(record)
	if err != nil {
		return nil, false
	}
	var deliveries []delivery
	for _, h := range c.handlers[record.Topic][envelope.Type] {
		if c.leaves(h) {
			continue
		}
		parked, err := c.keys.has(ctx, c.config.Parking, Queue{c.parksAs(h), record.Topic, keyText(record.Key)})
		if h.project == nil || parked || err != nil {
			return nil, false
		}
		deliveries = append(deliveries, delivery{h, envelope})
	}
	return deliveries, true
}
